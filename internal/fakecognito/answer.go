package fakecognito

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"time"
)

// ending tells how an exchange ends.
type ending uint8

const (
	whole     ending = iota // with the answer
	truncated               // with half of the answer's body
	reset                   // with a connection reset
	hang                    // when the client gives up
)

// answer is the answer to a call, however it is sent.
type answer struct {
	code      string // of the call's log entry
	status    int
	message   string // with an exception, for its header
	page      bool   // the body is HTML, not from the service itself
	body      []byte
	delay     time.Duration
	ending    ending
	requestID string
}

func succeeded(body []byte) answer {
	return answer{status: http.StatusOK, body: body}
}

func refused(e exception) answer {
	return answer{code: e.code, status: e.status(), message: e.message, body: mustJSON(struct {
		Type    string `json:"__type"`
		Message string `json:"message,omitempty"`
	}{e.code, e.message})}
}

// page is an answer from a proxy or the like between the client and the service.
func page(code string) answer {
	status, err := parseHTTPStatus(code)
	if err != nil {
		status = http.StatusInternalServerError
	}
	title := html.EscapeString(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	body := fmt.Sprintf("<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<h1>%s</h1>\r\n</body>\r\n</html>\r\n", title, title)
	return answer{code: strconv.Itoa(status), status: status, page: true, body: []byte(body)}
}

// fill sets the headers of the answer.
func (a *answer) fill(header http.Header) {
	if a.page {
		header.Set("Content-Type", "text/html")
		if a.status >= 300 && a.status < 400 {
			header.Set("Location", "/sign-in.html")
		}
		return
	}
	header.Set("Content-Type", "application/x-amz-json-1.1")
	header.Set("X-Amzn-Requestid", a.requestID)
	if a.code != "" && a.ending == whole {
		// The service puts a colon after the type; clients remove it.
		header.Set("X-Amzn-Errortype", a.code+":")
		if a.message != "" {
			header.Set("X-Amzn-Errormessage", a.message)
		}
	}
}
