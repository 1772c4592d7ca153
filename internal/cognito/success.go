package cognito

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/schemas"
	"github.com/aws/smithy-go"
)

// checkSuccess checks that a 200 is what the service answers to the operation.
// The SDK would take an empty body, an echo of the request, or JSON followed by
// anything.
func checkSuccess(operation string, header http.Header, body []byte) error {
	if hasError(header) {
		return errErrorHeader
	}
	if err := checkContent(header); err != nil {
		return err
	}
	return checkOutput(operation, body)
}

// checkContent checks that the headers tell of JSON as it stands. Two headers of a
// kind are none.
func checkContent(header http.Header) error {
	contentType := strings.Join(header["Content-Type"], ", ")
	if contentType != "application/x-amz-json-1.1" { // what the service sends, to the letter
		media, parameters, err := mime.ParseMediaType(contentType)
		charset, hasCharset := parameters["charset"]
		// Emulators and gateways have these.
		if err != nil || media != "application/x-amz-json-1.1" && media != "application/x-amz-json-1.0" && media != "application/json" ||
			hasCharset && !strings.EqualFold(charset, "utf-8") {
			return fmt.Errorf("content type %.60q", contentType)
		}
	}
	// No other was asked for, see newTransport.
	if encoding := strings.Join(header["Content-Encoding"], ", "); encoding != "" && encoding != "identity" {
		return fmt.Errorf("content encoding %.60q", encoding)
	}
	return nil
}

var errErrorHeader = errors.New("the header of an error")

// hasError reports whether there is x-amzn-ErrorType among the headers, or
// another one of its kind, in any spelling.
func hasError(header http.Header) bool {
	for name := range header {
		if isErrorHeader(name, "x-amzn-error") || isErrorHeader(name, "x-amzn-query-error") {
			return true
		}
	}
	return false
}

// isErrorHeader reports whether the name of a header starts like this. Gateways
// write _ in the place of -.
func isErrorHeader(name, start string) bool {
	name = strings.ReplaceAll(name, "_", "-")
	return len(name) >= len(start) && strings.EqualFold(name[:len(start)], start)
}

// outputOf returns the shape of what an operation returns, nil for an operation that
// this package does not call.
func outputOf(operation string) *smithy.Schema {
	switch operation {
	case OperationName:
		return schemas.AdminConfirmSignUpResponse
	case MarkOperation:
		return schemas.AdminUpdateUserAttributesResponse
	case ListOperation:
		return schemas.ListUsersResponse
	case describeOperation:
		return schemas.DescribeUserPoolResponse
	case quotaOperation:
		return schemas.GetProvisionedLimitResponse
	}
	return nil
}

// checkOutput checks the body of a success against what the operation returns by
// the API. An operation without an output never succeeds. Where the output has no
// members, anything in it means that it is not the output.
func checkOutput(operation string, body []byte) error {
	output := outputOf(operation)
	switch {
	case output == nil:
		return errors.New("no rule for what it returns")
	case len(output.Members()) > 0:
		return checkShape(body, output)
	case !isEmptyObject(body):
		return errors.New("a body that is not {}")
	}
	return nil
}

// isEmptyObject reports whether the body is a JSON object without members.
func isEmptyObject(body []byte) bool {
	const space = " \t\r\n"
	body = bytes.Trim(body, space)
	return len(body) >= 2 && body[0] == '{' && body[len(body)-1] == '}' && len(bytes.Trim(body[1:len(body)-1], space)) == 0
}
