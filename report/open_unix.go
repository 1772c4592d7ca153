//go:build unix

package report

// renamesOpenFiles: a file may be renamed or removed while it is open.
const renamesOpenFiles = true
