package fakecognito_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"cognito-confirm/internal/fakecognito"
)

// listAll pages through ListUsers with the SDK's own paginator.
func listAll(t *testing.T, client *cognitoidentityprovider.Client, filter string, limit int32) (pages [][]string, err error) {
	t.Helper()
	input := &cognitoidentityprovider.ListUsersInput{UserPoolId: aws.String(poolID), Filter: aws.String(filter)}
	if limit > 0 {
		input.Limit = aws.Int32(limit)
	}
	paginator := cognitoidentityprovider.NewListUsersPaginator(client, input)
	for paginator.HasMorePages() {
		page, err := paginator.NextPage(t.Context())
		if err != nil {
			return pages, err
		}
		names := []string{}
		for _, u := range page.Users {
			names = append(names, *u.Username)
		}
		pages = append(pages, names)
	}
	return pages, nil
}

func TestListUsersPages(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{UserPoolID: poolID})
	client := dial(t, s)
	var all, confirmed []string
	for i := range 250 {
		name := fmt.Sprintf("user-%03d", i)
		status := fakecognito.Unconfirmed
		if i%3 == 0 {
			status = fakecognito.Confirmed
			confirmed = append(confirmed, name)
		}
		s.AddUser(name, status)
		all = append(all, name)
	}
	for _, test := range []struct {
		filter string
		limit  int32
		size   int
		want   []string
	}{
		{"", 0, 60, all},
		{"", 60, 60, all},
		{"", 25, 25, all}, // divides 250: no empty last page
		{"", 1, 1, all},
		{`cognito:user_status = "CONFIRMED"`, 10, 10, confirmed},
		{`cognito:user_status="confirmed"`, 0, 60, confirmed},
		{`cognito:user_status ^= "UNCONF"`, 0, 60, slices.DeleteFunc(slices.Clone(all), func(n string) bool { return slices.Contains(confirmed, n) })},
		{`cognito:user_status = "RESET_REQUIRED"`, 0, 60, nil},
		{`status = "Enabled"`, 0, 60, all},
		{`status = "Disabled"`, 0, 60, nil},
		{`username = "user-007"`, 0, 60, []string{"user-007"}},
		{`username ^= "user-00"`, 4, 4, all[:10]},
		{`email = "x"`, 0, 60, nil},
	} {
		pages, err := listAll(t, client, test.filter, test.limit)
		if err != nil {
			t.Errorf("filter %s: %v", test.filter, err)
			continue
		}
		if got := slices.Concat(pages...); !slices.Equal(got, test.want) {
			t.Errorf("filter %s: users %v, want %v", test.filter, got, test.want)
		}
		for i, page := range pages {
			if want := min(test.size, len(test.want)-i*test.size); len(page) != want {
				t.Errorf("filter %s, limit %d: page %d has %d users, want %d", test.filter, test.limit, i, len(page), want)
			}
		}
	}
}

func TestListUsersRefuses(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{UserPoolID: poolID})
	client := dial(t, s)
	s.AddUser("ann", fakecognito.Confirmed)
	s.AddUser("bob", fakecognito.Confirmed)
	for _, filter := range []string{`username`, `username = ann`, `username = "ann`, `username > "a"`,
		`custom:team = "x"`, `= "x"`, `username = 'a'`, `username = "a" status = "Enabled"`} {
		_, err := listAll(t, client, filter, 0)
		if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorMessage() != "Error while parsing filter." {
			t.Errorf("filter %s: %v", filter, err)
		}
	}
	_, err := listAll(t, client, strings.Repeat("x", 257), 0)
	if api, ok := errors.AsType[smithy.APIError](err); !ok || !strings.HasSuffix(api.ErrorMessage(), "less than or equal to 256") {
		t.Errorf("long filter: %v", err)
	}

	input := &cognitoidentityprovider.ListUsersInput{UserPoolId: aws.String(poolID), Limit: aws.Int32(1)}
	page, err := client.ListUsers(t.Context(), input)
	if err != nil || page.PaginationToken == nil {
		t.Fatalf("page %+v, %v", page, err)
	}
	input.Filter = aws.String(`status = "Enabled"`)
	for _, token := range []string{*page.PaginationToken, "!", "eHg6"} { // of another filter, not base64, "xx:"
		input.PaginationToken = aws.String(token)
		_, err = client.ListUsers(t.Context(), input)
		if refused, ok := errors.AsType[*types.InvalidParameterException](err); !ok || refused.ErrorMessage() != "Paging Marker is Invalid for Request" {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

// TestListUsersShortPages: pages may be short or empty and go on all the same.
func TestListUsersShortPages(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{UserPoolID: poolID, ListScan: 3})
	for i, status := range []fakecognito.Status{0, 1, 0, 1, 1, 1, 0, 1, 1} {
		s.PutUser(fakecognito.User{Username: fmt.Sprintf("user-%d", i), Status: status, Disabled: i > 5})
	}
	for filter, want := range map[string][]int{
		`cognito:user_status = "UNCONFIRMED"`: {2, 0, 1},
		`status = "Disabled"`:                 {0, 0, 3},
		"":                                    {3, 3, 3},
	} {
		pages, err := listAll(t, offline(s), filter, 0)
		var got []int
		for _, page := range pages {
			got = append(got, len(page))
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("filter %s: pages of %v users, %v; want %v", filter, got, err, want)
		}
	}
}

// TestListUsersQuota: ListUsers has a quota of its own.
func TestListUsersQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakecognito.New(fakecognito.Options{
			AcceptAnyone: true, Quota: fakecognito.Quota{Burst: 1}, ListQuota: fakecognito.Quota{Rate: 2},
		})
		client := offline(s)
		for _, isThrottled := range []bool{false, false, true} {
			if _, err := listAll(t, client, "", 0); is[*types.TooManyRequestsException]()(err) != isThrottled {
				t.Errorf("%v, want a throttle: %v", err, isThrottled)
			}
		}
		if _, err := client.AdminConfirmSignUp(t.Context(), confirmInput("ann")); err != nil {
			t.Errorf("a confirmation after that: %v", err)
		}
		time.Sleep(500 * time.Millisecond)
		if _, err := listAll(t, client, "", 0); err != nil {
			t.Errorf("half a second later: %v", err)
		}
		if counts := s.Counts(); counts.Throttled != 1 || counts.Refused != 1 {
			t.Errorf("counts %+v", counts)
		}
	})
}

func TestListUsersAttributes(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{})
	client := dial(t, s)
	made, err := client.SignUp(t.Context(), &cognitoidentityprovider.SignUpInput{
		ClientId: aws.String("1example23456789"), Username: aws.String("ann"), Password: aws.String("-"),
		UserAttributes: []types.AttributeType{{Name: aws.String("name"), Value: aws.String(`Ann "Q"`)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.AddUser("bob", fakecognito.Unconfirmed)
	for _, test := range []struct {
		filter string
		get    []string
		want   []string
	}{
		{`name = "Ann \"Q\""`, nil, []string{"sub", "name"}},
		{`sub = "` + *made.UserSub + `"`, []string{"name"}, []string{"name"}},
	} {
		page, err := client.ListUsers(t.Context(), &cognitoidentityprovider.ListUsersInput{
			UserPoolId: aws.String(poolID), Filter: aws.String(test.filter), AttributesToGet: test.get,
		})
		if err != nil || len(page.Users) != 1 || *page.Users[0].Username != "ann" {
			t.Fatalf("filter %s: %+v, %v", test.filter, page, err)
		}
		var names []string
		for _, a := range page.Users[0].Attributes {
			names = append(names, *a.Name)
		}
		if !slices.Equal(names, test.want) {
			t.Errorf("filter %s: attributes %v, want %v", test.filter, names, test.want)
		}
	}
	// Bob has no name, which is an error and not an empty field.
	_, err = client.ListUsers(t.Context(), &cognitoidentityprovider.ListUsersInput{UserPoolId: aws.String(poolID), AttributesToGet: []string{"name"}})
	if refused, ok := errors.AsType[*types.InvalidParameterException](err); !ok || refused.ErrorMessage() != "One or more requested attributes do not exist." {
		t.Errorf("an attribute that a user lacks: %v", err)
	}
}
