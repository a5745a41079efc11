package seal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"golang.org/x/crypto/ssh"
)

// maxIdentity is how long an identity file may be, in octets.
const maxIdentity = 1 << 20

// A Passphrase asks for the passphrase of the key file called name. It returns
// an error where nobody can be asked.
type Passphrase func(name string) ([]byte, error)

// DefaultIdentity is where a reader's identity file is looked for when none is
// named; configDir is the user's (os.UserConfigDir).
func DefaultIdentity(configDir string) string {
	return filepath.Join(configDir, "closeroll", "identity.age")
}

// LoadOpener returns an opener with the identities in the files.
func LoadOpener(files []string, ask Passphrase) (*Opener, error) {
	var all []age.Identity
	for _, name := range files {
		ids, err := loadIdentities(name, ask)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	return NewOpener(all...)
}

func loadIdentities(name string, ask Passphrase) ([]age.Identity, error) {
	data, err := readLimited(name, maxIdentity)
	if err != nil {
		return nil, err
	}
	ids, err := ParseIdentities(data, name, ask)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return ids, nil
}

// ParseIdentities parses an identity file: age identities, one a line; the
// same protected by a passphrase, armored or not; or an SSH private key, which
// may have a passphrase too. name is the file's, for asking, and for finding
// the .pub file beside an old SSH key. ask may be nil where no passphrase is
// expected. Errors never repeat what is in the file.
func ParseIdentities(data []byte, name string, ask Passphrase) ([]age.Identity, error) {
	if ask == nil {
		ask = func(string) ([]byte, error) { return nil, errors.New("no passphrase can be asked for here") }
	}
	trimmed := bytes.TrimSpace(data)
	switch {
	case bytes.HasPrefix(data, []byte("age-encryption.org/")):
		return parseProtected(bytes.NewReader(data), name, ask)
	case bytes.HasPrefix(trimmed, []byte(armor.Header)):
		return parseProtected(armor.NewReader(bytes.NewReader(data)), name, ask)
	case bytes.HasPrefix(trimmed, []byte("-----BEGIN")):
		return parseSSH(data, name, ask)
	}
	return parseLines(data)
}

// parseLines parses a plain identity file.
func parseLines(data []byte) ([]age.Identity, error) {
	var ids []age.Identity
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		var id age.Identity
		var err error
		switch {
		case line == "" || line[0] == '#':
			continue
		case strings.HasPrefix(line, "AGE-SECRET-KEY-PQ-1"):
			id, err = age.ParseHybridIdentity(line)
		case strings.HasPrefix(line, "AGE-SECRET-KEY-1"):
			id, err = age.ParseX25519Identity(line)
		case strings.HasPrefix(line, "AGE-PLUGIN-"):
			return nil, fmt.Errorf("%w: age plugins are not supported here; open the vault key with age itself, and use that", ErrKeyFormat)
		case strings.HasPrefix(line, "age1") || strings.HasPrefix(line, "ssh-"):
			return nil, fmt.Errorf("%w: line %d is a public key, and a secret one is needed", ErrKeyFormat, n)
		default:
			return nil, fmt.Errorf("%w: line %d is no identity", ErrKeyFormat, n)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: line %d is a malformed identity", ErrKeyFormat, n)
		}
		ids = append(ids, id)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFormat, err)
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%w: the file has no identity", ErrKeyFormat)
	}
	return ids, nil
}

// parseProtected opens an identity file that has a passphrase.
func parseProtected(r io.Reader, name string, ask Passphrase) ([]age.Identity, error) {
	p := &asking{name: name, ask: ask}
	plain, err := age.Decrypt(r, p)
	if p.err != nil {
		return nil, p.err
	}
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none) && p.asked:
		return nil, ErrPassphrase
	case errors.As(err, &none):
		return nil, fmt.Errorf("%w: it is sealed to a key, not to a passphrase", ErrKeyFormat)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrKeyFormat, err)
	}
	data, err := io.ReadAll(io.LimitReader(plain, maxIdentity))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyFormat, err)
	}
	return parseLines(data)
}

// asking is an age identity that asks for a passphrase, and only if the file
// has one.
type asking struct {
	name  string
	ask   Passphrase
	asked bool
	err   error // why nobody could be asked
}

// Unwrap implements [age.Identity].
func (a *asking) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != "scrypt" {
		return nil, age.ErrIncorrectIdentity
	}
	passphrase, err := a.ask(a.name)
	if err != nil {
		a.err = fmt.Errorf("%w: %w", ErrPassphrase, err)
		return nil, a.err
	}
	a.asked = true
	id, err := age.NewScryptIdentity(string(passphrase))
	if err != nil { // it is empty
		return nil, age.ErrIncorrectIdentity
	}
	return id.Unwrap(stanzas)
}

// parseSSH parses an SSH private key. One with a passphrase is opened, and its
// passphrase asked for, only when something is found that was sealed to it.
func parseSSH(data []byte, name string, ask Passphrase) ([]age.Identity, error) {
	id, err := agessh.ParseIdentity(data)
	var missing *ssh.PassphraseMissingError
	if errors.As(err, &missing) {
		public := missing.PublicKey
		if public == nil { // the old PEM form does not say
			if public, err = readPublic(name + ".pub"); err != nil {
				return nil, fmt.Errorf("%w: an old SSH key needs its .pub file beside it: %w", ErrKeyFormat, err)
			}
		}
		id, err = agessh.NewEncryptedSSHIdentity(public, data, func() ([]byte, error) { return ask(name) })
	}
	if err != nil {
		return nil, fmt.Errorf("%w: not an SSH private key of type ssh-ed25519 or ssh-rsa", ErrKeyFormat)
	}
	return []age.Identity{id}, nil
}

func readPublic(name string) (ssh.PublicKey, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(data)
	return key, err
}

// PublicOf returns the public half of the identity in a file that is not
// protected: the daemon's own, say.
func PublicOf(identityFile []byte) (*Recipient, error) {
	ids, err := parseLines(identityFile)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		switch id := id.(type) {
		case *age.HybridIdentity:
			return ParseRecipient(id.Recipient().String())
		case *age.X25519Identity:
			return ParseRecipient(id.Recipient().String())
		}
	}
	return nil, fmt.Errorf("%w: the file has no age identity whose public half can be told", ErrKeyFormat)
}
