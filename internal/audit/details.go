package audit

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"time"

	"cognito-confirm/internal/cognito"
)

// DetailsHeader is the first line of the details.
const DetailsHeader = "line,username,found_by,pool_username,status,enabled,email_verified,created_at\n"

// The statuses of rows for which the service finds no user.
const (
	statusInvalid  = "invalid"
	statusNotFound = "not_found"
)

// Details are what is found of every row, as a CSV in the order of the input. What
// the users and the rows are called is kept on disk until the last user has passed
// by, in two files that only their owner can read and that are gone with Close.
type Details struct {
	rows, users *spill
	// at is where in users the user of a row is, by the place of the row.
	at []int64
}

// NewDetails returns details of nothing yet. directory is where they are on the way;
// empty is that for temporary files.
func NewDetails(directory string) (*Details, error) {
	rows, err := newSpill(directory)
	if err != nil {
		return nil, err
	}
	users, err := newSpill(directory)
	if err != nil {
		return nil, errors.Join(err, rows.close())
	}
	return &Details{rows: rows, users: users}, nil
}

// Row takes in a row of the input, in its order. A row that is not valid is not in
// the [Rows].
func (d *Details) Row(username string, line int, isValid bool) error {
	_, err := d.rows.add(strconv.Itoa(line), username, strconv.FormatBool(isValid))
	return err
}

// found takes in which user the row at a place is.
func (d *Details) found(place int, kind nameKind, u cognito.User, rows *Rows) error {
	created := ""
	if !u.CreatedAt.IsZero() {
		created = u.CreatedAt.UTC().Format(time.RFC3339)
	}
	at, err := d.users.add(kind.column(), u.Username, u.Status, strconv.FormatBool(u.Enabled), u.Attributes["email_verified"], created)
	if err != nil {
		return err
	}
	if d.at == nil {
		d.at = make([]int64, len(rows.rows))
	}
	d.at[place] = at
	return nil
}

// Write writes the details of rows that were compared, unless ctx ends before.
func (d *Details) Write(ctx context.Context, to io.Writer, rows *Rows) error {
	rows.group()
	if err := errors.Join(d.rows.flush(), d.users.flush()); err != nil {
		return err
	}
	out := bufio.NewWriter(to)
	out.WriteString(DetailsHeader) // Flush returns any error
	records := csv.NewWriter(out)
	written := 0
	for row, err := range d.rows.all() {
		if err != nil {
			return err
		}
		if written++; written%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		line, username, isValid := row[0], row[1], row[2] == "true"
		user := []string{"", "", statusNotFound, "", "", ""}
		if at, found := rows.find(username); !isValid {
			user[2] = statusInvalid
		} else if found && rows.rows[at].state.kind() != byNothing {
			if user, err = d.users.read(d.at[at]); err != nil {
				return err
			}
		}
		records.Write(append([]string{line, username}, user...))
	}
	records.Flush()
	return errors.Join(records.Error(), out.Flush())
}

// Close removes what was kept on disk.
func (d *Details) Close() error { return errors.Join(d.rows.close(), d.users.close()) }
