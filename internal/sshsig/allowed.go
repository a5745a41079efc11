package sshsig

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"
)

// Allowed is an allowed-signers file: who may sign what with which key, and
// when. The format is ssh-keygen's, under ALLOWED SIGNERS in ssh-keygen(1): a
// line for each key, with principals, options and the key,
//
//	ann namespaces="schedule@closeroll,disposal@closeroll",valid-after="20260101Z" ssh-ed25519 AAAA… Ann's
//	*@dept.example cert-authority ssh-ed25519 AAAA… the department's authority
//
// A principal is whoever acts: the name by which the API knows its caller. Only
// what ssh-keygen accepts is accepted; what it overlooks is a fault here.
type Allowed struct {
	lines []allowedLine
}

// An allowedLine is one key and what it may be used for.
type allowedLine struct {
	number     int
	principals []string // patterns
	authority  bool     // the key certifies others
	namespaces []string // patterns; nil: every purpose
	after      time.Time
	before     time.Time
	key        ssh.PublicKey
}

// A Signer is who made a signature that was verified.
type Signer struct {
	Principal   string // the name that the file allows the key to
	Fingerprint string // of the key itself: SHA256:…
}

// Verify reports who signed the message for this purpose. It wants the
// signature to be genuine and its key allowed to the principal, for the
// purpose, at the time. To check an old signature again, give the time when it
// was made. Errors wrap [ErrFormat], [ErrInvalid] or [ErrNotAllowed].
func (a *Allowed) Verify(principal string, purpose Namespace, message, armored []byte, at time.Time) (Signer, error) {
	s, err := Parse(armored)
	if err != nil {
		return Signer{}, err
	}
	if err := s.Verify(bytes.NewReader(message), purpose); err != nil {
		return Signer{}, err
	}
	if principal == "" {
		return Signer{}, fmt.Errorf("%w: nobody's name was given", ErrNotAllowed)
	}
	refusal := errors.New("no line of the allowed-signers file is for this person and this key")
	for _, line := range a.lines {
		if !matchList(principal, line.principals) {
			continue
		}
		mine, err := line.allows(principal, purpose, s.PublicKey, at)
		switch {
		case err == nil:
			return Signer{principal, ssh.FingerprintSHA256(bare(s.PublicKey))}, nil
		case mine:
			refusal = fmt.Errorf("line %d: %w", line.number, err)
		}
	}
	return Signer{}, fmt.Errorf("%w: %w", ErrNotAllowed, refusal)
}

// allows reports whether the line is about this key, and why it does not allow
// its use.
func (l allowedLine) allows(principal string, purpose Namespace, key ssh.PublicKey, at time.Time) (mine bool, err error) {
	cert, certified := key.(*ssh.Certificate)
	switch {
	case l.authority && (!certified || !same(cert.SignatureKey, l.key)):
		return false, errors.New("it is for certificates of another authority")
	case !l.authority && !same(l.key, key):
		return false, errors.New("it is for another key")
	case l.namespaces != nil && !matchList(string(purpose), l.namespaces):
		return true, fmt.Errorf("the key is not for the purpose %s", purpose)
	case !l.after.IsZero() && at.Before(l.after):
		return true, errors.New("the key is not valid yet")
	case !l.before.IsZero() && at.After(l.before):
		return true, errors.New("the key is valid no more")
	}
	if l.authority {
		return true, checkCertificate(cert, principal, at)
	}
	return true, nil
}

// checkCertificate wants a user's certificate in force that names the
// principal: one that names nobody is anybody's and so is refused.
func checkCertificate(cert *ssh.Certificate, principal string, at time.Time) error {
	switch {
	case cert.CertType != ssh.UserCert:
		return errors.New("the certificate is not a user's")
	case !slices.Contains(cert.ValidPrincipals, principal):
		return errors.New("the certificate does not name this person")
	case checkKey(cert.SignatureKey, cert.Signature.Format) != nil:
		return errors.New("the authority's signature is of a kind that is not accepted")
	}
	c := ssh.CertChecker{
		Clock:                    func() time.Time { return at },
		SupportedCriticalOptions: []string{"force-command", "source-address", "verify-required"}, // of logging in, not of signing
	}
	return c.CheckCert(principal, cert)
}

// Keys returns the fingerprints of the keys that the principal may sign with by
// name, without certificates; for saying who could sign.
func (a *Allowed) Keys(principal string, purpose Namespace, at time.Time) []string {
	var keys []string
	for _, l := range a.lines {
		if l.authority || !matchList(principal, l.principals) {
			continue
		}
		if _, err := l.allows(principal, purpose, l.key, at); err == nil {
			keys = append(keys, ssh.FingerprintSHA256(l.key))
		}
	}
	return keys
}
