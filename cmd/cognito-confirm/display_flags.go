package main

import (
	"time"

	"cognito-confirm/internal/live"
)

// displayFlags set what standard error looks like.
type displayFlags struct {
	Progress  string `default:"auto" enum:"auto,bar,lines,none" placeholder:"HOW" help:"'bar' at the bottom of a terminal, 'lines' for a log, one more at each SIGUSR1, or 'none'; 'auto' is a bar where one can be drawn. Default: ${default}."`
	LogFormat string `default:"text" enum:"text,json" placeholder:"FORMAT" help:"Lines on standard error as 'text', or as 'json' objects for a program that collects logs. Default: ${default}."`
}

// set tells the console.
func (d displayFlags) set(c *console, quiet bool) {
	c.quiet.Store(quiet)
	wanted := d.Progress
	if d.LogFormat == "json" {
		c.messages.UseJSON()
		if wanted != "none" {
			wanted = "lines"
		}
	}
	if quiet {
		wanted = "none"
	}
	if c.mode, c.terminal = live.Choose(wanted, c.stderr, c.term); c.mode == live.Bar {
		c.messages.WrapAt(c.terminal.Width)
	}
}

// progressWidth is how many characters a line of progress may have after the
// prefix: 100 in all.
const progressWidth = 100 - len(linePrefix)

// readingDelay is how long reading may take before it is shown.
const readingDelay = time.Second / 2

// show shows what look returns until stop is called.
func (c *console) show(delay time.Duration, look func(now time.Time) live.Picture) (stop func()) {
	return live.Show(c.messages, live.Options{
		Mode: c.mode, Terminal: c.terminal, Delay: delay, LineWidth: progressWidth, Signals: c.signals,
	}, look)
}

// width is how many columns a message may have so that it takes one row of the
// terminal, 0 when that does not matter.
func (c *console) width() int {
	if c.mode != live.Bar {
		return 0
	}
	return max(1, c.terminal.Width()-len(linePrefix))
}
