// Package api is how the verbs talk to a running daemon: JSON over HTTP/1.1, on
// a Unix socket or over TLS 1.3 with client certificates. It knows nothing of
// records: the daemon registers typed handlers as [Route] values, and package
// v1 beside it has the types that they exchange.
//
// # Who may call
//
// On the socket the kernel says which user calls; over TLS a certificate does
// that one of the configured authorities signed. The configuration gives users,
// groups and certificates their roles ([Policy]). Every route names the roles
// that may call it, and there is no way to make one that does not. A call that
// is refused is handed to a [Deny], which journals it, before the answer is sent.
//
// # Limits
//
// Requests are limited in size, in rate for each caller, and in time; a client
// that stops reading is cut off. A handler that panics is answered with an
// error that says nothing of why. There are no debugging endpoints.
//
// # Errors
//
// A failed call answers with a JSON object of error, hint and code ([Error]);
// the code tells the verb its exit status. Both sides name their version in
// the header Closeroll-Version, and refuse a peer of another major version.
package api

import (
	"slices"
	"strings"
)

// A Role is what a person may do here.
type Role string

// The roles. A person may have several.
const (
	Officer  Role = "officer"  // searches, reads, answers requests
	Manager  Role = "manager"  // retention, holds, disposal
	Auditor  Role = "auditor"  // the journal and reports, not records
	Operator Role = "operator" // runs the daemon
)

// Roles is the set of roles that may call a route. Its zero value is no such
// set: [New] refuses a route that has it.
type Roles struct{ list []Role }

// For returns a set of roles.
func For(first Role, more ...Role) Roles {
	return Roles{append([]Role{first}, more...)}
}

// Everyone returns the set of all roles. It still keeps out who has none.
func Everyone() Roles { return For(Officer, Manager, Auditor, Operator) }

// String lists the roles as a person would: “officer or manager”.
func (r Roles) String() string {
	names := make([]string, len(r.list))
	for i, role := range r.list {
		names[i] = string(role)
	}
	return strings.Join(names, " or ")
}

// A Caller is who makes a call.
type Caller struct {
	// ID is the caller's pseudonymous id for the journal: "uid:1000" on the
	// socket, "cert:" and 16 hexadecimal digits over TLS, the same for every
	// certificate with the same name.
	ID string
	// Name is the user's or certificate's name, for people.
	Name  string
	Roles []Role
}

// Is reports whether the caller has any of the roles.
func (c Caller) Is(any Roles) bool {
	return slices.ContainsFunc(any.list, func(r Role) bool { return slices.Contains(c.Roles, r) })
}

// Members are the people who have a role. Users and groups are named as the
// host names them, or by their number. A certificate is named by its subject's
// common name, or by a DNS name or e-mail address among its alternative names.
type Members struct {
	Users        []string
	Groups       []string
	Certificates []string
}

// A Policy says who has which role. Roles besides the four are the daemon's own:
// reading a vault is one.
type Policy map[Role]Members
