package cognito

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxAnswer is how many bytes of an answer are read, pages of users aside. The service's
// own are well under a kilobyte; an endless one must not fill the memory.
const maxAnswer = 1 << 20

// httpClient is the SDK's HTTP client. It does not follow redirects (a signed request
// must not travel), bounds how much of an answer it reads, and refuses a success that
// the service would not send.
type httpClient struct {
	// send is a transport's: an http.Client would follow redirects, and copy
	// the headers of every request to be able to.
	send func(*http.Request) (*http.Response, error)
}

// Do sends the request. It is what the SDK calls.
func (c httpClient) Do(request *http.Request) (*http.Response, error) {
	if attempt := attemptOf(request.Context()); attempt != nil && request.Body != nil {
		request.Body = watchedBody{request.Body, attempt}
	}
	response, err := c.send(request)
	if err != nil {
		return nil, err
	}
	body, err := readAnswer(request, response)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// readAnswer reads the whole body, so that an answer which breaks off counts
// as none, and so that the connection can be used again.
func readAnswer(request *http.Request, response *http.Response) ([]byte, error) {
	defer response.Body.Close()
	// Every 2xx is a success to the SDK, the service knows only one. The body of
	// a 101 is the connection itself: reading it would outlast the timeout.
	if response.StatusCode < 300 && response.StatusCode != http.StatusOK {
		return nil, &unexpectedAnswerError{response.StatusCode, errors.New("a status that is not 200")}
	}
	operation, longest := operationOf(request), int64(maxAnswer)
	if operation == ListOperation {
		longest = maxPage
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, longest+1))
	// Before the error: such a server resets the connection after its answer.
	if request.URL.Scheme == "http" && wantsTLS(request.URL, response, body) {
		return nil, &wrongSchemeError{response.StatusCode}
	}
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if int64(len(body)) > longest {
		return nil, &unexpectedAnswerError{response.StatusCode, fmt.Errorf("more than %d bytes", longest)}
	}
	if response.StatusCode != http.StatusOK {
		return body, nil
	}
	err = checkSuccess(operation, response.Header, body)
	if hasError(response.Trailer) {
		err = errErrorHeader
	}
	if err != nil {
		return nil, &unexpectedAnswerError{response.StatusCode, err}
	}
	return body, nil
}

// operationOf returns the operation that a request of the SDK asks for.
func operationOf(request *http.Request) string {
	target := request.Header.Get("X-Amz-Target")
	return target[strings.LastIndexByte(target, '.')+1:]
}

// checkSuccess checks that a 200 is what the service answers to the operation.
// The SDK would take an empty body, an echo of the request, or JSON followed by
// anything.
func checkSuccess(operation string, header http.Header, body []byte) error {
	if hasError(header) {
		return errErrorHeader
	}
	// Two of them are none.
	contentType := strings.Join(header["Content-Type"], ", ")
	if contentType != "application/x-amz-json-1.1" { // what the service sends, to the letter
		media, _, err := mime.ParseMediaType(contentType)
		// Emulators and gateways have these.
		if err != nil || media != "application/x-amz-json-1.1" && media != "application/x-amz-json-1.0" && media != "application/json" {
			return fmt.Errorf("content type %.60q", contentType)
		}
	}
	// No other was asked for, see newTransport.
	if encoding := header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return fmt.Errorf("content encoding %.60q", encoding)
	}
	return checkOutput(operation, body)
}

var errErrorHeader = errors.New("the header of an error")

// hasError reports whether there is x-amzn-ErrorType among the headers, or
// another one of its kind, in any spelling.
func hasError(header http.Header) bool {
	const start = "x-amzn-error"
	for name := range header {
		if len(name) >= len(start) && strings.EqualFold(name[:len(start)], start) {
			return true
		}
	}
	return false
}

// checkOutput checks the body of a success against what the operation returns by
// the API. Each operation has a rule of its own; one without a rule never succeeds.
func checkOutput(operation string, body []byte) error {
	switch operation {
	case OperationName, MarkOperation:
		if !isEmptyObject(body) {
			return errors.New("a body that is not {}")
		}
		return nil
	case quotaOperation, describeOperation:
		return nil // Quota and DescribePool look at it
	case ListOperation:
		return checkPage(body)
	}
	return errors.New("no rule for what it returns")
}

// isEmptyObject reports whether the body is a JSON object without members.
func isEmptyObject(body []byte) bool {
	const space = " \t\r\n"
	body = bytes.Trim(body, space)
	return len(body) >= 2 && body[0] == '{' && body[len(body)-1] == '}' && len(bytes.Trim(body[1:len(body)-1], space)) == 0
}

// unexpectedAnswerError is the answer of something that is not the service: a
// proxy, a login page, a service of another kind.
type unexpectedAnswerError struct {
	status int
	reason error
}

func (e *unexpectedAnswerError) Error() string {
	return fmt.Sprintf("HTTP %d with %v: not an answer of Cognito", e.status, e.reason)
}

func (e *unexpectedAnswerError) Unwrap() error { return e.reason }

// wantsTLS reports whether the answer to a request without TLS means only that
// the request should have come with TLS.
func wantsTLS(asked *url.URL, response *http.Response, body []byte) bool {
	if elsewhere, err := response.Location(); err == nil && response.StatusCode >= 300 && response.StatusCode < 400 {
		return elsewhere.Scheme == "https" && elsewhere.Hostname() == asked.Hostname()
	}
	if response.StatusCode != http.StatusBadRequest || bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return false
	}
	// The texts of Go's server, nginx and Apache.
	said := bytes.ToLower(body[:min(len(body), 4<<10)])
	texts := []string{"http request to an https server", "http request was sent to https port", "plain http to an ssl-enabled server port"}
	return slices.ContainsFunc(texts, func(text string) bool { return bytes.Contains(said, []byte(text)) })
}

// wrongSchemeError is the answer of a server that expects TLS to a request without.
type wrongSchemeError struct{ status int }

func (e *wrongSchemeError) Error() string {
	return fmt.Sprintf("HTTP %d: the server wants https, and was asked with http", e.status)
}
