package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	// answerTime is how long a small request may take, its repetitions included.
	answerTime = 10 * time.Second
	// rangeTime is how long a range may take, or a write of up to oneRequest.
	rangeTime = time.Minute
	// oneRequest is up to what size an object is written with one request, the
	// only kind whose conditions every service honours.
	oneRequest = 16 << 20
	// regionOfEmulators goes into the signature, which no emulator reads.
	regionOfEmulators = "us-east-1"
	// ownerKey is the name under which S3 keeps an owner.
	ownerKey = "report"
)

// S3 is a bucket of Amazon S3, or of another service that speaks its protocol.
// Names are keys. Make one with OpenS3.
type S3 struct {
	bucket   string
	client   *s3.Client
	transfer *transfermanager.Client
}

// OpenS3 returns the bucket, in whatever Region that is. The configuration has the
// credentials; AWS_ENDPOINT_URL_S3 and its kin in the environment and the files
// lead to another service. The error is a [*RefusedError].
func OpenS3(ctx context.Context, loaded aws.Config, bucket string) (*S3, error) {
	b := &S3{bucket: bucket}
	b.connect(loaded, "")
	if aws.ToString(b.client.Options().BaseEndpoint) != "" {
		return b, nil
	}
	ctx, cancel := within(ctx, answerTime)
	defer cancel()
	head, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	region := regionOf(err)
	if head != nil {
		region = aws.ToString(head.BucketRegion)
	}
	if region == "" {
		// Who may read and write objects need not be allowed to ask for the bucket.
		if err = b.refused(ctx, "open", "", err); isFinal(err) && !isForbidden(err) {
			return nil, err
		}
	}
	if region != "" && region != b.client.Options().Region {
		b.connect(loaded, region)
	}
	return b, nil
}

func (b *S3) connect(loaded aws.Config, region string) {
	b.client = s3.NewFromConfig(loaded, func(o *s3.Options) {
		o.Region = cmp.Or(region, o.Region, regionOfEmulators)
		// A stand-in has no host for each bucket.
		o.UsePathStyle = o.BaseEndpoint != nil
		// A checksum is that of the whole object, and some services send it with a range.
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})
	b.transfer = transfermanager.New(b.client, func(o *transfermanager.Options) {
		o.MultipartUploadThreshold = oneRequest
		// The transfer manager has a setting of its own, and does not read that of the client.
		o.RequestChecksumCalculation = b.client.Options().RequestChecksumCalculation
	})
}

// address names an object in a message.
func (b *S3) address(name string) string { return Address{b.bucket, name}.String() }

// Stat implements [Store].
func (b *S3) Stat(ctx context.Context, name string) (Info, error) {
	ctx, cancel := within(ctx, answerTime)
	defer cancel()
	head, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.bucket, Key: &name})
	if err != nil {
		return Info{}, b.refused(ctx, "open", name, err)
	}
	info := Info{
		Size: aws.ToInt64(head.ContentLength), Tag: aws.ToString(head.ETag), Pin: aws.ToString(head.VersionId),
		Owner: head.Metadata[ownerKey],
	}
	if info.Pin == "null" { // of a bucket that keeps no versions: it would be those of any time
		info.Pin = ""
	}
	return info, nil
}

// Read implements [Store].
func (b *S3) Read(ctx context.Context, name string, of Info, from, to int64) ([]byte, error) {
	if from >= to {
		return nil, nil
	}
	ctx, cancel := within(ctx, rangeTime)
	defer cancel()
	got, err := b.client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &b.bucket, Key: &name, VersionId: unlessEmpty(of.Pin),
		Range: aws.String(fmt.Sprintf("bytes=%d-%d", from, to-1)), IfMatch: &of.Tag,
	})
	if err != nil {
		if err = b.refused(ctx, "read", name, err); isConflict(err) {
			err = fmt.Errorf("read %s: %w", b.address(name), ErrChanged)
		}
		return nil, err
	}
	defer got.Body.Close()
	// Not every service looks at the condition.
	if tag := aws.ToString(got.ETag); tag != of.Tag {
		return nil, fmt.Errorf("read %s: %w", b.address(name), ErrChanged)
	}
	var text bytes.Buffer
	text.Grow(int(to-from) + bytes.MinRead)
	if _, err = text.ReadFrom(io.LimitReader(got.Body, to-from)); err == nil && int64(text.Len()) < to-from {
		err = errBrokeOff
	}
	if err != nil {
		return nil, b.refused(ctx, "read", name, err)
	}
	return text.Bytes(), nil
}

// Write implements [Store].
func (b *S3) Write(ctx context.Context, name string, body io.ReadSeeker, a Attributes) (tag string, err error) {
	size, err := body.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = body.Seek(0, io.SeekStart)
	}
	if err != nil {
		return "", fmt.Errorf("write %s: %w", b.address(name), err)
	}
	if size <= oneRequest {
		tag, err = b.put(ctx, name, body, size, a)
	} else {
		tag, err = b.upload(ctx, name, body, size, a)
	}
	if err != nil {
		return "", b.refused(ctx, "write", name, err)
	}
	return tag, nil
}

func (b *S3) put(ctx context.Context, name string, body io.ReadSeeker, size int64, a Attributes) (string, error) {
	// A part that is not answered keeps the others waiting.
	ctx, cancel := within(ctx, answerTime+time.Duration(float64(rangeTime-answerTime)*float64(size)/oneRequest))
	defer cancel()
	put, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.bucket, Key: &name, Body: body,
		IfMatch: unlessEmpty(a.Condition.Tag), IfNoneMatch: a.Condition.ifNoneMatch(), Metadata: a.metadata(), ContentType: unlessEmpty(a.ContentType),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(put.ETag), nil
}

func (b *S3) upload(ctx context.Context, name string, body io.ReadSeeker, size int64, a Attributes) (string, error) {
	ctx, cancel := within(ctx, rangeTime*time.Duration(1+size/oneRequest))
	defer cancel()
	uploaded, err := b.transfer.UploadObject(ctx, &transfermanager.UploadObjectInput{
		Bucket: &b.bucket, Key: &name, Body: body,
		IfMatch: unlessEmpty(a.Condition.Tag), IfNoneMatch: a.Condition.ifNoneMatch(), Metadata: a.metadata(), ContentType: unlessEmpty(a.ContentType),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(uploaded.ETag), nil
}

func unlessEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (c Condition) ifNoneMatch() *string {
	if !c.Absent {
		return nil
	}
	return aws.String("*")
}

func (a Attributes) metadata() map[string]string {
	if a.Owner == "" {
		return nil
	}
	return map[string]string{ownerKey: a.Owner}
}

// List implements [Store].
func (b *S3) List(ctx context.Context, prefix string) ([]string, error) {
	var names []string
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := b.nextPage(ctx, pages)
		if err != nil {
			return nil, b.refused(ctx, "list", prefix, err)
		}
		for _, object := range page.Contents {
			names = append(names, aws.ToString(object.Key))
		}
	}
	slices.Sort(names)
	return names, nil
}

func (b *S3) nextPage(ctx context.Context, pages *s3.ListObjectsV2Paginator) (*s3.ListObjectsV2Output, error) {
	ctx, cancel := within(ctx, answerTime)
	defer cancel()
	return pages.NextPage(ctx)
}

// Remove implements [Store].
func (b *S3) Remove(ctx context.Context, name string) error {
	ctx, cancel := within(ctx, answerTime)
	defer cancel()
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.bucket, Key: &name})
	if err != nil {
		return b.refused(ctx, "remove", name, err)
	}
	return nil
}
