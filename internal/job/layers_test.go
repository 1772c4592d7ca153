package job

import (
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "cognito-confirm/"

// layer tells what a package may import beside the standard library. Imports
// point one way: cmd, job, then report, rows and cognito, then worker.
type layer struct {
	name string
	// packages of this module, and of other modules; nil for any other module.
	own, foreign []string
	because      string
}

var layers = []layer{
	{"worker", nil, []string{"golang.org/x/sync/errgroup"},
		"the pool takes any operation: what it calls, reads and writes is given to it"},
	{"ratelimit", nil, []string{"golang.org/x/time/rate"},
		"the controller knows only calls and throttles, so that it can be simulated and used for any quota"},
	{"internal/oneline", nil, []string{},
		"everybody may import it"},
	{"internal/codes", nil, []string{},
		"everybody may import it"},
	{"internal/rows", []string{"worker", "internal/oneline"}, nil,
		"an input is read in the same way whoever is called for its rows"},
	{"internal/cognito", []string{"worker", "internal/codes", "internal/oneline"}, nil,
		"what an answer means does not depend on where rows come from and results go"},
	{"internal/userpool", []string{"worker", "ratelimit", "internal/cognito"}, nil,
		"users are listed without a job, an input or a report"},
	{"internal/audit", []string{"worker", "report", "internal/cognito", "internal/oneline"}, nil,
		"rows and users are compared wherever either of them comes from"},
	{"internal/atomicfile", nil, []string{"golang.org/x/sys/unix"},
		"everybody who writes a file may import it"},
	{"internal/lease", []string{"worker"}, []string{},
		"a lease is kept in the same way whoever grants it"},
	{"internal/store", []string{"internal/lease", "internal/codes", "internal/atomicfile"}, nil,
		"a store keeps whatever files, and knows nothing of what is in them"},
	{"report", []string{"worker", "internal/codes", "internal/oneline", "internal/atomicfile"}, nil,
		"a report can be read and resumed by a program that calls nobody"},
	{"internal/events", []string{"internal/atomicfile"}, []string{},
		"events are about any run of any driver"},
	{"internal/job", []string{"worker", "ratelimit", "report", "internal/rows", "internal/cognito", "internal/events", "internal/lease", "internal/store", "internal/oneline"}, nil,
		"a second driver gets a job without the flags, signals and words of the first"},
	{"internal/flags", []string{"worker", "ratelimit", "internal/rows", "internal/cognito", "internal/oneline"}, nil,
		"a flag means the same to every program that has it"},
	{"internal/program", nil, []string{},
		"a program begins and ends in the same way whatever it does"},
	{"internal/words", nil, []string{},
		"everybody may import it"},
	{"internal/messages", []string{"internal/oneline"}, nil,
		"what is said does not depend on how it gets to the reader"},
	{"internal/progress", []string{"ratelimit", "internal/words"}, nil,
		"what is shown is a function of numbers, whoever has them"},
	{"internal/live", []string{"internal/messages"}, nil,
		"a picture is drawn whatever it is of"},
	{"internal/metrics", nil, []string{"github.com/prometheus/client_model/go", "github.com/prometheus/common/expfmt"},
		"a sample is a function of numbers, whoever has them"},
	{"internal/page", []string{"worker", "report", "internal/rows", "internal/cognito", "internal/codes", "internal/events", "internal/oneline", "internal/words"}, nil,
		"a page is drawn from files, whoever has left them"},
	{"internal/fakecognito", nil, nil,
		"the stand-in must be able to disagree with the program"},
}

// imports returns what every package of the module imports, tests left out.
func imports(root string) (map[string][]string, error) {
	found := make(map[string][]string)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if path != root {
			_, nested := os.Stat(filepath.Join(path, "go.mod"))
			if nested == nil || entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") {
				return filepath.SkipDir
			}
		}
		pkg, err := build.ImportDir(path, 0)
		if _, none := errors.AsType[*build.NoGoError](err); none {
			return nil
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		found[filepath.ToSlash(name)] = pkg.Imports
		return err
	})
	return found, err
}

// violations lists the imports that break a rule, each with the reason for it.
func violations(imports map[string][]string) []string {
	var broken []string
	for _, l := range layers {
		for _, path := range imports[l.name] {
			own, isOwn := strings.CutPrefix(path, module)
			switch {
			case isOwn && !slices.Contains(l.own, own),
				!isOwn && isForeign(path) && l.foreign != nil && !slices.Contains(l.foreign, path):
				broken = append(broken, fmt.Sprintf("%s imports %s: %s", l.name, path, l.because))
			}
		}
	}
	for name, paths := range imports {
		if slices.Contains(paths, module+"internal/fakecognito") && !strings.HasPrefix(name, "cmd/") {
			broken = append(broken, name+" imports the stand-in: only commands, tests and benchmarks may")
		}
		for _, path := range paths {
			if strings.HasPrefix(path, module+"cmd/") {
				broken = append(broken, fmt.Sprintf("%s imports %s: nothing is above a command", name, path))
			}
		}
	}
	slices.Sort(broken)
	return broken
}

// isForeign reports that a package is of another module: those of the standard
// library have no dot in their first element.
func isForeign(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

func TestLayers(t *testing.T) {
	all, err := imports(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layers {
		if _, ok := all[l.name]; !ok {
			t.Errorf("there is a rule for %s, and no such package", l.name)
		}
	}
	for _, broken := range violations(all) {
		t.Error(broken)
	}
}

// TestViolations makes sure that the rules can be broken.
func TestViolations(t *testing.T) {
	got := violations(map[string][]string{
		"worker":              {"context", "golang.org/x/sync/errgroup", "encoding/csv", "github.com/aws/aws-sdk-go-v2/aws"},
		"ratelimit":           {"golang.org/x/time/rate", module + "worker"},
		"report":              {"github.com/gofrs/flock", module + "worker", module + "internal/rows"},
		"internal/job":        {module + "report", module + "cmd/cognito-confirm"},
		"internal/another":    {module + "internal/fakecognito"},
		"cmd/cognito-confirm": {module + "internal/fakecognito"},
	})
	want := []string{
		"internal/another imports the stand-in",
		"internal/job imports cognito-confirm/cmd/cognito-confirm: a second driver",
		"internal/job imports cognito-confirm/cmd/cognito-confirm: nothing is above",
		"ratelimit imports cognito-confirm/worker: ",
		"report imports cognito-confirm/internal/rows: ",
		"worker imports github.com/aws/aws-sdk-go-v2/aws: ",
	}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("violations:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
