package flags

import "io"

// Printed is what a parser prints --help and --version to. A parser takes an error of
// theirs for one of the command line, and Err tells them apart.
type Printed struct {
	To io.Writer
	// Err is that of the last write which failed.
	Err error
}

// Write writes to To.
func (p *Printed) Write(text []byte) (int, error) {
	n, err := p.To.Write(text)
	if err != nil {
		p.Err = err
	}
	return n, err
}
