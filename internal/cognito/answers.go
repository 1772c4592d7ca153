package cognito

import (
	"slices"
	"strings"

	"cognito-confirm/worker"
)

// The codes of attempts that the service did not answer. What answered as HTTP
// but without a code of its own is http_ and the status, such as http_502.
const (
	codeTimeout          = "timeout"
	codeConnection       = "connection"
	codeUnexpectedAnswer = "unexpected_answer"
	codeCredentials      = "credentials"

	codeCertificate          = "certificate"
	codeCertificateAuthority = "certificate_unknown_authority"
	codeCertificateHost      = "certificate_wrong_host"
	codeCertificateExpired   = "certificate_expired"
	codeTLSRefused           = "tls_refused"
	codeWrongScheme          = "wrong_scheme"
	codeUnknownHost          = "unknown_host"
	codeUnknownProxy         = "unknown_proxy"
	codeProxyAddress         = "proxy_address"
	codeProxyAuthentication  = "proxy_authentication"

	codeNoDescriptors = "no_descriptors"
	codeNoPorts       = "no_ports"
)

const (
	codeNotAuthorized    = "NotAuthorizedException"
	codeInvalidParameter = "InvalidParameterException"
	codeExpiredToken     = "ExpiredTokenException"
	codeExpiredTokenOld  = "ExpiredToken"
)

// meaning is what some answers mean, and what to do when one of them ends a
// run. In the advice, {operation} stands for the operation, {pool} for the id of
// the user pool, {profile} for the option that names the profile, and {region} for
// a doubt about the Region. rows is about the rows that failed with one of them in
// a run that went on; it may be left to the verdict, see Explain.
type meaning struct {
	verdict worker.Verdict
	codes   []string
	advice  string
	rows    Explanation
	// cause is what a way to the service that is set up wrongly comes to, in words.
	cause string
}

const adviceNotFound = "look whether this is the right pool; the column has to hold usernames: an e-mail address or a phone number finds its user only once it is verified"

// answers is the table of answers. A code that is not in it is judged by its
// HTTP status, see verdictOfStatus.
//
// The codes are those of
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminConfirmSignUp.html
// and its common errors, with the aliases that gateways and emulators use.
var answers = []meaning{
	// The user's status decides, see userStatuses.
	{verdict: worker.Refused, codes: []string{codeNotAuthorized},
		rows: Explanation{Meaning: "the service refuses to confirm these users, and does not say what they are",
			Remedy: "look at one of them with aws cognito-idp admin-get-user"}},
	// LimitExceededException is about one user here ("Attempt limit exceeded");
	// the SDK would take it for a throttle.
	{verdict: worker.Refused, codes: []string{"LimitExceededException", "TooManyFailedAttemptsException"},
		rows: Explanation{Meaning: "too many attempts for these users, by whomever, in too short a time",
			Remedy: "wait for an hour and try these rows again", TryAgain: true}},
	{verdict: worker.Refused, codes: []string{"UserNotFoundException"}, advice: adviceNotFound,
		rows: Explanation{Meaning: "nobody in this pool has that username", Remedy: adviceNotFound, Correct: true}},
	// Fatal when the refused field is the pool id, see judge.
	{verdict: worker.Refused, codes: []string{codeInvalidParameter},
		advice: "look at --user-pool-id",
		rows: Explanation{Meaning: "the service does not accept the username or the client metadata of these rows",
			Remedy: "correct what the message names, and try these rows again", Correct: true}},

	{verdict: worker.TriggerFailed, codes: []string{"UserLambdaValidationException", "UnexpectedLambdaException", "InvalidLambdaResponseException"},
		advice: "look at the logs of the pool's Lambda triggers before any more users miss what they do",
		rows: Explanation{Meaning: "the pool's Lambda trigger failed: these users are most likely confirmed, and what it does for them (welcome mail, database row) is missing",
			Remedy: "look at the trigger's logs and do its work for these users; another call would not run it"}},

	{verdict: worker.Throttled, codes: []string{"TooManyRequestsException", "ThrottlingException", "Throttling", "ThrottledException",
		"RequestThrottledException", "RequestThrottled", "RequestLimitExceeded", "SlowDown"}},

	{verdict: worker.Transient, codes: []string{"InternalErrorException", "RequestTimeoutException", "RequestTimeout", "RequestAbortedException"}},
	{verdict: worker.Transient, codes: []string{codeTimeout, codeUnexpectedAnswer}},
	{verdict: worker.Transient, codes: []string{codeConnection}, advice: "{region}"},
	// Load has had credentials: those that are missing later may come back.
	{verdict: worker.Transient, codes: []string{codeCredentials},
		advice: "sign in or set --profile, AWS_PROFILE or AWS_ACCESS_KEY_ID; aws sts get-caller-identity{profile} shows what the AWS CLI finds, aws sso login{profile} begins an SSO session that has ended"},

	{verdict: worker.Fatal, codes: []string{"ResourceNotFoundException"},
		advice: "there is no pool {pool} in this account and region: look at --user-pool-id, --region, --profile"},
	{verdict: worker.Fatal, codes: []string{"AccessDeniedException", "AccessDenied"},
		advice: "allow the action cognito-idp:{operation} on the user pool; the README has the policy"},
	{verdict: worker.Fatal, codes: []string{"UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationTokenException", "MissingAuthenticationToken"},
		advice: "the access key is not known to AWS: look at --profile and AWS_ACCESS_KEY_ID"},
	// Unless other credentials can be had, or some have worked before, see judge.
	{verdict: worker.Fatal, codes: []string{codeExpiredToken, codeExpiredTokenOld},
		advice: "the session has expired: sign in again, for example with aws sso login{profile}"},
	{verdict: worker.Fatal, codes: []string{"OperationNotEnabledException", "UnknownOperationException"},
		advice: "this endpoint does not offer {operation} for the pool: look at --endpoint-url and the pool's settings"},
	{verdict: worker.Fatal, codes: []string{"OptInRequired"},
		advice: "the account is not enabled for this region"},

	// The SDK learns the clock's offset from the first refused answer, so that
	// the second attempt is signed with the right time.
	{verdict: worker.FatalIfRepeated, codes: []string{"InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignatureException", "IncompleteSignature",
		"RequestExpired", "RequestTimeTooSkewed"},
		advice: "look at the secret access key and at this machine's clock{region}"},

	{verdict: worker.Misconfigured, codes: []string{codeCertificateAuthority}, cause: "the certificate is of an unknown authority",
		advice: "set AWS_CA_BUNDLE to a file with the certificate of the authority that the proxy or the endpoint uses"},
	{verdict: worker.Misconfigured, codes: []string{codeCertificateHost}, cause: "the certificate is for another host",
		advice: "the certificate is for another host: look at --endpoint-url, at the proxy and at AWS_CA_BUNDLE"},
	{verdict: worker.Misconfigured, codes: []string{codeCertificateExpired}, cause: "the certificate is not valid now",
		advice: "the certificate is not valid now: look at this machine's clock, at the endpoint's or proxy's certificate and at AWS_CA_BUNDLE"},
	{verdict: worker.Misconfigured, codes: []string{codeCertificate}, cause: "the certificate cannot be used",
		advice: "the certificate cannot be used: look at --endpoint-url, at the proxy and at AWS_CA_BUNDLE"},
	{verdict: worker.Misconfigured, codes: []string{codeTLSRefused}, cause: "no TLS connection came about",
		advice: "the two ends agree on no TLS connection: look at --endpoint-url and at the proxy"},
	{verdict: worker.Misconfigured, codes: []string{codeWrongScheme}, cause: "one end speaks TLS, the other does not",
		advice: "the port speaks the other one of http and https: look at the scheme of --endpoint-url and of HTTPS_PROXY"},
	{verdict: worker.Misconfigured, codes: []string{codeUnknownHost}, cause: "the host does not exist",
		advice: "no such host: look at --endpoint-url, --region and this machine's DNS{region}"},
	{verdict: worker.Misconfigured, codes: []string{codeUnknownProxy}, cause: "the proxy's host does not exist",
		advice: "the proxy's host does not exist: look at HTTPS_PROXY and HTTP_PROXY"},
	{verdict: worker.Misconfigured, codes: []string{codeProxyAddress}, cause: "the proxy's address is not a URL",
		advice: "the proxy's address is not a URL: set HTTPS_PROXY to http://HOST:PORT, with what is special in a password as %XX"},
	{verdict: worker.Misconfigured, codes: []string{codeProxyAuthentication}, cause: "the proxy asks for a user and a password",
		advice: "the proxy asks for a user and a password: set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT"},

	{verdict: worker.Exhausted, codes: []string{codeNoDescriptors},
		advice: "this process may not open more files: raise ulimit -n, or lower --concurrency"},
	{verdict: worker.Exhausted, codes: []string{codeNoPorts},
		advice: "this machine has no free port: lower --concurrency, or widen net.ipv4.ip_local_port_range; ulimit -n is another limit of the same kind"},
}

// userStatuses is the table of the statuses for which a user cannot be
// confirmed. Other statuses are refused, with no advice. The advice follows
// the service's message; many is about users who all have the status; rows is
// about the rows of such users.
var userStatuses = map[string]struct {
	verdict      worker.Verdict
	advice, many string
	rows         Explanation
}{
	statusConfirmed: {verdict: worker.AlreadyDone},
	"FORCE_CHANGE_PASSWORD": {worker.Refused,
		"set a permanent password instead (admin-set-user-password --permanent)",
		"they need a password, not a confirmation: aws cognito-idp admin-set-user-password --permanent",
		Explanation{Meaning: "an administrator made these users, so there is nothing to confirm",
			Remedy: "set a permanent password (aws cognito-idp admin-set-user-password --permanent), or have them sign in with the temporary one"}},
	"RESET_REQUIRED": {worker.Refused,
		"the user has to reset the password, or set a permanent one (admin-set-user-password --permanent)",
		"they have to reset their passwords, and need no confirmation",
		Explanation{Meaning: "these users, who may come from an import, need a new password and no confirmation",
			Remedy: "have them reset it, or set a permanent one (aws cognito-idp admin-set-user-password --permanent)"}},
	"EXTERNAL_PROVIDER": {worker.Refused,
		"a federated user signs in through the provider and needs no confirmation",
		"they sign in through their provider, and need no confirmation",
		Explanation{Meaning: "these users sign in through their identity provider, so there is nothing to confirm",
			Remedy: "leave them out"}},
}

const statusConfirmed = "CONFIRMED"

// meaningOf finds a code in the table of answers.
func meaningOf(code string) (meaning, bool) {
	for _, m := range answers {
		if slices.Contains(m.codes, code) {
			return m, true
		}
	}
	return meaning{}, false
}

// Advice is one sentence on what to do about a run that ended because of answers
// with this code, the service's or ours. It is empty for codes without any. It
// tells more for a target that [Target.Resolve] has completed.
func Advice(code string, t Target) string { return AdviceOn(OperationName, code, t) }

// AdviceOn is [Advice] on another operation than that of [ConfirmSignUp].
func AdviceOn(operation, code string, t Target) string {
	m, _ := meaningOf(code)
	doubt := t.regionDoubt()
	if doubt != "" && m.advice != "{region}" {
		doubt = "; " + doubt
	}
	return strings.NewReplacer("{operation}", operation, "{pool}", t.UserPoolID, "{profile}", t.profileOption(), "{region}", doubt).Replace(m.advice)
}

// StatusAdvice is one sentence on users who all have this status and cannot be
// confirmed, to follow "N users in a row are STATUS: ". It is empty for a status
// without advice.
func StatusAdvice(status string) string { return userStatuses[status].many }
