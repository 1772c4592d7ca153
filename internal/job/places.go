package job

import (
	"errors"

	"cognito-confirm/report"
)

// places has the addresses of files that are on the disk for a while, by their paths.
type places map[string]string

// addReport adds a report and the notes beside it.
func (p places) addReport(path, address string) {
	p[path] = address
	addresses := report.Notes(address)
	for i, note := range report.Notes(path) {
		p[note] = addresses[i]
	}
}

// address returns the address of a file, and any other path as it is.
func (p places) address(path string) string {
	if address := p[path]; address != "" {
		return address
	}
	return path
}

// named puts addresses in the place of paths in an error about a report.
func (p places) named(err error) error {
	name := func(paths ...*string) {
		for _, path := range paths {
			*path = p.address(*path)
		}
	}
	if e, ok := errors.AsType[*report.UnusableError](err); ok {
		name(&e.Path)
	}
	if e, ok := errors.AsType[*report.OtherTargetError](err); ok {
		name(&e.Path)
	}
	if e, ok := errors.AsType[*report.OtherShardError](err); ok {
		name(&e.Path)
	}
	if e, ok := errors.AsType[*report.ExistsError](err); ok {
		name(&e.Path)
	}
	if e, ok := errors.AsType[*report.TwiceError](err); ok {
		name(&e.First, &e.Second)
	}
	if e, ok := errors.AsType[*report.MixedShardsError](err); ok {
		name(&e.First, &e.Second)
	}
	return err
}
