package main

import (
	"context"
	"sync"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/flags"
)

// serve puts the stand-in on an address, with its live traffic, until stop is
// called. It goes on after the signal that ends ctx: calls in flight get their
// answers.
func serve(ctx context.Context, server *fakecognito.Server, address string) (url string, stop func() error, err error) {
	listener, err := fakecognito.Listen(address)
	if err != nil {
		return "", nil, flags.Usage(err.Error(), "")
	}
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
