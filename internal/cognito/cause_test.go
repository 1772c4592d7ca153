package cognito

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
)

// TestCause: logs get the words of this machine and of this program, and none of
// whoever answered, for those may have a username in them.
func TestCause(t *testing.T) {
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	for _, test := range []struct {
		err  error
		want string
	}{
		{context.DeadlineExceeded, "no answer in time"},
		{fmt.Errorf("send: %w", reset), "connection reset by peer"},
		{fmt.Errorf("read answer: %w", io.ErrUnexpectedEOF), "the connection was closed"},
		{&net.OpError{Op: "dial", Err: syscall.EMFILE}, "dial: too many open files"},
		{&CredentialsError{Err: errors.New("the role is not to be had")}, "get credentials: there are none"},
		{errors.New(`malformed HTTP response "ann"`), ""},
		{&unexpectedAnswerError{}, "an answer that is not the service's"},
		{x509.UnknownAuthorityError{}, "the certificate is of an unknown authority"},
		{http.ErrSchemeMismatch, "one end speaks TLS, the other does not"},
	} {
		if got := classify(test.err, "ann", true); got.Cause != test.want {
			t.Errorf("%v: cause %q, want %q", test.err, got.Cause, test.want)
		}
	}
}
