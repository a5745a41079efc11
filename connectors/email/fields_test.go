package email

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	for in, want := range map[string]string{
		"Mon, 2 Mar 2026 09:15:00 +0000":            "2026-03-02T09:15:00Z",
		"2 Mar 2026 09:15 -0500":                    "2026-03-02T14:15:00Z",
		"Mon, 02 Mar 26 09:15:00 GMT":               "2026-03-02T09:15:00Z",
		"Fri, 31 Dec 99 23:59:60 EST":               "2000-01-01T04:59:59Z",
		"Mon Mar  2 09:15:00 2026":                  "2026-03-02T09:15:00Z",
		"Mon Mar  2 09:15:00 BST 2026":              "2026-03-02T08:15:00Z",
		"2026-03-02T09:15:00+01:00":                 "2026-03-02T08:15:00Z",
		"2026-03-02 09:15:00":                       "2026-03-02T09:15:00Z",
		"Mon, 2 Mar 2026 09:15:00 GMT+0100":         "2026-03-02T08:15:00Z",
		"Mon, 2 March 2026 9:15:00 PM +0000":        "2026-03-02T21:15:00Z",
		"Mon, 2 Mar 2026 12:05:00 AM":               "2026-03-02T00:05:00Z",
		"Monday, 2-Mar-2026 09:15:00 +01:00":        "2026-03-02T08:15:00Z",
		"Mon, 2 Mar 2026 09:15:00.123 +0000 (UTC)":  "2026-03-02T09:15:00Z",
		"Mon,2 Mar 2026 09:15:00 +0000":             "2026-03-02T09:15:00Z",
		"Mar 2, 2026 09:15:00 +0000":                "2026-03-02T09:15:00Z",
		"Mon, 2 Mar 2026 09:15:00 +9959":            "2026-03-02T09:15:00Z",
		"":                                          "",
		"yesterday":                                 "",
		"Mon, 30 Feb 2026 09:15:00 +0000":           "",
		"Mon, 2 Mar 2026 09:75:00 +0000":            "",
		"99999999999999999999 Mar 2026 09:15 +0000": "",
		"1:2:3:4 Mar 2026":                          "",
	} {
		got, ok := ParseDate(in)
		if ok != (want != "") || ok && got.UTC().Format(time.RFC3339) != want {
			t.Errorf("ParseDate(%q) = %v, %v; want %s", in, got.UTC(), ok, want)
		}
	}
}

func TestParseDateReadsWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(400_000_000, 4_000_000_000).Draw(t, "unix"), 0).
			In(time.FixedZone("", 60*rapid.IntRange(-12*60, 14*60).Draw(t, "zone")))
		layout := rapid.SampledFrom([]string{time.RFC1123Z, time.RFC822Z, "2 Jan 2006 15:04:05 -0700", time.RFC3339, "Mon Jan _2 15:04:05 2006 -0700"}).Draw(t, "layout")
		got, ok := ParseDate(at.Format(layout))
		if want, _ := time.Parse(layout, at.Format(layout)); !ok || layout != time.RFC822Z && !got.Equal(want) {
			t.Fatalf("ParseDate(%q) = %v, %v", at.Format(layout), got, ok)
		}
	})
}

func TestDateSuspect(t *testing.T) {
	received := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name                     string
		sent, received, captured time.Time
		want                     bool
	}{
		{"on time", received, received, received, false},
		{"a zone mistaken", received.Add(26 * time.Hour), received, received, false},
		{"ahead", received.Add(27 * time.Hour), received, received, true},
		{"held in a queue for five days", received.Add(-5 * 24 * time.Hour), received, received, false},
		{"long before", received.Add(-8 * 24 * time.Hour), received, received, true},
		{"missing", time.Time{}, received, received, false},
		{"alone and possible", received, time.Time{}, received, false},
		{"alone, before there was mail", time.Unix(0, 0), time.Time{}, received, true},
		{"alone, in the future", received.Add(48 * time.Hour), time.Time{}, received, true},
		{"alone, capture unknown", received.Add(48 * time.Hour), time.Time{}, time.Time{}, false},
	} {
		if got := DateSuspect(c.sent, c.received, c.captured); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestReceived(t *testing.T) {
	m := parse("Received: by outer; no date here\nReceived: from a by b; Mon, 2 Mar 2026 09:15:00 +0000\nReceived: from x by y; Sun, 1 Mar 2026 00:00:00 +0000\n\n")
	if got := m.Received.UTC().Format(time.RFC3339); got != "2026-03-02T09:15:00Z" {
		t.Errorf("received %s", got)
	}
	if m := parse("Received: from a by b; Thu, 1 Jan 1970 00:00:00 +0000\n\n"); !m.Received.IsZero() {
		t.Errorf("a time before there was mail was taken: %v", m.Received)
	}
}

func TestParseAddresses(t *testing.T) {
	for _, c := range []struct {
		in    string
		want  []Address
		clean bool
	}{
		{"a@x.example", []Address{{"", "a@x.example"}}, true},
		{`"Field, A" <a@x.example>, b@x.example`, []Address{{"Field, A", "a@x.example"}, {"", "b@x.example"}}, true},
		{`"quoted local"@x.example`, []Address{{"", `"quoted local"@x.example`}}, true},
		{"Staff: a@x.example, B <b@x.example>; c@x.example", []Address{{"", "a@x.example"}, {"B", "b@x.example"}, {"", "c@x.example"}}, true},
		{"a@x.example; b@x.example", []Address{{"", "a@x.example"}, {"", "b@x.example"}}, false},
		{"undisclosed-recipients:;", nil, true},
		{"", nil, true},
		{"a@x.example b@x.example", []Address{{"b@x.example", "a@x.example"}}, false},
		{"A <a@x.example> B <b@x.example>", []Address{{"A", "a@x.example"}, {"B", "b@x.example"}}, false},
		{"=?utf-8?Q?Field=2C_A?= <a@x.example>", []Address{{"Field, A", "a@x.example"}}, true},
		{"=?utf-8?Q?Field,_A?= <a@x.example>", []Address{{"Field, A", "a@x.example"}}, true},
		{"O'Brien <o@x.example>", []Address{{"O'Brien", "o@x.example"}}, true},
		{`"A \"B\" C" <a@x.example>`, []Address{{`A "B" C`, "a@x.example"}}, true},
		{"(only a comment)", []Address{{"only a comment", ""}}, true},
		{"/O=DEPT/CN=FIELD", []Address{{"/O=DEPT/CN=FIELD", ""}}, false},
	} {
		got, clean := ParseAddresses(c.in)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q: %s", c.in, d)
		}
		if clean != c.clean {
			t.Errorf("%q: clean %v", c.in, clean)
		}
	}
}

// TestAddressesAreNotLost writes a list plainly and finds every address again.
func TestAddressesAreNotLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts, want []string
		for range rapid.IntRange(0, 8).Draw(t, "n") {
			addr := rapid.StringMatching(`[a-z]{1,8}@[a-z]{1,8}\.example`).Draw(t, "address")
			name := rapid.StringMatching(`([A-Z][a-z']{0,8} ?){0,3}`).Draw(t, "name")
			form := rapid.SampledFrom([]string{"%s <%s>", "\"%s\" <%s>", "=?utf-8?Q?%s?= <%s>"}).Draw(t, "form")
			parts = append(parts, strings.Replace(strings.Replace(form, "%s", name, 1), "%s", addr, 1))
			want = append(want, addr)
		}
		list, _ := ParseAddresses(strings.Join(parts, ", "))
		var got []string
		for _, a := range list {
			got = append(got, a.Addr)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%q: %s", parts, d)
		}
	})
}

func TestIdentifiers(t *testing.T) {
	for in, want := range map[string][]string{
		"<a@x>":                    {"a@x"},
		"<a@x> <b@x>\t<c@x>":       {"a@x", "b@x", "c@x"},
		"<a@x><b@x>":               {"a@x", "b@x"},
		"a@x, b@x":                 {"a@x", "b@x"},
		"<a@x <b@x>":               {"a@x", "b@x"},
		"<a@x> (of Monday) <b @x>": {"a@x", "b@x"},
		"<unclosed@x":              {"unclosed@x"},
		"<>":                       nil,
		"":                         nil,
	} {
		if d := cmp.Diff(want, identifiers(in)); d != "" {
			t.Errorf("%q: %s", in, d)
		}
	}
}

func TestBaseSubject(t *testing.T) {
	for in, want := range map[string]string{
		"Flood plan": "flood plan", "Re: Flood  plan": "flood plan", "RE: FW: Fwd: flood plan": "flood plan",
		"Re[2]: flood plan (fwd)": "flood plan", "[list] Re: flood plan": "flood plan", "[Fwd: flood plan]": "flood plan",
		"AW: WG: flood plan": "flood plan", "Regarding: flood": "regarding: flood", "[whole]": "[whole]", "": "", "re:": "",
	} {
		if got := (&Message{Subject: in}).BaseSubject(); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestMarkings(t *testing.T) {
	for _, c := range []struct {
		subject, text string
		want          []Marking
	}{
		{"OFFICIAL: plan", "", []Marking{MarkOfficial}},
		{"Re: FW: [OFFICIAL-SENSITIVE] plan", "", []Marking{MarkSensitive}},
		{"plan", "hello\n> OFFICIAL-SENSITIVE COMMERCIAL\n", []Marking{MarkSensitive}},
		{"plan", "OFFICIAL – SENSITIVE", []Marking{MarkSensitive}},
		{"SECRET Budget options", "", []Marking{MarkSecret}},
		{"SECRET SANTA", "", nil},
		{"plan", "TOP SECRET - UK EYES ONLY\nOFFICIAL", []Marking{MarkOfficial, MarkTopSecret}},
		{"plan", "TOP SECRET STRAP 1", []Marking{MarkTopSecret}},
		{"plan", "Classification: SECRET", []Marking{MarkSecret}},
		{"top secret recipe", "the SECRET of good bread\nSecret ballot\nSECRETARY of State\nSECRETS", nil},
		{"plan", "OFFICIAL statistics show a rise", nil},
		{"Officially", "OFFICIALS agreed", nil},
		{"plan (SECRET)", "", nil},
	} {
		m := parse("Subject: " + c.subject + "\nContent-Type: text/plain; charset=utf-8\n\n" + c.text)
		if d := cmp.Diff(c.want, m.Markings); d != "" {
			t.Errorf("%q, %q: %s", c.subject, c.text, d)
		}
	}
}

func normalised(mail string) string {
	var b bytes.Buffer
	parse(mail).WriteNormalised(&b)
	return b.String()
}

func TestNormalised(t *testing.T) {
	const sent = "Message-ID: <m@x>\nDate: Mon, 2 Mar 2026 09:15:00 +0000\nFrom: A <a@x.example>\nTo: b@x.example, C <c@x.example>\nSubject: flood plan\n"
	base := normalised(sent + "\nsandbags here\n")
	for name, same := range map[string]string{
		"transport fields": "Received: by x; Mon, 2 Mar 2026 09:16:00 +0000\nX-Spam: no\n" + sent + "\nsandbags here\n",
		"own copy's Bcc":   sent + "Bcc: hidden@x.example\n\nsandbags here\n",
		"encoding":         sent + "Content-Transfer-Encoding: base64\n\n" + encode64("sandbags  here\r\n"),
		"zone, case, order": strings.NewReplacer("09:15:00 +0000", "10:15:00 +0100", "b@x.example, C <c@x.example>", "\"See\" <C@X.example>, b@x.example").
			Replace(sent) + "\nsandbags here\n",
	} {
		if normalised(same) != base {
			t.Errorf("%s makes a difference", name)
		}
	}
	for name, other := range map[string]string{
		"text":       sent + "\nsandbags there\n",
		"subject":    strings.Replace(sent, "flood plan", "flood plans", 1) + "\nsandbags here\n",
		"recipient":  strings.Replace(sent, "b@x.example", "d@x.example", 1) + "\nsandbags here\n",
		"date":       strings.Replace(sent, "09:15:00", "09:15:01", 1) + "\nsandbags here\n",
		"attachment": sent + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsandbags here\n--b\nContent-Type: image/png\n\nx\n--b--\n",
	} {
		if normalised(other) == base {
			t.Errorf("%s makes no difference", name)
		}
	}
}
