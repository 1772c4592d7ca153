package rows

import (
	"fmt"
	"io"
	"testing"
)

// BenchmarkReader reads rows of a stream that has no end. One turn of the loop
// is one row.
func BenchmarkReader(b *testing.B) {
	benchmarks := []struct {
		name, header, format string
	}{
		{"1-column", "username\n", "user%08d@example.com\n"},
		{"6-columns", "id,name,username,email,created,status\n", "17,Ann Example,user%08d@example.com,ann@example.com,2024-03-05T10:00:00Z,UNCONFIRMED\n"},
		{"6-columns-quoted", "id,name,username,email,created,status\n", "\"17\",\"Example, Ann\",\"user%08d@example.com\",\"ann@example.com\",\"2024-03-05T10:00:00Z\",\"say \"\"hi\"\"\"\n"},
		{"2-metadata", "username,client_metadata.source,client_metadata.batch\n", "user%08d@example.com,import,2024-03\n"},
	}
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			in := &endlessCSV{header: bb.header, chunk: usersChunk(bb.format)}
			r, err := NewReader(in, Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(fmt.Sprintf(bb.format, 0))))
			for b.Loop() {
				row, err := r.Next()
				if err != nil || row.Invalid != nil {
					b.Fatalf("row %+v, error %v", row, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/row")
		})
	}
}

// usersChunk is a thousand records of the format, which takes the number of the user.
func usersChunk(format string) []byte {
	var chunk []byte
	for i := range 1000 {
		chunk = fmt.Appendf(chunk, format, i)
	}
	return chunk
}

// endlessCSV is a header and then the chunk again and again. It takes no
// memory for them.
type endlessCSV struct {
	header string
	chunk  []byte
	chunks int // how many there are, 0 for no end

	rest []byte
	sent int // chunks, the one at rest too
}

func (e *endlessCSV) Read(p []byte) (int, error) {
	if e.header != "" {
		e.rest, e.header = []byte(e.header), ""
	}
	if len(e.rest) == 0 {
		if e.chunks != 0 && e.sent == e.chunks {
			return 0, io.EOF
		}
		e.rest, e.sent = e.chunk, e.sent+1
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}
