package progress

// leastSpark and mostSpark are how many columns a sparkline takes.
const leastSpark, mostSpark = 5, 20

// sparks are the values of a sparkline. The block that fills its cell is not
// among them: it would touch the line above.
var sparks = [...]rune{'▁', '▂', '▃', '▄', '▅', '▆', '▇'}

// sparklines returns the sparkline of the newest values, the longest first. There
// is none when there is nothing to see.
func sparklines(values []float64) []string {
	var lines []string
	for width := min(len(values), mostSpark); width >= leastSpark; width-- {
		if line := sparkline(values[len(values)-width:]); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// sparkline draws values, one column each, against the greatest of them.
func sparkline(values []float64) string {
	greatest := 0.0
	for _, value := range values {
		greatest = max(greatest, value)
	}
	if greatest <= 0 {
		return ""
	}
	line := make([]rune, len(values))
	for i, value := range values {
		line[i] = sparks[int(max(0, value)/greatest*float64(len(sparks)-1)+0.5)]
	}
	return string(line)
}
