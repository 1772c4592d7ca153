package codes

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// TestExceptionsOfAPIs: the lists have every exception that the SDK has for the
// services which are called. One that is new is added to its list.
func TestExceptionsOfAPIs(t *testing.T) {
	for service, list := range map[string]func(string) bool{
		"cognitoidentityprovider": ofCognito, "s3": IsException, "sts": IsException, "sso": IsException, "ssooidc": IsException, "signin": IsException,
	} {
		exceptions := exceptionsOf(t, "github.com/aws/aws-sdk-go-v2/service/"+service+"/types")
		if len(exceptions) < 4 {
			t.Errorf("%s has only %q: the test reads the wrong thing", service, exceptions)
		}
		for _, code := range exceptions {
			if !list(code) || Shown(code) != code {
				t.Errorf("%s has %s, and the list has not", service, code)
			}
		}
	}
	for _, status := range types.UserStatusType("").Values() {
		if ShownStatus(string(status)) != string(status) {
			t.Errorf("status %s is not shown", status)
		}
	}
}

// exceptionsOf returns the codes of a package's exceptions: the texts that its
// methods ErrorCode return.
func exceptionsOf(t *testing.T, path string) (codes []string) {
	t.Helper()
	pkg, err := build.Import(path, ".", build.FindOnly)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(pkg.Dir, "errors.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range file.Decls {
		method, ok := declaration.(*ast.FuncDecl)
		if !ok || method.Name.Name != "ErrorCode" {
			continue
		}
		ast.Inspect(method, func(node ast.Node) bool {
			if text, ok := node.(*ast.BasicLit); ok && text.Kind == token.STRING {
				code, err := strconv.Unquote(text.Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, code)
			}
			return true
		})
	}
	return slices.DeleteFunc(codes, func(code string) bool { return code == "" }) // a nil exception's
}

// TestShown: nothing is shown but what is on a list, as it stands there.
func TestShown(t *testing.T) {
	for code, want := range map[string]string{
		"": "", "UserNotFoundException": "UserNotFoundException", "timeout": "timeout", "unknown_code": "unknown_code", "http_503": "http_503",
		"usernotfoundexception": Unknown, "UserNotFoundException ": Unknown, "AnnUserNotFoundException": Unknown, "Timeout": Unknown,
		"ann": Unknown, "YW5u": Unknown, "BrandNewException": Unknown, "other": Unknown, "http_": Unknown, "http_0503": Unknown, "http_ann": Unknown,
		"http_503\n": Unknown, "\x1b[2J": Unknown, strings.Repeat("x", 1<<16): Unknown,
	} {
		if got := Shown(code); got != want {
			t.Errorf("%.40q is shown as %q, want %q", code, got, want)
		}
	}
	for status, want := range map[string]string{"": "", "CONFIRMED": "CONFIRMED", "confirmed": "", "ANN": "", "BRAND_NEW": "", "CONFIRMED ": ""} {
		if got := ShownStatus(status); got != want {
			t.Errorf("status %q is shown as %q, want %q", status, got, want)
		}
	}
	for _, own := range []string{"timeout", "unknown_code", "http_503", "malformed_record", "UnknownError"} {
		if IsException(own) {
			t.Errorf("%s is an exception", own)
		}
	}
}
