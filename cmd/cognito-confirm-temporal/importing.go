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

// importInput copies an input into the store, unpacked and in UTF-8, with the settings
// beside it, and returns the name of the run. That is a hash of the pool, of what is in
// the input and of how it is read: an edited input is another run, and the same one
// goes on with what there is of it.
func importInput(ctx context.Context, url, path string, settings Settings, temporary string) (string, error) {
	options := settings.input(nil)
	options.Path = path
	input, err := job.OpenInput(ctx, options, settings.target())
	if err != nil {
		return "", err
	}
	defer input.Close()
	text, err := input.Text(ctx)
	if errors.Is(err, rows.ErrOnce) {
		return "", flags.Usage("the input must be a file, for it is read twice", "")
	}
	if err != nil {
		return "", err
	}
	copied, err := os.CreateTemp(temporary, "cognito-confirm-*.csv")
	if err != nil {
		return "", fmt.Errorf("copy input: %w", err)
	}
	defer os.Remove(copied.Name())
	defer copied.Close()
	sum, name := sha256.New(), nameOf(settings)
	size, err := io.Copy(io.MultiWriter(copied, sum, name), text)
	if err != nil {
		return "", fmt.Errorf("copy input: %w", err)
	}
	if input.Changed() {
		return "", job.ErrInputChanged
	}
	run := hex.EncodeToString(name.Sum(nil))[:runLength]
	l, err := open(ctx, url, run, temporary)
	if err != nil {
		return "", err
	}
	if err := l.addInput(ctx, copied, size); err != nil {
		return "", err
	}
	j := jobFile{Source: path, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil)), Settings: settings}
	return run, l.writeJSON(ctx, jobName, j)
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
