package job

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"

	"cognito-confirm/internal/store"
)

// File is a file that a job or its driver reads or writes.
type File struct {
	// Role is what the file is for, as in "the report".
	Role, Path string
	// Info identifies a file that is open already. Nil: it is known by its path.
	Info os.FileInfo
}

// files lists the files of a job whose input is open. An input that is no
// regular file cannot be overwritten.
func (j *Job) files() []File {
	var files []File
	if info := j.input.Info(); info != nil {
		files = append(files, File{Role: "input", Path: j.options.Input.Path, Info: info})
	} else if store.IsAddress(j.options.Input.Path) {
		files = append(files, File{Role: "input", Path: j.options.Input.Path})
	}
	return append(files, j.options.written()...)
}

// written lists the files that a job writes, the events file last.
func (o Options) written() []File {
	files := []File{
		{Role: "report", Path: o.Report},
		{Role: "failed-rows file", Path: o.Failed},
		{Role: "file of malformed records", Path: o.Malformed},
	}
	if o.Events != NoEvents {
		files = append(files, File{Role: "events file", Path: o.Events})
	}
	return files
}

// checkFiles returns a [*SameFileError] when writing one file would destroy another.
func (j *Job) checkFiles() error {
	own := j.files()
	if err := Distinct(slices.Concat(own, j.options.Outputs)...); err != nil {
		return err
	}
	for _, stream := range j.options.Streams {
		if err := Distinct(append(own, stream)...); err != nil {
			return err
		}
	}
	return nil
}

// Distinct returns a *SameFileError when two of the files are one, by whatever
// link or name.
func Distinct(files ...File) error {
	for i, second := range files {
		for _, first := range files[:i] {
			if same(first, second) {
				return &SameFileError{First: first.Role, Second: second.Role, Path: cmp.Or(second.Path, first.Path)}
			}
		}
	}
	return nil
}

func same(a, b File) bool {
	infoA, infoB := a.stat(), b.stat()
	if infoA != nil && infoB != nil {
		return os.SameFile(infoA, infoB)
	}
	return infoA == nil && infoB == nil && resolved(a.Path) == resolved(b.Path)
}

func (f File) stat() os.FileInfo {
	if f.Info != nil {
		return f.Info
	}
	info, _ := os.Stat(f.Path) // nil for none
	return info
}

// resolved returns the one name of a file that does not exist yet.
func resolved(path string) string {
	if target, err := os.Readlink(path); err == nil {
		// A link to nowhere: writing to it makes its target.
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	directory, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		directory = filepath.Dir(path)
	}
	absolute, err := filepath.Abs(filepath.Join(directory, filepath.Base(path)))
	if err != nil {
		return path
	}
	return absolute
}
