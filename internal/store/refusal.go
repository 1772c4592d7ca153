package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"slices"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"cognito-confirm/internal/codes"
)

// errBrokeOff means that an answer ended before its end.
var errBrokeOff = errors.New("the answer broke off")

// finalCodes are the answers that are the same however often one asks. Credentials
// that have expired are not among them: others may come.
var finalCodes = []string{
	"AccessDenied", "AllAccessDisabled", "AuthorizationHeaderMalformed", "Forbidden", "InvalidAccessKeyId", "InvalidBucketName", "InvalidObjectState",
	"KeyTooLongError", "NoSuchBucket", "PermanentRedirect", "SignatureDoesNotMatch", "BadRequest", "MovedPermanently",
}

// refused makes one sentence of an error of the SDK. The service's own text stays
// out of it: it may name the account and whom it takes us for.
func (b *S3) refused(ctx context.Context, doing, name string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = context.Cause(ctx)
	}
	status, code := statusOf(err), ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code = api.ErrorCode()
	}
	address := b.address(name)
	switch {
	case code == "NoSuchKey" || code == "NotFound" || code == "" && status == http.StatusNotFound:
		return fmt.Errorf("%s %s: %w", doing, address, fs.ErrNotExist)
	case code == "NoSuchVersion":
		return fmt.Errorf("%s %s: %w", doing, address, ErrChanged)
	case status == http.StatusPreconditionFailed || status == http.StatusConflict:
		return fmt.Errorf("%s %s: %w", doing, address, ErrConflict)
	case code != "":
		return &RefusedError{doing, address, codes.Shown(code), slices.Contains(finalCodes, code)}
	case status != 0:
		return &RefusedError{doing, address, fmt.Sprintf("HTTP %d", status), false}
	}
	return &RefusedError{doing, address, plainly(err), false}
}

// plainly returns what this machine tells of the network, without the SDK's words.
func plainly(err error) string {
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return network.Error()
	}
	if errors.Is(err, errNoAnswer) || errors.Is(err, context.DeadlineExceeded) {
		return errNoAnswer.Error()
	}
	if errors.Is(err, context.Canceled) {
		return "canceled"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

func statusOf(err error) int {
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return response.HTTPStatusCode()
	}
	return 0
}

// regionOf returns the Region that S3 names when it was asked in another one, or "".
func regionOf(err error) string {
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok && response.HTTPResponse() != nil {
		return response.HTTPResponse().Header.Get("X-Amz-Bucket-Region")
	}
	return ""
}

func isForbidden(err error) bool {
	refusal, ok := errors.AsType[*RefusedError](err)
	return ok && (refusal.Reason == "Forbidden" || refusal.Reason == "AccessDenied")
}

func isConflict(err error) bool { return errors.Is(err, ErrConflict) }
