package sshsig

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Limits on an allowed-signers file.
const (
	maxAllowed = 1 << 20
	maxLines   = 10_000
)

// LoadAllowed reads an allowed-signers file. See [ParseAllowed].
func LoadAllowed(name string, zone *time.Location) (*Allowed, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxAllowed {
		return nil, fmt.Errorf("%s is longer than %d octets", name, maxAllowed)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	a, err := ParseAllowed(data, zone)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

// ParseAllowed reads an allowed-signers file. Dates without a Z are of the
// zone; ssh-keygen takes them to be of the system's. The error joins the
// faults of every line.
func ParseAllowed(data []byte, zone *time.Location) (*Allowed, error) {
	if len(data) > maxAllowed {
		return nil, fmt.Errorf("it is longer than %d octets", maxAllowed)
	}
	a := &Allowed{}
	var faults []error
	number := 0
	for text := range bytes.Lines(data) {
		if number++; number > maxLines {
			return nil, fmt.Errorf("it has more than %d lines", maxLines)
		}
		line := strings.Trim(string(text), " \t\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		parsed, err := parseLine(line, zone)
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", number, err))
			continue
		}
		parsed.number = number
		a.lines = append(a.lines, parsed)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return a, nil
}

// parseLine reads PRINCIPALS [OPTIONS] KEYTYPE KEY [COMMENT].
func parseLine(line string, zone *time.Location) (l allowedLine, err error) {
	principals, rest, err := field(line)
	if err != nil {
		return l, err
	}
	if l.principals, err = patterns(principals); err != nil {
		return l, fmt.Errorf("principals: %w", err)
	}
	word, after, err := field(rest)
	if err != nil {
		return l, err
	}
	if key, err := parseKey(word, after); err == nil {
		l.key = key
		return l, nil
	} else if isKeyType(word) {
		return l, err
	}
	options, rest, err := optionsField(rest)
	if err != nil {
		return l, err
	}
	for _, o := range options {
		if err := l.option(o, zone); err != nil {
			return l, err
		}
	}
	if !l.after.IsZero() && !l.before.IsZero() && !l.after.Before(l.before) {
		return l, errors.New("valid-before is not after valid-after")
	}
	if word, after, err = field(rest); err != nil {
		return l, err
	}
	l.key, err = parseKey(word, after)
	return l, err
}

// option takes in one option.
func (l *allowedLine) option(o string, zone *time.Location) (err error) {
	name, value, has := strings.Cut(o, "=")
	name = strings.ToLower(name)
	if name == "cert-authority" {
		if has || l.authority {
			return errors.New("cert-authority is given with a value, or twice")
		}
		l.authority = true
		return nil
	}
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' || strings.Contains(value[1:len(value)-1], `"`) {
		return fmt.Errorf("option %q is unknown, or its value is not in quotation marks", name)
	}
	value = value[1 : len(value)-1]
	switch {
	case name == "namespaces" && l.namespaces == nil:
		l.namespaces, err = patterns(value)
	case name == "valid-after" && l.after.IsZero():
		l.after, err = parseTime(value, zone)
	case name == "valid-before" && l.before.IsZero():
		l.before, err = parseTime(value, zone)
	default:
		return fmt.Errorf("option %q is unknown, or is given twice", name)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// parseTime reads YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, of the zone, or of
// UTC where a Z follows.
func parseTime(s string, zone *time.Location) (time.Time, error) {
	digits, utc := strings.CutSuffix(s, "Z")
	if utc {
		zone = time.UTC
	}
	layout, ok := map[int]string{8: "20060102", 12: "200601021504", 14: "20060102150405"}[len(digits)]
	if !ok || strings.Trim(digits, "0123456789") != "" {
		return time.Time{}, fmt.Errorf("%q is no date: write it as 20260527 or 202605270930, with a Z for UTC", s)
	}
	t, err := time.ParseInLocation(layout, digits, zone)
	if err != nil || t.Year() < 1970 {
		return time.Time{}, fmt.Errorf("%q is not in the calendar", s)
	}
	return t, nil
}

// field splits off the first field, which may be in quotation marks.
func field(s string) (first, rest string, err error) {
	if strings.HasPrefix(s, `"`) {
		first, rest, ok := strings.Cut(s[1:], `"`)
		if !ok {
			return "", "", errors.New("a quotation mark is not closed")
		}
		if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
			return "", "", errors.New("something follows a closing quotation mark")
		}
		return first, strings.TrimLeft(rest, " \t"), nil
	}
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return "", "", errors.New("it ends too soon: a line has principals, options and a key")
	}
	return s[:i], strings.TrimLeft(s[i:], " \t"), nil
}

// optionsField splits off the options: comma-separated, with blanks in
// quotation marks only.
func optionsField(s string) (options []string, rest string, err error) {
	quoted, start := false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ',':
			options = append(options, s[start:i])
			start = i + 1
		case c == ' ' || c == '\t':
			return append(options, s[start:i]), strings.TrimLeft(s[i:], " \t"), nil
		}
	}
	return nil, "", errors.New("a quotation mark is not closed, or no key follows the options")
}

// isKeyType reports whether the word can only be meant as a key's type.
func isKeyType(word string) bool {
	return strings.HasPrefix(word, "ssh-") || strings.HasPrefix(word, "ecdsa-") || strings.HasPrefix(word, "sk-")
}

// parseKey reads a key of the type, with a comment or without.
func parseKey(typ, rest string) (ssh.PublicKey, error) {
	text, _, _ := strings.Cut(strings.ReplaceAll(rest, "\t", " "), " ")
	blob, err := base64.StdEncoding.DecodeString(text)
	if err != nil || text == "" {
		return nil, fmt.Errorf("no key of type %q follows", typ)
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return nil, errors.New("the key is malformed, or of a kind that is not supported")
	}
	if key.Type() != typ {
		return nil, fmt.Errorf("it says the key is %s, and it is %s", typ, key.Type())
	}
	if _, cert := key.(*ssh.Certificate); cert {
		return nil, errors.New("a certificate stands where its authority's key belongs")
	}
	return key, nil
}
