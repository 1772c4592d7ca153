package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
)

// runLength is how much of the hash is the name of a run.
const runLength = 16

// importInput copies an input into the store, with the settings beside it, and returns
// the name of the run.
func importInput(ctx context.Context, url, path string, settings Settings, temporary string) (string, error) {
	input, err := copyInput(ctx, path, settings, temporary)
	if err != nil {
		return "", err
	}
	defer input.Close()
	return input.run, input.put(ctx, url, temporary)
}

// copiedInput is an input in a local file, unpacked and in UTF-8. Close removes it.
type copiedInput struct {
	file *os.File
	job  jobFile
	// run is the name of the run: a hash of the pool, of what is in the input and of how
	// it is read. An edited input is another run, and the same one goes on with what
	// there is of it.
	run string
}

// copyInput reads an input to its end.
func copyInput(ctx context.Context, path string, settings Settings, temporary string) (*copiedInput, error) {
	options := settings.input(nil)
	options.Path = path
	input, err := job.OpenInput(ctx, options, settings.target())
	if err != nil {
		return nil, err
	}
	defer input.Close()
	text, err := input.Text(ctx)
	if errors.Is(err, rows.ErrOnce) {
		return nil, flags.Usage("the input must be a file, for it is read twice", "")
	}
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(temporary, "cognito-confirm-*.csv")
	if err != nil {
		return nil, fmt.Errorf("copy input: %w", err)
	}
	c := &copiedInput{file: file}
	sum, name := sha256.New(), nameOf(settings)
	size, err := io.Copy(io.MultiWriter(file, sum, name), text)
	switch {
	case err != nil:
		err = fmt.Errorf("copy input: %w", err)
	case input.Changed():
		err = job.ErrInputChanged
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	c.job = jobFile{Source: path, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil)), Settings: settings}
	c.run = hex.EncodeToString(name.Sum(nil))[:runLength]
	return c, nil
}

// put copies the input into the store, with the settings beside it.
func (c *copiedInput) put(ctx context.Context, url, temporary string) error {
	l, err := open(ctx, url, c.run, temporary)
	if err != nil {
		return err
	}
	if err := l.addInput(ctx, c.file, c.job.Size); err != nil {
		return err
	}
	return l.writeJSON(ctx, jobName, c.job)
}

// Close removes the file.
func (c *copiedInput) Close() {
	c.file.Close()
	os.Remove(c.file.Name())
}

// nameOf begins the hash of a run with what makes it another one.
func nameOf(s Settings) hash.Hash {
	name := sha256.New()
	text, err := json.Marshal([]any{s.UserPoolID, s.EndpointURL, s.UsernameColumn, s.NoHeader, s.Delimiter})
	if err != nil {
		panic(err) // texts and a truth value
	}
	name.Write(text)
	return name
}

// addInput writes the input where there is none yet. What is there under that name has
// the same content.
func (l *location) addInput(ctx context.Context, file *os.File, size int64) error {
	err := store.Persist(ctx, patience, func(ctx context.Context) error {
		info, err := l.store.Stat(ctx, l.name(inputName))
		if err == nil && info.Size == size {
			return nil
		}
		_, err = l.store.Write(ctx, l.name(inputName), file, store.Attributes{})
		return err
	})
	if err != nil {
		return fmt.Errorf("copy input: %w", err)
	}
	return nil
}

// scheduleFile is what a schedule has in the store: the settings of its runs.
type scheduleFile struct {
	Settings Settings `json:"settings"`
	Source   string   `json:"source"`
}
