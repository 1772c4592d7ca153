//go:build !unix

package main

// forbidCoreDumps is for systems that write one unless told otherwise.
func forbidCoreDumps() {}
