// Package sshsig signs and verifies with the SSH keys that people already
// have, in the format of OpenSSH's PROTOCOL.sshsig, so that an approval which
// closeroll recorded can be verified years later with nothing but ssh-keygen:
//
//	ssh-keygen -Y verify -f allowed_signers -I ann -n schedule@closeroll -s signature < statement
//
// A signature says that the owner of a key signed these octets for this
// purpose, the [Namespace]; one made for another purpose never verifies. Whose
// key it is, and for which purposes and when it may be used, is for the
// allowed-signers file to say ([Allowed]), in ssh-keygen's own format.
//
// [Sign] signs with a private key file or through ssh-agent ([LoadKey]). The
// format is a hundred lines over x/crypto/ssh, which does the cryptography.
package sshsig

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"io"

	"golang.org/x/crypto/ssh"
)

// A Namespace is the purpose that a signature is made for. No signature of one
// purpose is valid for another.
type Namespace string

// The purposes for which closeroll asks for signatures.
const (
	Schedule    Namespace = "schedule@closeroll"     // adopting a retention schedule
	Disposal    Namespace = "disposal@closeroll"     // approving a disposal
	HoldRelease Namespace = "hold-release@closeroll" // releasing a hold
	Report      Namespace = "report@closeroll"       // a report, as it was written to a file
)

var (
	// ErrFormat: these octets are no signature.
	ErrFormat = errors.New("not an SSH signature")
	// ErrInvalid: the signature is not of these octets for this purpose.
	ErrInvalid = errors.New("the signature is not valid")
	// ErrNotAllowed: the signature is genuine, and its key is not one that may
	// sign for this person, for this purpose or at this time.
	ErrNotAllowed = errors.New("the key is not an allowed signer's")
)

const (
	magic    = "SSHSIG"
	version  = 1
	pemType  = "SSH SIGNATURE"
	maxArmor = 64 << 10 // octets of an armored signature, certificate included

	// minRSA is the shortest RSA key that is accepted, in bits (NCSC and NIST
	// SP 800-131A).
	minRSA = 2048
)

// A Signature is one that has been parsed and not yet verified.
type Signature struct {
	PublicKey ssh.PublicKey // a certificate, where one was used
	Namespace Namespace
	hash      string
	reserved  string
	signature *ssh.Signature
}

// wire is what stands between the armor's lines (PROTOCOL.sshsig, section 2).
type wire struct {
	Magic     [6]byte
	Version   uint32
	PublicKey string
	Namespace string
	Reserved  string
	Hash      string
	Signature string
}

// signedData is what the key signs (PROTOCOL.sshsig, section 3).
type signedData struct {
	Magic     [6]byte
	Namespace string
	Reserved  string
	Hash      string
	Digest    string
}

// Parse reads an armored signature as ssh-keygen writes it. Errors wrap
// [ErrFormat].
func Parse(armored []byte) (*Signature, error) {
	wrong := func(format string, args ...any) (*Signature, error) {
		return nil, fmt.Errorf("%w: "+format, append([]any{ErrFormat}, args...)...)
	}
	armored = bytes.TrimSpace(armored)
	if len(armored) > maxArmor {
		return wrong("it is longer than %d octets", maxArmor)
	}
	block, rest := pem.Decode(armored)
	if !bytes.HasPrefix(armored, []byte("-----BEGIN "+pemType+"-----")) || block == nil ||
		block.Type != pemType || len(block.Headers) > 0 || len(bytes.TrimSpace(rest)) > 0 {
		return wrong("it does not stand between BEGIN and END %s", pemType)
	}
	var w wire
	if err := ssh.Unmarshal(block.Bytes, &w); err != nil {
		return wrong("%w", err)
	}
	switch {
	case string(w.Magic[:]) != magic:
		return wrong("it begins otherwise")
	case w.Version != version:
		return wrong("it is of version %d, and this program reads version %d", w.Version, version)
	case w.Namespace == "":
		return wrong("it names no purpose")
	case newHash(w.Hash) == nil:
		return wrong("its hash is neither sha256 nor sha512")
	}
	key, err := ssh.ParsePublicKey([]byte(w.PublicKey))
	if err != nil {
		return wrong("its key: %w", err)
	}
	s := &Signature{PublicKey: key, Namespace: Namespace(w.Namespace), hash: w.Hash, reserved: w.Reserved, signature: new(ssh.Signature)}
	if err := ssh.Unmarshal([]byte(w.Signature), s.signature); err != nil {
		return wrong("%w", err)
	}
	return s, nil
}

// Verify reports whether the signature is one of this message for this
// purpose, by whoever owns its key. Whose key that is, it does not know:
// [Allowed.Verify] does. Errors wrap [ErrInvalid], or are those of reading.
func (s *Signature) Verify(message io.Reader, purpose Namespace) error {
	if s.Namespace != purpose {
		return fmt.Errorf("%w: it was made for %q, not for %q", ErrInvalid, s.Namespace, purpose)
	}
	if err := checkKey(s.PublicKey, s.signature.Format); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	data, err := toSign(message, purpose, s.reserved, s.hash)
	if err != nil {
		return err
	}
	if err := s.PublicKey.Verify(data, s.signature); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

// Sign signs a message for a purpose and returns the armored signature.
func Sign(message io.Reader, key ssh.Signer, purpose Namespace) ([]byte, error) {
	const hash = "sha512"
	if purpose == "" {
		return nil, errors.New("a signature has a purpose, and none is given")
	}
	data, err := toSign(message, purpose, "", hash)
	if err != nil {
		return nil, err
	}
	signature, err := signData(key, data)
	if err != nil {
		return nil, err
	}
	if err := checkKey(key.PublicKey(), signature.Format); err != nil {
		return nil, err
	}
	blob := ssh.Marshal(wire{[6]byte([]byte(magic)), version, string(key.PublicKey().Marshal()), string(purpose), "", hash, string(ssh.Marshal(signature))})
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: blob}), nil
}

// signData signs with SHA-2: ssh-rsa signatures, with SHA-1, are not allowed
// here (PROTOCOL.sshsig, section 3).
func signData(key ssh.Signer, data []byte) (*ssh.Signature, error) {
	if plainType(key.PublicKey()) != ssh.KeyAlgoRSA {
		return key.Sign(nil, data)
	}
	if k, ok := key.(*Key); ok {
		key = k.Signer
	}
	s, ok := key.(ssh.AlgorithmSigner)
	if !ok {
		return nil, errors.New("this RSA key can sign with SHA-1 only")
	}
	return s.SignWithAlgorithm(nil, data, ssh.KeyAlgoRSASHA512)
}

// checkKey refuses what OpenSSH's verification refuses: RSA with SHA-1 or with
// a short key; and what it has given up: DSA.
func checkKey(key ssh.PublicKey, format string) error {
	switch plainType(key) {
	case "ssh-dss":
		return errors.New("DSA keys are not accepted")
	case ssh.KeyAlgoRSA:
		if format != ssh.KeyAlgoRSASHA256 && format != ssh.KeyAlgoRSASHA512 {
			return fmt.Errorf("an RSA signature is made with SHA-256 or SHA-512, not as %s", format)
		}
		if n := bits(key); n < minRSA {
			return fmt.Errorf("its RSA key has %d bits, and %d are needed", n, minRSA)
		}
	}
	return nil
}

// toSign returns the octets that are signed in the message's stead.
func toSign(message io.Reader, purpose Namespace, reserved, hash string) ([]byte, error) {
	h := newHash(hash)
	if _, err := io.Copy(h, message); err != nil {
		return nil, err
	}
	return ssh.Marshal(signedData{[6]byte([]byte(magic)), string(purpose), reserved, hash, string(h.Sum(nil))}), nil
}

// newHash returns one of the two hashes that the format allows, or nil.
func newHash(name string) hash.Hash {
	switch name {
	case "sha256":
		return sha256.New()
	case "sha512":
		return sha512.New()
	}
	return nil
}
