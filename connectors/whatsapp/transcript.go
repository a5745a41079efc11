package whatsapp

import (
	"iter"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// A transcript is a parsed text, before anything is known of its container.
// What it keeps of each record is small and of a fixed size: a message is made
// when it is asked for. It implements [chat.Messages].
type transcript struct {
	parts     []*reader // one, but for exports that somebody joined
	platform  chat.Platform
	grade     chat.Grade
	order     chat.DateOrder
	calendar  string
	flags     []string
	preamble  int64
	gaps      []chat.SequenceGap
	head      int
	changeAt  int
	unknown   int
	systemAt0 bool    // the first record is the head of a chat
	media     bool    // a message names a file
	ahead     int     // how far the row numbers run ahead of the file
	numbered  bool    // there is a row number
	leaps     []int32 // records half a day or more from the one before
	backward  []int32 // records before the one before, by less
	linked    mentions
}

// Len implements [chat.Messages].
func (t *transcript) Len() (n int) {
	for _, p := range t.parts {
		n += len(p.sc.recs)
	}
	return n
}

// Range implements [chat.Messages].
func (t *transcript) Range(from, to int) iter.Seq2[int, *chat.Message] {
	return func(yield func(int, *chat.Message) bool) {
		var m chat.Message
		first := 0 // of the part
		for _, p := range t.parts {
			rd := p.again()
			for i := max(from-first, 0); i < min(to-first, len(p.sc.recs)); i++ {
				m = chat.Message{}
				rd.message(&m, i)
				if m.Length == 0 || !yield(first+i, &m) {
					return
				}
			}
			first += len(p.sc.recs)
		}
	}
}

// Err implements [chat.Messages].
func (t *transcript) Err() error { return t.parts[0].sc.of.fault.Err() }

// parse reads a transcript. links are the files that came with it. An error is
// a [Refusal], because there is no record in it or more than there may be, or
// of reading it.
func parse(t *text, opt *Options, links *linker) (parsed *transcript, err error) {
	defer func() {
		if broken := t.fault.Err(); broken != nil {
			parsed, err = nil, broken
		}
	}()
	sc, err := records(t, opt)
	if err != nil {
		return nil, err
	}
	if at := joined(sc); at.before || at.after {
		return parseJoined(t, at, opt, links)
	}
	return parseOne(sc, opt, links), nil
}

// records learns the shape of a text and finds its records.
func records(t *text, opt *Options) (*scanner, error) {
	if sh, found, octets := learn(t); found > 0 {
		sc := scan(t, sh, opt.Limits, found*t.size/octets)
		switch {
		case sc.over:
			return nil, chat.Refuse(record.ReasonBomb, "the transcript has more than the limit of %d messages", opt.Limits.Messages)
		case sc.long:
			return nil, chat.Refuse(record.ReasonBomb, "a message of the transcript has more than the limit of %d octets", opt.Limits.Message)
		case len(sc.recs) > 0:
			return sc, nil
		}
	}
	return nil, chat.Refuse(record.ReasonNotAChat, "no line of it begins as a chat export's messages do")
}

// parseOne reads a transcript whose headers all have one shape.
func parseOne(sc *scanner, opt *Options, links *linker) *transcript {
	t := &transcript{}
	if sc.dropEmbedded() {
		t.flag(chat.FlagEmbeddedHeader)
	}
	t.preamble = int64(sc.recs[0].start)
	preamble := sc.preamble()
	t.platform = platformOf(sc, preamble)
	t.grade = gradeOf(t.platform)
	rd := &reader{sc: sc, w: sc.of.window(), platform: t.platform, links: links, zone: newZoneRules(opt.Zone)}
	rd.dates = decideOrder(sc, t.platform, opt)
	if settlePeriods(&rd.dates) {
		t.flag(chat.FlagPeriodUnknown)
	}
	t.order, t.calendar = rd.dates.order, rd.dates.calendar
	rd.cast = readSenders(sc)
	rd.names = rd.cast.names()
	rd.marked = t.platform == chat.Android && rd.cast.marks
	t.parts = []*reader{rd}
	t.judge(rd, preamble)
	return t
}

// message reads record i. What needs the whole file is in its marks.
func (rd *reader) message(m *chat.Message, i int) {
	r := &rd.sc.recs[i]
	whole := rd.w.slice(int64(r.start), rd.sc.end(i))
	if whole == "" {
		return // the text cannot be read: Err says so
	}
	m.Offset, m.Length = rd.base+int64(r.start), int64(len(whole))
	if i+1 == len(rd.sc.recs) {
		m.Length += rd.sc.extra
	}
	m.Precision = chat.Minute
	if r.value[slotTime+2] != absent {
		m.Precision = chat.Second
	}
	rd.stamp(m, r, whole[:r.body])
	body := whole[int(r.body)+int(r.text):]
	switch {
	case r.who == nobody:
		rd.notice(m, body)
	case r.marks&learned != 0:
		rd.person(m, &rd.cast.all[r.who], body, i)
		rd.makeSystem(m, &chat.Event{Name: chat.UnknownEvent}, &rd.cast.all[r.who], m.Text)
	default:
		rd.person(m, &rd.cast.all[r.who], body, i)
	}
	if r.marks&suspect != 0 {
		m.Flags = append(m.Flags, chat.FlagSuspectEmbedded)
	}
	if m.Attachments != nil {
		rd.links.attach(m.Attachments)
	}
}

// notice reads a line that the app wrote.
func (rd *reader) notice(m *chat.Message, body string) {
	m.Kind = chat.System
	body = trimEnds(body)
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
func (rd *reader) stamp(m *chat.Message, r *rec, header string) {
	order := &rd.dates.order
	t, ok := rd.dates.read(order.Used, r)
	if !ok {
		m.Stamp = stampText(header)
		m.Partial = rd.dates.partial(r)
		return
	}
	m.Time = t
	if order.Default {
		if alt, ok := rd.dates.read(rd.dates.other, r); ok && !alt.Equal(t) {
			m.Alternative = alt
		}
	}
	m.ZoneNote = rd.zone.note(t) // a stamp that cannot be proves that the phone was in another zone
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
	if strings.HasPrefix(preamble, webNotice) || sc.webLines() {
		return chat.Web
	}
	return chat.IOS
}

// webLines reports whether there are lines that only WhatsApp Web writes: the
// app's own begin with a hyphen, and the exporter is called "You".
func (sc *scanner) webLines() bool {
	w := sc.of.window()
	for i := range sc.recs {
		body := w.slice(sc.recs[i].bodyAt(), min(sc.end(i), sc.recs[i].bodyAt()+5))
		if strings.HasPrefix(body, "- ") || body == "You: " {
			return true
		}
	}
	return false
}

// maxPreamble is how much of what stands before the first record is looked at.
const maxPreamble = 64 << 10

// preamble is the beginning of what stands before the first record.
func (sc *scanner) preamble() string {
	return strings.Clone(sc.of.window().slice(0, min(int64(sc.recs[0].start), maxPreamble)))
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

// judge reads every message once for what only the whole file shows: its
// flags, its row numbers, what it mentions, which lines recur.
func (t *transcript) judge(rd *reader, preamble string) {
	switch {
	case t.order.Order == contradictory:
		t.flag(chat.FlagOrderContradictory)
	case t.order.Default:
		t.flag(chat.FlagOrderAmbiguous)
	}
	switch {
	case t.calendar == islamic:
		t.flag(chat.FlagCalendarUnknown)
	case rd.dates.assumed:
		t.flag(chat.FlagCalendarAssumed)
	}
	web := t.platform == chat.Web && strings.HasPrefix(preamble, webNotice)
	if (stripMarks(preamble) != "" || t.preamble > maxPreamble) && !web {
		t.flag(chat.FlagPreamble)
	}
	t.systemAt0 = t.headOfChat()
	rd.pending = nil
	var later []string // flags that come after the others
	var last int64
	for i, m := range t.Range(0, t.Len()) {
		t.judgeOne(m)
		if at := m.Time.Unix(); at-last >= far || last-at >= far {
			t.leaps, last = append(t.leaps, int32(i)), at
		} else {
			if at < last {
				t.backward = append(t.backward, int32(i))
			}
			last = at
		}
		t.number(i, m, &later)
		if m.Attachments != nil && rd.links.packed {
			t.linked.note(m)
		}
		if m.Kind == chat.System {
			rd.sc.recs[i].marks |= system
		}
	}
	t.unknown += rd.learnTemplates()
	for _, f := range later {
		t.flag(f)
	}
	if strings.Contains(preamble, webTruncated) || t.nearCap() {
		t.flag(chat.FlagHeadTruncated)
	}
	if !rd.sc.recordEndsCRLF() && t.platform != chat.Web {
		rd.suspects(t.leaps)
		rd.strangers(t.backward)
	}
}

// judgeOne notes what one message says of the file.
func (t *transcript) judgeOne(m *chat.Message) {
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
	t.media = t.media || m.Kind == chat.Media
}

// headOfChat reports whether one of the first records is what stands at the
// beginning of every chat: the encryption notice, or the group's creation.
func (t *transcript) headOfChat() bool {
	for _, m := range t.Range(0, min(3, t.Len())) {
		if m.Event != nil && (m.Event.Name == "e2e_notice" || m.Event.Name == "group_created") {
			return true
		}
	}
	return false
}

// nearCap reports whether the export has as many messages as the apps export
// at most, and does not begin as a chat does.
func (t *transcript) nearCap() bool {
	n := t.Len()
	switch {
	case t.systemAt0:
		return false
	case n >= 9_900 && n <= 10_100:
		return t.media
	}
	return n >= 39_900 && n <= 40_100
}

// number follows the row numbers in iOS attachments' names. They only ever run
// ahead of the position in the file: by how many rows came before its first
// line, and by how many are missing inside it.
func (t *transcript) number(i int, m *chat.Message, flags *[]string) {
	if m.Seq == 0 || len(m.Attachments) == 0 || numbered(m.Attachments[0].Name) == 0 {
		return
	}
	switch lead := m.Seq - (i + 1); {
	case !t.numbered && lead > 0 && !t.systemAt0:
		t.head, t.ahead = lead, lead
		*flags = append(*flags, chat.FlagHeadTruncated)
	case lead > t.ahead:
		t.gaps = append(t.gaps, chat.SequenceGap{AfterIndex: i - 1, Missing: lead - t.ahead})
		*flags = append(*flags, chat.FlagSequenceGap)
		t.ahead = lead
	}
	t.numbered = true
}
