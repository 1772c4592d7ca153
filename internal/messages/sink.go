package messages

import "io"

// sink puts lines where they belong: above the bar while there is one.
type sink struct {
	out io.Writer
	bar Bar // nil for none
	// broken means that a write failed: nobody reads any more, and nobody will.
	broken bool
}

func (s *sink) begin(start func(io.Writer) Bar) {
	s.end()
	if !s.broken {
		s.bar = start(s.out)
	}
}

func (s *sink) end() {
	if s.bar != nil {
		s.bar.Stop()
		s.bar = nil
	}
}

func (s *sink) line(line []byte) {
	if s.broken {
		return
	}
	if s.bar != nil {
		if _, err := s.bar.Write(line); err == nil {
			return
		}
		s.end() // it has given up, and the line has not been seen
	}
	_, err := s.out.Write(line)
	s.broken = err != nil
}
