package fakecognito

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// checkPage adds what is wrong with the limit and the filter of a ListUsers input.
func (v *violations) checkPage(in *input) {
	if in.Limit != nil && *in.Limit < 0 {
		v.add(fmt.Sprintf(" '%d' at 'limit'", *in.Limit), "Member must have value greater than or equal to 0")
	}
	if in.Limit != nil && *in.Limit > maxPageSize {
		v.add(fmt.Sprintf(" '%d' at 'limit'", *in.Limit),
			fmt.Sprintf("Member must have value less than or equal to %d", maxPageSize))
	}
	if len(in.Filter) > maxFilterLength {
		v.add(" '"+in.Filter+"' at 'filter'",
			fmt.Sprintf("Member must have length less than or equal to %d", maxFilterLength))
	}
}

// listUsers returns a page of the users that match the filter, in the order in
// which they were added.
func (s *Server) listUsers(call *Call, in *input) answer {
	if !s.listBucket.take(call.Received) {
		return s.refuse()
	}
	filter, ok := parseFilter(in.Filter)
	if !ok {
		return refused(invalidParameter("Error while parsing filter."))
	}
	start := 0
	if in.PaginationToken != nil {
		if start, ok = parsePageToken(*in.PaginationToken, in.Filter); !ok {
			return refused(invalidParameter("Paging Marker is Invalid for Request"))
		}
	}
	limit := maxPageSize
	if in.Limit != nil && *in.Limit > 0 {
		limit = *in.Limit
	}

	type listedUser struct {
		userDescription
		Attributes []attribute
	}
	var page struct {
		PaginationToken string `json:",omitempty"`
		Users           []listedUser
	}
	page.Users = []listedUser{}
	for i := min(start, len(s.users.users)); i < len(s.users.users); i++ {
		if len(page.Users) == limit || s.options.ListScan > 0 && i-start >= s.options.ListScan {
			page.PaginationToken = pageToken(i, in.Filter)
			break
		}
		u := &s.users.users[i]
		if !filter.matches(s, u) {
			continue
		}
		attributes, ok := chosen(s.attributes(u), in.AttributesToGet)
		if !ok {
			return refused(invalidParameter("One or more requested attributes do not exist."))
		}
		page.Users = append(page.Users, listedUser{describe(u), attributes})
	}
	return succeeded(mustJSON(page))
}

// chosen returns the attributes with these names, all of them for nil. The service
// refuses the whole call when one user of the page lacks one of them.
func chosen(all []attribute, names []string) ([]attribute, bool) {
	if names == nil {
		return all, true
	}
	var found []attribute
	for _, name := range names {
		at := slices.IndexFunc(all, func(a attribute) bool { return a.Name == name })
		if at < 0 {
			return nil, false
		}
		found = append(found, all[at])
	}
	return found, true
}

// pageToken is opaque to clients and, as with the service, valid only with the
// same filter.
func pageToken(next int, filter string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(next) + ":" + filter))
}

func parsePageToken(token, filter string) (next int, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	number, ofFilter, _ := strings.Cut(string(text), ":")
	i, numberErr := strconv.ParseUint(number, 10, 31)
	return int(i), err == nil && numberErr == nil && ofFilter == filter
}

// userFilter is a parsed Filter of ListUsers. The zero value matches every user.
type userFilter struct {
	attribute string
	prefix    bool // value is a prefix
	value     string
}

// parseFilter reads `attribute = "value"` or `attribute ^= "value"`.
func parseFilter(text string) (filter userFilter, ok bool) {
	if text == "" {
		return userFilter{}, true
	}
	name, quoted, _ := strings.Cut(text, "=")
	name, prefix := strings.CutSuffix(name, "^")
	name, quoted = strings.TrimSpace(name), strings.TrimSpace(quoted)
	value, err := strconv.Unquote(quoted)
	searchable := []string{"username", "email", "phone_number", "name", "given_name", "family_name",
		"preferred_username", "cognito:user_status", "status", "sub"}
	ok = err == nil && strings.HasPrefix(quoted, `"`) && slices.Contains(searchable, name)
	return userFilter{attribute: name, prefix: prefix, value: value}, ok
}

func (f userFilter) matches(s *Server, u *user) bool {
	switch f.attribute {
	case "":
		return true
	case "username":
		return f.accepts(u.name)
	case "status": // of the account
		if u.disabled {
			return f.accepts("Disabled")
		}
		return f.accepts("Enabled")
	case "cognito:user_status": // the one that is not case-sensitive
		f.value = strings.ToUpper(f.value)
		return f.accepts(u.status.String())
	}
	return slices.ContainsFunc(s.attributes(u), func(a attribute) bool {
		return a.Name == f.attribute && f.accepts(a.Value)
	})
}

func (f userFilter) accepts(value string) bool {
	if f.prefix {
		return strings.HasPrefix(value, f.value)
	}
	return value == f.value
}
