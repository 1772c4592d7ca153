package main

import (
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/worker"
)

func replayer() worker.WorkflowReplayer {
	r := worker.NewWorkflowReplayer()
	r.RegisterWorkflow(Run)
	r.RegisterWorkflow(Scheduled)
	return r
}

// TestReplay: a worker of this version goes on with what earlier ones have begun. When
// it fails, the change of the workflow needs workflow.GetVersion. make temporal-e2e with
// E2EFLAGS=-record adds a history.
func TestReplay(t *testing.T) {
	histories, err := filepath.Glob("testdata/history/*.json")
	if err != nil || len(histories) == 0 {
		t.Fatalf("%d histories, %v", len(histories), err)
	}
	for _, path := range histories {
		t.Run(filepath.Base(path), func(t *testing.T) {
			if err := replayer().ReplayWorkflowHistoryFromJSONFile(quiet{}, path); err != nil {
				t.Error(err)
			}
		})
	}
}
