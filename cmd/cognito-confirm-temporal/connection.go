package main

import (
	"context"
	"fmt"
	"strings"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"google.golang.org/grpc"

	"cognito-confirm/internal/flags"
)

// connect connects to the engine, found as every Temporal tool finds it.
func (c *console) connect(ctx context.Context, dialing ...grpc.DialOption) (client.Client, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: environment(c.env)})
	if err != nil {
		return nil, flags.Usage("configuration of Temporal: "+err.Error(), "")
	}
	options.Logger = logger{c.messages}
	options.ConnectionOptions.DialOptions = append(options.ConnectionOptions.DialOptions, dialing...)
	connected, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, &connectError{address(options), err}
	}
	return connected, nil
}

// connectError means that there is no engine where it was looked for.
type connectError struct {
	address string
	err     error
}

func (e *connectError) Error() string {
	return fmt.Sprintf("connect to Temporal at %s: %v", e.address, e.err)
}

// Unwrap returns what failed.
func (e *connectError) Unwrap() error { return e.err }

func address(options client.Options) string {
	if options.HostPort == "" {
		return client.DefaultHostPort
	}
	return options.HostPort
}

// environment is the one that the program is run with.
type environment []string

// Environ implements [envconfig.EnvLookup].
func (e environment) Environ() []string { return e }

// LookupEnv implements [envconfig.EnvLookup].
func (e environment) LookupEnv(name string) (string, bool) {
	for _, entry := range e {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// defaultQueue is the task queue that nobody need name.
const defaultQueue = "cognito-confirm"

// queueFlag names the task queue that workers and runs meet at.
type queueFlag struct {
	TaskQueue string `default:"${queue}" placeholder:"NAME" help:"Where workers find what there is to do. Default: ${default}."`
}

// domainFlags name the run that is meant: there is one at a time for a quota.
type domainFlags struct {
	UserPoolID  string `name:"user-pool-id" placeholder:"ID" help:"The user pool of the run, whose Region is the quota domain."`
	QuotaDomain string `placeholder:"NAME" help:"What has a quota of its own. Default: the Region of the user pool."`
}

// domain returns the quota domain of the run that is meant.
func (f domainFlags) domain() (string, error) {
	if f.UserPoolID == "" && f.QuotaDomain == "" {
		return "", &flags.UsageError{Message: "which run is meant?", Hint: "say --user-pool-id or --quota-domain, or set COGNITO_CONFIRM_USER_POOL_ID"}
	}
	return domainOf(f.UserPoolID, f.QuotaDomain), nil
}

// domainOf returns the quota domain: the one that was given, or the Region of the pool.
func domainOf(userPoolID, said string) string {
	if said != "" {
		return said
	}
	region, _, _ := strings.Cut(userPoolID, "_")
	return region
}

// workflowID is the ID of whatever run has a quota.
func workflowID(domain string) string { return "cognito-confirm/" + domain }
