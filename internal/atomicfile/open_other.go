//go:build !unix

package atomicfile

import "io/fs"

// NoBlock and NoFollow have no effect on systems where a file is never a pipe and
// links are rare.
const NoBlock, NoFollow = 0, 0

// hasDirectorySync: Windows cannot open a directory to sync it.
const hasDirectorySync = false

// IsPrivate returns true: there are no modes to look at.
func IsPrivate(fs.FileInfo) bool { return true }

// IsShared returns false: the information about a file does not tell.
func IsShared(fs.FileInfo) bool { return false }
