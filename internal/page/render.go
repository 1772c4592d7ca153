package page

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

// Mark is how every page begins, so that a page can be told from any other file.
const Mark = "<!DOCTYPE html>\n<!-- cognito-confirm: a report as a page -->\n"

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// document is a page with all that goes into it.
type document struct {
	*view
	Style  template.CSS
	Script template.JS
	// Policy allows this style, this script, and nothing else.
	Policy string
}

// render writes the page.
func render(w io.Writer, v *view) error {
	out := bufio.NewWriter(w)
	out.WriteString(Mark) // what follows returns any error
	policy := fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", hash(pageCSS), hash(pageJS))
	parsed := template.Must(template.New("page").Parse(pageHTML))
	err := parsed.Execute(out, document{v, template.CSS(pageCSS), template.JS(pageJS), policy})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// hash is how a Content-Security-Policy names a script or a style.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
