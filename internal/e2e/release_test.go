//go:build e2e && release && linux

package e2e

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// releaseFile returns the file of the release whose name ends like this.
func releaseFile(t *testing.T, ending string) string {
	t.Helper()
	found, err := filepath.Glob(built(t, "dist") + "/cognito-confirm*" + ending)
	if err != nil || len(found) != 1 {
		t.Fatalf("the release has the files %q for %s, %v", found, ending, err)
	}
	return found[0]
}

// system runs a command of the system to its good end.
func system(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	out, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, arguments, err, out)
	}
	return string(out)
}

// TestReleaseFiles: everything is there, and summed up.
func TestReleaseFiles(t *testing.T) {
	endings := []string{"_oci.tar"}
	for _, target := range []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64"} {
		archive := ".tar.gz"
		if strings.HasPrefix(target, "windows") {
			archive = ".zip"
		}
		endings = append(endings, "_"+target+archive, "_"+target+".cdx.json")
	}
	endings = append(endings, "_amd64.deb", "_arm64.deb", ".x86_64.rpm", ".aarch64.rpm", "_x86_64.apk", "_aarch64.apk")
	sums, err := os.ReadFile(releaseFile(t, "_oci.tar")[:len(built(t, "dist"))] + "/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	for _, ending := range endings {
		path := releaseFile(t, ending)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%x  %s\n", sha256.Sum256(content), filepath.Base(path)); !strings.Contains(string(sums), want) {
			t.Errorf("SHA256SUMS has no line %s", want)
		}
	}
	if lines := strings.Count(string(sums), "\n"); lines != len(endings) {
		t.Errorf("SHA256SUMS has %d lines for %d files:\n%s", lines, len(endings), sums)
	}
}

// TestReleaseArchives: each has the program of its system, and what goes with it.
func TestReleaseArchives(t *testing.T) {
	for _, target := range []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"} {
		system, architecture, _ := strings.Cut(target, "/")
		dir, ending, program := t.TempDir(), ".tar.gz", "cognito-confirm"
		if system == "windows" {
			ending, program = ".zip", "cognito-confirm.exe"
		}
		path := releaseFile(t, "_"+system+"_"+architecture+ending)
		unpackArchive(t, path, dir)
		root := filepath.Join(dir, strings.TrimSuffix(filepath.Base(path), ending))
		for _, name := range []string{"README.md", "LICENSE", "CHANGELOG.md", "cognito-confirm.1", "completion/cognito-confirm.zsh", "samples/users.csv"} {
			if info, err := os.Stat(filepath.Join(root, name)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %v", target, err)
			}
		}
		info, err := buildinfo.ReadFile(filepath.Join(root, program))
		if err != nil {
			t.Fatal(err)
		}
		settings := make(map[string]string)
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
		if settings["GOOS"]+"/"+settings["GOARCH"] != target || settings["CGO_ENABLED"] != "0" || settings["-trimpath"] != "true" || settings["vcs.revision"] == "" {
			t.Errorf("%s: built with %v", target, settings)
		}
		if target == "linux/amd64" {
			out, err := exec.Command(filepath.Join(root, program), "version").Output()
			if want := fmt.Sprintf("cognito-confirm %s, commit %s of %s, ", info.Main.Version, settings["vcs.revision"], settings["vcs.time"]); !strings.HasPrefix(string(out), want) {
				t.Errorf("version: %s, %v; want %s", out, err, want)
			}
		}
	}
}

func unpackArchive(t *testing.T, path, dir string) {
	t.Helper()
	if strings.HasSuffix(path, ".zip") {
		archive, err := zip.OpenReader(path)
		if err != nil {
			t.Fatal(err)
		}
		defer archive.Close()
		if err := os.CopyFS(dir, archive); err != nil {
			t.Fatal(err)
		}
		return
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(packed); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, header.Name)
		content, err := io.ReadAll(files)
		if err := errors.Join(err, os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, content, header.FileInfo().Mode())); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReleaseBill: the bill of materials names the modules with their versions.
func TestReleaseBill(t *testing.T) {
	text, err := os.ReadFile(releaseFile(t, "_linux_amd64.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var bill struct {
		BOMFormat  string
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(text, &bill); err != nil || bill.BOMFormat != "CycloneDX" {
		t.Fatalf("%v, %q", err, bill.BOMFormat)
	}
	for _, name := range []string{"std", "github.com/alecthomas/kong", "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"} {
		i := slices.IndexFunc(bill.Components, func(c struct{ Name, Version string }) bool { return c.Name == name })
		if i < 0 || bill.Components[i].Version == "" {
			t.Errorf("no version of %s", name)
		}
	}
}

// TestReleaseDeb: what the package installs works, and no unit is enabled.
func TestReleaseDeb(t *testing.T) {
	dir := t.TempDir()
	system(t, "dpkg", "-x", releaseFile(t, "_amd64.deb"), dir)
	out := system(t, filepath.Join(dir, "usr/bin/cognito-confirm"), "check", "../../samples/users.csv")
	if !strings.Contains(out, "5 rows: 5 to confirm") {
		t.Error(out)
	}
	for _, name := range []string{
		"share/man/man1/cognito-confirm.1.gz", "share/bash-completion/completions/cognito-confirm",
		"share/zsh/vendor-completions/_cognito-confirm", "share/fish/vendor_completions.d/cognito-confirm.fish",
		"lib/systemd/system/cognito-confirm.service", "lib/systemd/system/cognito-confirm.timer", "lib/sysusers.d/cognito-confirm.conf",
	} {
		if _, err := os.Stat(filepath.Join(dir, "usr", name)); err != nil {
			t.Error(err)
		}
	}
	if enabled, _ := filepath.Glob(dir + "/*/systemd/system/*.wants/*"); len(enabled) > 0 {
		t.Errorf("enabled: %q", enabled)
	}
	control := t.TempDir()
	system(t, "dpkg", "-e", releaseFile(t, "_amd64.deb"), control)
	system(t, "sh", "-n", filepath.Join(control, "postinst"))
}

// TestReleaseIsReproducible: another clone in another place makes the same bytes.
func TestReleaseIsReproducible(t *testing.T) {
	if out, err := exec.Command("git", "-C", "../..", "status", "--porcelain").Output(); err != nil || len(out) > 0 {
		t.Skipf("only a clean tree is the same as its clone: %v\n%s", err, out)
	}
	clone, out := filepath.Join(t.TempDir(), "a clone"), filepath.Join(t.TempDir(), "dist")
	system(t, "git", "clone", "--quiet", "../..", clone)
	system(t, "go", "-C", "../../tools/release", "run", ".", "-root", clone, "-out", out, "-only", "linux/amd64")
	entries, err := os.ReadDir(out)
	if err != nil || len(entries) < 6 {
		t.Fatalf("%d files, %v", len(entries), err)
	}
	for _, e := range entries {
		// These two are about all targets.
		if e.Name() == "SHA256SUMS" || strings.HasSuffix(e.Name(), "_oci.tar") {
			continue
		}
		want, err := os.ReadFile(filepath.Join(built(t, "dist"), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(out, e.Name())); err != nil || string(got) != string(want) {
			t.Errorf("%s is another one, %v", e.Name(), err)
		}
	}
}
