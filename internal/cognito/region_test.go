package cognito

import (
	"strings"
	"testing"
)

// TestRegionsThatCannotBe are refused; a Region that AWS may open later is taken.
func TestRegionsThatCannotBe(t *testing.T) {
	for name, hint := range map[string]string{
		"eu-west-1 ":          "eu-west-1 is one: ",
		"eu west 1":           "eu-west-1 is one: ",
		"eu_west_1":           "eu-west-1 is one: ",
		"https://eu-west-1":   "it looks like eu-west-1: ",
		"eu-west-1\n":         "eu-west-1 is one: ",
		"eu-west-1.evil.test": "it looks like eu-west-1: ",
	} {
		wantTargetError(t, Target{UserPoolID: "local_x", Region: name}.Check(), `"`, hint)
		awsEnvironment(t, map[string]string{"AWS_REGION": name})
		_, err := Target{UserPoolID: "local_x"}.Load(t.Context())
		wantTargetError(t, err, `"`, hint)
	}
	if err := (Target{UserPoolID: "local_x", Region: "ap-southeast-99"}).Check(); err != nil {
		t.Error(err)
	}
}

// TestRegionThatIsNone: an unknown host mostly comes from a mistyped Region.
func TestRegionThatIsNone(t *testing.T) {
	for _, test := range []struct {
		target Target
		want   string // empty: no doubt
	}{
		{Target{UserPoolID: "eu-wst-1_x"}, "is eu-wst-1 a Region? eu-west-1 is"},
		{Target{UserPoolID: "local_x", Region: "us-eats-1"}, "is us-eats-1 a Region? us-east-1 is"},
		{Target{UserPoolID: "local_x", Region: "nowhere"}, "is nowhere a Region?"},
		{Target{UserPoolID: "eu-west-1_x"}, ""},
		{Target{UserPoolID: "eu-wst-1_x", EndpointURL: "http://localhost"}, ""},
		{Target{UserPoolID: "local_x"}, ""},
	} {
		got := Advice("unknown_host", test.target)
		if test.want == "" && strings.Contains(got, "a Region?") || !strings.HasSuffix(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.target, got, test.want)
		}
		if got := Advice("connection", test.target); got != test.want {
			t.Errorf("%+v: advice on a connection %q, want %q", test.target, got, test.want)
		}
	}
}
