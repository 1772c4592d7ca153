// Package manifests checks the Kubernetes samples with the API's own types. It is a
// module of its own, because the program needs none of them.
package manifests

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// TestManifests decodes every document strictly: an unknown or doubled field is
// an error. What the pods may do is looked at, too.
func TestManifests(t *testing.T) {
	var pods []core.PodSpec
	kinds := make(map[string]int)
	for _, name := range []string{"job.yaml", "cronjob.yaml"} {
		for _, document := range documents(t, "../../samples/kubernetes/"+name) {
			var head meta.TypeMeta
			if err := yaml.Unmarshal(document, &head); err != nil {
				t.Fatal(err)
			}
			kinds[head.APIVersion+" "+head.Kind]++
			switch head.Kind {
			case "Job":
				job := decode[batch.Job](t, name, document)
				checkPolicy(t, job.Name, job.Spec)
				pods = append(pods, job.Spec.Template.Spec)
			case "CronJob":
				job := decode[batch.CronJob](t, name, document)
				if job.Spec.ConcurrencyPolicy != batch.ForbidConcurrent {
					t.Errorf("%s: two nights may run at once", job.Name)
				}
				checkPolicy(t, job.Name, job.Spec.JobTemplate.Spec)
				pods = append(pods, job.Spec.JobTemplate.Spec.Template.Spec)
			case "ServiceAccount":
				decode[core.ServiceAccount](t, name, document)
			}
		}
	}
	if kinds["batch/v1 Job"] != 2 || kinds["batch/v1 CronJob"] != 1 || kinds["v1 ServiceAccount"] != 1 || len(kinds) != 3 {
		t.Errorf("the samples are %v", kinds)
	}
	for _, pod := range pods {
		checkPod(t, pod)
	}
}

// checkPolicy: a disruption does not count as a failure, and an exit status that
// another pod would end with again is final.
func checkPolicy(t *testing.T, name string, spec batch.JobSpec) {
	t.Helper()
	var failing []int32
	ignored := false
	for _, rule := range spec.PodFailurePolicy.Rules {
		for _, condition := range rule.OnPodConditions {
			ignored = ignored || rule.Action == batch.PodFailurePolicyActionIgnore && condition.Type == core.DisruptionTarget
		}
		if rule.OnExitCodes != nil && rule.Action != batch.PodFailurePolicyActionIgnore && rule.Action != batch.PodFailurePolicyActionCount {
			failing = append(failing, rule.OnExitCodes.Values...)
		}
	}
	if !ignored || !slices.Contains(failing, 2) || slices.Contains(failing, 1) {
		t.Errorf("%s: disruptions are ignored: %v; statuses that fail: %v", name, ignored, failing)
	}
}

// checkPod: its root is read-only, it is nobody, and a call in flight can finish.
func checkPod(t *testing.T, pod core.PodSpec) {
	t.Helper()
	security := pod.SecurityContext
	if security == nil || security.RunAsNonRoot == nil || !*security.RunAsNonRoot || security.SeccompProfile == nil || security.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
		t.Errorf("the pod may do more than it needs: %+v", security)
	}
	for _, container := range pod.Containers {
		limits := container.SecurityContext
		if limits == nil || limits.ReadOnlyRootFilesystem == nil || !*limits.ReadOnlyRootFilesystem ||
			limits.AllowPrivilegeEscalation == nil || *limits.AllowPrivilegeEscalation || !slices.Contains(limits.Capabilities.Drop, "ALL") {
			t.Errorf("%s may do more than it needs: %+v", container.Name, limits)
		}
		if slices.Contains(container.Args, "run") {
			const timeout = 30 // seconds, the default of --timeout
			if pod.TerminationGracePeriodSeconds == nil || *pod.TerminationGracePeriodSeconds <= timeout {
				t.Errorf("%s is killed before its calls are over", container.Name)
			}
		}
	}
}

// decode is as strict as the API's server is when it is asked to be: names of
// fields are told apart by their case, too.
func decode[T any](t *testing.T, name string, document []byte) (object T) {
	t.Helper()
	if err := unmarshal(document, &object); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return object
}

func unmarshal(document []byte, object any) error {
	text, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return err
	}
	refused, err := json.UnmarshalStrict(text, object)
	return errors.Join(append(refused, err)...)
}

// TestStrict: a mistyped field is not passed over.
func TestStrict(t *testing.T) {
	text, err := os.ReadFile("../../samples/kubernetes/cronjob.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for field, mistyped := range map[string]string{"concurrencyPolicy": "concurencyPolicy", "readOnlyRootFilesystem": "readOnlyRootFileSystem"} {
		var job batch.CronJob
		wrong := bytes.Replace(text[bytes.Index(text, []byte("\n---\n"))+5:], []byte(field), []byte(mistyped), 1)
		if err := unmarshal(wrong, &job); err == nil || !strings.Contains(err.Error(), mistyped) {
			t.Errorf("%s: %v", mistyped, err)
		}
	}
}

func documents(t *testing.T, path string) [][]byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(text, []byte("\n---\n"))
}
