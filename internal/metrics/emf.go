package metrics

import (
	"log/slog"
	"time"
)

// dimension is what CloudWatch tells metrics of one pool from others by.
const dimension = "UserPoolId"

// Embedded returns the fields of a JSON log line that CloudWatch takes metrics
// from, in a namespace. The counts are those since the sample before, which is
// zero for none. Source:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func (s Sample) Embedded(namespace string, now time.Time, before Sample) []slog.Attr {
	metrics := []struct {
		name, unit string
		value      any
	}{
		{"Confirmed", "Count", s.Rows.Confirmed - before.Rows.Confirmed},
		{"AlreadyConfirmed", "Count", s.Rows.AlreadyConfirmed - before.Rows.AlreadyConfirmed},
		{"TriggerFailed", "Count", s.Rows.TriggerFailed - before.Rows.TriggerFailed},
		{"Failed", "Count", s.Rows.Failed - before.Rows.Failed},
		{"Invalid", "Count", s.Rows.Invalid - before.Rows.Invalid},
		{"Attempts", "Count", s.Attempts - before.Attempts},
		{"Throttled", "Count", s.Throttled - before.Throttled},
		{"Rate", "Count/Second", s.Rate},
		{"Ceiling", "Count/Second", s.Ceiling},
		{"InFlight", "Count", s.InFlight},
	}
	if !s.EndedAt.IsZero() {
		metrics = append(metrics, struct {
			name, unit string
			value      any
		}{"ExitStatus", "None", s.ExitStatus})
	}
	type definition struct {
		Name string `json:"Name"`
		Unit string `json:"Unit"`
	}
	type directive struct {
		Namespace  string       `json:"Namespace"`
		Dimensions [][]string   `json:"Dimensions"`
		Metrics    []definition `json:"Metrics"`
	}
	d := directive{Namespace: namespace, Dimensions: [][]string{{dimension}}}
	fields := []slog.Attr{slog.String(dimension, s.UserPoolID)}
	for _, m := range metrics {
		d.Metrics = append(d.Metrics, definition{m.name, m.unit})
		fields = append(fields, slog.Any(m.name, m.value))
	}
	head := slog.GroupAttrs("_aws", slog.Int64("Timestamp", now.UnixMilli()), slog.Any("CloudWatchMetrics", []directive{d}))
	return append([]slog.Attr{head}, fields...)
}
