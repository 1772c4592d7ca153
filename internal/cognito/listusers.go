package cognito

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"cognito-confirm/internal/codes"
	"cognito-confirm/worker"
)

const (
	// ListOperation is what the API calls the operation of [ListUsers].
	ListOperation = "ListUsers"
	// PageSize is the most users that a page has.
	PageSize = 60
	// maxPage is how many bytes of a page are read: 60 users with 50 attributes of
	// 2,048 characters each.
	maxPage = 32 << 20
)

// User is a user as the pool has it.
type User struct {
	// Username is what the pool calls the user, which is a UUID where people sign in
	// with an e-mail address or a phone number.
	Username string
	// Status is the service's name for the user's state, such as UNCONFIRMED; UNKNOWN
	// for one that the API does not have.
	Status string
	// Enabled is false for a user whom an administrator has shut out.
	Enabled bool
	// CreatedAt is when the user was made. Zero: the endpoint does not tell.
	CreatedAt time.Time
	// Attributes are the user's attributes by name, "sub" among them.
	Attributes map[string]string
}

// UserPage is a page of users. It may have none and not be the last.
type UserPage struct {
	Users []User
	// Next is the token of the page after this one, empty after the last.
	Next string
}

// ListUsers returns a call for a page of a pool's users, the first one for an empty
// token. The filter is in the service's language, as cognito:user_status =
// "UNCONFIRMED"; empty is all users. One walk through the pool makes all its calls
// with one such function: the service refuses the token of another filter.
//
// It does not ask for single attributes: the service refuses to list a user who
// lacks one of them. A listed user does not count as active on the bill.
func ListUsers(client Client, userPoolID, filter string) func(ctx context.Context, token string) (UserPage, worker.Answer) {
	walk := &judge{}
	return func(ctx context.Context, token string) (UserPage, worker.Answer) {
		ctx, attempt := withAttempt(ctx)
		output, err := client.ListUsers(ctx, &cognitoidentityprovider.ListUsersInput{
			UserPoolId: &userPoolID, Limit: aws.Int32(PageSize), Filter: unlessEmpty(filter), PaginationToken: unlessEmpty(token),
		})
		if err != nil {
			return UserPage{}, walk.failure(ctx, attempt, worker.Row{}, err)
		}
		walk.gotThrough(attempt)
		page := UserPage{Next: aws.ToString(output.PaginationToken)}
		for i := range output.Users {
			page.Users = append(page.Users, userOf(&output.Users[i]))
		}
		return page, worker.Answer{Verdict: worker.Done, Answered: true, InProtocol: true}
	}
}

// UserStatuses returns the statuses that the API knows.
func UserStatuses() []string {
	return texts(types.UserStatusType("").Values())
}

func texts[T ~string](values []T) (texts []string) {
	for _, value := range values {
		texts = append(texts, string(value))
	}
	return texts
}

func unlessEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func userOf(listed *types.UserType) User {
	u := User{
		Username: aws.ToString(listed.Username), Status: cmp.Or(codes.ShownStatus(string(listed.UserStatus)), string(types.UserStatusTypeUnknown)), Enabled: listed.Enabled,
		CreatedAt: aws.ToTime(listed.UserCreateDate), Attributes: make(map[string]string, len(listed.Attributes)),
	}
	for _, attribute := range listed.Attributes {
		u.Attributes[aws.ToString(attribute.Name)] = aws.ToString(attribute.Value)
	}
	return u
}
