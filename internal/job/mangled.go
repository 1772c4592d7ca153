package job

import (
	"sync/atomic"

	"cognito-confirm/internal/rows"
	"cognito-confirm/worker"
)

// watched is a source that counts the usernames which look mangled. It stands last
// before the pool: what is not sent is not looked at.
type watched struct {
	worker.Source
	mangled *atomic.Int64
}

func (w watched) Next() (worker.Row, error) {
	row, err := w.Source.Next()
	if err == nil && row.Invalid == nil {
		if _, isMangled := rows.Mangled(row.Username); isMangled {
			w.mangled.Add(1)
		}
	}
	return row, err
}

// Mangled counts the usernames of this run so far that look as if another program had
// spoiled them; see [rows.Mangled]. It may be called from any goroutine.
func (j *Job) Mangled() int { return int(j.mangled.Load()) }
