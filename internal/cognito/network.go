package cognito

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"syscall"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"cognito-confirm/worker"
)

// answerOfSilence is for attempts that nobody answered.
func answerOfSilence(err error, sent bool) worker.Answer {
	a := worker.Answer{Verdict: worker.Transient, Code: codeConnection, Message: innermost(err), MaybeDone: sent && !isDialing(err) && !isUnwritten(err)}
	if code := misconfiguration(err, sent); code != "" {
		// None of these gets as far as a request.
		a.Verdict, a.Code, a.MaybeDone = worker.Misconfigured, code, false
		return a
	}
	if _, ok := errors.AsType[*proxyRefusal](err); ok {
		a.MaybeDone = false
		return a
	}
	// The end of a context is one of these errors, too.
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		a.Code, a.Message = codeTimeout, "no answer in time"
	}
	return a
}

// isDialing reports whether there was no connection to send the request on, to
// the service or to the proxy before it.
func isDialing(err error) bool { return failedIn(err, "dial", opProxy, opSocks) != nil }

// isUnwritten reports whether our end closed the connection before the request
// was on it as a whole, as net/http does when it hears of a refusal first.
func isUnwritten(err error) bool {
	network, wrapped := errors.AsType[*net.OpError](err) // crypto/tls does not wrap it
	return errors.Is(err, net.ErrClosed) && (!wrapped || network.Op == "write")
}

// failedIn returns the outermost error of the network in one of these operations, or nil.
func failedIn(err error, operations ...string) *net.OpError {
	for {
		network, ok := errors.AsType[*net.OpError](err)
		if !ok || slices.Contains(operations, network.Op) {
			return network
		}
		err = network.Err
	}
}

// How net/http marks the errors on the way to a proxy.
const (
	opProxy = "proxyconnect"
	opSocks = "socks connect"
)

// exhaustion returns the code for what this machine has too little of, or "".
// The resolver wraps no system error, but quotes its text.
func exhaustion(err error, sent bool) string {
	has := func(number syscall.Errno) bool {
		if errors.Is(err, number) {
			return true
		}
		name, ok := errors.AsType[*net.DNSError](err)
		return ok && strings.HasSuffix(name.Err, number.Error())
	}
	// The numbers are those of Winsock, which net returns on Windows.
	if slices.ContainsFunc([]syscall.Errno{syscall.EMFILE, syscall.ENFILE, 10024}, has) {
		return codeNoDescriptors
	}
	// On a connection that there is, these are failures of the network.
	if (!sent || isDialing(err)) && slices.ContainsFunc([]syscall.Errno{syscall.EADDRNOTAVAIL, syscall.ENOBUFS, 10049, 10055}, has) {
		return codeNoPorts
	}
	return ""
}

// misconfiguration returns the code for a way to the service that is set up
// wrongly, or "".
func misconfiguration(err error, sent bool) string {
	if refusal, ok := errors.AsType[*proxyRefusal](err); ok && refusal.status == http.StatusProxyAuthRequired {
		return codeProxyAuthentication
	}
	if _, ok := errors.AsType[*proxyAddressError](err); ok {
		return codeProxyAddress
	}
	if speaksOtherScheme(err) {
		return codeWrongScheme
	}
	if code := certificateProblem(err); code != "" {
		return code
	}
	if refusesTLS(err, sent) {
		return codeTLSRefused
	}
	if socks := failedIn(err, opSocks); socks != nil && strings.Contains(socks.Error(), "authentication") {
		return codeProxyAuthentication
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok && name.IsNotFound && !name.IsTemporary && !name.IsTimeout {
		if failedIn(err, opProxy, opSocks) != nil {
			return codeUnknownProxy
		}
		return codeUnknownHost
	}
	return ""
}

// speaksOtherScheme reports whether one end speaks TLS and the other does not.
func speaksOtherScheme(err error) bool {
	if _, ok := errors.AsType[*wrongSchemeError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return strings.HasPrefix(record.Msg, "first record")
	}
	// A record with an alert where an answer should begin. The error has no type.
	return strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`)
}

// certificateProblem returns the code for a certificate that was refused here, or "".
func certificateProblem(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return codeCertificateAuthority
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return codeCertificateHost
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return codeCertificateExpired
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return codeCertificate
	}
	return ""
}

// handshakeAlerts are the alerts that end a handshake, by their numbers in RFC
// 8446. With TLS 1.3 the one about a missing certificate of ours comes when the
// request is on its way already. Its sender does not read the request.
var handshakeAlerts = []tls.AlertError{40, 42, 43, 44, 45, 46, 48, 49, 70, 71, 86, 109, 110, 112, 116, 120}

// refusesTLS reports whether one end broke the handshake off.
func refusesTLS(err error, sent bool) bool {
	broken := failedIn(err, "remote error", "local error")
	if broken == nil {
		return !sent && strings.HasPrefix(innermost(err), "tls: ")
	}
	return !sent || slices.ContainsFunc(handshakeAlerts, func(alert tls.AlertError) bool {
		return broken.Err.Error() == alert.Error()
	})
}

// proxyRefusal is a proxy's answer to the wish for a connection.
type proxyRefusal struct{ status int }

func (e *proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy answers HTTP %d %s", e.status, http.StatusText(e.status))
}

// proxyAddressError is an address of a proxy that is none. The address stays
// out of it: there may be a password in it.
type proxyAddressError struct{}

func (e *proxyAddressError) Error() string { return "the address of the proxy is not a URL" }

// innermost drops the wrapping of the SDK, which repeats the operation on every
// row, and what stands before the host in URLs, which may be a password.
func innermost(err error) string {
	text := err.Error()
	if sending, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		text = sending.Err.Error()
	}
	return withoutPasswords(text)
}

// userInfo matches what stands before the host of a URL, with a / too when it
// cannot be a path, and spaces: what is not a URL is quoted most often.
var userInfo = regexp.MustCompile(`://([^"'/]*|[^"'/]*:[^"'/0-9][^"']*)@`)

func withoutPasswords(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	return userInfo.ReplaceAllLiteralString(text, "://…@")
}
