package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cognito-confirm/internal/racedetector"
)

// TestBatchArray plays the sample of an AWS Batch array job.
func TestBatchArray(t *testing.T) {
	racedetector.Skip(t)
	t.Parallel()
	r := batchRecipe(t)
	if r.count != 4 {
		t.Errorf("%d tasks", r.count)
	}
	for status, want := range map[int]bool{1: true, 2: false, 3: false, 4: false, 130: true, 137: true, 143: true} {
		if r.again(status) != want {
			t.Errorf("after exit status %d, another attempt: %v", status, !want)
		}
	}
	r.play(t)
}

// batchDefinition is the part of a job definition that the test plays.
type batchDefinition struct {
	JobDefinitionName   string
	ContainerProperties struct {
		Command     []string
		Environment []struct{ Name, Value string }
	}
	RetryStrategy struct {
		Attempts       int
		EvaluateOnExit []struct{ OnStatusReason, OnExitCode, OnReason, Action string }
	}
}

// isRetried tells what Batch does after an exit status: what the first condition
// that matches asks for, and another attempt when none does.
func (d batchDefinition) isRetried(status int) bool {
	for _, condition := range d.RetryStrategy.EvaluateOnExit {
		if condition.OnStatusReason != "" {
			continue // about hosts that went away
		}
		pattern, value := condition.OnExitCode, strconv.Itoa(status)
		if pattern == "" {
			pattern, value = condition.OnReason, "Essential container in task exited"
		}
		if matched, _ := filepath.Match(pattern, value); matched {
			return condition.Action == "RETRY"
		}
	}
	return true
}

// batchRecipe runs the sample with a stand-in for the AWS CLI, which keeps what
// it is asked for.
func batchRecipe(t *testing.T) recipe {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("the sample is a shell script")
	}
	dir := t.TempDir()
	aws := put(t, dir, "aws", "#!"+shell+"\n"+`{ printf '%s\t' "$@"; echo; } >>`+dir+"/calls\n"+`[ "$2" != submit-job ] || echo job-17`+"\n")
	if err := os.Chmod(aws, 0o700); err != nil {
		t.Fatal(err)
	}
	script := exec.Command(shell, "../../samples/batch-array/batch-array.sh", "my-queue")
	script.Env = []string{"PATH=" + dir + string(filepath.ListSeparator) + os.Getenv("PATH")}
	if output, err := script.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var calls []map[string]string
	for line := range strings.Lines(read(t, dir+"/calls")) {
		words := strings.Split(strings.TrimSuffix(line, "\t\n"), "\t")
		call := map[string]string{"": strings.Join(words[:2], " ")}
		for pair := range slices.Chunk(words[2:], 2) {
			call[pair[0]] = pair[1]
		}
		calls = append(calls, call)
	}
	if len(calls) != 3 || calls[0][""] != "batch register-job-definition" || calls[1][""] != "batch submit-job" || calls[2][""] != "batch submit-job" {
		t.Fatalf("the calls are %q", calls)
	}
	var definition batchDefinition
	path, _ := strings.CutPrefix(calls[0]["--cli-input-json"], "file://")
	if err := json.Unmarshal([]byte(read(t, path)), &definition); err != nil {
		t.Fatal(err)
	}
	for _, call := range calls[1:] {
		if call["--job-definition"] != definition.JobDefinitionName || call["--job-queue"] != "my-queue" {
			t.Errorf("submitted: %q", call)
		}
	}
	if calls[2]["--depends-on"] != "jobId=job-17" {
		t.Errorf("the merge waits for %q", calls[2]["--depends-on"])
	}
	var size int
	if _, err := fmt.Sscanf(calls[1]["--array-properties"], "size=%d", &size); err != nil {
		t.Fatal(err)
	}
	merge, _ := strings.CutPrefix(calls[2]["--container-overrides"], "command=")
	r := recipe{
		command: append([]string{programName}, definition.ContainerProperties.Command...), // after the image's entry point
		count:   size,
		variables: func(index int) []string {
			return []string{fmt.Sprint(batchIndex, "=", index), fmt.Sprint(batchCount, "=", size)}
		},
		again: definition.isRetried,
		merge: append([]string{programName}, strings.Split(merge, ",")...),
	}
	for _, entry := range definition.ContainerProperties.Environment {
		r.env = append(r.env, entry.Name+"="+entry.Value)
	}
	return r
}
