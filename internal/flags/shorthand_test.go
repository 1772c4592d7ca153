package flags

import (
	"slices"
	"testing"
)

// TestShorthand reads what the AWS CLI reads, as it does. TestShorthandOfTheCLI
// asks the CLI itself.
func TestShorthand(t *testing.T) {
	for text, want := range map[string][]metadataPair{
		"a=b":                  {{"a", "b"}},
		"a=b,c=d":              {{"a", "b"}, {"c", "d"}},
		"a=b, c=d":             {{"a", "b"}, {"c", "d"}},
		"a=":                   {{"a", ""}},
		"a=,b=":                {{"a", ""}, {"b", ""}},
		"a = b ,c= d ":         {{"a", "b"}, {"c", "d"}},
		`a="b,c",d='e,f'`:      {{"a", "b,c"}, {"d", "e,f"}},
		`a=b\,c`:               {{"a", "b,c"}},
		`a='it\'s',b="\"\\"`:   {{"a", "it's"}, {"b", `"\`}},
		"a=b=c==":              {{"a", "b=c=="}},
		"a=x[1]":               nil,
		"a=]1,b=}":             {{"a", "]1"}, {"b", "}"}},
		"a.b-c_d/e:f#1=x":      {{"a.b-c_d/e:f#1", "x"}},
		"a=zwei Wörter":        {{"a", "zwei Wörter"}},
		"a=http://x/y?z=1&w=2": {{"a", "http://x/y?z=1&w=2"}},
		`a=C:\dir`:             {{"a", `C:\dir`}},
		"":                     nil,
		"a":                    nil,
		"=b":                   nil,
		"a=b,":                 nil,
		"a=b,c":                nil,
		"a=b,c,d=e":            nil,
		"a==b":                 nil,
		"a=[b,c]":              nil,
		"a={b=c}":              nil,
		"a=O'Neil":             nil,
		`a="b`:                 nil,
		`a="b"c`:               nil,
		"ä=b":                  nil,
		"a b=c":                nil,
	} {
		got, err := parseShorthand(text)
		if (err == nil) != (want != nil) || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

// TestMetadataInJSON: a key that comes twice means one or the other.
func TestMetadataInJSON(t *testing.T) {
	got, err := parseStrings(` {"a": "b", "c": "d,\u00e4"} `)
	if err != nil || !slices.Equal(got, []metadataPair{{"a", "b"}, {"c", "d,ä"}}) {
		t.Errorf("%q, %v", got, err)
	}
	for _, text := range []string{`{`, `{"a"}`, `{"a":1}`, `{"a":null}`, `{"a":["b"]}`, `{"a":"b"}{}`, `{"a":"b",}`, `["a"]`, `{"a":"b"`} {
		if got, err := parseStrings(text); err == nil {
			t.Errorf("%s is %q", text, got)
		}
	}
}

func FuzzShorthand(f *testing.F) {
	for _, text := range []string{"a=b,c=d", `a="b,c"`, `a=b\,c`, "a='"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pairs, err := parseShorthand(text)
		for _, pair := range pairs {
			if err != nil || pair.key == "" {
				t.Errorf("%q: %q, %v", text, pair, err)
			}
		}
	})
}
