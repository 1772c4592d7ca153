package report

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"cognito-confirm/worker"
)

// heldRow is a row with something in every field.
func heldRow(i int) worker.Row {
	row := worker.Row{Line: i + 2, Username: fmt.Sprint("user", i), Raw: fmt.Sprintf("user%d,x\n", i)}
	switch i % 3 {
	case 1:
		row.ClientMetadata = map[string]string{"k": fmt.Sprint(i), "": "\x00\xff"}
	case 2:
		row.LastLine, row.Invalid = i+9, &worker.Invalid{Code: "malformed_record", Message: "m"}
	}
	return row
}

// TestHeldRows come back as they were and in their order, from memory and from
// the file.
func TestHeldRows(t *testing.T) {
	for _, n := range []int{0, 1, 10, 20_000} {
		dir := t.TempDir()
		h := heldRows{beside: filepath.Join(dir, "r.report.csv")}
		for i := range n {
			if err := h.add(heldRow(i)); err != nil {
				t.Fatal(err)
			}
		}
		if isSpilled := h.spilled > 0; isSpilled != (n == 20_000) {
			t.Errorf("%d rows: %d of them in the file", n, h.spilled)
		}
		if entries, err := os.ReadDir(dir); err != nil || renamesOpenFiles && len(entries) > 0 {
			t.Errorf("the file has a name: %v, %v", entries, err)
		}
		for i := range n {
			row, err := h.next()
			if err != nil || !reflect.DeepEqual(row, heldRow(i)) {
				t.Fatalf("row %d of %d is %+v, %v", i, n, row, err)
			}
		}
		if !h.isEmpty() {
			t.Errorf("%d rows: there are more", n)
		}
		if err := h.close(); err != nil {
			t.Error(err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
			t.Errorf("left behind: %v, %v", entries, err)
		}
	}
}

// manyRows are rows of a size, each made when it is asked for.
type manyRows struct{ next, rows, size int }

func (m *manyRows) Next() (worker.Row, error) {
	if m.next == m.rows {
		return worker.Row{}, io.EOF
	}
	m.next++
	return worker.Row{Line: m.next + 1, Username: "u", Raw: strings.Repeat("x", m.size) + "\n"}, nil
}

// TestHeldRowsMemory: a report that lacks all rows but the last costs nothing
// for each, whether they are many or large.
func TestHeldRowsMemory(t *testing.T) {
	for _, rows := range []manyRows{{rows: 50_000, size: 10}, {rows: 20, size: 4 << 20}} {
		o := diskOptions(t.TempDir())
		o.Resume = true
		line := fmt.Sprintf("%d,u,confirmed,,,1,0,,,1,,\n", rows.rows+1)
		if err := os.WriteFile(o.Report, []byte(headerLine()+line), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		before := liveHeap()
		want := rows.rows - 1
		source, err := r.Remaining(t.Context(), &rows)
		if err != nil {
			t.Fatal(err)
		}
		if used := liveHeap() - before; used > 10<<20 {
			t.Errorf("%d rows of %d bytes are held in %d bytes", want, rows.size, used)
		}
		for got := 0; ; got++ {
			row, err := source.Next()
			if errors.Is(err, io.EOF) && got == want {
				break
			}
			if err != nil || row.Line != got+2 || len(row.Raw) != rows.size+1 {
				t.Fatalf("row %d is line %d, %v", got, row.Line, err)
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		runtime.KeepAlive(source)
	}
}
