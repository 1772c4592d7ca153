//go:build unix

package cognito

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestConfigurationThatNobodyWrites: a named pipe in the place of a file of the
// configuration keeps nobody waiting who wants to end.
func TestConfigurationThatNobodyWrites(t *testing.T) {
	for _, variable := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Run(variable, func(t *testing.T) {
			awsEnvironment(t, nil)
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Skip(err)
			}
			t.Setenv(variable, pipe)
			if variable == "AWS_WEB_IDENTITY_TOKEN_FILE" {
				t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/example")
				os.Unsetenv("AWS_ACCESS_KEY_ID")
				os.Unsetenv("AWS_SECRET_ACCESS_KEY")
			}
			cause := errors.New("a signal")
			ctx, cancel := context.WithCancelCause(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := Target{UserPoolID: examplePool}.Load(ctx)
				ended <- err
			}()
			writer := opened(t, pipe) // so the pipe is being read, and goes on being read
			cancel(cause)
			select {
			case err := <-ended:
				if !errors.Is(err, cause) {
					t.Errorf("error %v", err)
				}
			case <-time.After(10 * time.Second):
				t.Error("still waiting")
			}
			writer.Close()
		})
	}
}

// opened opens a named pipe for writing as soon as somebody reads it.
func opened(t *testing.T, pipe string) *os.File {
	t.Helper()
	writer, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return writer
}
