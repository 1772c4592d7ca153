// Package worker takes rows through calls to a service, many at a time, and
// turns the answers into results.
//
// Four small nouns do everything. A [Source] says which row comes next. An
// [Operation] is a call that every row needs. A [Limiter] says when the next
// attempt may go. A [Sink] takes what became of a row. The [Pool] between them
// knows no service, no files, no flags and no signals.
//
// The one idea: rows are data, errors are for the run. Whatever happens to a
// row (refused locally, throttled, answered with an exception, not answered at
// all) ends in exactly one [Result], and only what would happen to every row
// alike ends [Pool.Run] with an error.
package worker
