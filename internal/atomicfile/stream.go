package atomicfile

import (
	"errors"
	"io"
	"os"
	"time"
)

// pipeTimeout is how long a write waits for whoever reads a pipe.
const pipeTimeout = 5 * time.Second

// writeDirectly writes to a pipe or a device.
func writeDirectly(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|NoBlock, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(stream{file, pipeTimeout}), file.Close())
}

// stream gives each write a timeout of its own: what is written may take hours to come.
type stream struct {
	file interface {
		io.Writer
		SetWriteDeadline(time.Time) error
	}
	timeout time.Duration
}

func (s stream) Write(b []byte) (int, error) {
	// Devices have no deadlines, and need none.
	_ = s.file.SetWriteDeadline(time.Now().Add(s.timeout))
	return s.file.Write(b)
}
