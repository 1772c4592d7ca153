//go:build !unix

package program

// forbidCoreDumps is for systems that write one unless told otherwise.
func forbidCoreDumps() {}
