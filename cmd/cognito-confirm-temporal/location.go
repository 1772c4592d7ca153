package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/store"
)

// patience is how long a store may be away before an activity ends, for the engine to
// have it done again.
const patience = time.Minute

// location is where the files of a run are.
type location struct {
	store  store.Store
	prefix string // of the names of the run
	// scratch is the directory for the files that a job writes.
	scratch string
}

// open returns where the files of a run are, in a directory or in S3. temporary is the
// local directory for what goes to S3; a directory has its own, which all its workers
// share, so that nothing is lost with a worker.
func open(ctx context.Context, url, run, temporary string) (*location, error) {
	prefix := ""
	if run != "" {
		prefix = run + "/"
	}
	if !store.IsAddress(url) {
		d, err := store.OpenDirectory(url)
		if err != nil {
			return nil, err
		}
		return &location{d, prefix, filepath.Join(url, run, ".scratch")}, nil
	}
	address, err := store.ParseAddress(url)
	if err != nil {
		return nil, err
	}
	loaded, err := cognito.Target{}.Load(ctx)
	if err != nil {
		return nil, err
	}
	s, err := store.OpenS3(ctx, loaded, address.Bucket)
	if err != nil {
		return nil, err
	}
	if temporary == "" {
		temporary = os.TempDir()
	}
	name := sha256.Sum256([]byte(url + "/" + run))
	return &location{s, address.Key + "/" + prefix, filepath.Join(temporary, "cognito-confirm-temporal-"+hex.EncodeToString(name[:8]))}, nil
}

// The names of the files of a run, beside those of the chunks.
const (
	inputName     = "input.csv"
	jobName       = "job.json"
	planName      = "plan.json"
	reportName    = "report.csv"
	failedName    = "failed.csv"
	malformedName = "malformed.csv"
	summaryName   = "summary.json"
	chunkPrefix   = "chunk-"
)

func chunkReport(index int) string { return fmt.Sprintf("%s%06d.report.csv", chunkPrefix, index) }
func chunkDone(index int) string   { return fmt.Sprintf("%s%06d.done.json", chunkPrefix, index) }

func (l *location) name(file string) string { return l.prefix + file }

// readObject returns the whole content of an object.
func (l *location) readObject(ctx context.Context, name string) ([]byte, error) {
	object, err := store.OpenObject(ctx, l.store, l.name(name), patience)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	_, err = text.ReadFrom(object.NewReader(0, object.Size()))
	return text.Bytes(), err
}

// readJSON reads an object into a value. The error wraps [fs.ErrNotExist] when there
// is none.
func (l *location) readJSON(ctx context.Context, name string, into any) error {
	text, err := l.readObject(ctx, name)
	if err == nil {
		if err = json.Unmarshal(text, into); err != nil {
			err = fmt.Errorf("read %s: %w", name, err)
		}
	}
	return err
}

// writeJSON writes a value as an object.
func (l *location) writeJSON(ctx context.Context, name string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return l.write(ctx, name, bytes.NewReader(append(text, '\n')))
}

func (l *location) write(ctx context.Context, name string, body *bytes.Reader) error {
	return store.Persist(ctx, patience, func(ctx context.Context) error {
		_, err := l.store.Write(ctx, l.name(name), body, store.Attributes{})
		return err
	})
}

// writeFile copies a local file to the store. It does nothing when there is no such file.
func (l *location) writeFile(ctx context.Context, name, path string) error {
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer file.Close()
	return store.Persist(ctx, patience, func(ctx context.Context) error {
		_, err := l.store.Write(ctx, l.name(name), file, store.Attributes{})
		return err
	})
}
