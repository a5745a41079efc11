package certificate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/certificate"
	"github.com/closeroll/closeroll/search/index"
)

// sample reads a certificate of a real archive, and the archive's key.
func sample(t testing.TB, form string) (*certificate.Bundle, note.Verifier) {
	t.Helper()
	data, err := os.ReadFile("../../../examples/certificate/testdata/search-" + form + ".json")
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile("../../../examples/certificate/testdata/search-key")
	if err != nil {
		t.Fatal(err)
	}
	b := &certificate.Bundle{}
	if err := json.Unmarshal(data, b); err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		t.Fatal(err)
	}
	return b, v
}

func TestBundle(t *testing.T) {
	for _, form := range []string{certificate.Open, certificate.Closed} {
		b, key := sample(t, form)
		c, err := b.Verify(key)
		if err != nil || c.Form != form || len(c.Obstacles(time.UTC)) > 0 && form == certificate.Closed {
			t.Fatalf("%s: %v, %v", form, c.Obstacles(time.UTC), err)
		}
		for name, change := range map[string]func(b *certificate.Bundle){
			"format": func(b *certificate.Bundle) { b.Format += "x" },
			"certificate": func(b *certificate.Bundle) {
				b.Certificate = bytes.Replace(b.Certificate, []byte("Floods"), []byte("Foods"), 1)
			},
			"no json":    func(b *certificate.Bundle) { b.Certificate = []byte("{") },
			"note":       func(b *certificate.Bundle) { b.Note = strings.Replace(b.Note, "FOI-14", "FOI-15", 1) },
			"manifest":   func(b *certificate.Bundle) { b.Manifest += "S1 found x/1\n" },
			"checkpoint": func(b *certificate.Bundle) { b.Checkpoint = strings.Replace(b.Checkpoint, "\n", "\n1", 1) },
			"entry":      func(b *certificate.Bundle) { b.Entry.Index-- },
			"body":       func(b *certificate.Bundle) { b.Entry.Body = nil },
		} {
			b, key := sample(t, form)
			change(b)
			if _, err := b.Verify(key); !errors.Is(err, certificate.ErrInvalid) {
				t.Errorf("%s form with another %s: %v", form, name, err)
			}
		}
		sheet, err := c.Sheet(b, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := page.WriteText(&out, sheet, page.Screen{}); err != nil || !strings.Contains(out.String(), "sandbags AND") {
			t.Errorf("%v: %s", err, out.String())
		}
	}
}

// whole is a certificate in whose way nothing stands.
func whole() certificate.Certificate {
	return certificate.Certificate{Form: certificate.Closed, Request: "R", Received: record.Date{Year: 2026, Month: 5, Day: 20},
		Runs:    []certificate.Run{{Name: "S1", Query: "a", Parsed: "a", Coverage: "complete"}},
		Sources: []certificate.Source{{Name: "mail", Kind: "imap", Custodian: "c", Role: "private_secretary", Known: true, Read: "2026-05-20T12:00:00Z"}, {Name: "old", Kind: certificate.Former}},
		Asks:    []certificate.Ask{{No: "A1", Of: "Jo Smith", What: "her phone", Result: "nothing"}},
		Unread:  certificate.Unread{Results: map[string]int{"outside": 2}}}
}

func TestObstacles(t *testing.T) {
	for name, c := range map[string]struct {
		change func(c *certificate.Certificate)
		want   string // in the one obstacle; empty: there is none
	}{
		"whole":      {func(*certificate.Certificate) {}, ""},
		"no search":  {func(c *certificate.Certificate) { c.Runs = nil }, "no search"},
		"incomplete": {func(c *certificate.Certificate) { c.Runs[0].Coverage = "INCOMPLETE: 1 of 2" }, "S1 is INCOMPLETE"},
		"withheld":   {func(c *certificate.Certificate) { c.Runs[0].Withheld = 3 }, "3 messages in vaults"},
		"searched again": {func(c *certificate.Certificate) {
			c.Runs = append(c.Runs, c.Runs[0])
			c.Runs[0].Coverage = "INCOMPLETE"
		}, ""},
		"worse again": {func(c *certificate.Certificate) {
			c.Runs = append(c.Runs, c.Runs[0])
			c.Runs[1].Coverage = "INCOMPLETE"
		}, ""},
		"unread":            {func(c *certificate.Certificate) { c.Unread.Results[""] = 1 }, "1 message could not be searched"},
		"undated":           {func(c *certificate.Certificate) { c.Dating = 2 }, "2 items without a date"},
		"ask":               {func(c *certificate.Certificate) { c.Asks[0].Result = "" }, "A1, put to Jo Smith"},
		"new source":        {func(c *certificate.Certificate) { c.Sources[0].Known = false }, "added after"},
		"never read":        {func(c *certificate.Certificate) { c.Sources[0].Read = "" }, "never read"},
		"read before":       {func(c *certificate.Certificate) { c.Sources[0].Read = "2026-05-19T23:00:00Z" }, "before the request came"},
		"failed":            {func(c *certificate.Certificate) { c.Sources[0].Failed = 1 }, "1 item that are not archived"},
		"failed, accounted": {func(c *certificate.Certificate) { c.Sources[0].Failed, c.Sources[0].Accounted = 1, "A2" }, ""},
	} {
		one := whole()
		c.change(&one)
		got := one.Obstacles(time.UTC)
		switch {
		case c.want == "" && len(got) > 0:
			t.Errorf("%s: %v", name, got)
		case c.want != "" && (len(got) != 1 || !strings.Contains(got[0].What, c.want) || got[0].Next == "" || strings.Contains(got[0].Next, "REF")):
			t.Errorf("%s: %v", name, got)
		}
	}
	c := whole()
	c.Sources[0].Failed = 1
	c.Account([]foi.Ask{{RequestAsked: record.RequestAsked{Ask: 1, Of: "MAIL"}, Reply: &record.RequestAsked{}}})
	if len(c.Obstacles(time.UTC)) > 0 || c.Sources[0].No != 1 {
		t.Errorf("an answered ask does not account for its source: %+v", c.Sources)
	}
}

// TestOpened: nothing that a person typed, and nobody's name, is in the open
// form.
func TestOpened(t *testing.T) {
	c := whole()
	c.Asked, c.Scope, c.By = "SECRET", "SECRET", certificate.Person{ID: "SECRET", Name: "SECRET", Role: "officer"}
	c.Runs[0].By, c.Runs[0].Query, c.Runs[0].Parsed, c.Runs[0].Note, c.Runs[0].Explained = "SECRET", "SECRET", "SECRET", "SECRET", []string{"SECRET"}
	c.Sources[0].Name, c.Sources[0].Custodian = "SECRET", "SECRETC"
	c.Asks = []certificate.Ask{{No: "A1", Of: "secretc", What: "SECRET", Note: "SECRET"}, {No: "A2", Of: "SECRET", What: "SECRET"}, {No: "A3", Of: "SECRET2"}}
	c.Missed = []certificate.Missed{{What: "A1, SECRET", Why: "SECRET"}}
	c.Gaps = []certificate.Gap{{Source: "SECRET", Kind: "vanished", Notices: 1}}
	c.Holds = []certificate.Hold{{Name: "R", Scope: "SECRET"}}
	c.Account(nil)
	c.Answer()
	open := c.Opened(map[string]string{"": "x", "S1": "x", "hold R": "x"})
	text, err := open.Canonical()
	if err != nil || bytes.Contains(bytes.ToLower(text), []byte("secret\"")) || bytes.Contains(text, []byte("SECRET")) {
		t.Errorf("%v: %s", err, text)
	}
	if open.Asks[0].Of != "private secretary" || open.Asks[1].Of != "source 1" || open.Asks[2].Of != "a custodian" {
		t.Errorf("%+v", open.Asks)
	}
	if c.Asked != "SECRET" || c.Runs[0].Note != "SECRET" {
		t.Error("opening changed the closed form")
	}
}

func TestConceal(t *testing.T) {
	names := func(p index.Pattern) (bool, error) {
		var text string
		switch p := p.(type) {
		case index.Word:
			text = p.Text
		case index.Phrase:
			text = p.Text
		case index.Prefix:
			text = p.Text
		case index.Fuzzy:
			text = p.Text
		case index.Wildcard:
			text = p.Text
		}
		return slices.Contains([]string{"smith", "jo", "smit", "office", "sm?th"}, strings.ToLower(text)), nil
	}
	for query, want := range map[string]string{
		`sandbags smith`:                      `sandbags AND [name]`,
		`from:anybody`:                        `from:[name]`,
		`participant:(a OR "b c")`:            `participant:[name] OR participant:"[name] [name]"`,
		`"memo of Smith" NEAR/3 flood`:        `"memo of [name]" NEAR/3 flood`,
		`smit* OR smith~1 OR sm?th OR =jo`:    `[name]* OR [name]~1 OR [name] OR =[name]`,
		`-custodian:ann custodian:bob`:        `NOT custodian:"[a custodian]" AND custodian:"[private secretary]"`,
		`source:mail in:"Ann and Bob"`:        `source:"[source 4]" AND in:"[a folder or chat]"`,
		`id:"<x@y.example>"`:                  `id:"[Message-ID]"`,
		`office subject:(flood -smith)`:       `office AND (subject:flood AND NOT subject:[name])`,
		`"ring 0131 496 0000" class:MIN-01`:   `"ring [phone number]" AND class:MIN-01`,
		`sent:2026-05 size:>1MB is:late`:      `sent:2026-05 AND size:>1MB AND is:late`,
		`"write to a.b@c.example about this"`: `"write to [e-mail address] about this"`,
	} {
		q, err := (search.Parser{}).Parse(query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		c := certificate.NewConcealer(names, []string{"Office"})
		c.Roles["bob"], c.Number["mail"] = "private_secretary", 4
		got, err := c.Conceal(q.Root)
		if err != nil || got != want {
			t.Errorf("%s\n got %s\nwant %s, %v", query, got, want, err)
		}
		if strings.Contains(got, "[name]") == (len(c.Concealed()) == 0) {
			t.Errorf("%s: concealed %v", query, c.Concealed())
		}
	}
}

func TestCompare(t *testing.T) {
	re := certificate.Rerun{Then: certificate.Run{Position: 100, Index: "1 m", Program: "p", Parsed: "q", Withheld: 1}, Index: "1 m", Program: "p", Parsed: "q",
		Missing: []certificate.Message{{ID: "a/1", Gone: true, Batch: "D-1", Certificate: 4}, {ID: "a/2", Gone: true, Batch: "D-1", Certificate: 4}, {ID: "b/1", Gone: true, Batch: "D-2"},
			{ID: "c/1", Hangs: true}, {ID: "d/1"}},
		Added: []certificate.Message{{ID: "e/1", Entry: 100}, {ID: "f/1", Entry: 99}, {ID: "g/1", WasOpen: true}, {ID: "h/1", Withheld: true}, {ID: "i/1", Withheld: true}, {ID: "j/1", Hangs: true}}}
	want := map[string]int{"disposal 4": 2, "disposal 0": 1, "changed": 1, "unattributed": 1, "+later_capture": 1, "+unattributed": 2, "+made_readable": 1, "+restricted": 1, "+changed": 1}
	got := make(map[string]int)
	for _, d := range certificate.Compare(re) {
		key := string(d.Cause)
		if d.Added {
			key = "+" + key
		}
		if d.Cause == certificate.Disposal {
			key += map[bool]string{true: " 4", false: " 0"}[strings.Contains(d.Text, "certificate 4")]
		}
		got[key] += d.Messages
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := certificate.Unexplained(certificate.Compare(re)); n != 3 {
		t.Errorf("%d unexplained", n)
	}
	re.Index = "2 m"
	if n := certificate.Unexplained(certificate.Compare(re)); n != 0 {
		t.Errorf("%d unexplained of another index", n)
	}
}

// TestCompareCounts: every message is counted once, whatever is known of it.
func TestCompareCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		message := rapid.Custom(func(t *rapid.T) certificate.Message {
			return certificate.Message{ID: rapid.StringMatching(`[a-z]{4}/[1-9]`).Draw(t, "id"), Gone: rapid.Bool().Draw(t, "gone"), Batch: rapid.SampledFrom([]string{"", "D-1"}).Draw(t, "batch"),
				Certificate: rapid.IntRange(0, 2).Draw(t, "certificate"), Entry: rapid.Int64Range(0, 20).Draw(t, "entry"), WasOpen: rapid.Bool().Draw(t, "open"),
				Withheld: rapid.Bool().Draw(t, "withheld"), Hangs: rapid.Bool().Draw(t, "hangs")}
		})
		re := certificate.Rerun{Then: certificate.Run{Position: 10, Withheld: rapid.IntRange(0, 3).Draw(t, "withheld")},
			Missing: rapid.SliceOfN(message, 0, 30).Draw(t, "missing"), Added: rapid.SliceOfN(message, 0, 30).Draw(t, "added")}
		missing, added, restricted := 0, 0, 0
		for _, d := range certificate.Compare(re) {
			if d.Text == "" || len(d.First) == 0 || len(d.First) > d.Messages {
				t.Fatalf("%+v", d)
			}
			if d.Added {
				added += d.Messages
			} else {
				missing += d.Messages
			}
			if d.Cause == certificate.Restricted {
				restricted += d.Messages
			}
		}
		if missing != len(re.Missing) || added != len(re.Added) || restricted > re.Then.Withheld {
			t.Fatalf("%d missing, %d added, %d restricted", missing, added, restricted)
		}
	})
}

func TestLoosen(t *testing.T) {
	q, err := (search.Parser{}).Parse("a -(class:x OR b) custodian:c sent:2026")
	if err != nil {
		t.Fatal(err)
	}
	for met, want := range map[bool]string{true: "a AND NOT ((NOT *) OR b) AND * AND sent:2026", false: "a AND NOT (* OR b) AND NOT * AND sent:2026"} {
		if got := certificate.Loosen(q.Root, met).String(); strings.ReplaceAll(got, "(NOT *)", "NOT *") != strings.ReplaceAll(want, "(NOT *)", "NOT *") {
			t.Errorf("%v: %s", met, got)
		}
	}
}
