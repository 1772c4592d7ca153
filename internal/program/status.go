// Package program has what the programs of this module share, whatever they do: their
// exit statuses, how a signal ends them, standard output that nobody
// reads, their version, their memory.
//
// The one idea in it: a script, a service manager or a person at a terminal need not
// know which of the programs they deal with.
package program

// The exit statuses are an interface: scripts and units are written against them.
const (
	Done         = 0
	Stopped      = 1
	Usage        = 2
	Unsuccessful = 3
	Locked       = 4
	Interrupted  = 130 // 128 and the number of SIGINT
	Terminated   = 143 // 128 and the number of SIGTERM
)
