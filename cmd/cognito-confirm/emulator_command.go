package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/words"
)

// emulatorCommand serves the stand-in on an address.
type emulatorCommand struct {
	Addr               string                  `default:"127.0.0.1:9229" placeholder:"HOST:PORT" help:"A loopback address. Default: ${default}."`
	UserPoolID         string                  `name:"user-pool-id" default:"us-east-1_Emulator0" placeholder:"ID" help:"The only pool that exists. Default: ${default}."`
	Users              string                  `placeholder:"PATH" help:"CSV of the users: a column username and, if you like, status, enabled, created_at, sub, email, email_verified and other attributes. Default: every username is an unconfirmed user, until it is confirmed."`
	UsernameAttributes []string                `enum:"email,phone_number" xor:"signing-in" placeholder:"NAMES" help:"What people sign in with in place of a username: email, phone_number or both. The pool then calls its users by a UUID."`
	AliasAttributes    []string                `enum:"email,phone_number,preferred_username" xor:"signing-in" placeholder:"NAMES" help:"What finds a user besides the username, once it is verified: email, phone_number, preferred_username."`
	Quota              float64                 `placeholder:"N" help:"The UserCreation quota, calls a second. Default: none."`
	Burst              float64                 `needs:"quota" placeholder:"N" help:"How many calls the quota's bucket holds. Default: one second's worth."`
	HideQuota          bool                    `help:"Answer GetProvisionedLimit as an unknown operation, as many emulators do; without it, it tells --quota."`
	Refusal            fakecognito.Refusal     `default:"throttle" placeholder:"HOW" help:"How calls over the quota are refused: throttle, 503, 500 or reset. Default: ${default}."`
	ListQuota          float64                 `placeholder:"N" help:"The UserList quota, pages a second. Default: none."`
	ListScan           int                     `placeholder:"N" help:"How many users a page is looked for in: pages are then short or empty, and go on. Default: as many as it takes."`
	UpdateQuota        float64                 `placeholder:"N" help:"The UserUpdate quota, calls a second, for --mark-verified. Default: none."`
	Live               float64                 `placeholder:"N" help:"Simulated live sign-ups a second, from the same quota."`
	Latency            time.Duration           `placeholder:"TIME" help:"Time to an answer."`
	Jitter             time.Duration           `placeholder:"TIME" help:"Up to this much more, at random."`
	Fault              []fakecognito.FaultRule `sep:"none" placeholder:"RULE" help:"SHARE:KIND or USERNAME=KIND, as 0.01:InternalErrorException, 0.002:reset+confirmed, alice=slow@20s:2. May be repeated; kinds are the names of exceptions, HTTP statuses, reset, hang, slow, truncated; with +update they are those of AdminUpdateUserAttributes."`
	Seed               uint64                  `placeholder:"N" help:"Seed of everything random."`
}

// Run is called by kong. It serves until a signal comes, and ends well.
func (e *emulatorCommand) Run(ctx context.Context, c *console) error {
	server := fakecognito.New(fakecognito.Options{
		UserPoolID:         e.UserPoolID,
		Quota:              fakecognito.Quota{Rate: e.Quota, Burst: e.Burst, Refusal: e.Refusal},
		HideQuota:          e.HideQuota,
		Live:               e.Live,
		Latency:            e.Latency,
		LatencyJitter:      e.Jitter,
		Seed:               e.Seed,
		AcceptAnyone:       e.Users == "",
		Remember:           true,
		UsernameAttributes: e.UsernameAttributes,
		AliasAttributes:    e.AliasAttributes,
		UpdateQuota:        fakecognito.Quota{Rate: e.UpdateQuota},
		ListQuota:          fakecognito.Quota{Rate: e.ListQuota},
		ListScan:           e.ListScan,
	})
	for _, fault := range e.Fault {
		server.AddFault(fault)
	}
	users := "every username is an unconfirmed user"
	if e.Users != "" {
		n, err := e.load(ctx, server)
		if err != nil {
			return err
		}
		users = words.Count(n, "user")
	}
	url, stop, err := serve(ctx, server, e.Addr)
	if err != nil {
		return err
	}
	c.infof("stand-in for Cognito at %s, pool %s, %s", url, e.UserPoolID, users)
	c.infof("it checks no signatures, but both need some credentials:")
	c.infof("  export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-east-1")
	c.infof("this program: %s run --endpoint-url %s --user-pool-id %s users.csv", programName, url, e.UserPoolID)
	c.infof("the AWS CLI:  aws cognito-idp admin-get-user --endpoint-url %s --user-pool-id %s --username alice", url, e.UserPoolID)
	<-ctx.Done()
	if err := stop(); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	counts := server.Counts()
	c.infof("%s over %s, %s confirmed, %s throttled; live sign-ups: %s, %s throttled",
		words.Count(counts.Calls, "call"), words.Count(counts.Connections, "connection"), words.Group(counts.Confirmed),
		words.Group(counts.Throttled), words.Group(counts.LiveCalls), words.Group(counts.LiveThrottled))
	return nil
}

// load reads the users. A named pipe may have nothing to read for ever, and nothing
// wakes its reader: when ctx ends first, it is left waiting, and the error is the
// cause of ctx.
func (e *emulatorCommand) load(ctx context.Context, server *fakecognito.Server) (int, error) {
	type loaded struct {
		users int
		err   error
	}
	done := make(chan loaded, 1)
	go func() {
		users, err := e.loadFile(server)
		done <- loaded{users, err}
	}()
	select {
	case got := <-done:
		return got.users, got.err
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

func (e *emulatorCommand) loadFile(server *fakecognito.Server) (int, error) {
	file, err := os.Open(e.Users)
	if err != nil {
		return 0, flags.Usage(textOf(fmt.Errorf("open users: %w", err)), "")
	}
	defer file.Close()
	n, err := server.LoadUsers(file)
	if err != nil {
		return 0, flags.Usage(fmt.Sprintf("read users: %v", err), "")
	}
	return n, nil
}
