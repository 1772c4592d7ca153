// Package madeup makes inputs for the tests that measure the program from
// outside: as long as is wanted, and with nothing in them that matters.
package madeup

import (
	"bufio"
	"errors"
	"fmt"
	"os"
)

// Username returns the username in a row, counted from 0.
func Username(row int) string { return fmt.Sprintf("user%07d@example.com", row) }

// WriteUsers writes a CSV of one column with so many users to a new file.
func WriteUsers(path string, rows int) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, "username") // a failure is Flush's
	for row := range rows {
		fmt.Fprintln(out, Username(row))
	}
	return out.Flush()
}
