package configs

import (
	"errors"
	"fmt"
	"net/mail"
	"os"
	"strings"

	"github.com/closeroll/closeroll/internal/strictyaml"
)

// placeholder stands for a mailbox's address in a template.
const placeholder = "{address}"

// maxMailboxes bounds how many sources one template makes.
const maxMailboxes = 10_000

// many reports whether this is a template for many mailboxes.
func (m *IMAP) many() bool { return len(m.Mailboxes) > 0 || m.MailboxesFile != "" }

func (v check) mailboxes(path string, m *IMAP) {
	if len(m.Mailboxes) > 0 && m.MailboxesFile != "" {
		v.add(path+".mailboxes_file", "is given, and so is mailboxes: put all of them in one place")
	}
	if m.Mailbox != "" {
		v.add(path+".mailbox", "is given, and so are mailboxes")
	}
	for i, b := range m.Mailboxes {
		if err := bareAddress(b.Address); err != nil {
			v.add(fmt.Sprintf("%s.mailboxes[%d].address", path, i), "%v", err)
		}
		if b.Name != "" {
			v.name(fmt.Sprintf("%s.mailboxes[%d].name", path, i), b.Name)
		}
	}
}

// bareAddress wants an address that can stand in a file name too.
func bareAddress(s string) error {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || strings.ContainsAny(s, `/\"`) {
		return fmt.Errorf("%q is no e-mail address: write it as name@example.org", s)
	}
	return nil
}

// expand puts a source for each mailbox in the place of every template. Paths
// are absolute by now. Faults are added to the report.
func (c *Config) expand(r *strictyaml.Report) {
	v := check{r}
	owners, custodians := make(map[string]string), make(map[string]bool)
	for _, p := range c.Custodians {
		custodians[p.ID] = true
		for _, a := range p.Addresses {
			owners[strings.ToLower(a)] = p.ID
		}
	}
	names := make(map[string]string)
	for _, s := range c.Sources {
		if s.IMAP == nil || !s.IMAP.many() {
			names[s.Name] = "another source"
		}
	}
	var sources []Source
	for i, s := range c.Sources {
		if s.IMAP == nil || !s.IMAP.many() {
			sources = append(sources, s)
			continue
		}
		path := fmt.Sprintf("sources[%d].imap.mailboxes", i)
		list := s.IMAP.Mailboxes
		if s.IMAP.MailboxesFile != "" {
			path += "_file"
			list = v.readMailboxes(path, s.IMAP.MailboxesFile)
		}
		if len(list) > maxMailboxes {
			v.Add(path, "names %d mailboxes, and %d is the most", len(list), maxMailboxes)
			continue
		}
		for n, b := range list {
			one := s.of(b, owners)
			at := fmt.Sprintf("%s[%d]", path, n)
			switch other := names[one.Name]; {
			case other != "":
				v.Add(at+".name", "%s is the name of %s too: give this mailbox a name of its own", one.Name, other)
			case len(one.Name) > 64:
				v.Add(at+".name", "%s is too long: give this mailbox a name of its own", one.Name)
			}
			names[one.Name] = "mailbox " + b.Address
			switch {
			case one.Custodian == "":
				v.Add(at+".custodian", "is missing: no custodian lists %s, and the source names none", b.Address)
			case !custodians[one.Custodian]:
				v.Add(at+".custodian", "there is no custodian %s", one.Custodian)
			}
			sources = append(sources, one)
		}
	}
	c.Sources = sources
}

// of returns the source that a template makes of one mailbox.
func (s Source) of(b Mailbox, owners map[string]string) Source {
	m := *s.IMAP
	m.Mailboxes, m.MailboxesFile = nil, ""
	if !strings.Contains(m.Username, placeholder) {
		m.Mailbox = b.Address // one login opens them all
	}
	m.Username = strings.ReplaceAll(m.Username, placeholder, b.Address)
	m.PasswordFile = Path(strings.ReplaceAll(string(m.PasswordFile), placeholder, b.Address))
	if m.Auth != nil {
		a := *m.Auth
		a.RefreshTokenFile = Path(strings.ReplaceAll(string(a.RefreshTokenFile), placeholder, b.Address))
		m.Auth = &a
	}
	s.IMAP = &m
	if s.Name = b.Name; s.Name == "" {
		s.Name = s.Template + "-" + shortName(b.Address)
	}
	for _, id := range []string{owners[strings.ToLower(b.Address)], b.Custodian} {
		if id != "" {
			s.Custodian = id
		}
	}
	return s
}

// shortName makes a short name of what stands before the @.
func shortName(address string) string {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, local), "-")
}

// readMailboxes reads a file of mailboxes: a line each, with the address, the
// custodian and the name separated by spaces. Empty lines, and what follows a #,
// are passed over.
func (v check) readMailboxes(path string, file Path) (list []Mailbox) {
	data, err := readSmall(file)
	if err != nil {
		v.Add(path, "%v", err)
		return nil
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		at := fmt.Sprintf("%s:%d", path, n)
		if err := bareAddress(f[0]); err != nil {
			v.Add(at, "%v", err)
		}
		if len(f) > 3 {
			v.Add(at, "has more than an address, a custodian and a name")
			continue
		}
		f = append(f, "", "")
		if f[2] != "" {
			v.name(at, f[2])
		}
		list = append(list, Mailbox{Address: f[0], Custodian: f[1], Name: f[2]})
	}
	if len(list) == 0 && n >= 0 && !v.Faulty(path) {
		v.Add(path, "%s names no mailbox", file)
	}
	return list
}

func readSmall(file Path) ([]byte, error) {
	info, err := os.Stat(string(file))
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > strictyaml.MaxSize {
		return nil, errors.New("is no file, or larger than a list of mailboxes can be")
	}
	return os.ReadFile(string(file))
}
