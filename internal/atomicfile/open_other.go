//go:build !unix

package atomicfile

// NoBlock and NoFollow are for systems whose files cannot be pipes, and have no links to
// speak of.
const NoBlock, NoFollow = 0, 0

// hasDirectorySync: Windows cannot open a directory to sync it.
const hasDirectorySync = false
