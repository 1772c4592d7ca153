package flags

import "cognito-confirm/internal/cognito"

// Pool tells which user pool is meant and who asks. They are named as in the AWS CLI.
type Pool struct {
	UserPoolID string `required:"" name:"user-pool-id" placeholder:"ID" help:"The user pool, as eu-west-1_Ab12Cd34E."`

	Access
}

// Target returns the flags as a target.
func (f Pool) Target() cognito.Target { return f.To(f.UserPoolID) }

// Access tells who asks, and where, for a command that can do without a user pool.
type Access struct {
	Region      string `placeholder:"REGION" help:"Region of the pool. Default: what stands before the _ in the pool id."`
	Profile     string `placeholder:"NAME" help:"Profile of the AWS configuration."`
	EndpointURL string `name:"endpoint-url" placeholder:"URL" help:"Call this endpoint in place of AWS's own."`
}

// To returns a user pool as a target of the flags.
func (f Access) To(userPoolID string) cognito.Target {
	return cognito.Target{UserPoolID: userPoolID, Region: f.Region, Profile: f.Profile, EndpointURL: f.EndpointURL}
}
