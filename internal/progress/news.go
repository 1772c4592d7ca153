package progress

import (
	"cognito-confirm/internal/words"
)

// News returns what has happened from one view of a run to the next that is
// worth a line of its own: an outage has begun, or is over and how long it took.
func News(before, now View) []string {
	var lines []string
	if before.isDown() && !before.Outage.Equal(now.Outage) {
		lines = append(lines, "calls get through again, after "+words.Duration(now.Now.Sub(before.Outage)))
	}
	if now.isDown() && !before.Outage.Equal(now.Outage) {
		line := "nothing gets through"
		if now.LastCode != "" {
			line += ": the last call ended with " + readable(now.LastCode)
		}
		lines = append(lines, line+"; all rows wait, and one at a time tries whether it is over")
	}
	return lines
}
