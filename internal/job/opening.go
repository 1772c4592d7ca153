package job

import (
	"os"
	"sync/atomic"

	"cognito-confirm/internal/rows"
)

// Opening tells how far Open has come, while it runs: with a long report to be
// continued, that takes a while. The zero value is ready for one Open. It is safe
// for concurrent use.
type Opening struct {
	locking    atomic.Bool  // the lock of a report is being taken
	report     atomic.Int64 // bytes of it that were read
	reportSize atomic.Int64
	input      atomic.Pointer[rows.Input] // is being read
	service    atomic.Bool                // credentials are being resolved
}

// OpeningState is what Open does at one moment: the part that it is about, and how
// many bytes of it were read, of a size that is 0 when it is not known.
type OpeningState struct {
	Part       Part
	Read, Size int64
	// Locking: it takes the lock of a report in S3. It waits for up to 20 s to see
	// whether another run holds it.
	Locking bool
}

// State returns how far Open has come.
func (o *Opening) State() OpeningState {
	if o.locking.Load() {
		return OpeningState{Part: PartOutputs, Locking: true}
	}
	if o.service.Load() {
		return OpeningState{Part: PartService}
	}
	if input := o.input.Load(); input != nil {
		read, size := input.Read()
		return OpeningState{Part: PartInput, Read: read, Size: size}
	}
	if read := o.report.Load(); read > 0 {
		return OpeningState{Part: PartOutputs, Read: read, Size: o.reportSize.Load()}
	}
	return OpeningState{Part: PartInput}
}

// readReport takes in that a report is being read.
func (o *Opening) readReport(path string) func(bytes int64) {
	return func(bytes int64) {
		if o.reportSize.Load() == 0 {
			if info, err := os.Stat(path); err == nil {
				o.reportSize.Store(info.Size())
			}
		}
		o.report.Store(bytes)
	}
}
