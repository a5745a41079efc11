// Package collation sets out a comparison of two exports of one chat for the
// people who must act on it: as plain text for a terminal, and as one page for
// a browser or a printer. To collate is to lay two copies of a text beside each
// other and note where they differ; it says nothing of who is to blame.
//
// What differs is told gravest first, each finding with what both exports say,
// the evidence, and how much it proves. What proves nothing is told as well,
// with the reason, so that nobody takes it for evidence.
package collation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/connectors/chat"
)

// A Side is one of the two captures, as far as it can be shown. Content may be
// missing where records were compared by their digests and nobody opened them.
type Side struct {
	Label    string // A or B
	Name     string // of the file, or the record's id
	Title    string // of the chat
	App      string // what wrote it: whatsapp on ios
	Grade    string // what it is worth as evidence, or empty where it is not known
	Digest   string // SHA-256 of the file, or empty
	Captured string // when and from whom, or empty for a file
	Flags    []string
	Messages []Message
}

// A Message is one message of a side as it is quoted.
type Message struct {
	Ref    string // where it is: bytes 120–163, or RECORD/N
	Time   string // as printed, without a zone
	Sender string
	Text   string
	Hidden bool // the text was not opened
}

// FromExport returns a side that shows all of an export.
func FromExport(label, name string, e *chat.Export) Side {
	s := Side{Label: label, Name: plain(name), Title: plain(e.Title), App: writer(e), Grade: string(e.Grade),
		Digest: e.Transcript.Digest.String()}
	for _, f := range e.Flags {
		s.Flags = append(s.Flags, words(f))
	}
	for _, m := range e.All() {
		out := Message{Ref: fmt.Sprintf("octets %d–%d", m.Offset, m.Offset+m.Length-1), Time: printed(m), Sender: plain(m.Sender), Text: content(m)}
		if m.Kind == chat.System {
			out.Sender = "the app"
		}
		s.Messages = append(s.Messages, out)
	}
	return s
}

// writer names what wrote an export, as its makers spell it.
func writer(e *chat.Export) string {
	app, platform := e.App, words(string(e.Platform))
	switch app {
	case "whatsapp":
		app = "WhatsApp"
	case "signal":
		return "Signal"
	}
	switch e.Platform {
	case chat.IOS:
		platform = "iOS"
	case chat.Android:
		platform = "Android"
	}
	return app + ", " + platform
}

func printed(m *chat.Message) string {
	if t := chat.FormatTime(m.Time, m.Precision); t != "" {
		return strings.Replace(t, "T", " ", 1)
	}
	return plain(m.Stamp + m.Partial)
}

// content is what a message says, in words where it has none of its own.
func content(m *chat.Message) string {
	parts := []string{plain(m.Text)}
	if m.Poll != nil {
		parts = append(parts, "poll: "+plain(m.Poll.Question))
	}
	for _, a := range m.Attachments {
		switch {
		case a.Name != "":
			parts = append(parts, "["+plain(a.Name)+"]")
		case a.Type != "":
			parts = append(parts, "["+a.Type+", not in the export]")
		default:
			parts = append(parts, "[media, not in the export]")
		}
	}
	if m.Kind == chat.Deleted && m.Text == "" {
		parts = append(parts, "[the app's deletion notice]")
	}
	if m.Edited {
		parts = append(parts, "[marked as edited]")
	}
	return strings.TrimSpace(strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " "))
}

// plain removes what could disarrange a page or a terminal: control characters
// and overrides of the direction of writing.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r', r == '\u2028', r == '\u2029':
			return ' '
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

func words(s string) string { return strings.ReplaceAll(s, "_", " ") }

// A Collation is a comparison laid out.
type Collation struct {
	A, B     Side
	Same     bool // the two are of one chat; if not, nothing else is said
	Verdict  string
	Counts   []Count
	Findings []Finding // the gravest first
	Harmless []Finding // what proves nothing
	Notes    []string  // on reading this comparison
}

// A Count is how many messages fared so.
type Count struct {
	What string
	N    int
}

// A Finding is one class of difference.
type Finding struct {
	Class      string
	Title      string
	Confidence string
	Evidence   string
	N          int
	Quotes     []Quote
}

// A Quote is one message in both captures; either may be absent. Apart, it is a
// message of one capture, and what the other has in its place cannot be told.
type Quote struct {
	A, B  *Message
	Apart bool
}

// New lays a comparison out. The comparison is of these two sides.
func New(c chat.Comparison, a, b Side) *Collation {
	l := &Collation{A: a, B: b, Same: c.SameChat}
	if !c.SameChat {
		l.Verdict = "These are not two exports of one chat, so nothing was compared."
		l.Notes = []string{"In the time that both cover, too few messages agree in words, sender and minute. Two exports that do not overlap in time cannot be compared either."}
		return l
	}
	l.Counts = counts(c, a, b)
	listed := map[string]bool{}
	for _, f := range c.Findings {
		listed[f.Class] = true
		out := l.finding(f)
		if f.Class == chat.ClassUnclear {
			out.N, out.Quotes = len(f.A), l.apart(c.Unclear)
		}
		if f.Confidence == chat.None {
			l.Harmless = append(l.Harmless, out)
		} else {
			l.Findings = append(l.Findings, out)
		}
	}
	l.Harmless = append(l.Harmless, l.changes(c, listed)...)
	l.Verdict = verdict(l)
	l.Notes = notes(c, a, b)
	return l
}

func counts(c chat.Comparison, a, b Side) []Count {
	differ := map[int]bool{}
	for _, ch := range c.ChangedOther {
		if ch.A != nil && ch.B != nil {
			differ[*ch.A] = true
		}
	}
	unclear, absent := 0, 0
	for _, u := range c.Unclear {
		unclear += len(u.A)
	}
	for _, n := range c.NotEvidence {
		absent += n.To - n.From + 1
	}
	all := []Count{
		{"messages in A", len(a.Messages)}, {"messages in B", len(b.Messages)},
		{"the same in both", len(c.Matches) - len(differ)}, {"the same message with a difference", len(differ)},
		{"marked as edited in B", len(c.Edited)}, {"deleted for everyone in B", len(c.Deleted)},
		{"of A without a trace in B", len(c.Vanished)},
		{"of A that changed together with others, which cannot be told apart", unclear}, {"of A missing from B, which proves nothing", absent},
		{"only in B", len(c.Added)},
	}
	return slices.DeleteFunc(all, func(n Count) bool { return n.N == 0 })
}

// finding lays out one finding, its messages side by side where they are pairs.
func (l *Collation) finding(f chat.Finding) Finding {
	out := Finding{Class: f.Class, Title: title(f.Class), Confidence: f.Confidence, Evidence: f.Text, N: max(len(f.A), len(f.B))}
	if len(f.A) == len(f.B) {
		for k := range f.A {
			out.Quotes = append(out.Quotes, Quote{A: l.A.message(f.A[k]), B: l.B.message(f.B[k])})
		}
		return out
	}
	for _, i := range f.A {
		out.Quotes = append(out.Quotes, Quote{A: l.A.message(i)})
	}
	for _, j := range f.B {
		out.Quotes = append(out.Quotes, Quote{B: l.B.message(j)})
	}
	return out
}

// apart lists what cannot be paired, minute by minute: first what A has, and
// under it what B has.
func (l *Collation) apart(all []chat.Unclear) (quotes []Quote) {
	for _, u := range all {
		for _, i := range u.A {
			quotes = append(quotes, Quote{A: l.A.message(i), Apart: true})
		}
		for _, j := range u.B {
			quotes = append(quotes, Quote{B: l.B.message(j), Apart: true})
		}
	}
	return quotes
}

func (s *Side) message(i int) *Message {
	if i < 0 || i >= len(s.Messages) {
		return nil
	}
	return &s.Messages[i]
}

// changes lays out the harmless differences that are no findings of their own.
func (l *Collation) changes(c chat.Comparison, listed map[string]bool) []Finding {
	byWhy := map[string]*Finding{}
	var order []string
	for _, ch := range c.ChangedOther {
		if listed[ch.Why] {
			continue
		}
		f := byWhy[ch.Why]
		if f == nil {
			f = &Finding{Class: ch.Why, Title: title(ch.Why), Confidence: chat.None, Evidence: harmless[ch.Why]}
			byWhy[ch.Why] = f
			order = append(order, ch.Why)
		}
		f.N++
		var q Quote
		if ch.A != nil {
			q.A = l.A.message(*ch.A)
		}
		if ch.B != nil {
			q.B = l.B.message(*ch.B)
		}
		f.Quotes = append(f.Quotes, q)
	}
	slices.Sort(order)
	var all []Finding
	for _, why := range order {
		all = append(all, *byWhy[why])
	}
	return all
}
