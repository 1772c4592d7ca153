package program

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version is the module's version as the toolchain recorded it.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// About is the name and the version of a program with the commit and its time, where the toolchain found
// a repository, and with what it was built by and for.
func About(name string) string {
	text := name + " " + Version()
	if info, ok := debug.ReadBuildInfo(); ok {
		text += vcs(info.Settings)
	}
	return fmt.Sprintf("%s, %s %s/%s", text, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// vcs tells the commit and its time.
func vcs(settings []debug.BuildSetting) (text string) {
	for _, setting := range settings {
		switch setting.Key {
		case "vcs.revision":
			text += ", commit " + setting.Value
		case "vcs.time":
			text += " of " + setting.Value
		}
	}
	return text
}
