package job

import (
	"testing"
	"testing/synctest"
)

// TestMangled: only rows that are sent count, and each once.
func TestMangled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t.TempDir())
		b.put(t, "users.csv", "username\nalice\n4.9E+12\nnot one\n#N/A\nbob\n'carol\n")
		for _, test := range []struct{ limit, want int }{{2, 1}, {0, 2}} {
			o := b.options()
			o.Limit, o.Resume = test.limit, test.limit == 0
			j := open(t, o)
			if j.Mangled() != 0 {
				t.Error("rows count before they are sent")
			}
			j.Run(t.Context())
			if got := j.Mangled(); got != test.want {
				t.Errorf("%d usernames after --limit %d, want %d", got, test.limit, test.want)
			}
			if err := j.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}
