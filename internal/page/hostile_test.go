package page

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// elements lists the elements of a page with the names of their attributes, and
// its comments, in order.
func elements(t *testing.T, page string) (all []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		if node.Type == html.CommentNode {
			all = append(all, "comment")
		}
		if node.Type != html.ElementNode {
			continue
		}
		element := node.Data
		for _, attribute := range node.Attr {
			element += " " + attribute.Key
			if attribute.Key == "class" {
				element += "=" + attribute.Val
			}
		}
		all = append(all, element)
	}
	return all
}

// reportOf returns a report whose every text is made by a function.
func reportOf(t *testing.T, text func(string) string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(reportHeader)
	w := csv.NewWriter(&b)
	for i := range 10 {
		status := []string{"failed", "invalid", "trigger_failed", "confirmed", "already_confirmed"}[i%5]
		if err := w.Write([]string{fmt.Sprint(i + 2), text("username"), status, text("code"), text("message"), "1", "0", text("request"),
			fmt.Sprintf("2026-11-26T08:00:%02d.000Z", i), "40", text("STATUS"), examplePool}); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.String()
}

// TestHostileReport: whatever is in a report, the page has the elements that the
// template makes, and no other.
func TestHostileReport(t *testing.T) {
	const e = `{"t":"2026-11-26T08:00:00.000Z","event":"run","pool":"` + examplePool + `","pace":%[1]q,"region":%[1]q,"version":%[1]q}` + "\n" +
		`{"t":"2026-11-26T08:02:00.000Z","event":"end","outcome":%[1]q,"reason":%[1]q,"numbers":{"rows":10}}` + "\n"
	options := func(text string, usernames bool) Options {
		return Options{
			Report: strings.NewReader(reportOf(t, func(string) string { return text })), Events: strings.NewReader(fmt.Sprintf(e, text)),
			ReportName: text + ".report.csv", Input: text + ".csv", Failed: text, Usernames: usernames,
		}
	}
	for _, usernames := range []bool{false, true} {
		want := elements(t, drawn(t, options("harmless", usernames)))
		for _, hostile := range []string{
			`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title></style></script><svg onload=alert(1)>`,
			`<!--`, `-->`, `]]>`, `{{.Policy}}`, `javascript:alert(1)`, "`${alert(1)}`", `</table></main>`, `&lt;b&gt;`, "\u2028</script>\u202e", `\u003cscript>`,
		} {
			page := drawn(t, options(hostile, usernames))
			if got := elements(t, page); !slices.Equal(got, want) {
				t.Errorf("%s makes %d elements, want %d", hostile, len(got), len(want))
			}
		}
	}
}

// FuzzPage: no text makes an element.
func FuzzPage(f *testing.F) {
	f.Add(`<b>`)
	f.Add("a\x00\xff\u202e'\"&")
	var want []string
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.NewReplacer("\n", "", "\r", "", "\x00", "").Replace(text) // no field of a report has these
		if want == nil {
			want = elements(t, drawn(t, Options{Report: strings.NewReader(reportOf(t, func(string) string { return "harmless" })), Usernames: true}))
		}
		o := Options{Report: strings.NewReader(reportOf(t, func(name string) string { return name + text })), Usernames: true}
		if got := elements(t, drawn(t, o)); !slices.Equal(got, want) {
			t.Errorf("%q makes %d elements, want %d", text, len(got), len(want))
		}
	})
}

// TestPolicy: the page allows its own style and its own script by their hashes,
// and nothing else.
func TestPolicy(t *testing.T) {
	page := drawn(t, newExample(1).options(true))
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var policy string
	found := make(map[string][]string)
	for node := range root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		for _, attribute := range node.Attr {
			switch {
			case attribute.Key == "content" && node.Attr[0].Val == "Content-Security-Policy":
				policy = attribute.Val
			case attribute.Key == "style" || attribute.Key == "href" || attribute.Key == "src" || strings.HasPrefix(attribute.Key, "on"):
				t.Errorf("%s has the attribute %s", node.Data, attribute.Key)
			}
		}
		if node.Data == "style" || node.Data == "script" {
			found[node.Data] = append(found[node.Data], hash(node.FirstChild.Data))
		}
	}
	if len(found["style"]) != 1 || len(found["script"]) != 1 {
		t.Fatalf("styles and scripts: %v", found)
	}
	want := fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", found["style"][0], found["script"][0])
	if policy != want {
		t.Errorf("policy %q, want %q", policy, want)
	}
}
