// Package bench compares the built program with other ways to do the same: how
// much CPU and memory a row takes, and how much of a quota each way uses without
// throttling live traffic.
//
// The one idea in it: each way runs as a process of its own against the same
// stand-in, one after the other, so that the results are ratios and do not depend
// on the machine. The stand-in is in the process of the test, and its counters are
// the result.
//
// The tests have the build tag bench because they take minutes and need the
// machine for themselves. "make bench-speed" and "make bench-pacing" run them.
package bench
