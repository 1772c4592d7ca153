package cognito

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"cognito-confirm/internal/oneline"
)

var (
	// region matches the names of AWS Regions, such as us-gov-west-1 or eusc-de-east-1.
	region = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d+$`)
	// hostLabel matches what can be a part of a host's name, as every Region is.
	hostLabel = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)
)

// regions returns the Regions of AWS in 2026. There will be more: the list is
// for hints, and refuses nothing.
func regions() []string {
	return []string{
		"us-east-1", "us-east-2", "us-west-1", "us-west-2", "us-gov-east-1", "us-gov-west-1",
		"ca-central-1", "ca-west-1", "mx-central-1", "sa-east-1",
		"eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "eusc-de-east-1",
		"af-south-1", "il-central-1", "me-central-1", "me-south-1",
		"ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
		"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
		"cn-north-1", "cn-northwest-1",
	}
}

// poolRegion returns the part of the pool id before the last _ if that is a
// Region. Emulators have ids such as local_x.
func (t Target) poolRegion() string {
	before := t.UserPoolID[:max(0, strings.LastIndexByte(t.UserPoolID, '_'))]
	if region.MatchString(before) {
		return before
	}
	return ""
}

// regionDoubt asks whether the Region is one, when AWS has none of that name
// and the calls go there. It is empty when there is no doubt.
func (t Target) regionDoubt() string {
	meant := cmp.Or(t.Region, t.poolRegion())
	if t.EndpointURL != "" || meant == "" || slices.Contains(regions(), meant) {
		return ""
	}
	doubt := "is " + oneline.Escape(meant) + " a Region?"
	if nearest, found := nearestRegion(meant); found {
		doubt += " " + nearest + " is"
	}
	return doubt
}

// nearestRegion returns the Region that a name was most likely meant to be.
func nearestRegion(name string) (nearest string, found bool) {
	const furthest = 3
	best := furthest + 1
	if len(name) > 30 {
		return "", false
	}
	for _, candidate := range regions() {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), candidate); d < best {
			best, nearest = d, candidate
		}
	}
	return nearest, best <= furthest
}

// checkRegion returns a [*TargetError] for a Region that can be in no host's name.
func checkRegion(name string) error {
	if name == "" || hostLabel.MatchString(name) {
		return nil
	}
	hint := "it looks like eu-west-1: look at --region, AWS_REGION and the region of the profile"
	if nearest, found := nearestRegion(strings.TrimSpace(name)); found {
		hint = fmt.Sprintf("%s is one: look at --region, AWS_REGION and the region of the profile", nearest)
	}
	return &TargetError{fmt.Sprintf("%.80q is not a Region", name), hint}
}
