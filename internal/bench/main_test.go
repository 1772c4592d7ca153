//go:build bench

package bench

import (
	"fmt"
	"os"
	"runtime/debug"
	"testing"
)

// roleVariable makes the test binary, when the test runs it again, the process
// that is measured. Without it, the binary is the test.
const roleVariable = "COGNITO_BENCH_ROLE"

func TestMain(m *testing.M) {
	switch role := os.Getenv(roleVariable); role {
	case "":
		// The stand-in is not measured and should cost little.
		debug.SetGCPercent(800)
		os.Exit(m.Run())
	case bareRole:
		exit(bare())
	case standardRole, adaptiveRole, fixedRole:
		exit(contend(role))
	default:
		exit(fmt.Errorf("no role %q", role))
	}
}

// exit ends a process that is measured.
func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
