package chat

import (
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// A Line is a message reduced to what comparing exports needs. Text and Sender
// are compared for equality only, so that they may be keyed digests: nothing
// here needs to be readable.
type Line struct {
	Text   string // of [Message.Class] and [Message.Normal]; equal for messages that say the same
	Sender string // of [Message.SenderKey]
	Class  string // as Message.Class returns it
	Minute int64  // wall time in minutes since 1970, as printed; 0 if the stamp gives none
	Edited bool
	Votes  string // poll votes, which change freely; empty if unknown
	Seq    int    // the phone's row number; 0 if unknown
}

// Classes that comparing treats apart. A system line's class is "system/" and
// the event's name, and for disappearing messages the timer in seconds after
// another slash.
const (
	classText    = "text"
	classMedia   = "media"
	classCaption = "media/caption"
	classDeleted = "deleted"
	classEmpty   = "empty"
	classWaiting = "waiting"
	classSystem  = "system/"

	classReadsAs = "text/as/"     // and a class, or readsEdited
	classPasted  = "text/pasted/" // and how many lines of it look like a message's beginning
	readsEdited  = "edited"

	classGarbled = "text/garbled" // with octets that are no text: a program that it passed through did not know its encoding
	classMention = "text/mention" // names somebody, and says how far the name reaches
	classAt      = "text/at"      // may name somebody
)

// ReadsSystem is what [Message.ReadsAs] says of words behind the app's mark that
// are of no known kind: a line of the app in a language that is not understood,
// as a rule.
const ReadsSystem = "system"

// kindOf is a class without what tells how a text may be misread elsewhere.
func kindOf(class string) string {
	if strings.HasPrefix(class, classText+"/") {
		return classText
	}
	return class
}

// readsAs is the class that another platform's export would give to a person's
// words, because they are those of the app; empty: none.
func (l *Line) readsAs() string {
	as, _ := strings.CutPrefix(l.Class, classReadsAs)
	if as == l.Class {
		return ""
	}
	return as
}

// pasted is how many lines of a text another platform's export would show as
// messages of their own.
func (l *Line) pasted() int {
	n, _ := strconv.Atoi(strings.TrimPrefix(l.Class, classPasted))
	return n
}

// kind is the line's class without what tells how it may be misread elsewhere.
func (l *Line) kind() string { return kindOf(l.Class) }

// Class says what a message is, as far as two exports of one chat agree on it:
// one names a photograph, the other says <Media omitted>.
func (m *Message) Class() string {
	switch m.Kind {
	case Text:
		if m.ReadsAs != "" {
			return classReadsAs + m.ReadsAs
		}
		if m.Pasted > 0 {
			return fmt.Sprint(classPasted, m.Pasted)
		}
		switch {
		case strings.ContainsRune(m.Text, '\ufffd'):
			return classGarbled
		case strings.Contains(m.Text, "@\u2068"):
			return classMention
		case strings.Contains(m.Text, "@"):
			return classAt
		}
	case Media, MediaOmitted:
		if m.Text != "" {
			return classCaption
		}
		return classMedia
	case Empty, NullBody, ViewOnce:
		return classEmpty
	case LiveLocation:
		return string(Location)
	case System:
		if m.Event == nil {
			return classSystem + UnknownEvent
		}
		if m.Event.HasTime {
			return fmt.Sprintf("%s%s/%d", classSystem, m.Event.Name, m.Event.Timer/time.Second)
		}
		return classSystem + m.Event.Name
	}
	return string(m.Kind)
}

// Normal returns what a message says, without what exports of one chat differ
// in: marks, line ends, votes, where a file is, the names inside mentions.
func (m *Message) Normal() []byte {
	var text string
	switch m.Kind {
	case Deleted, Empty, NullBody, ViewOnce, Waiting, LiveLocation:
	case PollKind:
		text, _ = m.poll()
	case Location:
		if text = normalText(m.Text); m.Place != nil {
			text = fmt.Sprintf("%.5f,%.5f", m.Place.Lat, m.Place.Lon)
		}
	case CallKind:
		if text = normalText(m.Text); m.Call != nil {
			text = m.Call.Medium + " " + m.Call.Outcome
		}
	case System:
		text = normalText(m.Text)
		if m.Event != nil && m.Event.Name != UnknownEvent {
			text = m.Event.Actor + "\x00" + m.Event.Subject
		}
	default:
		text = normalText(m.Text)
	}
	class, _, _ := strings.Cut(kindOf(m.Class()), "/caption")
	return []byte(class + "\x00" + text)
}

// poll returns a poll's words, and its votes apart.
func (m *Message) poll() (words, votes string) {
	var w, v strings.Builder
	if m.Poll != nil {
		w.WriteString(m.Poll.Question)
		for _, o := range m.Poll.Options {
			fmt.Fprintf(&w, "\n%s", o.Text)
			if o.Votes >= 0 {
				fmt.Fprintf(&v, "%d ", o.Votes)
			}
		}
		return w.String(), v.String()
	}
	for l := range strings.Lines(normalText(m.Text)) {
		l = strings.TrimSuffix(l, "\n")
		if i := strings.LastIndex(l, " ("); i > 0 && strings.HasSuffix(l, ")") && l[i+2]-'0' < 10 {
			v.WriteString(l[i:])
			l = l[:i]
		}
		w.WriteString(l + "\n")
	}
	return w.String(), v.String()
}

// normalText removes what is set around words and not said: direction marks,
// CR, final line ends. A mention's name is replaced, because it is what each
// phone's address book calls the person.
func normalText(s string) string {
	for {
		from := strings.Index(s, "@\u2068")
		if from < 0 {
			break
		}
		to := strings.Index(s[from:], "\u2069")
		if to < 0 {
			break
		}
		s = s[:from] + "@\x00" + s[from+to+len("\u2069"):]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200e', r == '\u200f', r == '\ufeff', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	return strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
}

// SenderKey names a sender alike in every export: the digits of a number, a
// push name without its spaces, or the name.
func (m *Message) SenderKey() []byte {
	switch {
	case m.Phone != "":
		return []byte(m.Phone)
	case m.PushName != "":
		return []byte("~" + m.PushName)
	}
	return []byte(m.Sender)
}

// Minutes is the printed wall time in minutes since 1970, or 0.
func (m *Message) Minutes() int64 {
	if m.Time.IsZero() {
		return 0
	}
	return m.Time.Unix() / 60
}

// Lines reduces an export's messages. digest hides what they say, and may be
// nil where nothing needs hiding: the names in a [Comparison] are then names.
func Lines(e *Export, digest func([]byte) []byte) []Line {
	lines := make([]Line, e.Count())
	for i, l := range EachLine(e, digest) {
		lines[i] = l
	}
	return lines
}

// EachLine yields what [Lines] returns, one by one.
func EachLine(e *Export, digest func([]byte) []byte) iter.Seq2[int, Line] {
	return func(yield func(int, Line) bool) {
		liner := NewLiner(digest)
		for i, m := range e.All() {
			if !yield(i, liner.Line(m)) {
				return
			}
		}
	}
}

// A Liner reduces the messages of one export, in whatever order. It is used by
// one goroutine at a time.
type Liner struct {
	digest  func([]byte) []byte
	senders map[string]string // digests by key: a chat has few people
}

// NewLiner returns a liner; digest is as for [Lines].
func NewLiner(digest func([]byte) []byte) *Liner {
	if digest == nil {
		digest = func(b []byte) []byte { return b }
	}
	return &Liner{digest: digest, senders: make(map[string]string)}
}

// Line reduces a message.
func (r *Liner) Line(m *Message) Line {
	l := Line{Text: string(r.digest(m.Normal())), Class: m.Class(), Minute: m.Minutes(), Edited: m.Edited, Seq: m.Seq}
	if m.Sender != "" {
		key := string(m.SenderKey())
		sender, ok := r.senders[key]
		if !ok {
			sender = string(r.digest([]byte(key)))
			r.senders[key] = sender
		}
		l.Sender = sender
	}
	if m.Kind == PollKind {
		_, l.Votes = m.poll()
	}
	return l
}

// Journalled is a line as the journal keeps it.
func (l Line) Journalled() record.ChatLine {
	c := record.ChatLine{Text: []byte(l.Text), Class: l.Class, Minute: l.Minute, Edited: l.Edited}
	if l.Sender != "" {
		c.Sender = []byte(l.Sender)
	}
	return c
}

// FromJournal is the reverse of [Line.Journalled], for comparing with records
// that nobody here can open.
func FromJournal(c record.ChatLine) Line {
	return Line{Text: string(c.Text), Sender: string(c.Sender), Class: c.Class, Minute: c.Minute, Edited: c.Edited}
}

// isSystem reports whether the app wrote the line.
func (l *Line) isSystem() bool { return strings.HasPrefix(l.Class, classSystem) }

// local reports whether a line may be missing from another phone's export, or
// from a later one of the same phone, without meaning anything: phones write
// these lines for themselves.
func (l *Line) local() bool {
	if l.readsAs() == ReadsSystem {
		return true
	}
	switch event, _ := l.event(); event {
	case "e2e_notice", "security_code_changed", "number_changed", "business_notice", "contact_notice",
		"contact_blocked", "contact_unblocked", "disappearing_default_timer", UnknownEvent:
		return true
	}
	return false
}

// event returns a system line's event and, if it sets one, the timer:
// [timerUnknown] where it does not print how long.
func (l *Line) event() (name string, timer time.Duration) {
	rest, ok := strings.CutPrefix(l.Class, classSystem)
	if !ok {
		return "", 0
	}
	name, seconds, _ := strings.Cut(rest, "/")
	n, err := strconv.ParseInt(seconds, 10, 64)
	switch {
	case err != nil || n > int64(math.MaxInt64/time.Second):
		return name, timerUnknown
	case n <= 0:
		return name, timerOff
	}
	return name, time.Duration(n) * time.Second
}

// worded reports whether a line's words can be altered: a person wrote them.
func (l *Line) worded() bool {
	return !l.isSystem() && l.readsAs() != ReadsSystem && l.Class != classDeleted && l.Class != classEmpty && l.Class != classWaiting &&
		l.Class != classMedia && l.Class != string(CallKind)
}
