package cognito

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/schemas"
)

// checkException checks that an answer is an exception of the service about a call
// that it had nothing to do for, and no other answer. One that ends a row as a success
// has to pass; all others count by their code, whoever sends them.
func checkException(response *http.Response, body []byte) error {
	if response.StatusCode != http.StatusBadRequest {
		return errors.New("an exception of another status")
	}
	if err := checkContent(response.Header); err != nil {
		return err
	}
	if hasError(response.Trailer) {
		return errErrorHeader
	}
	const typeMember = "__type"
	if err := checkShape(body, schemas.NotAuthorizedException, typeMember); err != nil {
		return err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return err
	}
	types := errorTypes(response.Header)
	if len(types) > 1 {
		return errors.New("two headers of an exception")
	}
	if member, ok := members[typeMember]; ok {
		var name string
		if json.Unmarshal(member, &name) != nil {
			return errors.New("an exception without a name")
		}
		types = append(types, name)
	}
	for _, name := range types {
		if exceptionOf(name) != codeNotAuthorized {
			return errors.New("two exceptions")
		}
	}
	return nil
}

// errorTypes returns the values of all headers that tell the type of an error, in any spelling.
func errorTypes(header http.Header) (types []string) {
	for name, values := range header {
		if isErrorHeader(name, "x-amzn-errortype") || isErrorHeader(name, "x-amzn-query-error") {
			types = append(types, values...)
		}
	}
	return types
}

// exceptionOf returns the exception's name without a namespace before it or an address
// after it.
func exceptionOf(name string) string {
	name, _, _ = strings.Cut(name, ":")
	return name[strings.LastIndexByte(name, '#')+1:]
}
