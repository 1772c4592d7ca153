package page

import (
	"maps"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// maxBins is how many bins there are at most.
	maxBins = 720
	// firstWidth is how wide bins are to begin with, in milliseconds.
	firstWidth = 1000
)

// timeline is what happened when, in bins of one width. There are none for the
// times in which nothing happened. Where there would be too many, bins merge in
// pairs, so that a run of any length is a few hundred of them.
type timeline struct {
	width int64 // in milliseconds
	bins  map[int64]*bin
}

// bin is what happened in one stretch of time.
type bin struct {
	done, throttled, failed, triggerFailed int
	calls                                  *hdrhistogram.Histogram // nil without any
	// ceilings is the sum of the ceilings that samples found.
	ceilings float64
	samples  int
}

func newTimeline() *timeline {
	return &timeline{width: firstWidth, bins: make(map[int64]*bin)}
}

// index returns the number of the bin that a time is in.
func (t *timeline) index(milliseconds int64) int64 {
	index := milliseconds / t.width
	if milliseconds%t.width < 0 {
		index--
	}
	return index
}

// at returns the bin of a moment. It is good until the next call.
func (t *timeline) at(moment time.Time) *bin {
	milliseconds := moment.UnixMilli()
	for t.bins[t.index(milliseconds)] == nil && len(t.bins) >= maxBins {
		t.merge()
	}
	index := t.index(milliseconds)
	if t.bins[index] == nil {
		t.bins[index] = &bin{}
	}
	return t.bins[index]
}

// merge makes one bin of each pair.
func (t *timeline) merge() {
	merged := make(map[int64]*bin, len(t.bins))
	for _, index := range t.indexes() {
		put(merged, index>>1, t.bins[index])
	}
	t.width, t.bins = 2*t.width, merged
}

// put puts a bin in a place, or adds it to the one that is there.
func put(bins map[int64]*bin, index int64, b *bin) {
	if there := bins[index]; there != nil {
		there.add(b)
	} else {
		bins[index] = b
	}
}

// absorb takes in all of another timeline, which is not to be used any more.
func (t *timeline) absorb(other *timeline) {
	for other.width < t.width {
		other.merge()
	}
	for t.width < other.width {
		t.merge()
	}
	for _, index := range other.indexes() {
		put(t.bins, index, other.bins[index])
	}
	for len(t.bins) > maxBins {
		t.merge()
	}
}

// coarser returns a copy whose bins are at least as wide.
func (t *timeline) coarser(width int64) *timeline {
	clone := &timeline{width: t.width, bins: make(map[int64]*bin, len(t.bins))}
	for index, b := range t.bins {
		copied := *b
		if b.calls != nil {
			copied.calls = b.calls.Clone()
		}
		clone.bins[index] = &copied
	}
	for clone.width < width {
		clone.merge()
	}
	return clone
}

// indexes lists the bins in the order of time.
func (t *timeline) indexes() []int64 { return slices.Sorted(maps.Keys(t.bins)) }

func (b *bin) add(other *bin) {
	b.done += other.done
	b.throttled += other.throttled
	b.failed += other.failed
	b.triggerFailed += other.triggerFailed
	b.ceilings += other.ceilings
	b.samples += other.samples
	switch {
	case b.calls == nil:
		b.calls = other.calls
	case other.calls != nil:
		b.calls.Merge(other.calls)
	}
}

func (b *bin) addCall(took time.Duration) {
	if b.calls == nil {
		b.calls = newHistogram(2)
	}
	record(b.calls, took)
}

// callCount returns how many calls the bin knows the time of.
func (b *bin) callCount() int64 {
	if b.calls == nil {
		return 0
	}
	return b.calls.TotalCount()
}
