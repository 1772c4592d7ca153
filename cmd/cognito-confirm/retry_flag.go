package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/words"
	"cognito-confirm/report"
)

// retryFlag is --retry-failed: alone, or with the codes of the rows that are meant.
type retryFlag report.Retry

// IsBool tells kong that the flag may stand alone.
func (retryFlag) IsBool() bool { return true }

// Decode reads the flag for kong.
func (r *retryFlag) Decode(ctx *kong.DecodeContext) error {
	value := "true"
	if ctx.Scan.Peek().Type == kong.FlagValueToken {
		value, _ = ctx.Scan.Pop().Value.(string)
	}
	*r = retryFlag{}
	switch strings.ToLower(value) {
	case "false", "0", "no":
		return nil
	case "true", "1", "yes":
		r.Failed = true
		return nil
	}
	r.Failed = true
	for code := range strings.SplitSeq(value, ",") {
		r.Codes = append(r.Codes, strings.TrimSpace(code))
	}
	if slices.Contains(r.Codes, "") {
		return errors.New("must be codes as the report has them, with commas between")
	}
	return nil
}

// tellRetry tells which rows are done again, and which are not.
func tellRetry(c *console, retry report.Retry, state report.State) {
	if !retry.Failed {
		return
	}
	which := ""
	if len(retry.Codes) > 0 {
		which = " with " + strings.Join(retry.Codes, " or ")
	}
	if state.Retried == 0 {
		c.infof("no row of the report%s failed or was invalid: none is tried again", which)
	} else {
		c.infof("trying %s%s again", words.Count(state.Retried, "row"), which)
	}
	if state.TriggersKept > 0 {
		c.infof("leaving %s whose trigger failed: another call would not run it, so look at its logs and do its work for these users",
			words.Count(state.TriggersKept, "row"))
	}
}
