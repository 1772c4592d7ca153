package report

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// holder names the process that holds the lock on a file, for a message. It
// is empty for a process in another container.
func holder(file *os.File) string {
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return ""
	}
	inode := fmt.Sprintf(":%d", stat.Ino)
	for lock := range strings.Lines(string(locks)) {
		// As in "1: FLOCK  ADVISORY  WRITE 4242 08:02:1315 0 EOF".
		fields := strings.Fields(lock)
		if len(fields) >= 6 && fields[1] == "FLOCK" && strings.HasSuffix(fields[5], inode) && fields[4] != "0" && fields[4] != "-1" {
			return ", held by process " + fields[4]
		}
	}
	return ""
}
