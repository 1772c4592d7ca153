package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"cognito-confirm/internal/fakecognito"
)

// demoCommand runs the main job against the embedded stand-in, over HTTP as
// against AWS.
type demoCommand struct {
	Dir  string `placeholder:"PATH" help:"Where to leave the users and the report; without it a new temporary directory."`
	Seed uint64 `default:"1" placeholder:"N" help:"What the made-up faults and the live traffic come from. Default: ${default}."`
}

const (
	demoUsers = 3000
	demoPool  = "us-east-1_Demo00000"
	// The quota, what live sign-ups take of it, and a cap a little above what
	// they leave: the run finds that out and yields.
	demoQuota = 200
	demoLive  = 40
	demoRate  = 170
)

// Run is called by kong.
func (d *demoCommand) Run(ctx context.Context, c *console) error {
	if d.Dir == "" {
		dir, err := os.MkdirTemp("", "cognito-confirm-demo-")
		if err != nil {
			return fmt.Errorf("make directory: %w", err)
		}
		d.Dir = dir
	} else if err := os.MkdirAll(d.Dir, 0o700); err != nil {
		return usageError(fmt.Sprintf("make directory: %v", err), "")
	}
	server := fakecognito.New(fakecognito.Options{
		UserPoolID:    demoPool,
		Quota:         fakecognito.Quota{Rate: demoQuota},
		Live:          demoLive,
		Latency:       20 * time.Millisecond,
		LatencyJitter: 40 * time.Millisecond,
		Seed:          d.Seed,
	})
	users, err := d.makeUsers(server)
	if err != nil {
		return err
	}
	url, stop, err := serve(ctx, server, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer stop()
	c.infof("%s made-up users of every status in %s", grouped(demoUsers), users)
	c.infof("stand-in for Cognito at %s: quota %d/s, live sign-ups %d/s, a few faults", url, demoQuota, demoLive)
	err = d.confirm(ctx, c, users, url)
	counts := server.Counts()
	c.infof("the live sign-ups: %s calls, %s throttled", grouped(int(counts.LiveCalls)), grouped(int(counts.LiveThrottled)))
	c.infof("look at the report, sorted as the input is: (head -n 1; sort -t, -k1,1n) < %s | less -S", filepath.Join(d.Dir, "users.report.csv"))
	return err
}

// confirm runs the main job. Rows that fail are part of the show, so a run
// that finished is a demo that went well.
func (d *demoCommand) confirm(ctx context.Context, c *console, users, url string) error {
	command := &runCommand{
		inputFlags:     inputFlags{Input: users, Delimiter: ','},
		targetFlags:    targetFlags{UserPoolID: demoPool, EndpointURL: url},
		Rate:           demoRate,
		Concurrency:    64,
		MaxAttempts:    8,
		Timeout:        2 * time.Second,
		ClientMetadata: metadataFlag{"source": "demo"},
	}
	in, err := command.open(ctx, c.stdin)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := command.places(in); err != nil {
		return err
	}
	// Nothing of the user's own AWS configuration may reach the demo.
	load := func(context.Context) (aws.Config, error) {
		return aws.Config{
			Region:       "us-east-1",
			BaseEndpoint: aws.String(url),
			Credentials:  credentials.NewStaticCredentialsProvider("DEMO", "demo", ""),
		}, nil
	}
	err = (&job{runCommand: command, console: c, in: in, load: load}).run(ctx)
	if exit, ok := err.(*exitError); ok && exit.status == exitUnsuccess {
		return nil
	}
	return err
}

// makeUsers puts the users into the stand-in and their names into a CSV.
func (d *demoCommand) makeUsers(server *fakecognito.Server) (path string, err error) {
	path = filepath.Join(d.Dir, "users.csv")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", usageError(fmt.Sprintf("write users: %v", err), "--dir names a directory for the demo alone")
	}
	defer file.Close()
	out := csv.NewWriter(file)
	out.Write([]string{"username", "client_metadata.batch"})
	for i := range demoUsers {
		name := fmt.Sprintf("user%04d@example.com", i)
		addDemoUser(server, name, i)
		if i%500 == 250 {
			name = fmt.Sprintf("user %04d", i) // no username has a space in it
		}
		out.Write([]string{name, fmt.Sprint(i / 1000)})
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return "", fmt.Errorf("write users: %w", err)
	}
	return path, nil
}

// addDemoUser gives every so many users another status or a fault of their
// own, at distances without a common factor, so that they do not meet.
func addDemoUser(server *fakecognito.Server, name string, i int) {
	status := fakecognito.Unconfirmed
	switch {
	case i%401 == 400:
		return // in the CSV, not in the pool
	case i%97 == 96:
		status = fakecognito.Confirmed
	case i%211 == 210:
		status = fakecognito.ForceChangePassword
	case i%307 == 306:
		status = fakecognito.ResetRequired
	case i%499 == 498:
		status = fakecognito.ExternalProvider
	case i%233 == 232:
		server.SetFault(name, fakecognito.Fault{Code: "InternalErrorException", Times: 2})
	case i%347 == 346:
		server.SetFault(name, fakecognito.Fault{Kind: fakecognito.FaultReset, Confirms: true, Times: 1})
	case i%443 == 442:
		server.SetFault(name, fakecognito.Fault{Kind: fakecognito.FaultHang, Times: 1})
	case i%557 == 556:
		server.SetFault(name, fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503", Times: 1})
	case i%709 == 708:
		server.SetFault(name, fakecognito.Fault{Code: "UserLambdaValidationException"})
	}
	server.AddUser(name, status)
}

// serve puts the stand-in on an address until stop is called, with its live traffic.
func serve(ctx context.Context, server *fakecognito.Server, address string) (url string, stop func() error, err error) {
	listener, err := fakecognito.Listen(address)
	if err != nil {
		return "", nil, usageError(fmt.Sprintf("listen: %v", err), "")
	}
	// It outlives the signal that ends a run: the calls on the wire are to be answered.
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wait sync.WaitGroup
	var served error
	wait.Go(func() { served = server.Serve(serving, listener) })
	wait.Go(func() { server.RunLive(serving) })
	return "http://" + listener.Addr().String(), func() error {
		cancel()
		wait.Wait()
		return served
	}, nil
}
