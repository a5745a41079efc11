package configs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

const manyMailboxes = `archive: {name: X}
store: {dir: {path: a}}
schedule: s.yaml
custodians: [{id: a, name: A}, {id: b, name: B, addresses: [B.Person@x.example]}]
sources:
  - name: office
    custodian: a
    auto_delete: P90D
    significance: logistical
    imap:
      host: mail.example.org
      %s
roles: {auditor: {users: [a]}}
alerts: none
`

// load reads a configuration with this in the template, in a folder with this
// list of mailboxes.
func load(t *testing.T, template, list string) (*Config, string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "boxes.txt"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Parse(fmt.Appendf(nil, manyMailboxes, strings.ReplaceAll(template, "\n", "\n      ")), dir)
	return c, dir, err
}

func TestMailboxesBecomeSources(t *testing.T) {
	c, dir, err := load(t, "mailboxes_file: boxes.txt\npassword_file: secrets/{address}\nexclude: [Junk]", `
# the private office
minister@x.example
b.person@x.example            # found by the address
press+desk@x.example b
O'Hara@x.example a press-2
`)
	if err != nil {
		t.Fatal(err)
	}
	type want struct{ name, custodian, username string }
	for i, w := range []want{{"office-minister", "a", "minister@x.example"}, {"office-b-person", "b", "b.person@x.example"},
		{"office-press-desk", "b", "press+desk@x.example"}, {"press-2", "a", "O'Hara@x.example"}} {
		s := c.Sources[i]
		if got := (want{s.Name, s.Custodian, s.IMAP.Username}); got != w {
			t.Errorf("%+v, want %+v", got, w)
		}
		if s.IMAP.PasswordFile != Path(filepath.Join(dir, "secrets", w.username)) || s.IMAP.Mailbox != "" || s.IMAP.Exclude[0] != "Junk" ||
			s.Template != "office" || s.AutoDelete != (retention.Period{Days: 90}) || s.Significance != "logistical" || s.Poll.String() != "@every 5m" {
			t.Errorf("%s: %+v %+v", s.Name, s, s.IMAP)
		}
	}
	c, _, err = load(t, "username: archivist\npassword_file: p\nmailboxes: [{address: a@x.example}, {address: c@x.example, name: cee}]", "")
	if err != nil || len(c.Sources) != 2 || c.Sources[1].IMAP.Username != "archivist" || c.Sources[1].IMAP.Mailbox != "c@x.example" || c.Sources[1].Name != "cee" {
		t.Errorf("one login for all: %+v, %v", c, err)
	}
}

func TestListsOfMailboxesAreStrict(t *testing.T) {
	for list, fault := range map[string]string{
		"":                               "names no mailbox",
		"a@x.example\nno-address\n":      `mailboxes_file:2: "no-address" is no e-mail address`,
		"a@x.example a b c\n":            "more than an address, a custodian and a name",
		"a@x.example nobody\n":           "there is no custodian nobody",
		"a@x.example\nA@y.example\n":     "office-a is the name of mailbox a@x.example too",
		"a@x.example a Bad!Name\n":       "is no short name",
		strings.Repeat("x", 80) + "@x.y": "is too long",
	} {
		_, _, err := load(t, "password_file: p\nmailboxes_file: boxes.txt", list)
		if problems, ok := errors.AsType[Problems](err); !ok || !strings.Contains(problems.Error(), fault) {
			t.Errorf("%q: %v, want %q", list, err, fault)
		}
	}
	if _, _, err := load(t, "password_file: p\nmailboxes_file: none.txt", ""); err == nil {
		t.Error("a list that is not there was read")
	}
}

func TestProvidersFillInURLsAndScopes(t *testing.T) {
	c, _, err := load(t, "username: u\nauth: {grant: client_credentials, provider: microsoft, tenant: dept.example, client_id: i, client_secret_file: s}\nsecret_expires: 2027-01-31", "")
	if err != nil {
		t.Fatal(err)
	}
	m := c.Sources[0].IMAP
	if m.Auth.TokenURL != "https://login.microsoftonline.com/dept.example/oauth2/v2.0/token" || m.Auth.Scopes[0] != "https://outlook.office365.com/.default" ||
		m.Auth.Mechanism != "xoauth2" || m.SecretExpires != (record.Date{Year: 2027, Month: 1, Day: 31}) {
		t.Errorf("%+v %+v", m, m.Auth)
	}
	c, _, err = load(t, "username: u\nauth: {grant: service_account, provider: google, service_account_file: k}", "")
	if err != nil || c.Sources[0].IMAP.Auth.TokenURL != "https://oauth2.googleapis.com/token" || c.Sources[0].IMAP.Auth.Scopes[0] != "https://mail.google.com/" {
		t.Errorf("%+v, %v", c, err)
	}
	if b := c.Budget("mail.example.org"); b.Connections != 20 || b.LoginsPerMinute != 60 || b.BytesPerSecond != 0 {
		t.Errorf("%+v", b)
	}
	if b := c.Budget("127.0.0.1"); b.Connections != 0 || b.LoginsPerMinute != 0 {
		t.Errorf("%+v", b)
	}
}
