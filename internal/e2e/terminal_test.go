//go:build e2e

package e2e

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// standIn serves a pool that confirms everybody, for runs that need more than the
// flags of the emulator can set.
func standIn(t *testing.T, o fakecognito.Options) (server *fakecognito.Server, url string) {
	t.Helper()
	o.UserPoolID, o.AcceptAnyone = poolID, true
	server = fakecognito.New(o)
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		listener.CloseClientConnections()
		listener.Close()
	})
	return server, listener.URL
}

// numberedUsers writes an input of n users and returns its path.
func numberedUsers(t *testing.T, dir string, n int) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("username\n")
	for i := range n {
		fmt.Fprintf(&text, "user%06d\n", i)
	}
	path := filepath.Join(dir, "users.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The three lines of a bar. The last one takes the whole width.
var (
	wideBar   = regexp.MustCompile(`(?m)^0 not successful\n\d+/s at --rate 20 · \d+ in flight.*\n[█░]+  \d+ %  [\d,]+ of 900  (--|[\dms ]+) left$`)
	narrowBar = regexp.MustCompile(`(?m)^0 not successful\n\d+/s at --rate 20 · \d+ in flight.*\n[█░]+  \d+ %  [\d,]+ of 900  .* left$`)
)

// bars counts the bars, or what is left of them.
func bars(screen string) int { return strings.Count(screen, "not successful") }

// TestTerminal follows a run on a terminal through all that a person does to it.
func TestTerminal(t *testing.T) {
	dir := t.TempDir()
	server, url := standIn(t, fakecognito.Options{})
	numberedUsers(t, dir, 900)
	w := openTerminal(t, dir, credentials()...)
	command := "cognito-confirm run --user-pool-id " + poolID + " --endpoint-url " + url

	w.keys(command+" --rate 20 users.csv", "Enter")
	screen := w.until("a bar", wideBar.MatchString)
	for _, text := range []string{"900 rows of users.csv", "at --rate 20, in at least 45 s", "the report grows in users.report.csv"} {
		if !strings.Contains(screen, text) {
			t.Errorf("%q is not in the first lines:\n%s", text, screen)
		}
	}

	for _, columns := range []int{40, 80, 60, 80} {
		w.resize(columns)
		screen = w.until("a bar of another width", func(screen string) bool {
			return narrowBar.MatchString(screen) && bars(screen) == 1
		})
		for line := range strings.Lines(screen) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > columns {
				t.Errorf("%d columns of %d: %s", n, columns, line)
			}
		}
	}

	w.keys("C-z")
	w.untilText("Stopped")
	w.keys("bg", "Enter")
	w.untilText("bg\n")
	time.Sleep(time.Second) // four bars, if they were drawn
	if screen := w.shown(); bars(screen) != 1 {
		t.Errorf("in the background:\n%s", screen)
	}
	w.keys("fg", "Enter")
	screen = w.until("a bar below what the shell has written", func(screen string) bool {
		_, below, _ := strings.Cut(screen, "fg\n")
		return wideBar.MatchString(below)
	})
	if !strings.Contains(screen, "Stopped") || bars(screen) != 2 {
		t.Errorf("after fg:\n%s", screen)
	}

	server.SetFaultShare(1, fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"})
	w.untilText("nothing gets through for ")
	w.untilText("nothing gets through: the last call ended with")
	server.ClearFaults()
	w.untilText("calls get through again, after ")

	w.keys("C-c")
	screen = w.untilText("to finish: cognito-confirm run")
	if bars(screen[strings.LastIndex(screen, "calls get through again"):]) > 0 {
		t.Errorf("a bar is left:\n%s", screen)
	}
	w.keys(command+" --rate 500 --resume users.csv; echo status $?", "Enter")
	w.untilText(" done before")
	screen = w.untilText("status 0")
	_, resumed, _ := strings.Cut(screen, " done before")
	if bars(resumed) > 0 || !strings.Contains(resumed, "900 rows in ") {
		t.Errorf("at the end:\n%s", screen)
	}
	lines := 0
	eachReported(t, filepath.Join(dir, "users.report.csv"), func(int, reported) { lines++ })
	if lines != 900 {
		t.Errorf("%d rows in the report", lines)
	}
}
