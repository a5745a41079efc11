package imap

import (
	"math"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"github.com/closeroll/closeroll/connectors"
)

// SetSpool lets tests outside the package give a mailbox another spool.
func SetSpool(m *Mailbox, s connectors.Spooler) { m.spool = s }

func TestOwedBackoff(t *testing.T) {
	last := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	for tries, want := range map[int64]time.Duration{
		1: 0, 2: 10 * time.Minute, 3: 20 * time.Minute, 8: 640 * time.Minute, 9: 1280 * time.Minute, 10: 24 * time.Hour, math.MaxInt32: 24 * time.Hour,
	} {
		o := owed{tries, last.Unix()}
		if want > 0 && o.due(last.Add(want-time.Second)) {
			t.Errorf("after %d tries it is due before %v", tries, want)
		}
		if !o.due(last.Add(want)) {
			t.Errorf("after %d tries it is not due after %v", tries, want)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, tc := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "", true}, {"*", "a/b", true}, {"INBOX", "INBOX", true}, {"Sent*", "Sent Items", true}, {"Sent", "Sent Items", false},
		{"*/May", "2025/May", true}, {"a?c", "aüc", true}, {"a?c", "ac", false}, {"a*b*c", "aXXbYYc", true}, {"a*b*c", "aXXbYY", false},
		{"", "", true}, {"", "a", false}, {"**a", "ba", true}, {"[a]", "a", false},
	} {
		if got := glob(tc.pattern, tc.name); got != tc.want {
			t.Errorf("glob(%q, %q) = %v", tc.pattern, tc.name, got)
		}
	}
}

func TestPatternsKnowTheServersSeparator(t *testing.T) {
	c := Config{Exclude: []string{"Archive/*", "inbox"}}
	for name, want := range map[string]bool{"Archive.2025": false, "Archive": true, "INBOX": false, "Sent": true} {
		if got := c.includes(listed{name: name, delim: '.'}); got != want {
			t.Errorf("%s: included %v", name, got)
		}
	}
}

func TestUnchangedFoldersAreKnown(t *testing.T) {
	st := folderState{Validity: 7, Last: 41, Next: 44, Mod: 90}
	for name, tc := range map[string]struct {
		is   listed
		want bool
	}{
		"the same":                {listed{validity: 7, next: 44, mod: 90}, true},
		"flags changed":           {listed{validity: 7, next: 44, mod: 95}, true},
		"a new message":           {listed{validity: 7, next: 45, mod: 95}, false},
		"no UIDNEXT, same modseq": {listed{validity: 7, mod: 90}, true},
		"no UIDNEXT, new modseq":  {listed{validity: 7, mod: 91}, false},
		"no UIDNEXT, no modseq":   {listed{validity: 7}, false},
		"renumbered":              {listed{validity: 8, next: 44, mod: 90}, false},
		"nothing known":           {listed{}, false},
	} {
		if got := st.unchanged(tc.is, false, time.Now()); got != tc.want {
			t.Errorf("%s: unchanged %v", name, got)
		}
	}
	st.Owed = map[uint32]owed{9: {}}
	if st.unchanged(listed{validity: 7, next: 44}, false, time.Now()) {
		t.Error("what is owed is forgotten")
	}
}

func TestExpandIsBounded(t *testing.T) {
	all := func(uint32) bool { return true }
	for _, set := range []goimap.UIDSet{
		{{Start: 1, Stop: math.MaxUint32}}, {{Start: 5, Stop: 0}}, {{Start: 9, Stop: 3}}, {{Start: 1, Stop: maxListed}, {Start: maxListed + 2, Stop: maxListed + 2}},
	} {
		if got, err := expand(set, all, "INBOX"); err == nil {
			t.Errorf("%v became %d numbers", set, len(got))
		}
	}
	got, err := expand(goimap.UIDSet{{Start: math.MaxUint32, Stop: math.MaxUint32}, {Start: 3, Stop: 4}, {Start: 4, Stop: 4}}, all, "INBOX")
	if err != nil || len(got) != 3 || got[0] != 3 {
		t.Errorf("got %v, %v", got, err)
	}
}

func FuzzPosition(f *testing.F) {
	f.Add("")
	f.Add(`{"f":{"INBOX":{"v":7,"u":41,"n":44,"g":2,"o":{"9":[1,1700000000]}},"Entwürfe":{"v":7,"x":true}}}`)
	f.Add(`{"f":{"A":null}}`)
	f.Add(`{"f":{"\u0000\"":{"u":4294967295}}}`)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePosition(connectors.Cursor(s))
		if err != nil {
			return
		}
		c := p.cursor()
		again, err := parsePosition(c)
		if err != nil {
			t.Fatalf("%s is not read back: %v", c, err)
		}
		if got := again.cursor(); got != c {
			t.Errorf("%s becomes %s", c, got)
		}
	})
}
