// Package bench measures the built program against the other ways of doing the
// same: how much CPU and memory a row takes, and how much of a quota it gets
// out without being in anybody's way.
//
// The one idea in it: everything that is compared runs as a process of its own
// against the same stand-in, one after the other in one run, so that the
// figures are ratios and the machine falls out of them. The stand-in is in the
// process of the test, and what it counted is what is reported.
//
// The tests have the build tag bench, because they take minutes and the
// machine for themselves: run them with "make bench-speed" and
// "make bench-pacing".
package bench
