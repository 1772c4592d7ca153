package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/words"
	"cognito-confirm/worker"
)

// demoCommand runs the main job against the embedded stand-in, over HTTP as
// against AWS: at its quota, through an outage, and after an interruption.
type demoCommand struct {
	Dir  string `placeholder:"PATH" help:"Where to leave the users and the report. Default: a new temporary directory."`
	Seed uint64 `default:"1" placeholder:"N" help:"Seed of the made-up faults and the live traffic. Default: ${default}."`

	displayFlags
}

// Run is called by kong.
func (d *demoCommand) Run(ctx context.Context, c *console) error {
	d.displayFlags.set(c, false)
	dir := d.Dir
	if dir == "" {
		made, err := os.MkdirTemp("", programName+"-demo-")
		if err != nil {
			return fmt.Errorf("make directory: %w", err)
		}
		dir = made
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return flags.Usage(fmt.Sprintf("make directory: %v", err), "")
	}
	return usualDemo(dir, d.Seed).run(ctx, c)
}

const demoPool = "us-east-1_Demo00000"

// demo is one job in three acts, against a stand-in of its own.
type demo struct {
	dir  string
	seed uint64
	// users is how many there are.
	users int
	// quota and live are calls a second: what the stand-in accepts, and what
	// live sign-ups take of it.
	quota, live float64
	// cap is the rate of the run, 0 to find the quota.
	cap float64
	// timeout is that of one attempt.
	timeout time.Duration
	// The outage begins and the run is interrupted when this many users have
	// been confirmed.
	outageAt, interruptAt int64
	outage                time.Duration
}

// usualDemo takes some 30 seconds.
func usualDemo(dir string, seed uint64) demo {
	return demo{
		dir: dir, seed: seed, users: 3000, quota: 200, live: 40, timeout: 2 * time.Second,
		outageAt: 1600, interruptAt: 2300, outage: 3 * time.Second,
	}
}

func (d demo) path(name string) string { return filepath.Join(d.dir, name) }

func (d demo) run(ctx context.Context, c *console) error {
	server := fakecognito.New(fakecognito.Options{
		UserPoolID:    demoPool,
		Quota:         fakecognito.Quota{Rate: d.quota, Burst: d.quota / 5},
		Live:          d.live,
		Latency:       20 * time.Millisecond,
		LatencyJitter: 40 * time.Millisecond,
		Seed:          d.seed,
	})
	users := d.path("users.csv")
	if err := writeDemoUsers(users, d.users, server); err != nil {
		return err
	}
	url, stop, err := serve(ctx, server, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer stop()
	c.infof("%s of every status in %s", words.Count(d.users, "made-up user"), users)
	c.infof("stand-in for Cognito at %s: quota %g/s, live sign-ups %g/s, a few faults", url, d.quota, d.live)
	err = d.play(ctx, c, server, d.options(users, url))
	c.infof("open the page %s in a browser", d.path(demoPage))
	c.infof("look at the report, sorted as the input is: (head -n 1; sort -t, -k1,1n) < %s | less -S", quoted(d.path("users.report.csv")))
	c.infof("look at the rows that did not succeed, each with its reason: less -S %s", quoted(d.path("users.failed.csv")))
	if said, ok := errors.AsType[*alreadySaid](err); ok && said.status == program.Unsuccessful {
		return nil // the rows that fail are part of the show
	}
	return err
}

func (d demo) options(users, url string) job.Options {
	return job.Options{
		Input:          rows.Options{Path: users},
		Target:         cognito.Target{UserPoolID: demoPool, EndpointURL: url},
		ClientMetadata: map[string]string{"source": "demo"},
		Rate:           d.cap,
		Pool:           worker.Options{Concurrency: 64, Timeout: d.timeout},
		// Nothing of the user's own AWS configuration may reach the demo.
		Load: func(context.Context) (aws.Config, error) {
			return aws.Config{
				Region:       "us-east-1",
				BaseEndpoint: aws.String(url),
				Credentials:  credentials.NewStaticCredentialsProvider("DEMO", "demo", ""),
			}, nil
		},
	}
}
