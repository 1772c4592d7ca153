package ratelimit

import (
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
)

// Contenders that know everything. Between them they meet the promises that can
// be met.
var foresights = []contender{foreseen(0.92), foreseen(0.96), foreseen(0.98), foreseen(0.99)}

func foreseen(portion float64) contender {
	return contender{
		fmt.Sprintf("%g %% of what is left", 100*portion),
		func(c simCase, seed uint64) outcome { return c.foresee(portion, seed) },
	}
}

// printPromises prints the promises that are not met, what ours reaches instead,
// and what foresight reaches. The last cells of table are ours.
func printPromises(cases []simCase, table [][]cell) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "\nnot as promised\tpace\tpromised\tcomes to\tout of reach")
	for _, contender := range foresights {
		fmt.Fprintf(w, "\t%s", contender.name)
	}
	fmt.Fprintln(w)
	var promises, within, met int
	for i, foreseen := range cells(cases, foresights) {
		for j, got := range table[i][len(table[i])-len(ours):] {
			promise := cases[i].promised(paces[j])
			outOfReach := "yes"
			promises++
			if slices.ContainsFunc(foreseen, promise.isMetBy) {
				outOfReach = ""
				within++
			}
			if promise.isMetBy(got) {
				met++
				continue
			}
			fmt.Fprintf(w, "%v\t%s\t%v\t%v\t%s", cases[i], ours[j].name, promise, got, outOfReach)
			for _, f := range foreseen {
				fmt.Fprintf(w, "\t%v", f)
			}
			fmt.Fprintln(w)
		}
	}
	w.Flush()
	fmt.Printf("\n%d of %d promises are met; with foresight it would be %d.\n", met, promises, within)
}
