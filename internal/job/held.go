package job

import (
	"cognito-confirm/internal/lease"
	"cognito-confirm/internal/store"
)

// Held is a store with the files of a job, and the lease of a driver that keeps all
// others from running it. The input is then an Object, and the paths of the other
// files are names in the store.
//
// Whatever earlier runs of the job have left in its scratch directory is a part of
// the report: where all drivers share that directory, a run that was killed has lost
// nothing. So every run of the job has to be Held, without Overwrite and Retry.
type Held struct {
	Store store.Store
	// Lease lets calls start while it is held. When it is lost, the job ends with
	// the reason; the calls on the wire are recorded on the local disk.
	Lease *lease.Lease
}

// isRemote reports that a file of the job is in a store.
func (o Options) isRemote(path string) bool { return o.Held != nil || store.IsAddress(path) }
