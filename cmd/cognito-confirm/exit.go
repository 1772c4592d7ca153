package main

// The exit statuses are an interface: scripts and units are written against them.
const (
	exitDone        = 0   // every row is confirmed
	exitStopped     = 1   // stopped early, resume it
	exitUsage       = 2   // usage, or input that cannot be used
	exitUnsuccess   = 3   // finished, some rows failed or were invalid
	exitLocked      = 4   // another run holds this report
	exitInterrupted = 130 // SIGINT
	exitTerminated  = 143 // SIGTERM or SIGHUP
)

// exitHelp is shown under the help of every command.
const exitHelp = `Exit status:
  0    every row is confirmed
  1    stopped early, resume it
  2    usage, or input that cannot be used
  3    finished, some rows failed or were invalid
  4    another run holds this report
  130  interrupted (SIGINT), resume it
  143  terminated (SIGTERM, SIGHUP), resume it

Every flag can be given as an environment variable: COGNITO_CONFIRM_ and the flag's
name in capitals with underscores, as COGNITO_CONFIRM_USER_POOL_ID. The flag wins.`

// exitError ends a command with a status. An empty message means that the
// command has already said everything.
type exitError struct {
	status  int
	message string
	hint    string
}

func (e *exitError) Error() string { return e.message }

// usageError is for what can only be mended on the command line or in the input.
func usageError(message, hint string) error {
	return &exitError{status: exitUsage, message: message, hint: hint}
}
