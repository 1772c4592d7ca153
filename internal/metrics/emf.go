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
	// As the specification has them, except for the value.
	type metric struct {
		Name, Unit string
		value      any
	}
	metrics := []metric{
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
		metrics = append(metrics, metric{"ExitStatus", "None", s.ExitStatus})
	}
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []metric
	}
	fields := []slog.Attr{
		slog.GroupAttrs("_aws", slog.Int64("Timestamp", now.UnixMilli()),
			slog.Any("CloudWatchMetrics", []directive{{namespace, [][]string{{dimension}}, metrics}})),
		slog.String(dimension, s.UserPoolID),
	}
	for _, m := range metrics {
		fields = append(fields, slog.Any(m.Name, m.value))
	}
	return fields
}
