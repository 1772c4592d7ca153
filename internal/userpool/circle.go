package userpool

// circle finds a walk that goes in a circle, as Brent's algorithm does: it remembers
// one token, and moves on to a later one each time it has seen twice as many. So a
// circle is found within three rounds or so, and nothing grows with the pool. The zero
// value is the start of a walk.
//
// See R. P. Brent, "An improved Monte Carlo factorization algorithm", BIT 20 (1980).
type circle struct {
	remembered string
	// seen were this many tokens since the remembered one, which is replaced after
	// this many.
	seen, after int
}

// closes reports whether the token of the next page has been there before.
func (c *circle) closes(token string) bool {
	if c.after > 0 && token == c.remembered {
		return true
	}
	if c.seen++; c.seen >= c.after {
		c.remembered, c.seen, c.after = token, 0, max(1, 2*c.after)
	}
	return false
}
