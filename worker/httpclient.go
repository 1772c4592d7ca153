package worker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// maxAnswer is how much of an answer is read, in bytes. The service's own are
// well under a kilobyte; an endless one must not fill the memory.
const maxAnswer = 1 << 20

// HTTPClient is the SDK's HTTP client for a run: it follows no redirect (a
// signed request must not travel), reads no more of an answer than an answer
// can have, and takes nothing for a confirmation that is not one. It is safe
// for concurrent use.
type HTTPClient struct {
	// transport is used as it is: an http.Client around it would follow
	// redirects, and copy the headers of every request to be able to.
	transport http.RoundTripper
}

// NewHTTPClient returns a client over the transport.
func NewHTTPClient(transport http.RoundTripper) *HTTPClient {
	return &HTTPClient{transport: transport}
}

// Do sends the request. It is what the SDK calls.
func (c *HTTPClient) Do(request *http.Request) (*http.Response, error) {
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := readAnswer(response)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// readAnswer reads the whole body, so that an answer which breaks off counts
// as none, and so that the connection can be used again.
func readAnswer(response *http.Response) ([]byte, error) {
	defer response.Body.Close()
	// Every 2xx is a success to the SDK, the service knows only one. The body of
	// a 101 is the connection itself: reading it would outlast the timeout.
	if response.StatusCode < 300 && response.StatusCode != http.StatusOK {
		return nil, &unexpectedAnswerError{response, errors.New("a status that is not 200")}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if len(body) > maxAnswer {
		return nil, &unexpectedAnswerError{response, fmt.Errorf("more than %d bytes", maxAnswer)}
	}
	if response.StatusCode != http.StatusOK {
		return body, nil
	}
	if err := checkConfirmation(response.Header.Get("Content-Type"), body); err != nil {
		return nil, &unexpectedAnswerError{response, err}
	}
	return body, nil
}

// checkConfirmation holds a 200 against what the operation answers: a JSON
// object. The SDK would take an empty body, or JSON followed by anything.
func checkConfirmation(contentType string, body []byte) error {
	if contentType == "application/x-amz-json-1.1" && string(body) == "{}" {
		return nil // what the service answers, by the letter
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasSuffix(media, "json") && !strings.Contains(media, "json-") {
		return fmt.Errorf("content type %.60q", contentType)
	}
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 || trimmed[0] != '{' || !json.Valid(trimmed) {
		return errors.New("a body that is not a JSON object")
	}
	return nil
}

// unexpectedAnswerError says that something answered which is not the service:
// a proxy, a login page, a service of another kind.
type unexpectedAnswerError struct {
	response *http.Response
	reason   error
}

func (e *unexpectedAnswerError) Error() string {
	return fmt.Sprintf("HTTP %d with %v: not an answer of Cognito", e.response.StatusCode, e.reason)
}

func (e *unexpectedAnswerError) Unwrap() error { return e.reason }
