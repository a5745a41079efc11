package seal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/tag"
)

// Strength says what a key withstands.
type Strength string

// The strengths. A record sealed to a post-quantum vault is as strong as the
// weakest reader key that the vault's identity is wrapped to.
const (
	PostQuantum Strength = "post-quantum" // also a quantum computer: ML-KEM-768 with X25519 or P-256
	Classic     Strength = "classic"      // X25519, P-256, RSA
)

// A Recipient is a public key that can be sealed to.
type Recipient struct {
	text     string
	kind     string
	strength Strength
	age      age.Recipient
}

// String returns the recipient as it is written down, without any comment.
func (r *Recipient) String() string { return r.text }

// Kind names the sort of key: X25519, hybrid, ssh-ed25519, ssh-rsa, hardware.
func (r *Recipient) Kind() string { return r.kind }

// Strength says what the key withstands.
func (r *Recipient) Strength() Strength { return r.strength }

// Short returns the recipient in a form that fits on a line: a post-quantum
// one has nearly two thousand characters.
func (r *Recipient) Short() string {
	const head, tail = 20, 8
	if len(r.text) <= 80 {
		return r.text
	}
	return r.text[:head] + "…" + r.text[len(r.text)-tail:]
}

// ParseRecipient parses one recipient: age1pq1…, age1…, age1tag1… and
// age1tagpq1… (hardware keys), or an SSH public key (ssh-ed25519, ssh-rsa of at
// least 2048 bits). Errors never repeat s: it may be a secret in the wrong place.
func ParseRecipient(s string) (*Recipient, error) {
	s = strings.TrimSpace(s)
	r := &Recipient{text: s, strength: Classic}
	var err error
	switch {
	case strings.HasPrefix(s, "age1tagpq1"):
		r.kind, r.strength = "hardware", PostQuantum
		r.age, err = tag.ParseRecipient(s)
	case strings.HasPrefix(s, "age1tag1"):
		r.kind = "hardware"
		r.age, err = tag.ParseRecipient(s)
	case strings.HasPrefix(s, "age1pq1"):
		r.kind, r.strength = "hybrid", PostQuantum
		r.age, err = age.ParseHybridRecipient(s)
	case strings.HasPrefix(s, "age1") && strings.Count(s, "1") > 1 && !isX25519(s):
		return nil, fmt.Errorf("%w: age plugins are not supported; give an age1…, age1pq1… or SSH public key", ErrKeyFormat)
	case strings.HasPrefix(s, "age1"):
		r.kind = "X25519"
		r.age, err = age.ParseX25519Recipient(s)
	case strings.HasPrefix(s, "ssh-"):
		fields := strings.Fields(s)
		r.text, r.kind = strings.Join(fields[:min(2, len(fields))], " "), fields[0]
		r.age, err = agessh.ParseRecipient(s)
	case strings.HasPrefix(strings.ToUpper(s), "AGE-SECRET-KEY-") || strings.Contains(s, "PRIVATE KEY"):
		return nil, fmt.Errorf("%w: this is a secret key, and a public one is needed", ErrKeyFormat)
	default:
		return nil, fmt.Errorf("%w: a public key begins with age1, age1pq1, ssh-ed25519 or ssh-rsa", ErrKeyFormat)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: malformed public key of kind %s", ErrKeyFormat, r.kind)
	}
	return r, nil
}

func isX25519(s string) bool {
	_, err := age.ParseX25519Recipient(s)
	return err == nil
}

// ParseRecipients parses a file of recipients, one a line; empty lines and
// lines that begin with # do not count.
func ParseRecipients(data []byte) ([]*Recipient, error) {
	var all []*Recipient
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		r, err := ParseRecipient(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: the file has no public key", ErrKeyFormat)
	}
	return all, nil
}

// maxRecipients is how long a file of recipients may be, in octets.
const maxRecipients = 1 << 20

// LoadRecipients takes what a person gave: a recipient itself, or the name of a
// file that has some.
func LoadRecipients(given string) ([]*Recipient, error) {
	if r, err := ParseRecipient(given); err == nil {
		return []*Recipient{r}, nil
	} else if looksLikeKey(given) {
		return nil, err
	}
	data, err := readLimited(given, maxRecipients)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %q is no public key, and there is no such file", ErrKeyFormat, clip(given))
	}
	if err != nil {
		return nil, err
	}
	all, err := ParseRecipients(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", given, err)
	}
	return all, nil
}

// looksLikeKey reports whether s was meant as a key and not as a file's name.
func looksLikeKey(s string) bool {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(strings.ToUpper(s), "AGE-SECRET-KEY-") {
		return true
	}
	if strings.HasPrefix(s, "ssh-") {
		return strings.Contains(s, " ")
	}
	return strings.HasPrefix(s, "age1") && len(s) >= 50
}

// readLimited reads a whole file that is not larger than a key file can be.
func readLimited(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() || info.Size() > limit {
		return nil, fmt.Errorf("%w: %s is a directory or too large for a key file", ErrKeyFormat, name)
	}
	return os.ReadFile(name)
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
