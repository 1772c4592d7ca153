package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const program = "cognito-confirm"

// target is a system that the program is built for.
type target struct{ system, architecture string }

func (t target) String() string { return t.system + "/" + t.architecture }

// targets lists all of them.
func targets() []target {
	return []target{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}}
}

// choose returns one target by its name, and all for "".
func choose(only string) ([]target, error) {
	if only == "" {
		return targets(), nil
	}
	for _, t := range targets() {
		if t.String() == only {
			return []target{t}, nil
		}
	}
	return nil, fmt.Errorf("%s is no target: %v", only, targets())
}

// binary is a program that was built.
type binary struct {
	target
	path string
	// version is what the toolchain recorded, without the v of a tag.
	version, revision string
	// time is that of the commit.
	time time.Time
}

// name is what the files of the binary are called, without an extension.
func (b binary) name() string {
	return strings.Join([]string{program, b.version, b.system, b.architecture}, "_")
}

// build builds the program in the working directory.
func build(ctx context.Context, t target, dir string) (binary, error) {
	b := binary{target: t, path: filepath.Join(dir, t.system+"_"+t.architecture, program)}
	if t.system == "windows" {
		b.path += ".exe"
	}
	// The symbols are left out: they are a third of the file.
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", b.path, "./cmd/"+program)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+t.system, "GOARCH="+t.architecture)
	if out, err := command.CombinedOutput(); err != nil {
		return binary{}, fmt.Errorf("%w\n%s", err, out)
	}
	return b, b.readInfo()
}

// readInfo reads what the toolchain recorded in the file.
func (b *binary) readInfo() error {
	info, err := buildinfo.ReadFile(b.path)
	if err != nil {
		return err
	}
	b.version = strings.TrimPrefix(info.Main.Version, "v")
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.revision = setting.Value
		case "vcs.time":
			b.time, err = time.Parse(time.RFC3339, setting.Value)
		}
	}
	if err == nil && (b.version == "" || b.revision == "" || b.time.IsZero()) {
		err = fmt.Errorf("the binary has the version %q, the commit %q and the time %v: is this a clone with git?", b.version, b.revision, b.time)
	}
	return err
}
