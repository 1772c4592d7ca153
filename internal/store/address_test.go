package store

import "testing"

func TestParseAddress(t *testing.T) {
	tests := map[string]struct {
		want Address
		ok   bool
	}{
		"s3://users/a.csv":         {Address{"users", "a.csv"}, true},
		"S3://users/a.csv":         {Address{"users", "a.csv"}, true},
		"s3://users.eu-1/x/y z/ü":  {Address{"users.eu-1", "x/y z/ü"}, true},
		"s3://users":               {},
		"s3://users/":              {},
		"s3://users/folder/":       {},
		"s3:///a.csv":              {},
		"s3://Users/a.csv":         {},
		"s3://u/a.csv":             {},
		"s3://key:secret@u/a.csv":  {},
		"s3://users/a\nb":          {},
		"users.csv":                {},
		"s3:users/a.csv":           {},
		"https://users.s3/a.csv":   {},
		"s3://users_of_mine/a.csv": {},
	}
	for path, test := range tests {
		got, err := ParseAddress(path)
		if got != test.want || (err == nil) != test.ok {
			t.Errorf("%q: %+v, %v", path, got, err)
		}
		if test.ok && got.String() != "s3://"+test.want.Bucket+"/"+test.want.Key {
			t.Errorf("%q is written as %s", path, got)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	f.Add("s3://users/a.csv")
	f.Add("s3://users/")
	f.Fuzz(func(t *testing.T, path string) {
		address, err := ParseAddress(path)
		if err != nil {
			return
		}
		again, err := ParseAddress(address.String())
		if err != nil || again != address {
			t.Errorf("%q is %+v, and that is %+v, %v", path, address, again, err)
		}
	})
}
