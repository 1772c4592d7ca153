//go:build !unix

package report

import "io/fs"

// renamesOpenFiles: Windows neither renames nor removes a file that is open.
const renamesOpenFiles = false

// isPrivate returns true: there are no modes to look at.
func isPrivate(fs.FileInfo) bool { return true }

// isShared returns false: the information about a file does not tell.
func isShared(fs.FileInfo) bool { return false }
