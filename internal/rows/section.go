package rows

import (
	"context"
	"errors"
	"io"
)

// Mark is a place between two rows of an input, with all that a reader needs to
// know to go on from there.
type Mark struct {
	// Offset is how many bytes of the unpacked text, in UTF-8, are before it.
	Offset int64 `json:"offset"`
	// Line is the one that begins there, counted from 1.
	Line int `json:"line"`
	// Columns is how many a record has, 0 as long as nobody knows.
	Columns int `json:"columns"`
	// OtherHeader is the line of a header with other columns before the place,
	// after which nothing can be understood; 0 without one.
	OtherHeader int `json:"other_header,omitempty"`
	// AfterCR reports that the line before it ends with CR alone.
	AfterCR bool `json:"after_cr,omitempty"`
}

// Section is the part of an input from a mark to where another one is. The rows of
// the sections between the marks of an input are the rows of the input.
type Section struct {
	From Mark `json:"from"`
	// To is the offset at which the section ends.
	To int64 `json:"to"`
}

// Start returns the place before the first row.
func (r *Reader) Start() Mark { return r.start }

// Mark returns the place after the row that Next has returned last. There is none
// after the few rows that are judged by the one after them, and where the reader has
// read ahead.
func (r *Reader) Mark() (place Mark, ok bool) {
	if len(r.queue) > 0 || r.pending != nil {
		return Mark{}, false
	}
	return r.place(), true
}

func (r *Reader) place() Mark {
	return Mark{
		Offset: r.records.offset, Line: r.records.line,
		Columns: r.layout.columns, OtherHeader: r.otherHeader, AfterCR: r.records.afterCR,
	}
}

// errNoSections means that offsets in the text are none in the object.
var errNoSections = errors.New("only an object of plain UTF-8 text has sections")

// enter goes to the section of the options, once it is known how the input is laid out.
func (r *Reader) enter(ctx context.Context, o Options) error {
	if o.Object == nil || r.found.Gzip || r.found.Encoding != utf8Text {
		return errNoSections
	}
	from := o.Section.From
	r.records.restart(&interruptible{ctx: ctx, in: o.Object.NewReader(from.Offset, o.Section.To)}, from)
	r.queue, r.pending, r.hasRows = nil, nil, false
	r.layout.columns, r.otherHeader = from.Columns, from.OtherHeader
	if from.Offset > r.start.Offset {
		r.unwantedHeader = 0
	}
	r.offset.Store(from.Offset)
	r.count(func(l *Layout) {
		*l = Layout{
			Encoding: l.Encoding, LineEnd: l.LineEnd, Delimiter: l.Delimiter, DelimiterFound: l.DelimiterFound, SeparatorLine: l.SeparatorLine,
			Columns: l.Columns, UsernameColumn: l.UsernameColumn, UsernameColumnName: l.UsernameColumnName,
		}
	})
	return nil
}

// restart goes on with another text, which begins at the mark. What was noted of
// the line ends of the first lines stays.
func (s *splitter) restart(in io.Reader, from Mark) {
	s.in, s.buffer, s.start, s.err = in, nil, 0, nil
	s.offset, s.line, s.afterCR = from.Offset, from.Line, from.AfterCR
}

// Text returns the whole text of a regular file or an object, unpacked and in
// UTF-8, from its start, whatever Next has read. It may be called once the input is
// open. The error is [ErrOnce] for any other input; the errors of the reader are
// those of Next.
func (i *Input) Text(ctx context.Context) (io.Reader, error) {
	if i.again == nil {
		return nil, ErrOnce
	}
	unpacked, _, err := unpack(&interruptible{ctx: ctx, in: i.again()}, i.options.Path)
	if err != nil {
		return nil, err
	}
	text, _, err := decode(unpacked, i.options.Path)
	return text, err
}
