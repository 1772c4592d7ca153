package store

import (
	"regexp"
	"strings"
)

const scheme = "s3://"

// Address is where an object is.
type Address struct{ Bucket, Key string }

// IsAddress reports whether a path is the address of an object, well formed or not,
// and not that of a file.
func IsAddress(path string) bool {
	return len(path) >= len(scheme) && strings.EqualFold(path[:len(scheme)], scheme)
}

// AddressError tells that an address cannot be one.
type AddressError struct{ Path, Reason string }

func (e *AddressError) Error() string { return e.Path + " " + e.Reason }

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// maxKey is how many bytes S3 allows, less what is put after a name here.
const maxKey = 1024 - 100

// ParseAddress reads s3://bucket/key. Its error is an [*AddressError].
func ParseAddress(path string) (Address, error) {
	if !IsAddress(path) {
		return Address{}, &AddressError{path, "is not an s3:// address"}
	}
	bucket, key, _ := strings.Cut(path[len(scheme):], "/")
	switch {
	case !bucketName.MatchString(bucket):
		return Address{}, &AddressError{path, "does not name a bucket: it is s3://bucket/key"}
	case key == "" || strings.HasSuffix(key, "/"):
		return Address{}, &AddressError{path, "names no object in the bucket: it is s3://bucket/key"}
	case len(key) > maxKey:
		return Address{}, &AddressError{path, "is too long"}
	case strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return Address{}, &AddressError{"the address", "has a control character in it"}
	}
	return Address{bucket, key}, nil
}

// String returns the address as it is written.
func (a Address) String() string { return scheme + a.Bucket + "/" + a.Key }
