package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/apk"
	_ "github.com/goreleaser/nfpm/v2/deb"
	_ "github.com/goreleaser/nfpm/v2/rpm"
)

// writePackages writes the packages of a binary for Linux: deb, rpm and apk, all
// from nfpm.yaml.
func writePackages(out string, b binary) error {
	if b.system != "linux" {
		return nil
	}
	// Manual pages of packages are packed.
	page := filepath.Join(filepath.Dir(b.path), program+".1.gz")
	if err := packManual(page); err != nil {
		return err
	}
	values := map[string]string{"ARCHITECTURE": b.architecture, "VERSION": b.version, "BINARY": b.path, "MANUAL": page}
	config, err := nfpm.ParseFileWithEnvMapping("tools/release/nfpm.yaml", func(name string) string { return values[name] })
	if err != nil {
		return err
	}
	for _, format := range []string{"deb", "rpm", "apk"} {
		if err := writePackage(out, format, config, b); err != nil {
			return fmt.Errorf("%s: %w", format, err)
		}
	}
	return nil
}

func writePackage(out, format string, config nfpm.Config, b binary) error {
	packager, err := nfpm.Get(format)
	if err != nil {
		return err
	}
	info, err := config.Get(format)
	if err != nil {
		return err
	}
	info.MTime = b.time
	if info.Scripts.PostInstall, err = datedCopy(info.Scripts.PostInstall, b); err != nil {
		return err
	}
	info = nfpm.WithDefaults(info)
	return create(filepath.Join(out, packager.ConventionalFileName(info)), func(w io.Writer) error { return packager.Package(info, w) })
}

// datedCopy copies a script beside the binary, with the commit's time: an apk has
// the time of the file.
func datedCopy(path string, b binary) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	dated := filepath.Join(filepath.Dir(b.path), filepath.Base(path))
	return dated, errors.Join(os.WriteFile(dated, content, 0o755), os.Chtimes(dated, b.time, b.time))
}

func packManual(path string) error {
	manual, err := os.ReadFile("docs/cognito-confirm.1")
	if err != nil {
		return err
	}
	return createPacked(path, func(w io.Writer) error {
		_, err := w.Write(manual)
		return err
	})
}
