package fakecognito

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// directory holds the users in the order in which they were added, which is also
// the order of ListUsers, and finds them by every name that the service takes.
type directory struct {
	// usernameAttributes and aliasAttributes are those of the options.
	usernameAttributes, aliasAttributes []string

	users      []user
	attributes map[uint32][]attribute // of the few users that have any
	index      map[string]uint32      // position in users, by username
	others     map[string]uint32      // by attributes for signing in and by aliases
	subs       map[string]uint32      // by sub, of the first users; see findSub
	subsOf     int                    // how many users are in subs
}

// user is small, because a million of them must fit beside a benchmark.
type user struct {
	name              string
	created, modified uint32 // Unix time in seconds
	status            Status
	disabled          bool
}

// attribute is a user attribute, as SignUp takes it and AdminGetUser returns it.
type attribute struct {
	Name  string
	Value string
}

func newDirectory(usernameAttributes, aliasAttributes []string) directory {
	return directory{
		usernameAttributes: usernameAttributes, aliasAttributes: aliasAttributes,
		attributes: make(map[uint32][]attribute),
		index:      make(map[string]uint32), others: make(map[string]uint32), subs: make(map[string]uint32),
	}
}

func (u *user) set(status Status, now time.Time) {
	u.status, u.modified = status, uint32(now.Unix())
}

// find returns the user that the service finds by a name, or nil: by the username,
// the sub, the attribute to sign in with, or an alias, which has to be verified.
// The pointer is valid until the next put.
func (d *directory) find(name string) *user {
	if i, ok := d.position(name); ok {
		return &d.users[i]
	}
	return nil
}

func (d *directory) position(name string) (uint32, bool) {
	if i, ok := d.index[name]; ok {
		return i, true
	}
	if i, ok := d.others[name]; ok {
		return i, true
	}
	return d.findSub(name)
}

// uuid matches the form of a sub.
var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// findSub looks for a sub among all users. Most pools are never asked for one, so
// that only then the subs are collected.
func (d *directory) findSub(sub string) (uint32, bool) {
	if !uuid.MatchString(sub) {
		return 0, false
	}
	for ; d.subsOf < len(d.users); d.subsOf++ {
		d.subs[d.sub(uint32(d.subsOf))] = uint32(d.subsOf)
	}
	i, ok := d.subs[sub]
	return i, ok
}

// put adds a user, or changes one that is there.
func (d *directory) put(u User, now time.Time) *user {
	changes := make([]attribute, 0, len(u.Attributes))
	for _, name := range slices.Sorted(maps.Keys(u.Attributes)) {
		changes = append(changes, attribute{name, u.Attributes[name]})
	}
	i, known := d.position(u.Username)
	if !known {
		name := u.Username
		if signsIn := d.signInAttribute(name); signsIn != "" {
			changes = slices.DeleteFunc(changes, func(a attribute) bool { return a.Name == signsIn })
			changes = append(changes, attribute{signsIn, name})
			name = madeUpUUID(name)
		}
		i = uint32(len(d.users))
		d.index[name] = i
		d.users = append(d.users, user{name: name, created: uint32(now.Unix())})
	}
	found := &d.users[i]
	if !u.Created.IsZero() {
		found.created = uint32(u.Created.Unix())
	}
	found.disabled = u.Disabled
	found.set(u.Status, now)
	d.change(i, changes)
	return found
}

// signInAttribute returns the attribute that a name for signing in is, in a pool
// that has such attributes, or "".
func (d *directory) signInAttribute(name string) string {
	switch {
	case slices.Contains(d.usernameAttributes, "email") && strings.Contains(name, "@"):
		return "email"
	case slices.Contains(d.usernameAttributes, "phone_number") && strings.HasPrefix(name, "+"):
		return "phone_number"
	}
	return ""
}

// change sets attributes of a user, and leaves the others as they are. An alias
// that becomes verified is taken from whoever has it, whose own is no longer
// verified.
func (d *directory) change(i uint32, changes []attribute) {
	if len(changes) == 0 {
		return
	}
	for _, value := range d.otherNames(i) {
		if d.others[value] == i {
			delete(d.others, value)
		}
	}
	own := slices.Clone(d.attributes[i])
	for _, change := range changes {
		at := slices.IndexFunc(own, func(a attribute) bool { return a.Name == change.Name })
		if at < 0 {
			own = append(own, change)
		} else {
			own[at] = change
		}
	}
	d.attributes[i] = own
	if sub := valueOf(own, "sub"); sub != "" {
		d.subs[sub] = i
	}
	for name, value := range d.otherNames(i) {
		if former, taken := d.others[value]; taken && former != i {
			d.change(former, []attribute{{name + "_verified", "false"}})
		}
		d.others[value] = i
	}
}

// otherNames returns the attributes by which a user can be found, by name.
func (d *directory) otherNames(i uint32) map[string]string {
	own := d.attributes[i]
	if len(own) == 0 {
		return nil
	}
	names := make(map[string]string)
	for _, a := range own {
		isAlias := slices.Contains(d.aliasAttributes, a.Name) &&
			(a.Name == "preferred_username" || valueOf(own, a.Name+"_verified") == "true")
		if isAlias || slices.Contains(d.usernameAttributes, a.Name) {
			names[a.Name] = a.Value
		}
	}
	return names
}

func valueOf(attributes []attribute, name string) string {
	for _, a := range attributes {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// sub is the user's permanent id: a UUID that is given, that is the username, or
// that is derived from the name so that it needs no memory.
func (d *directory) sub(i uint32) string {
	if sub := valueOf(d.attributes[i], "sub"); sub != "" {
		return sub
	}
	name := d.users[i].name
	if len(d.usernameAttributes) > 0 && uuid.MatchString(name) {
		return name
	}
	return madeUpUUID(name)
}

// all returns the attributes of a user, the sub first.
func (d *directory) all(i uint32) []attribute {
	all := []attribute{{"sub", d.sub(i)}}
	for _, a := range d.attributes[i] {
		if a.Name != "sub" {
			all = append(all, a)
		}
	}
	return all
}

// madeUpUUID returns the same UUID for the same name.
func madeUpUUID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return formatUUID(sum[:16])
}

func formatUUID(id []byte) string {
	digits := hex.EncodeToString(id)
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}
