package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// nobody is the user of the image, which needs no name anywhere else.
const nobody = "65532"

// writeImage writes an image for the binaries for Linux, with an index of them, as
// an OCI layout in a tar. It needs no container engine.
func writeImage(out, authorities string, binaries []binary) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, b := range binaries {
		if b.system != "linux" {
			continue
		}
		image, err := imageOf(b, authorities)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: b.system, Architecture: b.architecture}},
		})
	}
	dir, err := os.MkdirTemp("", "image")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	first := binaries[0]
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	name := layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": "latest"})
	if err := path.AppendIndex(index, name); err != nil {
		return err
	}
	return packLayout(filepath.Join(out, program+"_"+first.version+"_oci.tar"), dir, first.time)
}

// imageOf returns the image of a binary: one layer, with only what a run needs.
func imageOf(b binary, authorities string) (v1.Image, error) {
	var layer bytes.Buffer
	err := writeTar(&layer, b.time, []entry{
		{name: "data/", mode: 0o755, owner: 65532},
		{name: "dev/", mode: 0o755}, // where a root that is read-only is mounted over
		{name: "etc/", mode: 0o755},
		{name: "etc/group", text: "root:x:0:\nnonroot:x:65532:\n", mode: 0o644},
		{name: "etc/passwd", text: "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/data:/sbin/nologin\n", mode: 0o644},
		{name: "etc/ssl/", mode: 0o755},
		{name: "etc/ssl/certs/", mode: 0o755},
		{name: "etc/ssl/certs/ca-certificates.crt", source: authorities, mode: 0o644},
		{name: "proc/", mode: 0o555},
		{name: "sys/", mode: 0o555},
		{name: "tmp/", mode: 0o1777},
		{name: "usr/", mode: 0o755},
		{name: "usr/bin/", mode: 0o755},
		{name: "usr/bin/" + program, source: b.path, mode: 0o755},
	})
	if err != nil {
		return nil, err
	}
	packed, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(layer.Bytes())), nil },
		tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image, err := mutate.ConfigFile(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON), &v1.ConfigFile{
		OS: b.system, Architecture: b.architecture, Created: v1.Time{Time: b.time},
		RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{
			User:       nobody,
			Entrypoint: []string{"/usr/bin/" + program},
			Env:        []string{"PATH=/usr/bin"},
			WorkingDir: "/data",
			// Runtimes that make a volume here give it to the directory's owner, which
			// Fargate does for no other.
			Volumes: map[string]struct{}{"/data": {}},
			Labels: map[string]string{
				"org.opencontainers.image.title":       program,
				"org.opencontainers.image.description": "Confirms the users of an Amazon Cognito user pool that a CSV names",
				"org.opencontainers.image.licenses":    "Apache-2.0",
				"org.opencontainers.image.version":     b.version,
				"org.opencontainers.image.revision":    b.revision,
				"org.opencontainers.image.created":     b.time.UTC().Format(time.RFC3339),
			},
		},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Append(image, mutate.Addendum{
		Layer:   packed,
		History: v1.History{Created: v1.Time{Time: b.time}, CreatedBy: "make release"},
	})
}

// packLayout packs the directory of a layout.
func packLayout(path, dir string, at time.Time) error {
	files, err := filesUnder(dir, ".")
	if err != nil {
		return err
	}
	sortByName(files)
	return create(path, func(w io.Writer) error { return writeTar(w, at, files) })
}
