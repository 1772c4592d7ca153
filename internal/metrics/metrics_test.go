package metrics

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

var start = time.Date(2026, 11, 26, 2, 10, 0, 250e6, time.UTC)

func running() Sample {
	return Sample{
		UserPoolID: "eu-west-1_Ab12Cd34E", Report: `C:\users "a".csv`,
		Rows: Rows{Confirmed: 5, AlreadyConfirmed: 4, TriggerFailed: 3, Failed: 2, Invalid: 1}, Attempts: 20, Throttled: 6,
		Rate: 39.5, Ceiling: 48, InFlight: 7, StartedAt: start,
	}
}

func ended() Sample {
	s := running()
	s.Rate, s.InFlight, s.EndedAt, s.ExitStatus = 0, 0, start.Add(time.Minute), 3
	s.Rows.Confirmed, s.Attempts = 9, 25
	return s
}

// TestText: the text format, as its own parser reads it, and as it stands.
func TestText(t *testing.T) {
	var text bytes.Buffer
	if err := ended().WriteText(&text); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/ended.prom")
	if err != nil || text.String() != string(want) {
		t.Errorf("%v; the metrics are\n%s", err, text.String())
	}
	if !IsOurs(text.Bytes()) || IsOurs([]byte("# HELP node_x x\n")) || IsOurs(nil) {
		t.Error("not recognized")
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(&text)
	if err != nil || len(families) != 10 {
		t.Errorf("%d families, %v", len(families), err)
	}
	for _, metric := range families["cognito_confirm_rows"].Metric {
		if got := metric.Label[1].GetValue(); got != `C:\users "a".csv` {
			t.Errorf("report is %q", got)
		}
	}
	text.Reset()
	if err := running().WriteText(&text); err != nil || strings.Contains(text.String(), "last_e") || !strings.Contains(text.String(), "cognito_confirm_running{") {
		t.Errorf("while it runs: %v\n%s", err, text.String())
	}
}

// TestEmbedded: what CloudWatch is told to take is there, and is what was added.
func TestEmbedded(t *testing.T) {
	got := embedded(t, ended(), running())
	directive := got["_aws"].(map[string]any)["CloudWatchMetrics"].([]any)[0].(map[string]any)
	if ms := got["_aws"].(map[string]any)["Timestamp"]; ms != float64(start.UnixMilli()) || directive["Namespace"] != "Users" {
		t.Errorf("%v of %v", ms, directive["Namespace"])
	}
	values := make(map[string]float64)
	for _, metric := range directive["Metrics"].([]any) {
		name := metric.(map[string]any)["Name"].(string)
		values[name] = got[name].(float64)
	}
	want := map[string]float64{
		"Confirmed": 4, "AlreadyConfirmed": 0, "TriggerFailed": 0, "Failed": 0, "Invalid": 0, "Attempts": 5, "Throttled": 0,
		"Rate": 0, "Ceiling": 48, "InFlight": 0, "ExitStatus": 3,
	}
	if !maps.Equal(values, want) {
		t.Errorf("%v, want %v", values, want)
	}
	for _, dimension := range directive["Dimensions"].([]any)[0].([]any) {
		if got[dimension.(string)] != "eu-west-1_Ab12Cd34E" {
			t.Errorf("the dimension %v is %v", dimension, got[dimension.(string)])
		}
	}
	first := embedded(t, running(), Sample{})
	if first["Confirmed"] != 5.0 || slices.Contains(slices.Collect(maps.Keys(first)), "ExitStatus") {
		t.Errorf("%v", first)
	}
}

func embedded(t *testing.T, s, before Sample) (line map[string]any) {
	t.Helper()
	var text bytes.Buffer
	slog.New(slog.NewJSONHandler(&text, nil)).LogAttrs(t.Context(), slog.LevelInfo, "sample", s.Embedded("Users", start, before)...)
	if err := json.Unmarshal(text.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	return line
}
