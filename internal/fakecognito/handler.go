package fakecognito

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// maxBody is more than any valid request needs. It keeps a broken client from
// filling the memory.
const maxBody = 4 << 20

// input is the union of the inputs of all operations. Pointers tell a member
// that is missing from one that is empty.
type input struct {
	UserPoolID      *string `json:"UserPoolId"`
	Username        *string
	ClientMetadata  map[string]string
	ClientID        *string `json:"ClientId"`
	UserAttributes  []attribute
	AttributesToGet []string
	Filter          string
	Limit           *int
	PaginationToken *string
	LimitDefinition *limitDefinition
}

// serve answers one call: it waits as long as the answer takes and returns it for
// the caller to send.
func (s *Server) serve(r *http.Request) answer {
	var in input
	operation, refusal, err := s.read(r, &in)
	if err != nil {
		return answer{ending: reset} // the client stopped before it had sent a whole call
	}
	if operation == getProvisionedLimit {
		return s.tellLimit(r, &in, refusal)
	}
	call := Call{Operation: operation, RequestID: newRequestID()}
	if in.Username != nil {
		call.Username = *in.Username
	}
	if s.options.LogCalls {
		call.ClientMetadata, call.UserAgent = in.ClientMetadata, r.UserAgent()
	}

	s.mu.Lock()
	// Read the time with the lock held, so that the log and the bucket see it go
	// forward.
	call.Received = time.Now()
	out := refused(refusal)
	if refusal.code == "" {
		out = s.perform(&call, &in)
	}
	out.requestID = call.RequestID
	out.delay += s.latency()
	call.Code = out.code
	place := s.begin(call)
	s.mu.Unlock()

	out.wait(r.Context())
	s.end(place)
	return out
}

// read returns the operation that is asked for and decodes its input, or returns
// the exception with which the service refuses it without looking at a user. The
// error means that the request did not arrive whole.
func (s *Server) read(r *http.Request, in *input) (operation string, refusal exception, err error) {
	buffer := s.buffers.Get().(*bytes.Buffer)
	defer s.buffers.Put(buffer)
	buffer.Reset()
	if _, err := buffer.ReadFrom(http.MaxBytesReader(nil, r.Body, maxBody)); err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); !tooLarge {
			return "", exception{}, err
		}
		buffer.Reset() // an empty body is no JSON and is refused
	}
	operation, refusal = operationOf(r)
	if refusal.code != "" {
		return operation, refusal, nil
	}
	if json.Unmarshal(buffer.Bytes(), in) != nil {
		return operation, exception{code: "SerializationException"}, nil
	}
	return operation, s.validate(operation, in), nil
}

// operationOf returns the operation that a request asks for, or why it may not.
func operationOf(r *http.Request) (string, exception) {
	target, found := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AWSCognitoIdentityProviderService.")
	if !found || r.Method != http.MethodPost || r.URL.Path != "/" && r.URL.Path != "" {
		return "", exception{code: "UnknownOperationException"}
	}
	switch target {
	case "AdminConfirmSignUp", "AdminGetUser", "AdminUpdateUserAttributes", "ListUsers", "DescribeUserPool", getProvisionedLimit:
		if r.Header.Get("Authorization") == "" {
			return target, exception{"MissingAuthenticationTokenException", "Missing Authentication Token"}
		}
	case "SignUp": // open to everyone
	default:
		return target, exception{code: "UnknownOperationException"}
	}
	return target, exception{}
}

// validate checks an input against the constraints of its operation and the pool.
func (s *Server) validate(operation string, in *input) exception {
	var wrong violations
	switch operation {
	case "AdminConfirmSignUp", "AdminGetUser", "AdminUpdateUserAttributes":
		wrong.checkUserPoolID(in.UserPoolID)
		wrong.checkUsername(in.Username)
	case "ListUsers":
		wrong.checkUserPoolID(in.UserPoolID)
		wrong.checkPage(in)
	case "DescribeUserPool":
		wrong.checkUserPoolID(in.UserPoolID)
	case "SignUp":
		wrong.checkClientID(in.ClientID)
		wrong.checkUsername(in.Username)
	}
	if len(wrong) > 0 {
		return wrong.exception()
	}
	if id := in.UserPoolID; id != nil && s.options.UserPoolID != "" && *id != s.options.UserPoolID {
		return exception{"ResourceNotFoundException", usualMessage("ResourceNotFoundException", *id)}
	}
	return exception{}
}

// perform does what a valid call asks for. The caller holds the lock.
func (s *Server) perform(call *Call, in *input) answer {
	switch call.Operation {
	case "AdminConfirmSignUp":
		return s.confirmSignUp(call, *in.UserPoolID)
	case "SignUp":
		return s.signUp(call, in)
	case "AdminGetUser":
		return s.getUser(call.Username)
	case "DescribeUserPool":
		return s.describePool(*in.UserPoolID)
	case "AdminUpdateUserAttributes":
		return s.updateAttributes(call, in)
	default:
		return s.listUsers(call, in)
	}
}

// latency draws the usual time to an answer. The caller holds the lock.
func (s *Server) latency() time.Duration {
	if s.options.LatencyJitter <= 0 {
		return s.options.Latency
	}
	return s.options.Latency + time.Duration(s.random.Int64N(int64(s.options.LatencyJitter)+1))
}

// wait sleeps for the answer's delay, or without end if the answer hangs. It
// returns early when the client has gone.
func (a *answer) wait(ctx context.Context) {
	if a.ending == hang {
		<-ctx.Done()
		return
	}
	if a.delay > 0 {
		pause(ctx, a.delay)
	}
}

// newRequestID returns a random id of the form of a version 4 UUID.
func newRequestID() string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], rand.Uint64()&^0xf000|0x4000)
	binary.BigEndian.PutUint64(id[8:], rand.Uint64()&^(3<<62)|2<<62)
	return formatUUID(id[:])
}
