package whatsapp

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/closeroll/closeroll/connectors/chat"
)

// A transcript is a parsed text, before anything is known of its container.
type transcript struct {
	platform  chat.Platform
	grade     chat.Grade
	order     chat.DateOrder
	calendar  string
	flags     []string
	preamble  int64
	messages  []chat.Message
	gaps      []chat.SequenceGap
	head      int
	changeAt  int
	unknown   int
	systemAt0 bool // the first record is the head of a chat
}

// parse reads a transcript. has reports whether the container holds a file of
// a name. ok is false if there is no record in it.
func parse(s string, opt *Options, has func(string) bool) (*transcript, bool) {
	sh, ok := learn(s)
	if !ok {
		return nil, false
	}
	sc := scan(s, sh)
	if len(sc.recs) == 0 {
		return nil, false
	}
	if at := joined(sc); at.before || at.after {
		return parseJoined(s, at, opt, has)
	}
	return parseOne(sc, opt, has), true
}

// parseOne reads a transcript whose headers all have one shape.
func parseOne(sc *scanner, opt *Options, has func(string) bool) *transcript {
	t := &transcript{}
	if sc.dropEmbedded() {
		t.flag(chat.FlagEmbeddedHeader)
	}
	t.preamble = int64(sc.recs[0].start)
	preamble := sc.s[:t.preamble]
	t.platform = platformOf(sc, preamble)
	t.grade = gradeOf(t.platform)
	rd := &reader{sc: sc, platform: t.platform, has: has, zone: newZoneRules(opt.Zone)}
	rd.dates = decideOrder(sc, t.platform, opt)
	if settlePeriods(&rd.dates) {
		t.flag(chat.FlagPeriodUnknown)
	}
	t.order, t.calendar = rd.dates.order, rd.dates.calendar
	rd.cast = readSenders(sc)
	rd.names = rd.cast.names()
	rd.valid = utf8.ValidString(sc.s)
	rd.marked = t.platform == chat.Android && strings.Contains(sc.s, ": \u200e")
	t.messages = make([]chat.Message, len(sc.recs))
	for i := range sc.recs {
		rd.message(&t.messages[i], i)
	}
	rd.learnTemplates(t.messages)
	t.judge(rd, preamble)
	return t
}

// message reads record i.
func (rd *reader) message(m *chat.Message, i int) {
	r := &rd.sc.recs[i]
	m.Offset, m.Length = int64(r.start), int64(r.end-r.start)
	m.Precision = chat.Minute
	if r.value[slotTime+2] != absent {
		m.Precision = chat.Second
	}
	rd.stamp(m, r)
	l := rd.cast.lines[i]
	body := rd.sc.s[l.text:r.end]
	if l.who != nobody {
		rd.person(m, &rd.cast.all[l.who], body, i)
		return
	}
	m.Kind = chat.System
	body = strings.TrimRight(body, "\r\n")
	m.Text = rd.clean(m, stripMarks(body))
	if key := bare(body); plain[key] == string(chat.CallKind) {
		m.Kind, m.Call = chat.CallKind, callOf(key)
		return
	}
	if m.Event = readEvent(body); m.Event == nil {
		m.Event = &chat.Event{Name: chat.UnknownEvent}
	}
}

// stamp sets the message's time, or what can be said of it.
func (rd *reader) stamp(m *chat.Message, r *rec) {
	order := &rd.dates.order
	t, ok := rd.dates.read(order.Used, r)
	if !ok {
		m.Stamp = rd.sc.stampText(r)
		m.Partial = rd.dates.partial(r)
		return
	}
	m.Time = t
	if order.Default {
		other := DMY
		if order.Used == DMY {
			other = MDY
		}
		if alt, ok := rd.dates.read(other, r); ok && !alt.Equal(t) {
			m.Alternative = alt
		}
	}
	rd.noteZone(m)
}

func (t *transcript) flag(name string) {
	if !slices.Contains(t.flags, name) {
		t.flags = append(t.flags, name)
	}
}

// webNotice begins the export of WhatsApp Web, before its first stamp.
const (
	webNotice    = "Messages and calls are end-to-end encrypted."
	webTruncated = "Some earlier messages may not be available."
)

// platformOf tells the programs apart by their headers.
func platformOf(sc *scanner, preamble string) chat.Platform {
	st := sc.shape.stamp
	switch {
	case sc.shape.close == closeDash:
		return chat.Android
	case sc.shape.close == closeColon:
		return chat.IOS
	case st.times == 2 && st.timeFirst:
		return chat.WebClipboard
	case st.times == 2:
		return chat.MobileClipboard
	}
	if sc.crlf > 0 || st.timeFirst || st.dateSep != sepSlash || st.comma != ',' || st.zero != '0' {
		return chat.IOS
	}
	f := &sc.forms[0]
	if last := f.literals[f.n]; last != " AM] " && last != " PM] " {
		return chat.IOS
	}
	if strings.HasPrefix(preamble, webNotice) || strings.Contains(sc.s, "] - ") || strings.Contains(sc.s, "] You: ") {
		return chat.Web
	}
	return chat.IOS
}

func gradeOf(p chat.Platform) chat.Grade {
	switch p {
	case chat.Web:
		return chat.GradePartial
	case chat.WebClipboard, chat.MobileClipboard:
		return chat.GradePasted
	}
	return chat.GradeFull
}

// judge sets the flags that need the whole file.
func (t *transcript) judge(rd *reader, preamble string) {
	switch {
	case t.order.Order == contradictory:
		t.flag(chat.FlagOrderContradictory)
	case t.order.Default:
		t.flag(chat.FlagOrderAmbiguous)
	}
	if t.calendar == islamic {
		t.flag(chat.FlagCalendarUnknown)
	}
	web := t.platform == chat.Web && strings.HasPrefix(preamble, webNotice)
	if stripMarks(preamble) != "" && !web {
		t.flag(chat.FlagPreamble)
	}
	for i := range t.messages {
		m := &t.messages[i]
		if m.Time.IsZero() && m.Partial == "" && t.order.Order != contradictory && t.calendar != islamic {
			t.flag(chat.FlagInvalidDate)
		}
		switch m.ZoneNote {
		case "ambiguous":
			t.flag(chat.FlagDSTOverlap)
		case "nonexistent":
			t.flag(chat.FlagDSTGap)
		}
		if m.Event != nil && m.Event.Name == chat.UnknownEvent {
			t.unknown++
		}
	}
	t.systemAt0 = headOfChat(t.messages)
	t.numbers()
	if strings.Contains(preamble, webTruncated) || t.nearCap() {
		t.flag(chat.FlagHeadTruncated)
	}
	if !rd.sc.recordEndsCRLF() && t.platform != chat.Web {
		t.suspects()
	}
}

// headOfChat reports whether one of the first records is what stands at the
// beginning of every chat: the encryption notice, or the group's creation.
func headOfChat(messages []chat.Message) bool {
	for i := range messages[:min(3, len(messages))] {
		if ev := messages[i].Event; ev != nil && (ev.Name == "e2e_notice" || ev.Name == "group_created") {
			return true
		}
	}
	return false
}

// nearCap reports whether the export has as many messages as the apps export
// at most, and does not begin as a chat does.
func (t *transcript) nearCap() bool {
	n := len(t.messages)
	switch {
	case t.systemAt0:
		return false
	case n >= 9_900 && n <= 10_100:
		return slices.ContainsFunc(t.messages, func(m chat.Message) bool { return m.Kind == chat.Media })
	}
	return n >= 39_900 && n <= 40_100
}

// numbers follows the row numbers in iOS attachments' names. They only ever
// run ahead of the position in the file: by how many rows came before its
// first line, and by how many are missing inside it.
func (t *transcript) numbers() {
	ahead, seen := 0, false
	for i := range t.messages {
		m := &t.messages[i]
		if m.Seq == 0 || len(m.Attachments) == 0 || numbered(m.Attachments[0].Name) == 0 {
			continue
		}
		switch lead := m.Seq - (i + 1); {
		case !seen && lead > 0 && !t.systemAt0:
			t.head = lead
			t.flag(chat.FlagHeadTruncated)
			ahead = lead
		case lead > ahead:
			t.gaps = append(t.gaps, chat.SequenceGap{AfterIndex: i - 1, Missing: lead - ahead})
			t.flag(chat.FlagSequenceGap)
			ahead = lead
		}
		seen = true
	}
}

// suspects flags messages that may be lines typed inside the message before
// them, which Android's form cannot show: their stamps leave the file's time
// and the next message returns to it.
func (t *transcript) suspects() {
	const far, longest = 12 * time.Hour, 20
	for i := 1; i < len(t.messages); i++ {
		base := &t.messages[i-1]
		if base.Kind == chat.System || base.Time.IsZero() || t.messages[i].Time.IsZero() {
			continue
		}
		away := t.messages[i].Time.Sub(base.Time)
		if away > -far && away < far {
			continue
		}
		end := i
		for end < len(t.messages) && end-i <= longest && !resumes(base.Time, t.messages[end].Time, away) {
			end++
		}
		if end == len(t.messages) || end-i > longest {
			continue
		}
		for k := i; k < end; k++ {
			if t.messages[k].Kind != chat.System {
				t.messages[k].Flags = append(t.messages[k].Flags, chat.FlagSuspectEmbedded)
			}
		}
		i = end
	}
}

// resumes reports whether a stamp carries on from base after an excursion in
// the direction of away.
func resumes(base, at time.Time, away time.Duration) bool {
	if at.IsZero() {
		return false
	}
	gap := at.Sub(base)
	if away < 0 {
		return gap >= 0
	}
	return gap >= -time.Hour && gap < away/4
}
