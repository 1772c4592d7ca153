// Package worker turns rows of a CSV into calls of AdminConfirmSignUp and the
// answers into results.
//
// Three small nouns do everything. A [Source] says which row comes next; the
// [Reader] is the one that reads a CSV. A [Limiter] says when the next attempt
// may go. A [Sink] takes what became of a row. The [Pool] between them knows
// no flags, no files and no signals.
//
// The one idea: rows are data, errors are for the run. Whatever happens to a
// row (refused locally, throttled, answered with an exception, not answered at
// all) ends in exactly one [Result], and only what would happen to every row
// alike ends [Pool.Run] with an error.
package worker
