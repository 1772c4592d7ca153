//go:build e2e && linux

package e2e

import (
	"debug/elf"
	"os/exec"
	"strings"
	"testing"
)

// TestStaticBuild: the program runs wherever the kernel does.
func TestStaticBuild(t *testing.T) {
	program, err := elf.Open(built(t, "bin/cognito-confirm"))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	libraries, err := program.ImportedLibraries()
	if err != nil || len(libraries) > 0 {
		t.Errorf("it needs %s, %v", strings.Join(libraries, ", "), err)
	}
	for _, part := range program.Progs {
		if part.Type == elf.PT_INTERP {
			t.Error("it needs a dynamic linker")
		}
	}
	if out, err := exec.Command(built(t, "bin/cognito-confirm"), "--version").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
