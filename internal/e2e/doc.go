// Package e2e holds the checks of the built program from outside: against
// another project's emulator of Cognito, with the AWS CLI as a client of ours,
// and over a run that is long enough to show what it does to memory.
//
// The one idea in it: a test starts bin/cognito-confirm as a shell would and
// sees what a user sees, which is the exit status, both streams, the files and
// what the service says afterwards. Nothing of the program is imported.
//
// The tests have the build tag e2e, because they need more than Go: run them
// with "make e2e" and "make memory".
package e2e
