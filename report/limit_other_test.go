//go:build !unix

package report_test

import "errors"

// limitFiles is for systems that have no such limit.
func limitFiles(uint64) error { return errors.ErrUnsupported }
