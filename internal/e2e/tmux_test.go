//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// terminal is a window of tmux with a shell in it.
type terminal struct {
	t      *testing.T
	socket string
}

// openTerminal opens a window of 80 columns and 24 rows, in which the built
// program can be called by its name.
func openTerminal(t *testing.T, dir string, env ...string) *terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatal("needs tmux")
	}
	// The path of a socket may not be long.
	sockets, err := os.MkdirTemp("", "tmux")
	if err != nil {
		t.Fatal(err)
	}
	w := &terminal{t, filepath.Join(sockets, "s")}
	t.Cleanup(func() {
		exec.Command("tmux", "-S", w.socket, "kill-server").Run()
		os.RemoveAll(sockets)
	})
	bin := filepath.Dir(built(t, "bin/cognito-confirm"))
	command := []string{"-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-c", dir, "env", "-i",
		"PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + dir, "TERM=screen", "LANG=C.UTF-8",
		"AWS_EC2_METADATA_DISABLED=true", "PS1=$ ", "HISTFILE=/dev/null"}
	w.tmux(append(append(command, env...), "bash", "--norc", "--noprofile")...)
	w.until("a prompt", func(screen string) bool { return strings.HasPrefix(screen, "$") })
	return w
}

func (w *terminal) tmux(arguments ...string) string {
	w.t.Helper()
	command := exec.Command("tmux", append([]string{"-u", "-S", w.socket}, arguments...)...)
	command.Env = append(os.Environ(), "LANG=C.UTF-8")
	output, err := command.CombinedOutput()
	if err != nil {
		w.t.Fatalf("tmux %q: %v\n%s", arguments, err, output)
	}
	return string(output)
}

// keys presses keys, with the names that tmux has for them.
func (w *terminal) keys(keys ...string) { w.tmux(append([]string{"send-keys"}, keys...)...) }

func (w *terminal) resize(columns int) {
	w.tmux("resize-window", "-x", strconv.Itoa(columns), "-y", "24")
}

// shown returns all that is shown and has gone up.
func (w *terminal) shown() string {
	return strings.TrimRight(w.tmux("capture-pane", "-p", "-S", "-1000"), "\n")
}

// until waits until the terminal shows something.
func (w *terminal) until(what string, isShown func(screen string) bool) string {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		screen := w.shown()
		if isShown(screen) {
			return screen
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the terminal does not show %s:\n%s", what, screen)
		}
	}
}

// untilText waits until the terminal shows a text.
func (w *terminal) untilText(text string) string {
	w.t.Helper()
	return w.until(text, func(screen string) bool { return strings.Contains(screen, text) })
}
