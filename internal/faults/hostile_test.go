//go:build unix

package faults

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unicode"

	"cognito-confirm/internal/sampleusers"
)

const (
	// secret is in every username of these tests, and so in every hostile answer.
	secret = "hunter2"
	// cell is the client metadata of every row.
	cell = "Plum Street 12"
)

// TestHostileAnswers has a service answer with the username in every place that an
// answer has. It must be in no stream, no summary, no events and no page, and every
// message is one clean line.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	all := hostileAnswers()
	// One run for all answers that are about a row, from the fifth row on.
	var ofRows []hostileAnswer
	for _, name := range []string{
		"missing user", "unknown code", "code that is the name", "code in a header", "status of a user", "trigger", "validation", "text that is no exception",
		"echo", "page", "status line", "redirect", "header that is none", "version", "not HTTP", "trailer", "encoding", "length", "unsolicited",
	} {
		ofRows = append(ofRows, all[name])
	}
	var wait []func() error
	begin := func(o hostileRun) { wait = append(wait, o.begin(t)) }
	begin(hostileRun{name: "rows of every kind", rows: 3 * len(ofRows), good: 4, answers: ofRows})
	begin(hostileRun{name: "names of others", rows: 150, good: 4, answers: answersWithCodes(all), isDisguised: true})
	for _, name := range []string{"missing user", "trigger", "status of a user", "denied", "user pool id", "page", "not HTTP"} {
		begin(hostileRun{name: name, rows: 150, answers: []hostileAnswer{all[name]}, json: name == "page"})
	}
	for _, end := range wait {
		if err := end(); err != nil {
			t.Error(err)
		}
	}
}

// hostileAnswer makes the bytes of an answer from the username. An answer of no
// bytes closes the connection.
type hostileAnswer func(username string) string

// answersWithCodes are those that have a text in the place of a code or a status.
func answersWithCodes(all map[string]hostileAnswer) []hostileAnswer {
	return []hostileAnswer{all["unknown code"], all["code that is the name"], all["code in a namespace"], all["code in a header"], all["status of a user"]}
}

// hostileAnswers are by name.
func hostileAnswers() map[string]hostileAnswer {
	exception := func(code, message string) hostileAnswer {
		return func(u string) string {
			in := strings.NewReplacer("{user}", u, "{USER}", strings.ToUpper(u))
			body, err := json.Marshal(map[string]string{"__type": in.Replace(code), "message": in.Replace(message)})
			if err != nil {
				panic(err) // two strings
			}
			return answer("400 Bad Request", amzJSON, string(body))
		}
	}
	answers := map[string]hostileAnswer{
		"unknown code":              exception("{user}Exception", "no {user}"),
		"code that is the name":     exception("{user}", ""),
		"code in a namespace":       exception("com.amazon#{user}", "{user}"),
		"code that is a text":       exception("User {user} \x1b[2J does not exist", ""),
		"status of a user":          exception("NotAuthorizedException", "User {user} cannot be confirmed. Current status is {USER}"),
		"known status of a user":    exception("NotAuthorizedException", "User {user} cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD"),
		"validation":                exception("InvalidParameterException", "1 validation error detected: Value '{user}' at 'username' failed to satisfy constraint: {user}"),
		"user pool id":              exception("InvalidParameterException", "1 validation error detected: Value '{user}' at 'userPoolId' failed to satisfy constraint: {user}"),
		"text that is no exception": func(u string) string { return answer("400 Bad Request", amzJSON, `{"message":"`+u+`"}`) },
		"code in a header": func(u string) string {
			return answer("400 Bad Request", amzJSON+"x-amzn-ErrorType: "+u+":http://"+u+"/\r\nx-amzn-RequestId: "+u+"\r\n", `{"message":"`+u+`"}`)
		},
		"echo": func(u string) string { return answer("200 OK", amzJSON, `{"Username":"`+u+`"}`) },
		"page": func(u string) string {
			return answer("503 Unavailable", "Content-Type: text/html\r\n", "<h1>"+u+"</h1>")
		},
		"login":   func(u string) string { return answer("200 OK", "Content-Type: text/"+u+"\r\n", u) },
		"created": func(u string) string { return answer("201 "+u, amzJSON, `{"Username":"`+u+`"}`) },
		"status line": func(u string) string {
			return answer("500 "+u+" \x1b[31m", amzJSON, u)
		},
		"unknown status": func(u string) string { return answer("999 "+u, amzJSON, u) },
		"redirect": func(u string) string {
			return answer("302 Found", "Location: http://"+u+"/"+u+"\r\n", u)
		},
		"proxy": func(u string) string {
			return answer("407 "+u, "Proxy-Authenticate: Basic realm=\""+u+"\"\r\n", u)
		},
		"header that is none": func(u string) string { return "HTTP/1.1 200 OK\r\n" + u + " " + u + "\r\n\r\n{}" },
		"header without end":  func(u string) string { return "HTTP/1.1 200 OK\r\n" + u + ": " + strings.Repeat(u, 20_000) },
		"version":             func(u string) string { return "HTTP/" + u + " 200 OK\r\n\r\n" },
		"not HTTP":            func(u string) string { return u + " is not here\r\n\r\n" },
		"length":              func(u string) string { return "HTTP/1.1 200 OK\r\nContent-Length: " + u + "\r\n\r\n{}" },
		"transfer":            func(u string) string { return "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + u + "\r\n\r\n{}" },
		"chunk":               func(u string) string { return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + u + "\r\n{}" },
		"encoding":            func(u string) string { return answer("200 OK", amzJSON+"Content-Encoding: "+u+"\r\n", "{}") },
		"trailer": func(u string) string {
			return "HTTP/1.1 200 OK\r\n" + amzJSON + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-amzn-ErrorType: " + u + "\r\n" + u + ": " + u + "\r\n\r\n"
		},
		"hint": func(u string) string {
			return "HTTP/1.1 103 " + u + "\r\nLink: " + u + "\r\n\r\n" + answer("502 "+u, "", u)
		},
		"switching": func(u string) string {
			return "HTTP/1.1 101 " + u + "\r\nUpgrade: " + u + "\r\nConnection: upgrade\r\n\r\n" + u
		},
		"unsolicited": func(u string) string { return answer("200 OK", amzJSON, "{}") + u + " \x1b[2J is not asked for\r\n" },
		"nothing":     func(string) string { return "" },
	}
	for name, code := range map[string]string{
		"missing user": "UserNotFoundException", "limit": "LimitExceededException", "trigger": "UserLambdaValidationException",
		"throttle": "TooManyRequestsException", "internal": "InternalErrorException", "denied": "AccessDeniedException",
		"no pool": "ResourceNotFoundException", "expired": "ExpiredTokenException", "key": "UnrecognizedClientException",
		"signature": "InvalidSignatureException", "not enabled": "OperationNotEnabledException", "not authorized": "NotAuthorizedException",
	} {
		answers[name] = exception(code, "no {user} \x1b[2J\r\n\u202e{USER}")
	}
	return answers
}

const amzJSON = "Content-Type: application/x-amz-json-1.1\r\n"

func answer(status, headers, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s", status, headers, len(body), body)
}

// hostileRun is a run against a hostile service.
type hostileRun struct {
	name string
	rows int
	// good is how many calls are answered well before the hostile answers, which
	// take turns.
	good    int
	answers []hostileAnswer
	json    bool // --log-format
	// isDisguised: the answers have, in place of the row's username, that of the row
	// before and the metadata, in all forms.
	isDisguised bool
}

// disguised returns what the nth answer has in the place of a username.
func disguised(n int, previous string) string {
	forms := append(sampleusers.Disguises(previous), sampleusers.Disguises(cell)...)
	return forms[n%len(forms)]
}

// begin starts the run. The function that it returns waits for the end and
// looks at what the run has left.
func (h hostileRun) begin(t *testing.T) (end func() error) {
	t.Helper()
	dir := t.TempDir()
	var users strings.Builder
	users.WriteString("username,client_metadata.address\n")
	for i := range h.rows {
		fmt.Fprintf(&users, "%sx%03d,%s\n", secret, i, cell)
	}
	if err := os.WriteFile(filepath.Join(dir, "users.csv"), []byte(users.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	url, called := h.serve(t)
	s := &scenario{binary: buildProgram(t), dir: dir, url: url, concurrency: 4, timeout: 2 * time.Second}
	flags := []string{"--stall-timeout", "500ms", "--max-attempts", "2", "--max-consecutive-failures", "100", "--summary", "-", "--html", "page.html"}
	if h.json {
		flags = append(flags, "--log-format", "json")
	}
	command := s.command(2000, flags)
	c := exec.Command(command[0], command[1:]...)
	var stdout, stderr transcript
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, s.environ(), &stdout, &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	hanging := time.AfterFunc(runPatience, func() { c.Process.Kill() })
	go func() {
		defer close(ended)
		_ = c.Wait() // ProcessState has the result
		hanging.Stop()
	}()
	go askForProgress(c.Process, called, ended)
	return func() error {
		<-ended
		err := h.look(dir, c.ProcessState, stdout.String(), stderr.String())
		if err != nil {
			err = fmt.Errorf("%s: %w\n%s", h.name, err, stderr.String())
		}
		return err
	}
}

// askForProgress has a run report its progress, again and again. Before it has made
// a call it may not listen yet, and die.
func askForProgress(process *os.Process, called, ended <-chan struct{}) {
	select {
	case <-called:
	case <-ended:
		return
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = process.Signal(syscall.SIGUSR1)
		case <-ended:
			return
		}
	}
}

// serve answers until the test ends. The channel is closed with the first call.
func (h hostileRun) serve(t *testing.T) (url string, called <-chan struct{}) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	var calls atomic.Int64
	var previous atomic.Value
	previous.Store(secret)
	first := make(chan struct{})
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				for requests := bufio.NewReader(connection); ; {
					request, err := http.ReadRequest(requests)
					if err != nil {
						return
					}
					var asked struct{ Username string }
					body, err := io.ReadAll(request.Body)
					if err != nil || json.Unmarshal(body, &asked) != nil {
						return
					}
					text := answer("200 OK", amzJSON, "{}")
					before := previous.Swap(asked.Username).(string)
					n := int(calls.Add(1)) - 1
					if n == 0 {
						close(first)
					}
					if n >= h.good {
						name := asked.Username
						if h.isDisguised {
							name = disguised(n/len(h.answers), cmp.Or(before, secret))
						}
						text = h.answers[(n-h.good)%len(h.answers)](name)
					}
					if _, err := io.WriteString(connection, text); err != nil || text == "" {
						return
					}
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String(), first
}

// notShown are what no stream has: the start of all usernames in each form, backwards
// and encoded too, and the metadata, in lower case.
func notShown() []string {
	texts := []string{"hunte", "retnuh", "ahvudgvy", "68756e746572"}
	for _, form := range sampleusers.Disguises(cell) {
		texts = append(texts, strings.ToLower(form))
	}
	return texts
}

// look judges what a run has left.
func (h hostileRun) look(dir string, state *os.ProcessState, stdout, stderr string) error {
	if status := state.ExitCode(); status != exitStopped && status != exitUnsuccess && status != exitDone && status != exitUsage {
		return fmt.Errorf("%v", state)
	}
	texts := map[string]string{"standard output": stdout, "standard error": stderr}
	for _, name := range []string{"users.events.jsonl", "page.html"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		texts[name] = string(text)
	}
	for where, text := range texts {
		for _, name := range notShown() {
			if at := strings.Index(strings.ToLower(text), name); at >= 0 {
				return fmt.Errorf("%q in %s: %.200q", name, where, text[max(0, at-100):])
			}
		}
	}
	if !strings.Contains(stdout, `"outcome": "`) {
		return errors.New("no summary")
	}
	for line := range strings.Lines(stderr) {
		line = strings.TrimSuffix(line, "\n")
		if h.json && json.Valid([]byte(line)) {
			continue
		}
		if !strings.HasPrefix(line, "cognito-confirm: ") || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return fmt.Errorf("not a clean line: %q", line)
		}
	}
	return nil
}
