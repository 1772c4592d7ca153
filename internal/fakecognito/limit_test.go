package fakecognito_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"cognito-confirm/internal/fakecognito"
)

// The current quota can be asked for. Such calls are counted apart.
func TestGetProvisionedLimit(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{Quota: fakecognito.Quota{Rate: 20}, LogCalls: true})
	client := dial(t, s)
	ask := func(class types.LimitClass, category string) (*types.LimitType, error) {
		output, err := client.GetProvisionedLimit(t.Context(), &cognitoidentityprovider.GetProvisionedLimitInput{
			LimitDefinition: &types.LimitDefinitionType{LimitClass: class, Attributes: map[string]string{"Category": category}},
		})
		if err != nil {
			return nil, err
		}
		return output.Limit, nil
	}
	s.SetQuota(fakecognito.Quota{Rate: 80})
	limit, err := ask(types.LimitClassApiCategory, "UserCreation")
	if err != nil {
		t.Fatal(err)
	}
	if limit.ProvisionedLimitValue != 80 || limit.FreeLimitValue != 50 || limit.LimitDefinition.Attributes["Category"] != "UserCreation" {
		t.Errorf("limit %+v", limit)
	}
	wantCode := func(category, code string) {
		t.Helper()
		_, err := ask(types.LimitClassApiCategory, category)
		if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != code {
			t.Errorf("%s: %v, want %s", category, err, code)
		}
	}
	wantCode("UserRead", "InvalidParameterException")
	s.SetQuota(fakecognito.Quota{})
	wantCode("UserCreation", "UnknownOperationException")
	if counts := s.Counts(); counts.LimitCalls != 3 || counts.Calls != 0 || len(s.Calls()) != 0 {
		t.Errorf("counts %+v", counts)
	}
}
