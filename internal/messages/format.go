package messages

import (
	"bytes"
	"context"
	"log/slog"
	"time"

	"cognito-confirm/internal/oneline"
)

// format makes lines, with their ends.
type format interface {
	// message breaks the text into rows of width columns where it can, 0 for
	// one row.
	message(level slog.Level, text string, width int) []byte
	// progress gets the same content as a text and as fields.
	progress(text string, fields []slog.Attr) []byte
}

// text is the format for a person.
type text struct{ prefix string }

func (t text) message(level slog.Level, text string, width int) []byte {
	warning := ""
	if level == slog.LevelWarn {
		warning = "WARNING: "
	}
	return []byte(Wrap(t.prefix+warning+oneline.EscapeAll(text), len(t.prefix), width) + "\n")
}

func (t text) progress(text string, _ []slog.Attr) []byte { return t.message(slog.LevelInfo, text, 0) }

// jsonFormat is the format for a program that collects logs.
type jsonFormat struct{}

func (j jsonFormat) message(level slog.Level, text string, _ int) []byte {
	return j.object(level, oneline.EscapeAll(text), nil)
}

func (j jsonFormat) progress(_ string, fields []slog.Attr) []byte {
	return j.object(slog.LevelInfo, "progress", fields)
}

func (jsonFormat) object(level slog.Level, message string, fields []slog.Attr) []byte {
	record := slog.NewRecord(time.Now().UTC(), level, message, 0)
	record.AddAttrs(fields...)
	var line bytes.Buffer
	// It writes to memory, which does not fail.
	_ = slog.NewJSONHandler(&line, nil).Handle(context.Background(), record)
	return line.Bytes()
}
