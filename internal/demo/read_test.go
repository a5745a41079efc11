package demo

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/email"
	"github.com/closeroll/closeroll/connectors/whatsapp"
)

// TestCaptureReadsTheLetters reads the mailbox as a capture does: one letter
// has defects, two hold what nobody here can read, the rest is plain.
func TestCaptureReadsTheLetters(t *testing.T) {
	for _, l := range letters(t) {
		m := email.Parse(bytes.NewReader(l.Octets), int64(len(l.Octets)), email.Options{})
		if broken := len(m.Defects) > 0; broken != (l.Name == "broken") {
			t.Errorf("%s has the defects %v", l.Name, m.Defects)
		}
		sealed := slices.ContainsFunc(m.Attachments, func(a *email.Attachment) bool { return a.Encrypted })
		if want := l.Name == "rates-pgp" || l.Name == "evacuation-smime"; sealed != want {
			t.Errorf("%s: sealed is %v, want %v", l.Name, sealed, want)
		}
		if suspect := email.DateSuspect(m.Date, l.Received, l.Received); suspect != (l.Name == "telemetry") {
			t.Errorf("%s: date suspect is %v", l.Name, suspect)
		}
	}
}

func TestCaptureReadsOtherScripts(t *testing.T) {
	tests := []struct{ name, subject, text string }{
		{"pumps-polish", "Oferta: pompy mobilne, dostawa w ciągu 48 godzin", "Cena dzierżawy: 900 zł"},
		{"lab-japanese", "アプトンの水位データについて", "毎時三センチ"},
		{"greek", "Προσφορά βοήθειας για τις πλημμύρες", "δύο\nσυνεργεία"},
		{"bulletin-koi8", "Еженедельный бюллетень: паводки", "Мешки с песком"},
		{"welsh", "Rhybudd llifogydd – y tŷ pŵer", "bagiau tywod"},
		{"mp-letter", "Constituents in Upton – who pays?", "“every case will be looked at”"},
		{"clerk-request", "Request for help from Upton (£2,000)", "the café"},
	}
	for _, tt := range tests {
		l := find(t, Inbox, tt.name)
		m := email.Parse(bytes.NewReader(l.Octets), int64(len(l.Octets)), email.Options{})
		if m.Subject != tt.subject {
			t.Errorf("%s: subject %q, want %q", tt.name, m.Subject, tt.subject)
		}
		if !bytes.Contains([]byte(m.Text), []byte(tt.text)) {
			t.Errorf("%s does not say %q", tt.name, tt.text)
		}
	}
}

func openExport(t *testing.T, name string) *chat.Export {
	t.Helper()
	octets := export(t, name)
	e, err := whatsapp.Open(t.Context(), name, bytes.NewReader(octets), int64(len(octets)), whatsapp.Options{Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestCaptureReadsTheChats(t *testing.T) {
	tests := []struct {
		name, title    string
		platform       chat.Platform
		messages, days int
		media          int
	}{
		{name: FloodResponse, title: "Flood response", platform: "ios", messages: 72, days: 8, media: 5},
		{name: UptonWardens, title: "Upton wardens", platform: "android", messages: 60, days: 8},
	}
	for _, tt := range tests {
		e := openExport(t, tt.name)
		if e.Title != tt.title || e.Platform != tt.platform {
			t.Errorf("%s: title %q, platform %q", tt.name, e.Title, e.Platform)
		}
		if e.Count() != tt.messages || len(e.Days()) != tt.days {
			t.Errorf("%s: %d messages on %d days, want %d on %d", tt.name, e.Count(), len(e.Days()), tt.messages, tt.days)
		}
		if e.Linked != tt.media || len(e.Missing) != 0 || len(e.Orphans) != 0 {
			t.Errorf("%s: %d media linked, missing %q, orphans %q", tt.name, e.Linked, e.Missing, e.Orphans)
		}
		if len(e.Flags) != 0 || e.Unclassified != 0 || len(e.Gaps) != 0 {
			t.Errorf("%s: flags %v, %d unknown events, gaps %v", tt.name, e.Flags, e.Unclassified, e.Gaps)
		}
	}
}

func TestCaptureSeesTheTimer(t *testing.T) {
	var on, off int
	for _, m := range openExport(t, FloodResponse).List() {
		switch {
		case m.Event == nil:
		case m.Event.Name == "disappearing_on" && m.Event.Timer == 7*24*time.Hour && m.Event.Actor == "Gareth Pugh":
			on++
		case m.Event.Name == "disappearing_off":
			off++
		}
	}
	if on != 1 || off != 1 {
		t.Errorf("the timer goes on %d times and off %d times, want once each", on, off)
	}
}
