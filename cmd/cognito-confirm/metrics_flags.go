package main

import (
	"fmt"
	"regexp"
	"strings"

	"cognito-confirm/internal/atomicfile"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/metrics"
	"cognito-confirm/internal/store"
)

// metricsFlags set where the metrics of a run go.
type metricsFlags struct {
	MetricsFile string `placeholder:"PATH" help:"Write metrics in Prometheus' text format every ten seconds and at the end, for node_exporter's textfile collector."`
	LogEMF      string `name:"log-emf" placeholder:"NAMESPACE" help:"With --log-format json: write the same as metrics of CloudWatch in this namespace, in lines of the embedded metric format."`
}

// metricsMode: node_exporter is another user, and no name is in the metrics.
const metricsMode = 0o644

// namespace matches what CloudWatch allows.
var namespace = regexp.MustCompile(`^[\w.#/:-][\w.#/: -]{0,254}$`)

// check refuses flags that make no sense.
func (f metricsFlags) check(logFormat string) error {
	switch {
	case f.LogEMF != "" && logFormat != "json":
		return flags.Usage("--log-emf needs --log-format json", "")
	case f.LogEMF != "" && !namespace.MatchString(f.LogEMF):
		return flags.Usage(fmt.Sprintf("%q is no namespace of CloudWatch", f.LogEMF), "letters, digits and . - _ / # : and spaces, 255 at most")
	case f.MetricsFile == "-" || store.IsAddress(f.MetricsFile):
		return flags.Usage("--metrics-file must be a path", "the file is written again and again")
	}
	return nil
}

// warn tells of a name that node_exporter passes over. Another program may read it.
func (f metricsFlags) warn(c *console) {
	if f.MetricsFile != "" && !strings.HasSuffix(f.MetricsFile, ".prom") {
		c.warnf("--metrics-file %s: node_exporter reads only names that end with .prom", f.MetricsFile)
	}
}

// file is where the metrics go.
func (f metricsFlags) file(overwrite bool) outputFile {
	return outputFile{
		path: f.MetricsFile, options: atomicfile.Options{Overwrite: overwrite, Ours: metrics.IsOurs, Mode: metricsMode},
		what: "metrics", foreign: " and has no metrics of this program", hint: "give another --metrics-file",
	}
}
