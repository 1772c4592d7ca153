// Package e2e tests the built program from outside: against another project's
// emulator of Cognito, with the AWS CLI as a client of our emulator, and with a
// run long enough to show how much memory it needs.
//
// The one idea in it: a test starts bin/cognito-confirm as a shell would and
// sees what a user sees: the exit status, both streams, the files and the state
// of the user pool afterwards. It imports nothing of the program.
//
// The tests have the build tag e2e because they need more than Go. "make e2e"
// and "make memory" run them.
package e2e
