package job

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/report"
)

func TestSecondRunInABucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.put("in/users.csv", usersCSV(400))
		o := c.machine().options()
		o.Rate = 10
		a := start(t, o)
		time.Sleep(3 * time.Second)
		m := c.machine()
		second := m.options()
		second.Resume, second.Opening = true, new(Opening)
		waiting := make(chan OpeningState, 1)
		time.AfterFunc(time.Second, func() { waiting <- second.Opening.State() })
		_, err := Open(t.Context(), second)
		if got, want := <-waiting, (OpeningState{Part: PartOutputs, Locking: true}); got != want {
			t.Errorf("while it waits: %+v", got)
		}
		host, _ := os.Hostname()
		if !errors.Is(err, report.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("host %s, process %d", host, os.Getpid())) {
			t.Errorf("got %v", err)
		}
		if left := filesIn(t, m.disk); len(left) > 0 {
			t.Errorf("left on the disk: %q", left)
		}
		if err := <-a.done; err != nil {
			t.Error(err)
		}
	})
}

func TestFilesInTheWay(t *testing.T) {
	part := "in/users.report.csv.parts/x-1-2.csv"
	exists, foreign := "exists", "is not known to have the rows of this report"
	tests := map[string]struct {
		objects           []string
		resume, overwrite bool
		change            func(*Options)
		want              string
	}{
		"a report":                       {[]string{"in/users.report.csv"}, false, false, nil, exists},
		"parts":                          {[]string{part}, false, false, nil, exists},
		"failed rows":                    {[]string{"in/users.failed.csv"}, false, false, nil, exists},
		"failed rows, resumed":           {[]string{"in/users.failed.csv"}, true, false, nil, exists},
		"a report, resumed":              {[]string{"in/users.report.csv"}, true, false, nil, ""},
		"a report, overwritten":          {[]string{"in/users.report.csv"}, false, true, nil, ""},
		"everything, overwritten":        {[]string{"in/users.report.csv", part, "in/users.failed.csv", "in/users.malformed.csv"}, false, true, nil, ""},
		"everything, resumed":            {[]string{"in/users.report.csv", part, "in/users.failed.csv", "in/users.malformed.csv"}, true, false, nil, ""},
		"failed rows of another report":  {[]string{"in/users.report.csv", "other"}, true, false, func(o *Options) { o.Failed = address("other") }, foreign},
		"a report on the disk":           {nil, false, false, func(o *Options) { o.Report = filepath.Join(o.Scratch, "r.csv"); o.Failed = address("f") }, "must both be"},
		"failed rows on the disk":        {nil, false, false, func(o *Options) { o.Failed = "users.failed.csv" }, "must both be"},
		"the report is the input":        {nil, false, false, func(o *Options) { o.Report = o.Input.Path }, "are the same file"},
		"the report is the failed rows":  {nil, false, false, func(o *Options) { o.Failed = address("in/users.report.csv") }, "are the same file"},
		"an address without a key":       {nil, false, false, func(o *Options) { o.Report = "s3://users" }, "names no object"},
		"an input that is not there":     {nil, false, false, func(o *Options) { o.Input.Path = address("in/nobody.csv") }, "does not exist"},
		"a bucket that is not there":     {nil, false, false, func(o *Options) { o.Input.Path = "s3://nobody/users.csv" }, "open s3://nobody/users.csv"},
		"no events":                      {nil, false, false, func(o *Options) { o.Events = NoEvents }, ""},
		"a damaged report, resumed":      {[]string{"in/users.report.csv=" + reportHeader + "2,user00000\n"}, true, false, nil, address("in/users.report.csv") + " is damaged"},
		"a damaged part, resumed":        {[]string{"in/users.report.csv", part + "=" + reportHeader + "2,user00000\n"}, true, false, nil, address("in/users.report.csv") + " is damaged"},
		"something else, to be resumed":  {[]string{"in/users.report.csv=hello\n"}, true, false, nil, address("in/users.report.csv") + " is not a report"},
		"something else, to be replaced": {[]string{"in/users.report.csv=hello\n"}, false, true, nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t)
				c.put("in/users.csv", usersCSV(3))
				for _, object := range test.objects {
					key, text, given := strings.Cut(object, "=")
					if !given {
						text = reportHeader
					}
					c.put(key, text)
				}
				before := c.keys()
				m := c.machine()
				o := m.options()
				o.Resume, o.Overwrite = test.resume, test.overwrite
				if test.change != nil {
					test.change(&o)
				}
				j, err := Open(t.Context(), o)
				if test.want == "" {
					if err != nil {
						t.Fatal(err)
					}
					if err := errors.Join(j.Run(t.Context()), j.Close()); err != nil {
						t.Fatal(err)
					}
					c.checkReport("in/users.report.csv", 3)
					if got := c.keys(); strings.Contains(got, "parts") || strings.Contains(got, "lock") || strings.Contains(got, "failed") {
						t.Errorf("in the bucket: %s", got)
					}
					return
				}
				if err == nil {
					j.Close()
				}
				if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), m.disk) && !strings.Contains(test.want, "both") {
					t.Errorf("got %v", err)
				}
				if got := c.keys(); got != before {
					t.Errorf("in the bucket: %s, before %s", got, before)
				}
				if left := filesIn(t, m.disk); len(left) > 0 {
					t.Errorf("left on the disk: %q", left)
				}
			})
		})
	}
}
