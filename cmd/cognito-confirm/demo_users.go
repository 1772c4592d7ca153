package main

import (
	"encoding/csv"
	"fmt"
	"os"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/flags"
)

// writeDemoUsers puts users into the stand-in and their names into a new CSV.
func writeDemoUsers(path string, users int, server *fakecognito.Server) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return flags.Usage(fmt.Sprintf("write users: %v", err), "--dir names a directory for the demo alone")
	}
	defer file.Close()
	out := csv.NewWriter(file)
	out.Write([]string{"username", "client_metadata.batch"})
	for i := range users {
		name := fmt.Sprintf("user%04d@example.com", i)
		addDemoUser(server, name, i)
		if i%500 == 250 {
			name = fmt.Sprintf("user %04d", i) // no username has a space in it
		}
		out.Write([]string{name, fmt.Sprint(i / 1000)})
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write users: %w", err)
	}
	return nil
}

// addDemoUser gives some of the users another status or a fault of their own,
// at distances without a common factor, so that few users get two.
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
