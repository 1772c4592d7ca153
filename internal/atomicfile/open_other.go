//go:build !unix

package atomicfile

// NoBlock and NoFollow have no effect on systems where a file is never a pipe and
// links are rare.
const NoBlock, NoFollow = 0, 0

// hasDirectorySync: Windows cannot open a directory to sync it.
const hasDirectorySync = false
