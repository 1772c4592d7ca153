//go:build !(darwin || linux || netbsd || openbsd)

package report_test

import "errors"

// limitFiles is for systems that have no such limit, or one of another type.
func limitFiles(uint64) error { return errors.ErrUnsupported }
