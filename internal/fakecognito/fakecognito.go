// Package fakecognito is an in-memory stand-in for the endpoint of Amazon
// Cognito user pools, for tests, demonstrations and practice.
//
// The one idea in it: it speaks the real wire protocol (AWS JSON 1.1 over
// HTTP), so that the AWS SDKs, the AWS CLI and this program can call it
// unchanged, and it adds what a real account has and other emulators lack:
// a UserCreation quota shared with live sign-ups, Lambda trigger errors, and
// every way in which an answer can get lost. It also remembers what happened
// (a log of every call, counters, the status of every user), so that a test can
// compare that with what the client reports.
//
// It serves one user pool and the operations AdminConfirmSignUp, SignUp,
// AdminGetUser, AdminUpdateUserAttributes, ListUsers and DescribeUserPool, and
// GetProvisionedLimit for the account. Signatures are not verified, usernames are
// case sensitive, and there is no password policy.
package fakecognito

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Options configure a [Server]. The zero value is a pool without users, quota,
// traffic, latency or log, which answers to any well-formed pool id.
type Options struct {
	// UserPoolID is the id of the one pool that exists; calls for another are
	// answered with ResourceNotFoundException. Empty: every well-formed id means
	// this pool.
	UserPoolID string

	// Quota is the UserCreation quota, ListQuota the UserList quota, which only
	// ListUsers uses, and UpdateQuota the UserUpdate quota, which only
	// AdminUpdateUserAttributes uses. The zero value is no quota at all.
	Quota, ListQuota, UpdateQuota Quota

	// UsernameAttributes are what people sign in with in place of a username:
	// "email", "phone_number" or both. The service then calls its users by a UUID,
	// which is also their sub, and finds them by these attributes too.
	UsernameAttributes []string

	// AliasAttributes are attributes that find a user besides the username:
	// "email" and "phone_number" once they are verified, "preferred_username"
	// always. The service has them only without UsernameAttributes.
	AliasAttributes []string

	// ListScan is how many users a call of ListUsers looks at. Where few of them
	// match the filter, pages are short or empty and have a token all the same, as
	// with the service. Zero: as many as it takes to fill the page.
	ListScan int

	// HideQuota makes GetProvisionedLimit an unknown operation, which it is to
	// many emulators. It always is where there is no quota.
	HideQuota bool

	// Live is the rate of simulated live sign-ups, in calls a second. They use
	// the same quota while [Server.RunLive] runs. Zero: none.
	Live float64

	// Latency is the time from the arrival of a call to its answer. The call
	// takes effect on arrival. LatencyJitter adds a uniformly distributed time
	// between zero and itself.
	Latency, LatencyJitter time.Duration

	// Seed makes share faults, jitter and live arrivals repeatable: equal seeds
	// give equal sequences. Zero is a seed like any other. Request ids are
	// always random, to be unique across servers.
	Seed uint64

	// AcceptAnyone treats every unknown username as an UNCONFIRMED user and
	// remembers nothing about it, so that memory does not grow with the calls:
	// confirming such a user twice succeeds twice. With Remember, such a user is in
	// the pool from the confirmation on.
	AcceptAnyone, Remember bool

	// LogCalls keeps a [Call] for every call, for [Server.Calls]. Without it
	// the server keeps only the counters of [Server.Counts], in bounded memory.
	LogCalls bool
}

// Server is the stand-in: an [net/http.Handler], and a
// [net/http.RoundTripper] for use without a network. All its methods are safe
// for concurrent use. Make one with [New].
type Server struct {
	options     Options
	buffers     sync.Pool // of *bytes.Buffer, for request bodies
	connections atomic.Int64

	mu           sync.Mutex // never held across a wait
	users        directory
	bucket       bucket
	listBucket   bucket
	updateBucket bucket
	refusal      Refusal
	userFaults   map[string][]Fault
	shareFaults  []shareFault
	outage       *Fault     // what every call meets; nil for none
	random       *rand.Rand // for faults and jitter, drawn in order of arrival
	inFlight     int
	counts       Counts
	calls        []Call
}

// New returns a server with the given options.
func New(options Options) *Server {
	return &Server{
		options:      options,
		buffers:      sync.Pool{New: func() any { return new(bytes.Buffer) }},
		users:        newDirectory(options.UsernameAttributes, options.AliasAttributes),
		bucket:       newBucket(time.Now(), options.Quota),
		listBucket:   newBucket(time.Now(), options.ListQuota),
		updateBucket: newBucket(time.Now(), options.UpdateQuota),
		refusal:      options.Quota.Refusal,
		userFaults:   make(map[string][]Fault),
		random:       rand.New(rand.NewPCG(options.Seed, 1)),
	}
}
