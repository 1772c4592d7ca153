package store

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/lease"
)

const header = "line,username\n"

// journal is a file that grows.
type journal struct {
	t    *testing.T
	file *os.File
}

func newJournal(t *testing.T, text string) journal {
	file, err := os.Create(filepath.Join(t.TempDir(), "journal"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	j := journal{t, file}
	j.add(text)
	return j
}

func (j journal) add(text string) {
	if _, err := j.file.WriteString(text); err != nil {
		j.t.Fatal(err)
	}
}

func mirror(t *testing.T, s Store, j journal, from int64) (*Mirror, *lease.Lease) {
	saved := lease.New(LeaseLength)
	m, err := NewMirror(Mirrored{
		Store: s, Name: "report", Run: "r", Path: j.file.Name(), Header: header, From: from, Saved: saved,
	})
	if err != nil {
		t.Fatal(err)
	}
	return m, saved
}

// lines returns the lines that the parts have, and fails when one is not a report.
func (m *memory) lines(t *testing.T) string {
	var all strings.Builder
	for _, name := range m.names(PartsPrefix("report")) {
		text, ok := strings.CutPrefix(m.text(name), header)
		if !ok || !strings.HasSuffix(text, "\n") {
			t.Errorf("%s is %q", name, m.text(name))
		}
		all.WriteString(text)
	}
	return all.String()
}

func TestMirror(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		j := newJournal(t, header+"1,a\n2,to")
		m, _ := mirror(t, s, j, 0)
		if got := s.lines(t); got != "" {
			t.Errorf("at once: %q", got)
		}
		time.Sleep(mirrorEvery)
		synctest.Wait()
		if got := s.lines(t); got != "1,a\n" {
			t.Errorf("after 2 s: %q", got)
		}
		j.add("rn\n3,c\n")
		time.Sleep(mirrorEvery)
		synctest.Wait()
		if got := s.lines(t); got != "1,a\n2,torn\n3,c\n" {
			t.Errorf("after 4 s: %q", got)
		}
		time.Sleep(time.Minute)
		if err := m.Stop(); err != nil || s.writes != 2 {
			t.Errorf("%d writes, %v", s.writes, err)
		}
		if !slices.Equal(m.Parts(), s.names(PartsPrefix("report"))) {
			t.Errorf("parts: %q", m.Parts())
		}
	})
}

func TestMirrorGoesOnFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		j := newJournal(t, header+"1,a\n")
		m, _ := mirror(t, s, j, int64(len(header)+len("1,a\n")))
		j.add("2,b\n")
		time.Sleep(mirrorEvery)
		synctest.Wait()
		if got := s.lines(t); got != "2,b\n" {
			t.Errorf("got %q", got)
		}
		m.Stop()
	})
}

// TestMirrorHoldsTheRun: the lease lapses when lines have waited for the store for as
// long as it lasts.
func TestMirrorHoldsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		j := newJournal(t, header)
		m, saved := mirror(t, s, j, 0)
		time.Sleep(4 * time.Second)
		synctest.Wait()
		back := time.Now().Add(30 * time.Second)
		s.fail(func(string, string) error {
			if time.Now().Before(back) {
				return errDown
			}
			return nil
		})
		j.add("1,a\n")
		time.Sleep(LeaseLength - 1)
		if err := saved.Check(); err != nil {
			t.Errorf("within the lease: %v", err)
		}
		time.Sleep(mirrorEvery)
		if err := saved.Check(); err == nil || m.Err() == nil {
			t.Errorf("the run goes on without the store: %v, %v", err, m.Err())
		}
		time.Sleep(time.Until(back) + retryEvery)
		synctest.Wait()
		if err := saved.Check(); err != nil || m.Err() != nil || s.lines(t) != "1,a\n" {
			t.Errorf("the store is back: %v, %v, %q", err, m.Err(), s.lines(t))
		}
		m.Stop()
	})
}

// TestPartsAreJoined: a long run leaves few parts, and they have every line once.
func TestPartsAreJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		j := newJournal(t, header)
		m, _ := mirror(t, s, j, 0)
		var want strings.Builder
		time.Sleep(mirrorEvery / 2) // between two passes
		for i := range 2*joined + 5 {
			line := fmt.Sprintf("%d,user\n", i)
			j.add(line)
			want.WriteString(line)
			time.Sleep(mirrorEvery)
		}
		synctest.Wait()
		m.Stop()
		if got := len(m.Parts()); got != 7 {
			t.Errorf("%d parts, want 2 large and 5 small ones", got)
		}
		if !slices.Equal(m.Parts(), s.names("")) || s.lines(t) != want.String() {
			t.Error("the parts in the store are others")
		}
	})
}

func TestLargeParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		long := strings.Repeat("x", maxPart+10) + "\n"
		j := newJournal(t, header+"1,a\n"+long+"3,c\n")
		m, _ := mirror(t, s, j, 0)
		time.Sleep(mirrorEvery)
		synctest.Wait()
		m.Stop()
		if got := s.lines(t); got != "1,a\n"+long+"3,c\n" {
			t.Errorf("%d bytes arrived", len(got))
		}
	})
}
