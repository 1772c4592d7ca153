package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"cognito-confirm/internal/racedetector"
)

// TestKubernetesJob plays the sample of a Kubernetes Indexed Job.
func TestKubernetesJob(t *testing.T) {
	racedetector.Skip(t)
	t.Parallel()
	jobs := kubernetesJobs(t)
	confirm, merge := jobs[0], jobs[1]
	if confirm.Spec.CompletionMode != "Indexed" || confirm.Spec.Parallelism != confirm.Spec.Completions || !merge.Spec.Suspend {
		t.Errorf("the jobs are %+v", jobs)
	}
	for status, want := range map[int]bool{1: true, 2: false, 4: true, 137: true, 143: true} {
		if confirm.isRunAgain(status) != want {
			t.Errorf("after exit status %d, another pod: %v", status, !want)
		}
	}
	for status, want := range map[int]bool{1: true, 2: false, 3: false, 4: true} {
		if merge.isRunAgain(status) != want {
			t.Errorf("after exit status %d of the merge, another pod: %v", status, !want)
		}
	}
	r := recipe{
		command: confirm.command(), env: confirm.env(), count: confirm.Spec.Completions,
		variables: func(index int) []string { return []string{fmt.Sprint(kubernetesIndex, "=", index)} },
		again:     confirm.isRunAgain,
		merge:     merge.command(),
	}
	r.play(t)
}

// kubernetesJob is the part of a Job that the test plays.
type kubernetesJob struct {
	Kind string
	Spec struct {
		Suspend              bool   `yaml:"suspend"`
		CompletionMode       string `yaml:"completionMode"`
		Completions          int    `yaml:"completions"`
		Parallelism          int    `yaml:"parallelism"`
		BackoffLimit         int    `yaml:"backoffLimit"`
		BackoffLimitPerIndex int    `yaml:"backoffLimitPerIndex"`
		PodFailurePolicy     struct {
			Rules []struct {
				Action      string
				OnExitCodes *struct {
					ContainerName, Operator string
					Values                  []int
				} `yaml:"onExitCodes"`
			}
		} `yaml:"podFailurePolicy"`
		Template struct {
			Spec struct {
				Containers []struct {
					Name          string
					Command, Args []string
					Env           []struct{ Name, Value string }
				}
			}
		}
	}
}

func kubernetesJobs(t *testing.T) (jobs []kubernetesJob) {
	t.Helper()
	text, err := os.ReadFile("../../samples/kubernetes/job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var job kubernetesJob
		if err := decoder.Decode(&job); err != nil {
			break
		}
		if job.Kind != "Job" || len(job.Spec.Template.Spec.Containers) != 1 {
			t.Fatalf("%+v", job)
		}
		jobs = append(jobs, job)
	}
	if len(jobs) != 2 {
		t.Fatalf("%d jobs", len(jobs))
	}
	return jobs
}

func (j kubernetesJob) command() []string {
	container := j.Spec.Template.Spec.Containers[0]
	return slices.Concat(container.Command, container.Args)
}

func (j kubernetesJob) env() (env []string) {
	for _, entry := range j.Spec.Template.Spec.Containers[0].Env {
		env = append(env, entry.Name+"="+entry.Value)
	}
	return env
}

// isRunAgain tells what Kubernetes does after an exit status: what the first rule
// that matches asks for, and another pod as long as there is a limit to go.
func (j kubernetesJob) isRunAgain(status int) bool {
	for _, rule := range j.Spec.PodFailurePolicy.Rules {
		if rule.OnExitCodes != nil && slices.Contains(rule.OnExitCodes.Values, status) == (rule.OnExitCodes.Operator == "In") {
			return rule.Action == "Ignore" || rule.Action == "Count"
		}
	}
	return max(j.Spec.BackoffLimit, j.Spec.BackoffLimitPerIndex) > 0
}
