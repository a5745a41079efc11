package seal

import (
	"bytes"
	"fmt"
	"io"

	"filippo.io/age"
)

// A KeyPair is a fresh pair of age keys: a vault epoch's, or a person's. It
// exists to be wrapped and forgotten.
type KeyPair struct {
	recipient *Recipient
	identity  age.Identity
	secret    string
}

// GenerateKeyPair makes a pair of this strength: the post-quantum hybrid of
// ML-KEM-768 and X25519 that age has since 1.3, or X25519 alone.
func GenerateKeyPair(s Strength) (*KeyPair, error) {
	var public, secret string
	var id age.Identity
	switch s {
	case PostQuantum:
		hybrid, err := age.GenerateHybridIdentity()
		if err != nil {
			return nil, err
		}
		id, public, secret = hybrid, hybrid.Recipient().String(), hybrid.String()
	case Classic:
		classic, err := age.GenerateX25519Identity()
		if err != nil {
			return nil, err
		}
		id, public, secret = classic, classic.Recipient().String(), classic.String()
	default:
		return nil, fmt.Errorf("%w: no strength %q", ErrKeyFormat, s)
	}
	r, err := ParseRecipient(public)
	if err != nil {
		return nil, err
	}
	return &KeyPair{recipient: r, identity: id, secret: secret}, nil
}

// Recipient returns the public half.
func (k *KeyPair) Recipient() *Recipient { return k.recipient }

// String says whose pair it is and not what its secret is.
func (k *KeyPair) String() string { return "key pair of " + k.recipient.Short() }

// GoString is String, so that no format verb prints the secret.
func (k *KeyPair) GoString() string { return k.String() }

// IdentityFile returns the identity in the form that age -i reads. Whoever has
// it opens everything that was sealed to the pair.
func (k *KeyPair) IdentityFile() []byte {
	return fmt.Appendf(nil, "# public key: %s\n%s\n", k.recipient, k.secret)
}

// Wrap returns the identity file sealed to one reader, as the age tool opens it.
func (k *KeyPair) Wrap(reader *Recipient) ([]byte, error) { return Wrap(k.IdentityFile(), reader) }

// Opener opens what was sealed to the pair.
func (k *KeyPair) Opener() *Opener { return &Opener{[]age.Identity{k.identity}} }

// Wrap seals a small secret, such as a key, to one reader: plain age, without
// compression.
func Wrap(secret []byte, reader *Recipient) ([]byte, error) {
	return encrypt(secret, reader.age)
}

// Protect seals an identity file under a passphrase, as the age tool does.
// Opening takes about a second, on purpose.
func Protect(identityFile, passphrase []byte) ([]byte, error) {
	r, err := age.NewScryptRecipient(string(passphrase))
	if err != nil {
		return nil, fmt.Errorf("%w: it is empty", ErrPassphrase)
	}
	return encrypt(identityFile, r)
}

func encrypt(secret []byte, to age.Recipient) ([]byte, error) {
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		return nil, fmt.Errorf("wrap: %w", err)
	}
	if _, err := w.Write(secret); err != nil {
		return nil, fmt.Errorf("wrap: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("wrap: %w", err)
	}
	return b.Bytes(), nil
}

// Unwrap returns a secret that [Wrap] sealed. It returns [ErrNoMatch] if it was
// sealed to someone else.
func (o *Opener) Unwrap(wrapped []byte) ([]byte, error) {
	plain, err := o.decrypt(bytes.NewReader(wrapped))
	if err != nil {
		return nil, err
	}
	secret, err := io.ReadAll(io.LimitReader(plain, maxIdentity+1))
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if len(secret) > maxIdentity {
		return nil, fmt.Errorf("%w: too large for a wrapped key", ErrKeyFormat)
	}
	return secret, nil
}

// UnwrapOpener opens a wrapped identity, a vault's, and returns what opens with
// it.
func (o *Opener) UnwrapOpener(wrapped []byte) (*Opener, error) {
	file, err := o.Unwrap(wrapped)
	if err != nil {
		return nil, err
	}
	ids, err := parseLines(file)
	if err != nil {
		return nil, err
	}
	return NewOpener(ids...)
}

// With returns an opener that also tries the identities of others: those of
// several vault epochs, say.
func (o *Opener) With(others ...*Opener) *Opener {
	all := &Opener{append([]age.Identity(nil), o.identities...)}
	for _, other := range others {
		all.identities = append(all.identities, other.identities...)
	}
	return all
}
