package rows

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestIsStream(t *testing.T) {
	file := put(t, "users.csv", "username\n")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Stat(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path string
		info os.FileInfo
		want bool
	}{
		{file, info, false},
		{file, nil, true},
		{file, dir, true},
		{"-", info, true},
		{"/dev/stdin", info, true},
		{"/dev//stdin", info, true},
		{"/dev/fd/63", info, true},
		{"/proc/self/fd/0", info, true},
		{"/proc/4711/fd/12", info, true},
		{"/proc/thread-self/fd/3", info, true},
		{"/dev/shm/users.csv", info, false},
		{"/home/dev/stdin", info, false},
		{"fd/63", info, false},
	}
	for _, test := range tests {
		if got := IsStream(test.path, test.info); got != test.want {
			t.Errorf("%s, info %v: %v", test.path, test.info, got)
		}
	}
}

// No name can be derived from standard input, under its other name either.
func TestOpenDevStdin(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	write.WriteString("username\nann\n")
	write.Close()
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("no descriptors under /proc")
	}
	path := filepath.Join("/proc/self/fd", strconv.Itoa(int(read.Fd())))
	in, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	wantRows(t, remainingRows(t, in.Reader), []readRow{goodRow(2, "ann", "ann")})
	if in.Info() != nil || !IsStream(path, in.Info()) {
		t.Errorf("info %v of a pipe", in.Info())
	}
}

func TestAddresses(t *testing.T) {
	const notAFile = "the input is an address, not a file"
	tests := []struct{ path, reason, hint string }{
		{"s3://bucket/in/users.csv.gz", notAFile + ": s3:// is not read here",
			"fetch it on the way: aws s3 cp s3://bucket/in/users.csv.gz - | cognito-confirm run - --report users.report.csv"},
		{"S3://bucket/my users.csv", notAFile + ": s3:// is not read here",
			"fetch it on the way: aws s3 cp 'S3://bucket/my users.csv' - | cognito-confirm run - --report 'my users.report.csv'"},
		{"s3://bucket/", notAFile + ": s3:// is not read here",
			"fetch it on the way: aws s3 cp s3://bucket/ - | cognito-confirm run - --report bucket.report.csv"},
		{"gs://bucket/users.csv", notAFile + ": gs:// is not read here",
			"fetch it on the way: gcloud storage cat gs://bucket/users.csv | cognito-confirm run - --report users.report.csv"},
		{"https://ann:secret@example.com/users.csv?X-Amz-Signature=secret", notAFile + ": https:// is not read here",
			"fetch it on the way: curl -fsSL URL | cognito-confirm run - --report users.report.csv"},
		{"file:///tmp/users.csv", "the input is given as a file:// address", "give the path alone"},
		{"ftp://ann:secret@example.com/users.csv", notAFile, "download it, and give the file"},
	}
	for _, test := range tests {
		_, err := Open(t.Context(), Options{Path: test.path})
		wantUnusable(t, err, test.reason, test.hint)
	}
}

func TestReportFor(t *testing.T) {
	for path, want := range map[string]string{
		"users.csv.bz2": "users.report.csv", "in/users.tsv": "in/users.report.csv", "users": "users.report.csv", "users.2026.csv.zst": "users.2026.report.csv",
		".csv": ".csv.report.csv", "in/.gz": "in/.gz.report.csv", "-": "users.report.csv", "/dev/stdin": "users.report.csv",
	} {
		if got := reportFor(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
