// Package store keeps the files of a run where they outlive its disk, its
// container and its host.
//
// The one idea in it: the store is not in the way of a row. A run writes its
// journal to the local disk as ever, and whole lines of it follow to the store in
// parts every two seconds ([Mirror]), so that a run elsewhere goes on from there.
// A lock with a lease ([Lock]) sees to it that there is only one run at a time.
package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
)

// ErrConflict means that an object is not what the writer took it for: somebody
// else has written it, or an earlier attempt of the writer has.
var ErrConflict = errors.New("somebody else has written it")

// ErrChanged means that an object is no longer the version that was opened.
var ErrChanged = errors.New("it was changed since it was opened")

// Info is what a store knows of an object.
type Info struct {
	// Size is in bytes.
	Size int64
	// Tag is another one after each write of other content.
	Tag string
	// Pin names this version where the store keeps versions, else it is empty.
	Pin string
	// Owner is what the object was written with.
	Owner string
}

// Condition is what must hold for a write to be done. The zero value is none.
type Condition struct {
	// Absent: there is no such object yet.
	Absent bool
	// Tag: the object has it. Empty: any.
	Tag string
}

// Same is the condition that an object is still this version, or still absent when
// there is no tag.
func (i Info) Same() Condition { return Condition{Absent: i.Tag == "", Tag: i.Tag} }

// Attributes are what an object is written with.
type Attributes struct {
	Condition Condition
	// Owner names what the object belongs to. It is ASCII and may be empty.
	Owner string
	// ContentType is for a browser. A store that has no such thing passes over it.
	ContentType string
}

// Store holds objects by their names. It is safe for concurrent use. What is not
// there is a wrapped [fs.ErrNotExist]. Each call ends with its context.
type Store interface {
	// Stat returns what is known of an object.
	Stat(ctx context.Context, name string) (Info, error)
	// Read returns the bytes from..to, to itself not among them, of the version
	// that Stat has described. The error wraps ErrChanged when there is another one.
	Read(ctx context.Context, name string, of Info, from, to int64) ([]byte, error)
	// Write writes an object, whole or not at all, and returns its tag. The error
	// wraps ErrConflict when the condition does not hold.
	Write(ctx context.Context, name string, body io.ReadSeeker, a Attributes) (tag string, err error)
	// List returns the names that begin with the prefix, in order.
	List(ctx context.Context, prefix string) ([]string, error)
	// Remove removes an object. An object that is not there is not an error.
	Remove(ctx context.Context, name string) error
}

// isFinal reports whether asking again would come to the same.
func isFinal(err error) bool {
	// First of all, because it wraps the last failure, which alone may not be final.
	if _, gaveUp := errors.AsType[*UnreachableError](err); gaveUp {
		return true
	}
	if refusal, ok := errors.AsType[*RefusedError](err); ok {
		return refusal.IsFinal
	}
	_, isLocked := errors.AsType[*LockedError](err)
	finals := []error{fs.ErrNotExist, ErrConflict, ErrChanged, ErrUnlocked, io.ErrUnexpectedEOF, fs.ErrPermission, fs.ErrInvalid}
	return isLocked || slices.ContainsFunc(finals, func(final error) bool { return errors.Is(err, final) })
}

// RefusedError means that a store refused a request or did not answer it.
type RefusedError struct {
	// Doing and Name are what was asked, as in "read" and "s3://bucket/key".
	Doing, Name string
	// Reason is a code of the store, or what this machine tells of the network.
	Reason string
	// IsFinal: asking again does not help.
	IsFinal bool
}

func (e *RefusedError) Error() string { return e.Doing + " " + e.Name + ": " + e.Reason }
