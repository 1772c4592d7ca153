package cognito

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
		if attempt := attemptOf(request.Context()); attempt != nil {
			if err := checkException(response, body); err != nil {
				attempt.doubt = &unexpectedAnswerError{response.StatusCode, err}
			}
		}
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
