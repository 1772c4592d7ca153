package rows

import "testing"

func TestMangled(t *testing.T) {
	kinds := map[string][]string{
		"a number in scientific notation":              {"4.9E+11", "4.91512E+11", "1,23457E+15", "1e5", "-2E-7"},
		"an error of a spreadsheet":                    {"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#BEZUG!", "#NV", "########", "Err:502"},
		"no value, written out":                        {"NULL", "null", `\N`, "nan", "NaN", "None", "nil", "undefined", "N/A", "(null)", "<null>"},
		"a formula":                                    {`="00123"`, "=A1", `=HYPERLINK("x")`},
		"a leading apostrophe":                         {"'00123", "'+49151", "'ann@example.com"},
		"in angle brackets":                            {"<a@b>", "<ann@example.com>"},
		"a link":                                       {"mailto:ann@example.com", "tel:+49151"},
		"in quotation marks":                           {`"ann"`, "“ann”", "«ann»", "`ann`"},
		"in brackets":                                  {"['ann']", "[ann]", `{"S":"ann"}`, "(ann)"},
		"a replacement character":                      {"J\ufffdrgen", "\ufffd"},
		"a number with a decimal part":                 {"12345.0", "491512.00", "17,0"},
		"a number that was rounded":                    {"1234567890123450", "12345678901234500000"},
		"a date":                                       {"1-Mar", "Mar-01", "12-jan-2024"},
		"a truth value":                                {"TRUE", "false"},
		"escaped for an address":                       {"ann%40example.com", "a%20b"},
		"escaped for HTML":                             {"o&apos;neil", "a&amp;b", "a&#39;b"},
		"text of another encoding":                     {"JÃ¼rgen", "donâ€™t", "ï»¿ann"},
		"neither letter nor digit, as in a ruled line": {"----------", "---", "_____", "+-----+", "?????"},
		"the delimiter of another file at its end":     {"ann;", "ann@example.com,"},
	}
	seen := map[string]bool{}
	for want, usernames := range kinds {
		for _, username := range usernames {
			if kind, ok := Mangled(username); !ok || kind != want {
				t.Errorf("%s: %q, want %q", username, kind, want)
			}
		}
		seen[want] = true
	}
	for _, m := range manglings {
		if !seen[m.kind] {
			t.Errorf("no case of %q", m.kind)
		}
	}
	for _, username := range []string{
		"ann", "ann@example.com", "Ann.Lee+x@Example.com", "o'neil", "o’neil", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "+4915112345678", "0017", "1e5x", "user-1", "-1",
		"Jürgen", "世界", "Ángel", "auth0|5f7c8ec7c33c6c004bbafe82", "Google_1234567890123", "123456789012345", "#ann", "null@example.com", "nana", "noneil", "AÃ", "user#1", "a=b",
		"1.5.0", "marion", "may", "trueman", "50%off",
	} {
		if kind, ok := Mangled(username); ok {
			t.Errorf("%s is reported as mangled: %s", username, kind)
		}
	}
}

func BenchmarkMangled(b *testing.B) {
	for _, username := range []string{"user00000001@example.com", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "user-1", "Ann.Lee"} {
		b.Run(username, func(b *testing.B) {
			for b.Loop() {
				Mangled(username)
			}
		})
	}
}
