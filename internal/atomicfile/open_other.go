//go:build !unix

package atomicfile

// noBlock is for systems whose files cannot be pipes.
const noBlock = 0

// hasDirectorySync: Windows cannot open a directory to sync it.
const hasDirectorySync = false
