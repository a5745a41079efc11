package whatsapp

import (
	"strings"
	"unicode/utf8"

	"github.com/closeroll/closeroll/connectors/chat"
)

// iosBody reads what iOS prints after a sender. Its own words stand behind a
// mark (U+200E, or U+200F in Arabic), so that a body without one is a
// person's. A mark alone proves nothing: people paste them.
func (rd *reader) iosBody(m *chat.Message, w *who, body string, i int) {
	m.Text = body
	if !hasMark(body) {
		return
	}
	if body, m.Edited = cutEdited(body, true); m.Edited {
		m.Text = body
	}
	if caption, name, ok := iosAttached(body); ok {
		m.Kind, m.Text = chat.Media, trimMarks(stripMarks(caption))
		m.Attachments = []chat.Attachment{{Name: name, Type: typeOf(name)}}
		if m.Seq = numbered(name); m.Seq == 0 {
			m.Seq = legacyNumber(name)
		}
		return
	}
	if before, a, once, ok := iosOmitted(body); ok {
		rd.omitted(m, a, once, trimMarks(stripMarks(before)))
		return
	}
	if !startsWithMark(body) {
		return
	}
	if len(body) <= short && rd.phrase(m, body) || rd.shaped(m, body, true) || rd.iosCall(m, body) {
		return
	}
	if rd.iosSystem(m, w, body) {
		return
	}
	if !rd.judged && len(rd.pending) <= 1<<20 {
		rd.pending = append(rd.pending, int32(i))
	}
}

// iosCall recognises call lines, which vary in their ends: "Missed voice call,
// ‎Tap to call back", "Voice call. ‎No answer", "Video call, ‎5 min".
func (rd *reader) iosCall(m *chat.Message, body string) bool {
	s := strings.ToLower(stripMarks(body))
	if len(s) > 80 || strings.Contains(s, "\n") {
		return false
	}
	for _, head := range []string{"voice call", "video call", "missed voice call", "missed video call",
		"missed group voice call", "missed group video call", "silenced voice call", "silenced video call"} {
		rest, ok := strings.CutPrefix(s, head)
		// A comma or stop and another mark come before the outcome.
		if !ok || rest != "" && rest[0] != ',' && rest[0] != '.' || rest != "" && strings.Count(body, "\u200e") < 2 && !unmarkedOutcomes[rest] {
			continue
		}
		m.Kind, m.Call, m.Text = chat.CallKind, callOf(s), stripMarks(body)
		return true
	}
	return false
}

// unmarkedOutcomes end call lines without a mark before them.
var unmarkedOutcomes = map[string]bool{".": true, ". focus mode": true, ". focus mode.": true}

// iosSystem recognises a system line behind its display sender: the group's
// name, or who did it. A template must match the whole body, and whoever it
// names must be somebody.
func (rd *reader) iosSystem(m *chat.Message, w *who, body string) bool {
	ev := markedEvent(body)
	if ev == nil || !rd.actorKnown(ev, w) || len(body) > 4*short && ev.Name != "e2e_notice" {
		return false
	}
	rd.makeSystem(m, ev, w, body)
	return true
}

func (rd *reader) makeSystem(m *chat.Message, ev *chat.Event, w *who, body string) {
	m.Kind, m.Event, m.Text = chat.System, ev, stripMarks(body)
	m.DisplaySender = w.name
	m.Sender, m.SenderRaw, m.Phone, m.PushName = "", "", "", ""
}

// actorKnown reports whether the person whom a system line names can be one: a
// sentence such as "A long row of cars left" is nobody's leaving. Where the
// display sender is a person who writes, it is of what that person did, or what
// was done to them: "Tom left" in Ana's place is what Ana pasted.
func (rd *reader) actorKnown(ev *chat.Event, w *who) bool {
	name := ev.Actor
	if w.plain > 0 {
		return name == "" || name == w.name || ev.Subject == w.name
	}
	return name == "" || name == w.name || rd.names[name] || strings.HasPrefix(name, "~") ||
		phoneNumber(name) != "" || nameLike(name) && utf8.RuneCountInString(name) <= 40
}

// learnTemplates looks at the marked bodies of no known kind, and returns how
// many of them it has found out to be the app's. Bodies that recur with nothing
// but names and numbers changed are, whatever the language: people do not write
// the same sentence about everybody.
func (rd *reader) learnTemplates() (n int) {
	defer func() { rd.pending, rd.judged = nil, true }()
	if len(rd.pending)*len(rd.names) > 1<<20 {
		return 0 // no phone's chat; the lines stay text
	}
	count := make(map[string]int)
	skeletons := make([]string, len(rd.pending))
	for k, i := range rd.pending {
		s, named := rd.skeleton(stripMarks(rd.textOf(int(i))))
		if !named {
			continue
		}
		skeletons[k] = s
		count[s]++
	}
	for k, i := range rd.pending {
		if s := skeletons[k]; s != "" && count[s] >= 3 {
			rd.sc.recs[i].marks |= learned | system
			n++
		}
	}
	return n
}

// textOf is the text of a pending record.
func (rd *reader) textOf(i int) string {
	var m chat.Message
	again := *rd
	again.pending = nil
	again.message(&m, i)
	return m.Text
}

// skeleton replaces the names of speakers and numbers in s.
func (rd *reader) skeleton(s string) (string, bool) {
	if len(s) > 2*short || strings.Contains(s, "\n") {
		return "", false
	}
	named := false
	for name := range rd.names {
		if len(name) > 2 && strings.Contains(s, name) {
			s, named = strings.ReplaceAll(s, name, "\x00"), true
		}
	}
	s = strings.Map(func(r rune) rune {
		if _, _, ok := digit(r); ok {
			return '#'
		}
		return r
	}, s)
	return s, named
}
