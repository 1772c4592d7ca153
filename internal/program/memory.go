package program

import (
	"os"
	"runtime/debug"
)

const (
	// gcPercent: a run keeps a few megabytes alive whatever the input, so the
	// default of 100 would have the collector run all the time. With 256 calls in
	// flight, 300 is resident with 78 MiB; 400 takes 95 MiB and the same CPU.
	gcPercent = 300
	// memoryLimit is where the collector works harder, for inputs with records of
	// many megabytes.
	memoryLimit = 192 << 20
)

// TuneMemory sets how often the process collects garbage, unless GOGC and GOMEMLIMIT
// do.
func TuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
