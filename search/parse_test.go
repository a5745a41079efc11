package search

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/internal/language"
)

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func testParser(t testing.TB) Parser {
	return Parser{Zone: london(t), Now: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Saved: func(name string) (string, bool) {
		query, ok := map[string]string{"floods": `sand* OR "flood defences"`, "nested": "saved:floods", "broken": "(", "old": "the"}[name]
		return query, ok
	}}
}

func TestParse(t *testing.T) {
	for query, want := range map[string]string{
		`sandbags`:                           `sandbags`,
		`Sandbags UPTON`:                     `sandbags AND upton`,
		`a b OR c d`:                         `(a AND b) OR (c AND d)`,
		`a AND (b OR c)`:                     `a AND (b OR c)`,
		`NOT a b`:                            `NOT a AND b`,
		`-a -"b c"`:                          `NOT a AND NOT "b c"`,
		`NOT (a OR b)`:                       `NOT (a OR b)`,
		`a or b`:                             `a AND or AND b`,
		`"flood defences"~3`:                 `"flood defences"~3`,
		`“flood defences”`:                   `"flood defences"`,
		`=Sandbag`:                           `=sandbag`,
		`café`:                               `cafe`,
		`FOI-2026/0123`:                      `"FOI-2026/0123"`,
		`sand*`:                              `sand*`,
		`FOI-2026/*`:                         `foi-2026*`,
		`f?r*t`:                              `f?r*t`,
		`"flood defen*"`:                     `=flood ONEAR/0 defen*`,
		`subject:"*land levee"`:              `subject:(*land ONEAR/0 =levee)`,
		`"who pays? they * do"`:              `"who pays? they * do"`,
		`"flood def?nce" NEAR/3 levee`:       `=flood ONEAR/0 def?nce NEAR/3 levee`,
		`FOI-20*/0123`:                       `=foi ONEAR/0 20* ONEAR/0 =0123`,
		`O'Br*n`:                             `obr*n`,
		`from:*@ea.example.gov.uk`:           `from:(=ea ONEAR/0 =example ONEAR/0 =gov ONEAR/0 =uk)`,
		`gloucester~1 sandbags~`:             `gloucester~1 AND sandbags~1`,
		`depot NEAR/5 sandbags`:              `depot NEAR/5 sandbags`,
		`(a OR "b c") ONEAR/2 d NEAR/3 e*`:   ``,
		`(aa OR "b c") ONEAR/2 d NEAR/3 ee*`: `(aa OR "b c") ONEAR/2 d NEAR/3 ee*`,
		`body:="flood plan" =“x”`:            `body:"flood plan" AND "x"`,
		`body:(depot NEAR/5 sandbags)`:       `body:(depot NEAR/5 sandbags)`,
		`from:field`:                         `from:field`,
		`FROM:field`:                         `from:field`,
		`from:(field OR "Jane Smith")`:       `from:field OR from:"Jane Smith"`,
		`-from:field`:                        `NOT from:field`,
		`from:a.field@ea.example.gov.uk`:     `from:"a.field@ea.example.gov.uk"`,
		`custodian:"Jane Smith"`:             `custodian:"Jane Smith"`,
		`in:INBOX*`:                          `in:INBOX*`,
		`kind:chat`:                          `kind:chat-day`,
		`kind:(mail OR chats)`:               `kind:email OR kind:chat-day`,
		`has:attachment has:PDF`:             `has:attachment AND has:pdf`,
		`is:Deleted`:                         `is:deleted`,
		`sent:2026-03..2026-05`:              `sent:2026-03..2026-05`,
		`sent:>=2026-05 captured:..2026`:     `sent:>=2026-05 AND captured:..2026`,
		`size:>2MB`:                          `size:>2MB`,
		`id:ABC234`:                          `id:abc234`,
		`id:abc234/7`:                        `id:abc234/7`,
		`id:<m1@ea.example.gov.uk>`:          `id:m1@ea.example.gov.uk`,
		`https://example.org/a`:              `"https://example.org/a"`,
		`at 10:30`:                           `at AND "10:30"`,
		`*`:                                  `*`,
		`* -from:field`:                      `* AND NOT from:field`,
	} {
		q, err := testParser(t).Parse(query)
		if want == "" {
			if err == nil {
				t.Errorf("%s: parsed as %s", query, q)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if q.String() != want {
			t.Errorf("%s: parsed as %s, not %s", query, q, want)
		}
		again, err := testParser(t).Parse(q.String())
		if err != nil || again.String() != q.String() {
			t.Errorf("%s: %s parses as %v, %v", query, q, again, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct {
		query   string
		column  int
		message string // part of it
		hint    string // part of it
	}{
		{``, 0, "empty", "*"},
		{`(a OR b`, 0, "( is not closed", "put a )"},
		{`a b)`, 3, ") closes nothing", "remove"},
		{`()`, 1, "nothing in these parentheses", ""},
		{`a AND`, 2, "nothing follows AND", "lower case: and"},
		{`OR a`, 0, "nothing stands before OR", "lower case: or"},
		{`a AND OR b`, 6, "OR cannot follow AND", ""},
		{`"flood`, 0, "quote is not closed", ""},
		{`sender:smith`, 0, "no field sender", "did you mean from?"},
		{`fron:smith`, 0, "no field fron", "did you mean from"},
		{`zebra:smith`, 0, "no field zebra", "the fields are from"},
		{`from: smith`, 0, "needs a value", "right after the colon"},
		{`from:`, 0, "needs a value", ""},
		{`from:(to:smith)`, 6, "to: stands inside from:", ""},
		{`sent:May`, 5, "a date is", "sent:2026-03..2026-05"},
		{`sent:2026-02-30`, 5, "a date is", ""},
		{`sent:2026-05..2026-03`, 5, "ends before it begins", ""},
		{`sent:..`, 5, "at least one", ""},
		{`kind:fax`, 5, "kind: takes email", ""},
		{`is:onfire`, 3, "is: takes", ""},
		{`size:big`, 5, "a size is", ""},
		{`s*`, 0, "too many words", "at least 2"},
		{`"flood d*"`, 0, "too many words", "at least 2"},
		{`"flood defen*"~3`, 0, "~ takes no phrase", "ONEAR/3"},
		{`thread:"x y"`, 7, "no record id", "its beginning"},
		{`sent:14/5/2026`, 5, "a date is", "sent:2026-05-14"},
		{`is:onhld`, 3, "is: takes", "did you mean onhold?"},
		{`sandbags % depot`, 9, "no word", "write NOT"},
		{`a~5`, 1, "takes 1 or 2", ""},
		{`ab~1`, 0, "too short", ""},
		{`"a b"~1000`, 6, "up to 100", ""},
		{`a NEAR/200 b`, 2, "up to 100", ""},
		{`a NEAR/5 NOT b`, 9, "nothing stands before NOT", ""},
		{`a NEAR/5 (b c)`, 9, "joins words", ""},
		{`subject:a NEAR/5 body:b`, 17, "same field", ""},
		{`id:12!`, 3, "no record id", ""},
		{`—`, 0, "no word here", ""},
		{`é AND (b`, 6, "( is not closed", ""},
		{strings.Repeat("(", 100) + "a" + strings.Repeat(")", 100), 65, "too deeply", ""},
		{strings.Repeat("-", 100) + "a", 65, "too deeply", ""},
	} {
		_, err := testParser(t).Parse(tt.query)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%.40s: %v", tt.query, err)
			continue
		}
		if syntax.Column() != tt.column || !strings.Contains(syntax.Message, tt.message) || !strings.Contains(syntax.Hint, tt.hint) {
			t.Errorf("%.40s: column %d, %q, hint %q", tt.query, syntax.Column(), syntax.Message, syntax.Hint)
		}
	}
}

func TestCaret(t *testing.T) {
	_, err := testParser(t).Parse("café\tAND (b")
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatal(err)
	}
	if want := "café AND (b\n         ^"; syntax.Caret() != want {
		t.Errorf("%s\nnot\n%s", syntax.Caret(), want)
	}
}

func TestNotices(t *testing.T) {
	for query, want := range map[string]string{
		`“flood defences”`:         "typographic quotes",
		`the`:                      "common words",
		`sand or bags`:             "small letters",
		`flood sent:>=2062`:        "future",
		`flood sent:>=2025`:        "",
		`the OR flood`:             "one alternative is “the”",
		`the of`:                   "common words",
		`"the"`:                    "common words",
		`the flood`:                "",
		`-the flood`:               "",
		`(sand and bags) OR levee`: "small letters",
		`not sand`:                 "“not” in small letters",
		`subject:the`:              "",
		`sandbags w/5 depot`:       "is written NEAR/5",
		`sandbags near/12 depot`:   "is written NEAR/12",
		`sandbags /3 depot`:        "ONEAR/3",
		`w/out 24/7 a/5b`:          "",
		`sand!`:                    "words that begin so are sand*",
		`sandbags,depot`:           "put a space between them",
		`4,000 bags`:               "",
		`saved:old`:                "in saved:old: such common words",
		`"or" flood defence`:       "",
		`sandbags or`:              "small letters",
		`sandbags w/s depot`:       "counted in words",
		`sandbags /para depot`:     "counted in words",
		`sandbags +5 depot`:        "is written NEAR/5",
		`sandbags adj3 depot`:      "is written NEAR/3",
		`‘lower quay’`:             "single quotes",
		`'lower quay', sand`:       "single quotes",
		`'tis the quay o'clock`:    "",
		`sandbags –depot`:          "no minus sign",
		`flood plan - update`:      "was left out",
		`flood -update`:            "",
		`sandbags^2`:               "means nothing here",
		`[flood] plan`:             "means nothing here",
		`flood=plan`:               "put a space between them",
		`R&D AT&T`:                 "",
		`who pays?`:                "one more character",
		`"the * report"`:           "ONEAR/1",
		`+44 7700 near45b`:         "",
	} {
		q, err := testParser(t).Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, n := range q.Notices {
			all = append(all, n.Text)
		}
		if got := strings.Join(all, "; "); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: notices %q, not %q", query, got, want)
		}
	}
}

// TestSaved: a saved search stands for what it asks for, and only where saved
// searches are allowed.
func TestSaved(t *testing.T) {
	p := testParser(t)
	q, err := p.Parse(`saved:floods AND -saved:"floods"`)
	if err != nil {
		t.Fatal(err)
	}
	if want := `(sand* OR "flood defences") AND NOT (sand* OR "flood defences")`; q.String() != want {
		t.Errorf("%s", q)
	}
	if len(q.Saved) != 2 || !strings.Contains(strings.Join(q.Explain(), "\n"), `saved:floods stands for sand* OR "flood defences"`) {
		t.Errorf("%+v, %v", q.Saved, q.Explain())
	}
	for _, query := range []string{"saved:none", "saved:nested", "saved:broken", "saved:", "saved:(floods", "subject:(saved:floods)"} {
		var syntax *SyntaxError
		if _, err := p.Parse(query); !errors.As(err, &syntax) {
			t.Errorf("%s: %v", query, err)
		}
	}
	p.Saved = nil
	if _, err := p.Parse("saved:floods"); err == nil {
		t.Error("it stands where none was saved")
	}
}

func TestDateRanges(t *testing.T) {
	zone := london(t)
	d := func(y int, m time.Month, day int) time.Time { return time.Date(y, m, day, 0, 0, 0, 0, zone) }
	var open time.Time
	for written, want := range map[string][2]time.Time{
		"2026":                   {d(2026, 1, 1), d(2027, 1, 1)},
		"2026-05":                {d(2026, 5, 1), d(2026, 6, 1)},
		"2026-12-31":             {d(2026, 12, 31), d(2027, 1, 1)},
		"2026-03..2026-05":       {d(2026, 3, 1), d(2026, 6, 1)},
		"..2026-05-14":           {open, d(2026, 5, 15)},
		"2026-05-14..":           {d(2026, 5, 14), open},
		">=2026-05":              {d(2026, 5, 1), open},
		">2026-05":               {d(2026, 6, 1), open},
		"<=2026-05":              {open, d(2026, 6, 1)},
		"<2026-05":               {open, d(2026, 5, 1)},
		"2024-02-29":             {d(2024, 2, 29), d(2024, 3, 1)},
		"2026-03-29":             {d(2026, 3, 29), d(2026, 3, 30)}, // 23 hours long
		"2026-10-25..2026-10-25": {d(2026, 10, 25), d(2026, 10, 26)},
	} {
		from, until, err := parseDates(written, zone)
		if err != nil || !from.Equal(want[0]) || !until.Equal(want[1]) {
			t.Errorf("%s: %v to %v, %v", written, from, until, err)
		}
	}
	from, until, _ := parseDates("2026-03-29", zone)
	if until.Sub(from) != 23*time.Hour {
		t.Errorf("the day the clocks go forward has %v", until.Sub(from))
	}
}

func TestExplain(t *testing.T) {
	q, err := testParser(t).Parse(`(sandbags OR "flood defences"~2) AND from:field sent:2026-05 -kind:chat depot NEAR/5 gl*ter size:>=2kB has:pdf "levee br*"`)
	if err != nil {
		t.Fatal(err)
	}
	want := `messages that meet
  all of these:
    at least one of these:
      the word “sandbags” in any form, anywhere (subject, text, attachments, chat, names and addresses)
      the words “flood defences” one after the other, with up to 2 others between them, anywhere (subject, text, attachments, chat, names and addresses)
    the word “field” in this form, in the sender's name or address
    the message's own date is from 1 May 2026 to 31 May 2026, both included
    not this:
      the kind of record is “chat-day”
    [the word “depot” in any form] and [a word of the form “gl*ter”] with at most 5 words between them, in either order, anywhere (subject, text, attachments, chat, names and addresses)
    the size is 2000 octets or more
    something of the sort “pdf” is attached
    [the word “levee” in this form] and right after it [a word that begins “br”], anywhere (subject, text, attachments, chat, names and addresses)`
	if diff := cmp.Diff(strings.Split(want, "\n"), q.Explain()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`saved:floods -saved:old`, `(a OR "b c"~2) NEAR/3 d* -from:x@y.z`, `sent:2026..2027 =é "ü”`, `"fl?od pla* x?" *a b?x"c is:edited has:x size:<1kB id:a/1 f?o~ a~2`, `in:"x y" thread:abc copygroup:ab/2 copygroup:cd`} {
		f.Add(s)
	}
	parser := testParser(f)
	f.Fuzz(func(t *testing.T, query string) {
		q, err := parser.Parse(query)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.At < 0 || syntax.At > len(query) || syntax.Message == "" {
				t.Fatalf("%q: %v", query, err)
			}
			return
		}
		if len(q.Explain()) < 2 {
			t.Errorf("%q explains nothing", query)
		}
		again, err := parser.Parse(q.String())
		if err != nil {
			t.Fatalf("%q: its canonical form %q: %v", query, q, err)
		}
		if again.String() != q.String() {
			t.Errorf("%q: %q becomes %q", query, q, again)
		}
		Snippet(query, language.Of("cy"), q, 40)
	})
}
