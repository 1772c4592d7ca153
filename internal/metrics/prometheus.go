package metrics

import (
	"bytes"
	"fmt"
	"io"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// prefix begins the name of every metric.
const prefix = "cognito_confirm_"

// IsOurs reports whether a file that starts with these bytes was written by
// [Sample.WriteText].
func IsOurs(start []byte) bool { return bytes.HasPrefix(start, []byte("# HELP "+prefix)) }

// WriteText writes the sample in Prometheus' text format, as node_exporter's
// textfile collector reads it. When and how a run ended is there once it has
// ended. The names of the metrics are an interface.
func (s Sample) WriteText(w io.Writer) error {
	for _, family := range s.families() {
		if _, err := expfmt.MetricFamilyToText(w, family); err != nil {
			return fmt.Errorf("write metrics: %w", err)
		}
	}
	return nil
}

func (s Sample) families() []*dto.MetricFamily {
	running := 1.0
	if !s.EndedAt.IsZero() {
		running = 0
	}
	families := []*dto.MetricFamily{
		s.rows(),
		s.family(dto.MetricType_COUNTER, "attempts_total", "Calls that were sent for the rows in the report.", float64(s.Attempts)),
		s.family(dto.MetricType_COUNTER, "throttled_total", "Calls that were answered with a throttle.", float64(s.Throttled)),
		s.family(dto.MetricType_GAUGE, "rate", "Attempts a second given now.", s.Rate),
		s.family(dto.MetricType_GAUGE, "ceiling", "Attempts a second that the service was found to accept, 0 until it throttled.", s.Ceiling),
		s.family(dto.MetricType_GAUGE, "in_flight", "Calls on the wire.", float64(s.InFlight)),
		s.family(dto.MetricType_GAUGE, "running", "Whether a run goes on: 1, or 0 once it has ended.", running),
		s.family(dto.MetricType_GAUGE, "last_start_timestamp_seconds", "When the last run began.", unix(s.StartedAt)),
	}
	if !s.EndedAt.IsZero() {
		families = append(families,
			s.family(dto.MetricType_GAUGE, "last_end_timestamp_seconds", "When the last run ended.", unix(s.EndedAt)),
			s.family(dto.MetricType_GAUGE, "last_exit_status", "Exit status of the last run.", float64(s.ExitStatus)))
	}
	return families
}

// rows is the family with a metric for each status.
func (s Sample) rows() *dto.MetricFamily {
	family := s.family(dto.MetricType_GAUGE, "rows", "Rows in the report, by their status.", 0)
	family.Metric = nil
	for _, row := range []struct {
		status string
		count  int
	}{
		{"confirmed", s.Rows.Confirmed}, {"already_confirmed", s.Rows.AlreadyConfirmed}, {"trigger_failed", s.Rows.TriggerFailed},
		{"failed", s.Rows.Failed}, {"invalid", s.Rows.Invalid},
	} {
		value := float64(row.count)
		family.Metric = append(family.Metric, &dto.Metric{Label: append(s.labels(), label("status", row.status)), Gauge: &dto.Gauge{Value: &value}})
	}
	return family
}

func (s Sample) family(kind dto.MetricType, name, help string, value float64) *dto.MetricFamily {
	name = prefix + name
	metric := &dto.Metric{Label: s.labels()}
	if kind == dto.MetricType_COUNTER {
		metric.Counter = &dto.Counter{Value: &value}
	} else {
		metric.Gauge = &dto.Gauge{Value: &value}
	}
	return &dto.MetricFamily{Name: &name, Help: &help, Type: &kind, Metric: []*dto.Metric{metric}}
}

func (s Sample) labels() []*dto.LabelPair {
	return []*dto.LabelPair{label("user_pool_id", s.UserPoolID), label("report", s.Report)}
}

func label(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }

// unix returns a time as Prometheus has them, 0 for the zero time.
func unix(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
