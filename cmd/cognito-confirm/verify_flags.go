package main

import "cognito-confirm/internal/flags"

// verifyFlags set what is marked as verified after a confirmation.
type verifyFlags struct {
	MarkVerified       []string   `enum:"email,phone_number" placeholder:"NAMES" help:"After the confirmation, mark the user's email, phone_number or both as verified: without that, 'forgot password' fails."`
	VerifyRate         flags.Rate `needs:"mark-verified" default:"20" placeholder:"N" help:"Attempts a second at that at most, by all shards together; 'auto' finds the quota, which is another one. Default: ${default}."`
	AllowAliasTakeover bool       `needs:"mark-verified" help:"Mark attributes also in a pool where that takes an alias from another user who has it, or where nobody knows whether it does."`
}
