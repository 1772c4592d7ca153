package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

// versionCommand prints what --version prints.
type versionCommand struct{}

// Run is called by kong.
func (versionCommand) Run(c *console) error {
	_, err := fmt.Fprintln(c.stdout, about())
	return err
}

// versionFlag prints the version. kong's own flag ignores a failing write.
type versionFlag bool

// BeforeReset is called by kong when the flag is given.
func (versionFlag) BeforeReset(parser *kong.Kong) error {
	if _, err := fmt.Fprintln(parser.Stdout, about()); err != nil {
		return err
	}
	parser.Exit(0)
	return nil
}

// version is the module's version as the toolchain recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// about is the version with the commit and its time, where the toolchain found
// a repository, and with what it was built by and for.
func about() string {
	text := programName + " " + version()
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
