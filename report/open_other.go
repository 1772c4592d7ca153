//go:build !unix

package report

import "io/fs"

// renamesOpenFiles: Windows neither renames nor removes a file that is open.
const renamesOpenFiles = false

// isPrivate: there are no modes that could say so.
func isPrivate(fs.FileInfo) bool { return true }

// isShared: nor does the information about a file.
func isShared(fs.FileInfo) bool { return false }
