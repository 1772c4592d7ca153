// Package worker takes rows through calls to a service, many at a time, and
// turns the answers into results.
//
// A run has four parts. A [Source] tells which row comes next. An
// [Operation] is a call that every row needs. A [Limiter] tells when the next
// attempt may go. A [Sink] takes the result of each row. The [Pool] connects them
// and knows nothing of a service, files, flags or signals.
//
// The one idea: rows are data, errors are for the run. Whatever happens to a
// row (refused locally, throttled, answered with an exception, not answered at
// all) ends in one [Result]. Only what would happen to every row ends [Pool.Run]
// with an error.
package worker
