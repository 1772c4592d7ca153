package job

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"cognito-confirm/internal/codes"
)

// TestOwnCodesAreShown: a code that this program gives is on the list of those that
// may be shown. The test of the table in internal/cognito has the others.
func TestOwnCodesAreShown(t *testing.T) {
	own := []string{codeStore}
	file, err := parser.ParseFile(token.NewFileSet(), "../rows/validate.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Code") {
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			own = append(own, code)
		}
		return true
	})
	if len(own) < 8 {
		t.Errorf("only %q are found: the test reads the wrong thing", own)
	}
	for _, code := range own {
		if codes.Shown(code) != code {
			t.Errorf("%s is not shown", code)
		}
	}
}
