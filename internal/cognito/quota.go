package cognito

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const (
	// QuotaName is the quota that [ConfirmSignUp] shares with live sign-ups.
	QuotaName = "UserCreation"

	quotaOperation = "GetProvisionedLimit"
	// quotaTimeout is how long a run waits for the quota, which it can do without.
	quotaTimeout = 3 * time.Second
	// maxQuota is more than is believed: 200 times what every account has, at a price of
	// 200,000 dollars a month.
	maxQuota = 10_000
)

// Quota returns the calls a second that [QuotaName] allows the account in the
// client's Region. It makes one call, which takes [quotaTimeout] at most. Its error
// is what went wrong in a few words, none of them the service's own text, or the
// cause of ctx.
//
// Only one such call a second is allowed, so nothing is tried again. See
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetProvisionedLimit.html
func Quota(ctx context.Context, client Client) (float64, error) {
	asking, cancel := context.WithTimeout(ctx, quotaTimeout)
	defer cancel()
	asking, attempt := withAttempt(asking)
	definition := &types.LimitDefinitionType{
		LimitClass: types.LimitClassApiCategory,
		Attributes: map[string]string{"Category": QuotaName},
	}
	output, err := client.GetProvisionedLimit(asking, &cognitoidentityprovider.GetProvisionedLimitInput{LimitDefinition: definition})
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if err != nil {
		answer := classify(err, "", attempt.sent.Load())
		return 0, errors.New(cmp.Or(answer.Cause, answer.Code))
	}
	limit := output.Limit
	switch {
	case limit == nil || limit.ProvisionedLimitValue < 1:
		return 0, errors.New("there is none in the answer")
	case limit.LimitDefinition == nil || limit.LimitDefinition.LimitClass != definition.LimitClass ||
		!maps.Equal(limit.LimitDefinition.Attributes, definition.Attributes):
		return 0, errors.New("the answer is not about " + QuotaName)
	case limit.ProvisionedLimitValue > maxQuota:
		return 0, errors.New("the answer is more than can be believed")
	}
	return float64(limit.ProvisionedLimitValue), nil
}
