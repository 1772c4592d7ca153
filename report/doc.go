// Package report keeps what became of every row: the report with one line a
// row, the files of the rows that did not succeed and of the malformed records,
// and the counts.
//
// The one idea: the report is a journal. A line is appended as each row
// finishes, is with the operating system within a tenth of a second and on the
// disk within a second or so, and is never changed. Whatever kills the run,
// what is in the report happened, and what is not in it is still to be done.
package report
