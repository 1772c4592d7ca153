package audit

import (
	"iter"
	"slices"

	"cognito-confirm/internal/cognito"
)

const unconfirmed = "UNCONFIRMED"

// Options set how rows and users are compared.
type Options struct {
	// Settings are those of the pool. Nil: they are not known.
	Settings *cognito.PoolSettings
	// Shown is how many lines are kept of each kind of finding, at least 1.
	Shown int
	// Details takes in what each row was found to be. Nil: nobody wants to know.
	Details *Details
}

// Result is what a comparison finds. Its JSON is an interface: fields are added,
// never renamed. Each row that could be sent is counted once: in Statuses, in
// NotFound, or in Unreachable.
type Result struct {
	// Users is how many the pool has.
	Users int `json:"users"`
	// Statuses counts the rows whose user the service finds, by the user's status,
	// Disabled those of them whose user is shut out.
	Statuses map[string]int `json:"statuses"`
	Disabled int            `json:"disabled"`
	// NotFound are the rows that name nobody in the pool.
	NotFound Lines `json:"not_found"`
	// Unreachable are the rows with an attribute of a user by which the service
	// does not find the user: it is not an alias in this pool, or not verified.
	Unreachable Lines `json:"unreachable"`
	// SameUser counts the rows that name the user of another row under a different
	// name. SameUserLines are the first of these users, with their lines.
	SameUser      int     `json:"same_user"`
	SameUserLines [][]int `json:"same_user_lines"`
	// Unlisted counts the users of the pool who are UNCONFIRMED and in no row.
	Unlisted int `json:"unlisted_unconfirmed"`
	// Contradictions are the rows that the report calls confirmed and the pool
	// UNCONFIRMED.
	Contradictions Lines `json:"contradictions"`
}

// Lines counts rows, and has the first of their lines.
type Lines struct {
	Rows  int   `json:"rows"`
	Lines []int `json:"lines"`
}

// Add counts a row, and keeps its line if it is one of the first.
func (l *Lines) Add(line, shown int) {
	l.Rows++
	if len(l.Lines) < shown {
		l.Lines = append(l.Lines, line)
	}
}

// comparison is one on its way.
type comparison struct {
	options  Options
	rows     *Rows
	result   *Result
	statuses []string // in the order in which they came
	names    []name   // of the user who passes by
	places   []int    // of the rows that the service finds this user by
}

// Compare compares the rows with the users as they pass by. It returns the first
// error of users, or of the details. Rows are compared once.
func Compare(rows *Rows, users iter.Seq2[cognito.User, error], o Options) (*Result, error) {
	c := &comparison{options: o, rows: rows, result: &Result{
		Statuses: make(map[string]int), SameUserLines: [][]int{},
		NotFound: Lines{Lines: []int{}}, Unreachable: Lines{Lines: []int{}}, Contradictions: Lines{Lines: []int{}},
	}}
	rows.group()
	for user, err := range users {
		if err == nil {
			err = c.see(user)
		}
		if err != nil {
			return nil, err
		}
	}
	c.count()
	return c.result, nil
}

// see compares one user with all rows.
func (c *comparison) see(u cognito.User) error {
	c.result.Users++
	c.names, c.places = namesOf(u, c.options.Settings, c.names), c.places[:0]
	isListed := false
	for _, n := range c.names {
		at, found := c.rows.find(n.text)
		if !found {
			continue
		}
		isListed = true
		// Two names may be one to the pool, as ANN and ann.
		if n.kind.isFound() && !slices.Contains(c.places, at) {
			c.places = append(c.places, at)
		}
		// A row that several users could be is that of the best name: nobody else's
		// username is hidden by an e-mail address.
		row := &c.rows.rows[at]
		if n.kind <= row.state.kind() {
			continue
		}
		row.state = row.state.with(n.kind, c.status(u.Status), u.Enabled)
		if c.options.Details != nil {
			if err := c.options.Details.found(at, n.kind, u, c.rows); err != nil {
				return err
			}
		}
	}
	if len(c.places) > 1 {
		c.sameUser()
	}
	if u.Status == unconfirmed && !isListed {
		c.result.Unlisted++
	}
	return nil
}

// status returns the place of a status in the table.
func (c *comparison) status(status string) int {
	at := slices.Index(c.statuses, status)
	if at < 0 && len(c.statuses) < mostStatuses {
		c.statuses = append(c.statuses, status)
	}
	if at < 0 {
		at = len(c.statuses) - 1
	}
	return at
}

// sameUser notes that several names of rows are one user's.
func (c *comparison) sameUser() {
	var lines []int
	for i, at := range c.places {
		if i > 0 {
			c.result.SameUser += c.rows.end(at) - at
		}
		lines = append(lines, c.rows.lines(at, c.options.Shown)...)
	}
	if len(c.result.SameUserLines) < c.options.Shown {
		slices.Sort(lines)
		c.result.SameUserLines = append(c.result.SameUserLines, lines[:min(len(lines), c.options.Shown)])
	}
}

// count counts the rows by what is known of them.
func (c *comparison) count() {
	shown := c.options.Shown
	c.rows.byLine()
	for _, row := range c.rows.rows {
		line := int(row.line)
		switch kind := row.state.kind(); {
		case kind == byNothing:
			c.result.NotFound.Add(line, shown)
		case !kind.isFound():
			c.result.Unreachable.Add(line, shown)
		default:
			status := c.statuses[row.state.status()]
			c.result.Statuses[status]++
			if row.state&stateDisabled != 0 {
				c.result.Disabled++
			}
			if status == unconfirmed && row.state&stateReported != 0 {
				c.result.Contradictions.Add(line, shown)
			}
		}
	}
	slices.SortFunc(c.result.SameUserLines, func(a, b []int) int { return a[0] - b[0] })
}
