package main

import (
	"math"
	"os"
	"runtime/debug"
)

const (
	// gcPercent: the live heap of a run is a few megabytes whatever the input,
	// so at the default the collector would run all the time and take up to
	// half of the CPU. Measured with 256 calls in flight: 11.7 s of CPU for
	// 60,000 rows at the default, 8.0 s like this.
	gcPercent = 600
	// memoryLimit keeps what that costs in check, in bytes: without it the
	// same run is resident with 131 MiB, with it 54.
	memoryLimit = 42 << 20
	// callMemory is what a call in flight takes beyond the 256 that the limit
	// was measured with: its connection, its goroutines, its stack of middleware.
	callMemory = 96 << 10
)

// tuneMemory sets the collector for a run, where the user has not.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// allowMemory raises the limit for what grows with the input, in bytes: a limit
// below what is really needed would leave the collector nothing but work.
func allowMemory(bytes int64) {
	limit := debug.SetMemoryLimit(-1)
	if os.Getenv("GOMEMLIMIT") != "" || limit > math.MaxInt64-bytes {
		return
	}
	debug.SetMemoryLimit(limit + bytes)
}
