// Package faults runs the built program and lets things go wrong around it:
// signals, kills at any system call, broken and full disks, a network and a
// service that fail.
//
// The one idea in it: a case is a scenario, that is an input with rows of every
// kind and a stand-in for Cognito that knows them all. Whatever happens to the
// runs of a case, a last run resumes what is left, and then one oracle compares
// the files with what the stand-in has seen: every row is in the report once,
// with the outcome of an undisturbed run, and a row was asked for again only
// where that was needed.
//
// The cases that are quick and need nothing but Go are part of "make test". The
// full matrix has the build tag faults ("make faults") and the long run at full
// speed the tag soak ("make soak").
package faults
