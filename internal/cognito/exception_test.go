package cognito

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"cognito-confirm/worker"
)

// confirmedBody is the exception that ends a row as a success.
const confirmedBody = `{"__type":"NotAuthorizedException","message":"User cannot be confirmed. Current status is CONFIRMED"}`

// TestOnlyTheServiceHasConfirmed: an exception that makes a row a success is as whole
// as a 200 has to be.
func TestOnlyTheServiceHasConfirmed(t *testing.T) {
	isConfirmed := func(what string, answer exchange) {
		t.Helper()
		if got := confirmOver(t, answer); got.Verdict != worker.AlreadyDone || got.UserStatus != "CONFIRMED" || !got.InProtocol {
			t.Errorf("%s: got %+v", what, got)
		}
	}
	for _, media := range []string{jsonType, "application/x-amz-json-1.0", "application/json", "application/json; charset=utf-8"} {
		isConfirmed(media, says(400, media, confirmedBody))
	}
	isConfirmed("spaces", says(400, jsonType, "\n"+confirmedBody+" \r\n"))
	isConfirmed("a namespace", says(400, jsonType, strings.Replace(confirmedBody, "Not", "com.amazonaws.cognitoidp#Not", 1)))
	isConfirmed("a new member", says(400, jsonType, strings.Replace(confirmedBody, "{", `{"reason":null,`, 1)))
	isConfirmed("a header, too", says(400, jsonType, confirmedBody).with("X-Amzn-Errortype", "NotAuthorizedException:http://internal/").
		with("X-Amzn-Errormessage", "User cannot be confirmed. Current status is CONFIRMED"))
	isConfirmed("a header alone", says(400, jsonType, `{"message":"Current status is CONFIRMED"}`).with("X-Amzn-Errortype", "NotAuthorizedException"))

	for _, status := range []int{302, 401, 403, 404, 418, 429, 500, 503, 600} {
		wantUnexpected(t, fmt.Sprint(status), confirmOver(t, says(status, jsonType, confirmedBody)))
	}
	for _, media := range []string{"", "text/html", "text/plain", "application/problem+json", jsonType + ", text/html", jsonType + "; charset=utf-16"} {
		wantUnexpected(t, media, confirmOver(t, says(400, media, confirmedBody)))
	}
	for _, body := range []string{
		confirmedBody + "<html>", confirmedBody + confirmedBody, confirmedBody + "{}",
		strings.Replace(confirmedBody, "{", `{"__type":"UserNotFoundException",`, 1), strings.Replace(confirmedBody, "{", `{"__type":"NotAuthorizedException",`, 1),
		strings.Replace(confirmedBody, "{", `{"message":"no",`, 1), strings.Replace(confirmedBody, "{", `{"Message":"no",`, 1),
		strings.Replace(confirmedBody, "{", `{"code":"UserNotFoundException",`, 1), strings.Replace(confirmedBody, "{", `{"error":{},`, 1),
		strings.Replace(confirmedBody, "__type", "__TYPE", 1), strings.Replace(confirmedBody, "__type", "code", 1),
		strings.Replace(confirmedBody, "{", `{"__Type":"NotAuthorizedException",`, 1),
	} {
		wantUnexpected(t, body, confirmOver(t, says(400, jsonType, body)))
	}
	for _, headers := range []http.Header{
		{"Content-Encoding": {"gzip"}},
		{"Content-Encoding": {"identity", "br"}},
		{"X-Amzn-Errortype": {"NotAuthorizedException", "UserNotFoundException"}},
		{"X-Amzn-Errortype": {"NotAuthorizedException", "NotAuthorizedException"}},
		{"X-Amzn-Errortype": {"NotAuthorizedException"}, "X_amzn_errortype": {"UserNotFoundException"}},
		{"X_amzn_errortype": {"UserNotFoundException"}},
		{"X-Amzn-Errortype": {""}, "X-Amzn_errortype": {"UserNotFoundException"}},
		{"X-Amzn-Query-Error": {"UserNotFound;Sender"}},
	} {
		wantUnexpected(t, fmt.Sprint(headers), confirmOver(t, exchange(func(r *http.Request) (*http.Response, error) {
			response, err := says(400, jsonType, confirmedBody)(r)
			for name, values := range headers {
				response.Header[name] = values
			}
			return response, err
		})))
	}
	// The header names the code to the SDK.
	for name, body := range map[string]string{
		"another in the body": `{"__type":"UserNotFoundException","message":"Current status is CONFIRMED"}`,
		"none that is a name": `{"__type":["NotAuthorizedException"],"message":"Current status is CONFIRMED"}`,
		"a code in the body":  `{"Code":"UserNotFoundException","message":"Current status is CONFIRMED"}`,
	} {
		got := confirmOver(t, says(400, jsonType, body).with("X-Amzn-Errortype", "NotAuthorizedException"))
		if got.Verdict == worker.AlreadyDone || got.Answered && got.InProtocol {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if got := confirmOver(t, says(400, jsonType, confirmedBody).with("X-Amzn-Errortype", "UserNotFoundException")); got.Verdict != worker.Refused {
		t.Errorf("another in the header: got %+v", got)
	}
}

// TestExceptionWithATrailer: an error's header counts after the body, too.
func TestExceptionWithATrailer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		request, err := http.ReadRequest(bufio.NewReader(connection))
		if err != nil {
			return
		}
		request.Body.Close()
		fmt.Fprintf(connection, "HTTP/1.1 400 Bad Request\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nx-amzn-ErrorType: UserNotFoundException\r\n\r\n",
			jsonType, len(confirmedBody), confirmedBody)
	}()
	wantUnexpected(t, "a trailer", confirm(t, clientOf(t, "http://"+listener.Addr().String(), 1)))
}
