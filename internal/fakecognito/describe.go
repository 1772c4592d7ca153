package fakecognito

// describePool is DescribeUserPool: what the pool was made with.
func (s *Server) describePool(userPoolID string) answer {
	type usernames struct{ CaseSensitive bool }
	type pool struct {
		ID                     string `json:"Id"`
		Name                   string
		UsernameAttributes     []string `json:",omitempty"`
		AliasAttributes        []string `json:",omitempty"`
		UsernameConfiguration  usernames
		EstimatedNumberOfUsers int
	}
	return succeeded(mustJSON(struct{ UserPool pool }{pool{
		ID: userPoolID, Name: "stand-in",
		UsernameAttributes: s.options.UsernameAttributes, AliasAttributes: s.options.AliasAttributes,
		UsernameConfiguration: usernames{true}, EstimatedNumberOfUsers: len(s.users.users),
	}}))
}
