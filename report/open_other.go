//go:build !unix

package report

// renamesOpenFiles: Windows neither renames nor removes a file that is open.
const renamesOpenFiles = false
