package audit

// state is what is known of a row, in 16 bits. The zero value is that no user of
// the pool has its name.
type state uint16

const (
	stateElsewhere state = 1 << 5 // the row is in another shard than the report
	stateListed    state = 1 << 6 // a report has the row
	stateDisabled  state = 1 << 7
	stateReported  state = 1 << 8 // a report calls the row confirmed
	stateNameBits        = 0xf    // of a nameKind
	stateStatusBit       = 9      // where the status begins, as a place in a table
	mostStatuses         = 1 << 7
)

// nameKind is by which of a user's names a row was found, the better the higher.
type nameKind uint8

// The kinds of names. Those before byUnverified do not make the service find the
// user.
const (
	byNothing nameKind = iota
	byOtherPhone
	byOtherEmail
	byOtherPreferred
	byPreferred
	byPhone
	byEmail
	bySub
	byUsername
)

// isFound reports that the service finds the user by such a name.
func (k nameKind) isFound() bool { return k >= byPreferred }

// column is the name of what the name is, as in the details.
func (k nameKind) column() string {
	switch k {
	case byUsername:
		return "username"
	case bySub:
		return "sub"
	case byEmail, byOtherEmail:
		return "email"
	case byPhone, byOtherPhone:
		return "phone_number"
	case byPreferred, byOtherPreferred:
		return "preferred_username"
	}
	return ""
}

func (s state) kind() nameKind { return nameKind(s & stateNameBits) }

func (s state) status() int { return int(s >> stateStatusBit) }

// with returns the state of a row whose user was found.
func (s state) with(kind nameKind, status int, enabled bool) state {
	found := state(kind) | state(status)<<stateStatusBit | s&stateReported
	if !enabled {
		found |= stateDisabled
	}
	return found
}
