// Package sampleusers writes inputs of any length for the tests that run the
// program from outside, and knows how a hostile answer hides a name.
package sampleusers

import (
	"bufio"
	"errors"
	"fmt"
	"os"
)

// Username returns the username of a row. The first row is 0.
func Username(row int) string { return fmt.Sprintf("user%07d@example.com", row) }

// WriteUsers writes a CSV with one column, username, and the given number of rows
// to a new file.
func WriteUsers(path string, rows int) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, "username") // Flush returns any error
	for row := range rows {
		fmt.Fprintln(out, Username(row))
	}
	return out.Flush()
}
