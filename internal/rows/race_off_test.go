//go:build !race

package rows

// underRace is whether the race detector is on.
const underRace = false
