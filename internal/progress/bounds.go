package progress

import "strconv"

// Bounds are what a run cannot go faster than. The zero value has none.
type Bounds struct {
	// Cap is --rate, or this shard's part of it; 0 for auto. VerifyCap is the same
	// for --verify-rate. Shards is how many shards there are, 0 for none.
	Cap, VerifyCap float64
	Shards         int
	// Quota is the account's in calls a second, 0 when it is not known.
	Quota float64
}

// isBoundByQuota reports whether the quota is less than the rate of all shards.
func (b Bounds) isBoundByQuota() bool {
	return b.Quota > 0 && (b.Cap == 0 || b.Cap*float64(max(1, b.Shards)) > b.Quota)
}

func (b Bounds) atCap() string { return "at " + b.rateOf("--rate", b.Cap) }

// rateOf names a rate as the command line has it, with a part of it as in
// "--rate 40/4".
func (b Bounds) rateOf(flag string, limit float64) string {
	text := flag + " " + strconv.FormatFloat(limit*float64(max(1, b.Shards)), 'f', -1, 32)
	if b.Shards > 1 {
		text += "/" + strconv.Itoa(b.Shards)
	}
	return text
}
