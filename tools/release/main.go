// Command release makes everything that a release of cognito-confirm consists
// of: an archive for each system, packages for Linux distributions, an image for
// containers, a bill of materials for each binary, and the sums of them all.
//
// The one idea in it: all that may vary is taken from the commit. Its time is
// the time of every file, its tag or hash is the version, and the toolchain
// records both in the binary, so that two builds of a commit are the same bytes.
//
// It is a module of its own, so that the program does not depend on what it needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

func main() {
	root := flag.String("root", ".", "the `directory` of the repository")
	out := flag.String("out", "dist", "the `directory` for the files; it must be empty or not exist")
	only := flag.String("only", "", "build only this `target`, as linux/amd64")
	authorities := flag.String("ca", "/etc/ssl/certs/ca-certificates.crt", "the `file` of certificate authorities for the image, as Debian's ca-certificates has it")
	flag.Parse()
	if err := release(context.Background(), *root, *out, *only, *authorities); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release makes the files.
func release(ctx context.Context, root, out, only, authorities string) error {
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty", out)
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := errors.Join(os.MkdirAll(out, 0o755), os.Chdir(root)); err != nil {
		return err
	}
	var binaries []binary
	for _, target := range chosen {
		built, err := build(ctx, target, scratch)
		if err != nil {
			return fmt.Errorf("build for %s: %w", target, err)
		}
		binaries = append(binaries, built)
	}
	// Packing takes longer than building what was built before.
	var writers errgroup.Group
	for _, built := range binaries {
		writers.Go(func() error {
			if err := errors.Join(writeArchive(out, built), writeBillOfMaterials(out, built), writePackages(out, built)); err != nil {
				return fmt.Errorf("%s: %w", built.target, err)
			}
			return nil
		})
	}
	writers.Go(func() error {
		if err := writeImage(out, authorities, binaries); err != nil {
			return fmt.Errorf("image: %w", err)
		}
		return nil
	})
	if err := writers.Wait(); err != nil {
		return err
	}
	return writeSums(out)
}
