package cognito

import (
	"context"
	"strings"
	"testing"

	"cognito-confirm/worker"
)

// TestWholeAnswers: a 200 is a page of users, the settings of a pool or a quota when it is one
// JSON object of the operation's own members and nothing else. A member that is new stops nothing.
func TestWholeAnswers(t *testing.T) {
	const (
		ann   = `{"Username":"ann","UserStatus":"UNCONFIRMED","Enabled":true,"UserCreateDate":1.7e9,"Attributes":[{"Name":"sub","Value":"s"}]}`
		limit = `"LimitDefinition":{"LimitClass":"API_CATEGORY","Attributes":{"Category":"UserCreation"}}`
	)
	list := func(t *testing.T, answer exchange) bool {
		page, a := ListUsers(prepare(plainClient(answer)), examplePool, "")(t.Context(), "")
		if a.Verdict != worker.Done {
			wantUnexpected(t, a.Message, a)
		} else if len(page.Users) != 1 || page.Users[0].Username != "ann" || page.Users[0].Attributes["sub"] != "s" || page.Next != "x" {
			t.Errorf("page %+v", page)
		}
		return a.Verdict == worker.Done
	}
	describe := func(t *testing.T, answer exchange) bool {
		settings, err := DescribePool(t.Context(), prepare(plainClient(answer)), examplePool)
		if err == nil && len(settings.AliasAttributes) != 1 {
			t.Errorf("settings %+v", settings)
		}
		return err == nil
	}
	quota := func(t *testing.T, answer exchange) bool {
		quota, err := Quota(t.Context(), prepare(plainClient(answer)))
		if err == nil && quota != 50 {
			t.Errorf("quota %g", quota)
		}
		return err == nil
	}
	for name, operation := range map[string]struct {
		succeeds func(*testing.T, exchange) bool
		// what is inside the braces of a success
		success string
		// successes with a new member, and what is none
		others, refused []string
	}{
		"ListUsers": {
			list, `"Users":[` + ann + `],"PaginationToken":"x"`,
			[]string{
				`{"Users":[` + ann + `],"PaginationToken":"x","SearchStatistics":{"Scanned":60,"a":[1,{"b":null}]}}`,
				`{"Users":[` + strings.Replace(ann, "{", `{"Nickname":null,"__type":"UserType",`, 1) + `],"PaginationToken":"x"}`,
				`{"\u0055sers":[` + ann + `],"PaginationToken":"\u0078"}`,
			},
			[]string{
				"{}", `{"users":[` + ann + `]}`, `{"USERS":[` + ann + `]}`, `{"Users":[` + ann + `],"users":[]}`, `{"Users":[],"Users":[` + ann + `]}`,
				`{"Users":[` + ann + `],"\u0055sers":[]}`, `{"Users":null}`, `{"Users":{}}`, `{"Users":["ann"]}`, `{"Users":[null]}`, `{"Users":[{}]}`, `{"Users":[[]]}`,
				`{"Users":[{"Username":""}]}`, `{"Users":[{"Username":null}]}`, `{"Users":[{"Username":1}]}`, `{"Users":[{"username":"ann"}]}`,
				`{"Users":[{"Username":"ann","Username":"bob"}]}`, `{"Users":[{"Username":"ann","userStatus":"CONFIRMED"}]}`,
				`{"Users":[{"Username":"ann","Attributes":{}}]}`, `{"Users":[{"Username":"ann","Attributes":[{"name":"sub"}]}]}`,
				`{"Users":[],"__type":"InternalErrorException"}`, `{"Users":[],"message":"no"}`, `{"Users":[],"Error":{"Code":"x"}}`, `{"Users":[],"errorType":"x"}`,
				`{"Users":[],"paginationToken":"x"}`, `{"Users":[],"Pagination_Token":"x"}`, `{"Users":[],"NextToken":"x"}`, `{"Users":[],"Marker":"x"}`,
				`{"Users":[],"PaginationToken":5}`, `{"Users":[],"PaginationToken":["x"]}`, `{"Users":[],"IsTruncated":true}`,
				`{"Users":[],"New":{"a":1,"a":2}}`, "{\"Users\":[{\"Username\":\"\xff\"}]}", `{"Users":[{"Username":"ann","UserCreateDate":"today"}]}`,
			},
		},
		"DescribeUserPool": {
			describe, `"UserPool":{"Id":"` + examplePool + `","AliasAttributes":["email"]}`,
			[]string{`{"UserPool":{"Id":"` + examplePool + `","AliasAttributes":["email"],"Plan":{}},"Copies":1}`},
			[]string{
				"{}", `{"userPool":{"Id":"` + examplePool + `"}}`, `{"UserPool":{"id":"` + examplePool + `"}}`, `{"UserPool":{"Id":"` + examplePool + `","aliasAttributes":["email"]}}`,
				`{"UserPool":{"Id":"` + examplePool + `","AliasAttributes":"email"}}`, `{"UserPool":{"Id":"` + examplePool + `","AliasAttributes":[null,"email"]}}`,
				`{"UserPool":{"Id":"` + examplePool + `","AliasAttributes":["email"],"AliasAttributes":[]}}`, `{"UserPool":{"Id":"` + examplePool + `"},"UserPool":null}`,
				`{"UserPool":{"Id":"` + examplePool + `","UsernameConfiguration":{"caseSensitive":false}}}`, `{"UserPool":["` + examplePool + `"]}`,
			},
		},
		"GetProvisionedLimit": {
			quota, `"Limit":{"ProvisionedLimitValue":50,"FreeLimitValue":50,` + limit + `}`,
			[]string{`{"Limit":{"ProvisionedLimitValue":50,"Pending":60,` + limit + `}}`},
			[]string{
				"{}", `{"limit":{"ProvisionedLimitValue":50,` + limit + `}}`, `{"Limit":{"provisionedLimitValue":50,` + limit + `}}`, `{"Limit":{"FreeLimitValue":50,` + limit + `}}`,
				`{"Limit":{"ProvisionedLimitValue":50,"ProvisionedLimitValue":60,` + limit + `}}`, `{"Limit":{"ProvisionedLimitValue":"50",` + limit + `}}`,
				`{"Limit":{"ProvisionedLimitValue":-5,` + limit + `}}`, `{"Limit":{"ProvisionedLimitValue":1e300,` + limit + `}}`, `{"Limit":{"ProvisionedLimitValue":50.5,` + limit + `}}`,
				`{"Limit":{"ProvisionedLimitValue":2147483647,` + limit + `}}`, `{"Limit":{"ProvisionedLimitValue":10001,` + limit + `}}`,
				`{"Limit":{"ProvisionedLimitValue":50}}`, `{"Limit":{"ProvisionedLimitValue":50,"LimitDefinition":{}}}`,
				`{"Limit":{"ProvisionedLimitValue":50,` + strings.Replace(limit, "UserCreation", "UserRead", 1) + `}}`,
				`{"Limit":{"ProvisionedLimitValue":50,` + strings.Replace(limit, "UserCreation", "usercreation", 1) + `}}`,
				`{"Limit":{"ProvisionedLimitValue":50,` + strings.Replace(limit, "API_CATEGORY", "OTHER", 1) + `}}`,
				`{"Limit":{"ProvisionedLimitValue":50,` + strings.Replace(limit, `"Category":`, `"Pool":"x","Category":`, 1) + `}}`,
				`{"Limit":{"ProvisionedLimitValue":50,` + strings.Replace(limit, `"Category":`, `"Category":"UserRead","Category":`, 1) + `}}`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			whole := "{" + operation.success + "}"
			for _, body := range append(operation.others, whole, " \n"+whole+"\r\n") {
				if !operation.succeeds(t, says(200, jsonType, body)) {
					t.Errorf("%s is refused", body)
				}
			}
			for _, body := range append(operation.refused, "", "null", "[]", "["+whole+"]", whole+"garbage", whole+"<html>", whole+whole, whole+"\n{}", whole+"\x00", "\ufeff"+whole,
				`{"__type":"InternalErrorException",`+operation.success+"}", `{"message":"no",`+operation.success+"}", `{"Message":"no",`+operation.success+"}", `{"code":"X",`+operation.success+"}",
				`{"error":"x",`+operation.success+"}", "{"+operation.success+","+operation.success+"}", whole[:len(whole)-1]) {
				if operation.succeeds(t, says(200, jsonType, body)) {
					t.Errorf("%s is a success", body)
				}
			}
			for _, answer := range []exchange{says(201, jsonType, whole), says(200, "text/html", whole), says(200, jsonType, whole).with("X_amzn_errortype", "X")} {
				if operation.succeeds(t, answer) {
					t.Error("another status, type or header is a success")
				}
			}
		})
	}
}

// TestDeepAnswers: an answer within the limit of its size is read whatever it is.
func TestDeepAnswers(t *testing.T) {
	body := `{"Users":[],"a":` + strings.Repeat("[", maxPage/2)
	_, a := ListUsers(prepare(plainClient(says(200, jsonType, body))), examplePool, "")(context.Background(), "")
	wantUnexpected(t, "brackets", a)
}
