package api

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os/user"
	"slices"
	"strconv"
	"sync"
)

type peerKey struct{}

// A peer is the process at the other end of a Unix socket.
type peer struct {
	uid, gid uint32
	err      error

	once   sync.Once
	name   string
	groups []string // names and numbers
}

// withPeer remembers who is at the other end of a new connection.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	unix, ok := c.(*net.UnixConn)
	if !ok {
		return ctx
	}
	p := &peer{}
	p.uid, p.gid, p.err = credentials(unix)
	return context.WithValue(ctx, peerKey{}, p)
}

// resolve looks up names. A host without the entries leaves the numbers.
func (p *peer) resolve() {
	p.once.Do(func() {
		uid := strconv.FormatUint(uint64(p.uid), 10)
		ids := []string{strconv.FormatUint(uint64(p.gid), 10)}
		p.name = uid
		if u, err := user.LookupId(uid); err == nil {
			p.name = u.Username
			if more, err := u.GroupIds(); err == nil {
				ids = append(ids, more...)
			}
		}
		for _, id := range ids {
			p.groups = append(p.groups, id)
			if g, err := user.LookupGroupId(id); err == nil {
				p.groups = append(p.groups, g.Name)
			}
		}
	})
}

// caller finds out who makes a request.
func (s *Server) caller(r *http.Request) (Caller, error) {
	if r.TLS != nil {
		if len(r.TLS.VerifiedChains) == 0 {
			return Caller{}, &Error{Code: CodeDenied, Message: "no verified client certificate"}
		}
		return s.policy.byCertificate(r.TLS.VerifiedChains[0][0]), nil
	}
	p, ok := r.Context().Value(peerKey{}).(*peer)
	if !ok || p.err != nil {
		return Caller{}, &Error{Code: CodeDenied, Message: "the system does not tell who calls",
			Hint: "use the TLS listener (api.listen in the configuration)"}
	}
	p.resolve()
	return s.policy.byUser(p), nil
}

func (policy Policy) byUser(p *peer) Caller {
	uid := strconv.FormatUint(uint64(p.uid), 10)
	return policy.caller("uid:"+uid, p.name, func(m Members) bool {
		return slices.Contains(m.Users, uid) || slices.Contains(m.Users, p.name) || overlap(m.Groups, p.groups)
	})
}

// byCertificate knows a certificate by its subject's common name, or, if it
// has none, by its first alternative name.
func (policy Policy) byCertificate(c *x509.Certificate) Caller {
	names := slices.Concat([]string{c.Subject.CommonName}, c.EmailAddresses, c.DNSNames)
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	if len(names) == 0 {
		names = []string{"certificate " + c.SerialNumber.String()}
	}
	sum := sha256.Sum256([]byte(names[0]))
	return policy.caller(fmt.Sprintf("cert:%x", sum[:8]), names[0], func(m Members) bool {
		return overlap(m.Certificates, names)
	})
}

func (policy Policy) caller(id, name string, in func(Members) bool) Caller {
	c := Caller{ID: id, Name: name}
	roles := Everyone().list
	for _, role := range slices.Sorted(maps.Keys(policy)) {
		if !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	for _, role := range roles {
		if in(policy[role]) {
			c.Roles = append(c.Roles, role)
		}
	}
	return c
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
