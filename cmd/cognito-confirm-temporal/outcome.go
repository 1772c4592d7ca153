package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
)

// mostCodes bounds how many codes are listed: they come from outside.
const mostCodes = 12

// tellCodes tells why rows did not succeed, the most frequent code first.
func (c *console) tellCodes(counts report.Counts) {
	var list []string
	for _, code := range slices.SortedFunc(maps.Keys(counts.Codes), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts.Codes[b], counts.Codes[a]), cmp.Compare(a, b))
	}) {
		list = append(list, words.Group(counts.Codes[code])+" "+code)
	}
	if len(list) > mostCodes {
		list = append(list[:mostCodes], "and others")
	}
	if len(list) > 0 {
		c.infof("did not succeed: %s", strings.Join(list, ", "))
	}
}

// tellFiles tells where the rows are.
func (c *console) tellFiles(order Order, counts report.Counts) {
	dir := order.Store + "/" + order.Run + "/"
	malformed := counts.Codes[rows.CodeMalformedRecord]
	c.infof("report: %s", dir+reportName)
	if counts.Unsuccessful() > malformed {
		c.infof("failed rows: %s", dir+failedName)
	}
	if malformed > 0 {
		c.infof("malformed records: %s", dir+malformedName)
	}
}

// statuses tells how many rows have which status.
func statuses(counts report.Counts) string {
	return fmt.Sprintf("%s confirmed, %s already confirmed, %s trigger failed, %s failed, %s invalid", words.Group(counts.Confirmed),
		words.Group(counts.AlreadyConfirmed), words.Group(counts.TriggerFailed), words.Group(counts.FailedRows), words.Group(counts.Invalid))
}
