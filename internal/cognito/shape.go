package cognito

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/smithy-go"
)

// checkShape checks that a body is one JSON object of a shape of the API. The SDK
// reads the first value of a body, takes the last of two members of one name and
// passes over every name that it does not know: to it, users under another name are
// no users.
//
// Members that the API may get in the future are allowed, unless they could be one
// of the shape's in another spelling or tell that the answer is not what it seems.
func checkShape(body []byte, shape *smithy.Schema, allowed ...string) error {
	if !utf8.Valid(body) || !json.Valid(body) {
		return errors.New("a body that is not one JSON value")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	first, err := shapeReader{decoder}.value(shape, func(name string) error {
		if !slices.Contains(allowed, name) && contradicts(name) {
			return errors.New("a member of another kind of answer")
		}
		return nil
	})
	if err == nil && first == nil {
		err = errors.New("a null")
	}
	return err
}

// shapeReader reads a valid JSON value.
type shapeReader struct{ *json.Decoder }

// value reads a value of a shape, nil for one that the API does not have. It returns
// the token that the value begins with, nil for null. unknown, if there is one, judges
// the names of members that are not the shape's.
func (r shapeReader) value(shape *smithy.Schema, unknown func(name string) error) (json.Token, error) {
	token, err := r.Token()
	if err != nil {
		return nil, err
	}
	if shape != nil && token != nil && !fits(token, shape.Type()) {
		return nil, errors.New("a member of another type")
	}
	switch token {
	case json.Delim('{'):
		err = r.object(shape, unknown)
	case json.Delim('['):
		err = r.list(shape)
	}
	return token, err
}

func (r shapeReader) list(shape *smithy.Schema) error {
	var member *smithy.Schema
	if shape != nil {
		member = shape.ListMember()
	}
	for r.More() {
		if item, err := r.value(member, nil); err != nil {
			return err
		} else if item == nil && member != nil {
			return errors.New("a null in a list")
		}
	}
	_, err := r.Token() // its end
	return err
}

func (r shapeReader) object(shape *smithy.Schema, unknown func(name string) error) error {
	isPresent := make(map[string]bool)
	for r.More() {
		key, err := r.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if _, isSecond := isPresent[name]; isSecond {
			return errors.New("a member twice")
		}
		member, err := memberOf(shape, name)
		if err == nil && member == nil && unknown != nil {
			err = unknown(name)
		}
		if err != nil {
			return err
		}
		token, err := r.value(member, nil)
		if err != nil {
			return err
		}
		isPresent[name] = token != nil && token != ""
	}
	if required := requiredOf(shape); required != "" && !isPresent[required] {
		return fmt.Errorf("no %s in it", required)
	}
	_, err := r.Token() // its end
	return err
}

// requiredOf returns the member that a shape has in every answer of the service,
// though the model does not tell.
func requiredOf(shape *smithy.Schema) string {
	if shape == nil {
		return ""
	}
	name := shape.TargetID().Name // of what is inside another shape
	if name == "" {
		name = shape.ID().Name
	}
	switch name {
	case "ListUsersResponse":
		return "Users"
	case "UserType":
		return "Username"
	}
	return ""
}

// memberOf returns what is under a name in a shape, nil for what the API does not
// have. Its error is for a name that is one of the shape's in another spelling.
func memberOf(shape *smithy.Schema, name string) (*smithy.Schema, error) {
	switch {
	case shape == nil:
		return nil, nil
	case shape.Type() == smithy.ShapeTypeMap:
		return shape.MapValue(), nil
	case shape.Member(name) != nil:
		return shape.Member(name), nil
	}
	for known := range shape.Members() {
		if strings.EqualFold(known, name) || plain(known) == plain(name) {
			return nil, fmt.Errorf("%s in another spelling", known)
		}
	}
	return nil, nil
}

// fits reports whether a value that begins with the token can be of a type.
func fits(token json.Token, shape smithy.ShapeType) bool {
	switch shape {
	case smithy.ShapeTypeStructure, smithy.ShapeTypeUnion, smithy.ShapeTypeMap:
		return token == json.Delim('{')
	case smithy.ShapeTypeList, smithy.ShapeTypeSet:
		return token == json.Delim('[')
	case smithy.ShapeTypeString, smithy.ShapeTypeEnum:
		_, ok := token.(string)
		return ok
	case smithy.ShapeTypeBoolean:
		_, ok := token.(bool)
		return ok
	case smithy.ShapeTypeInteger, smithy.ShapeTypeLong, smithy.ShapeTypeTimestamp:
		_, ok := token.(json.Number)
		return ok
	}
	return true
}

// contradicts reports whether a member that the API does not have tells of an error,
// or of more than there is in the answer.
func contradicts(name string) bool {
	name = plain(name)
	return slices.Contains([]string{"type", "code", "message", "fault", "next"}, name) ||
		slices.ContainsFunc([]string{"error", "exception", "token", "marker", "cursor", "truncated"},
			func(part string) bool { return strings.Contains(name, part) })
}
