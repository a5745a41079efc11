package whatsapp

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/closeroll/closeroll/connectors/chat"
)

// A reader turns records into messages.
type reader struct {
	sc       *scanner
	w        *window
	cast     *cast
	dates    dates
	platform chat.Platform
	marked   bool            // attachments' names stand behind a mark
	names    map[string]bool // who speaks
	links    *linker
	zone     *zoneRules
	base     int64   // offset of the scanned text in the file
	pending  []int32 // iOS: marked bodies of no known kind
	judged   bool    // every record has been read once
	left     map[string]leftOut
}

// again returns a reader of the same records that another goroutine may use
// after the first has judged them.
func (rd *reader) again() *reader {
	if !rd.judged {
		return rd
	}
	r := *rd
	r.w, r.zone, r.left, r.pending = rd.sc.of.window(), rd.zone.again(), nil, nil
	return &r
}

// person reads the body of a message that has a sender.
func (rd *reader) person(m *chat.Message, w *who, body string, i int) {
	m.Sender, m.Phone, m.PushName = w.name, w.phone, w.push
	if w.raw != w.name {
		m.SenderRaw = w.raw
	}
	m.Kind = chat.Text
	if body = trimEnds(body); body == "" {
		m.Kind = chat.Empty
		return
	}
	switch rd.platform {
	case chat.IOS:
		rd.iosBody(m, w, body, i)
	case chat.Android:
		rd.androidBody(m, body)
	case chat.Web:
		rd.webBody(m, body)
	default:
		m.Text = body
	}
	if rd.platform == chat.IOS && rd.judged && m.Kind == chat.Text && !m.Edited {
		rd.misreading(m, body)
	}
	m.Text = rd.clean(m, m.Text)
}

// misreading notes what Android, which does not mark the app's own words, would
// have made of a person's: only so can its export of the chat be compared. Words
// behind a mark that were not understood may be the app's.
func (rd *reader) misreading(m *chat.Message, body string) {
	for line := range strings.Lines(body[len(firstLine(body)):]) {
		if _, ok := parseHeader(line); ok {
			m.Pasted++
		}
	}
	other := chat.Message{Kind: chat.Text}
	rd.androidBody(&other, body)
	switch {
	case startsWithMark(body):
		m.ReadsAs = chat.ReadsSystem
	case other.Kind != chat.Text:
		m.ReadsAs = other.Class()
	case other.Edited:
		m.ReadsAs = "edited"
	}
}

// trimEnds removes line ends from the end of a body.
func trimEnds(s string) string {
	n := len(s)
	for n > 0 && (s[n-1] == '\n' || s[n-1] == '\r') {
		n--
	}
	return s[:n]
}

// clean makes text of a body: line feeds alone, and U+FFFD for each byte that
// is no UTF-8. What people typed is otherwise untouched, marks and all. Who only
// judges the file has no use for it.
func (rd *reader) clean(m *chat.Message, s string) string {
	if !rd.judged {
		return s
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r\n", "\n")
	}
	if utf8.ValidString(s) {
		return s
	}
	m.Flags = append(m.Flags, chat.FlagInvalidUTF8)
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r) // a range yields U+FFFD once for each bad byte
	}
	return b.String()
}

// cutEdited removes the edit mark from the end of a body. On iOS the mark
// character must stand before it.
func cutEdited(body string, needMark bool) (string, bool) {
	if !strings.HasSuffix(body, ">") {
		return body, false
	}
	open := strings.LastIndexByte(body, '<')
	if open < 0 || len(body)-open > 160 || strings.IndexByte(body[open:], ':') >= 0 { // as in <attached: …>
		return body, false
	}
	inside := strings.ToLower(stripMarks(body[open+1 : len(body)-1]))
	before := body[:open]
	marked := endsWithMark(before)
	known := editedWords[inside]
	if needMark && !marked || !known && !(marked && containsAny(inside, editStems) && wordy(inside)) {
		return body, false
	}
	return strings.TrimRight(trimMarks(before), " \r\n"), true
}

// trimMarks removes marks and spaces from the end of s.
func trimMarks(s string) string {
	return strings.TrimRightFunc(s, func(r rune) bool { return isMark(r) || r == ' ' })
}

// bare is a body without marks, as the phrase tables are keyed.
func bare(body string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(stripMarks(body), "."), "。"))
}

// short bounds the length of the app's fixed phrases.
const short = 200

// androidBody reads what Android prints after a sender. Nothing distinguishes
// a placeholder from the same words typed by a person; only whole bodies count.
func (rd *reader) androidBody(m *chat.Message, body string) {
	m.Text = body
	if body[len(body)-1] == '>' {
		if m.Text, m.Edited = cutEdited(body, false); m.Edited {
			body = m.Text
		}
	}
	if (body[0] <= ' ' || body[0] >= utf8.RuneSelf) && strings.TrimSpace(body) == "" {
		m.Kind, m.Text = chat.Empty, ""
		return
	}
	first, rest := firstLine(body), ""
	if len(first) < len(body) {
		rest = strings.TrimLeft(body[len(first):], "\r\n")
	}
	if strings.HasSuffix(first, ">") || strings.HasSuffix(first, ")") {
		if a, once, tail, ok := rd.angleOmitted(first); ok && tail == "" && (a.Type == "" || a.Type == "video_note" || once) {
			rd.omitted(m, a, once, rest)
			return
		}
		if name, ok := androidAttached(first, rd.marked, rd.links.has); ok {
			m.Kind, m.Text = chat.Media, rest
			m.Attachments = []chat.Attachment{{Name: name, Type: typeOf(name)}}
			return
		}
	}
	stops := body[len(body)-1] == '.' && !strings.HasPrefix(body, "This message was deleted by admin ")
	if len(body) <= short && rest == "" && !stops || strings.HasPrefix(body, "Waiting ") {
		if rd.phrase(m, body) {
			return
		}
	}
	rd.shaped(m, body, false)
}

// omitted makes a placeholder of m.
func (rd *reader) omitted(m *chat.Message, a chat.Attachment, viewOnce bool, caption string) {
	m.Kind, m.Text = chat.MediaOmitted, caption
	if viewOnce {
		m.Kind = chat.ViewOnce
	}
	m.Attachments = []chat.Attachment{a}
}

// phrase recognises bodies that are one of the app's fixed phrases.
func (rd *reader) phrase(m *chat.Message, body string) bool {
	if !maybePhrase(body) {
		return false
	}
	key := bare(body)
	if by, ok := tombstones[key]; ok {
		m.Kind, m.DeletedBy = chat.Deleted, by
	} else if kind, ok := plain[key]; ok {
		m.Kind = chat.Kind(kind)
		if m.Kind == chat.NullBody && body != nullBody {
			m.Kind = chat.Text
			return false
		}
		if m.Kind == chat.CallKind {
			m.Call = callOf(key)
		}
	} else if strings.HasPrefix(key, "waiting for this message. this may take a while") && len(key) < 70 {
		m.Kind = chat.Waiting
	} else if rd.deletedByAdmin(body, key) {
		m.Kind, m.DeletedBy = chat.Deleted, chat.ByAdmin
	} else {
		return false
	}
	m.Text = stripMarks(body)
	return true
}

// deletedByAdmin reports whether a body, whose key is this, is a tombstone that
// ends with an administrator's name, and not a sentence that begins like one.
func (rd *reader) deletedByAdmin(body, key string) bool {
	for _, p := range byAdmin {
		if !strings.HasPrefix(key, p) {
			continue
		}
		name := strings.TrimSuffix(stripMarks(body)[len(p):], ".")
		if rd.names[name] || strings.HasPrefix(name, "~") || phoneNumber(name) != "" {
			return !strings.Contains(name, "\n")
		}
		words := strings.Fields(name)
		return len(words) > 0 && len(words) <= 5 && nameLike(words[0]) && !strings.ContainsAny(name, "\n,;!?") &&
			!slices.ContainsFunc(words, func(w string) bool { return len(w) > 3 && !nameLike(w) })
	}
	return false
}

// shaped recognises polls, event cards and places by their structure. marked
// says that the body begins with the mark of the app's own words.
func (rd *reader) shaped(m *chat.Message, body string, marked bool) bool {
	if n := strings.IndexByte(body[:min(len(body), 41)], ':'); n > 0 {
		if place, ok := mapPlace(body, n, marked); ok {
			m.Kind, m.Place, m.Text = chat.Location, place, stripMarks(body)
			return true
		}
		if poll := readPoll(body, n); poll != nil {
			m.Kind, m.Poll, m.Text = chat.PollKind, poll, stripMarks(body)
			return true
		}
		if strings.HasPrefix(stripMarks(body[:n]), "EVENT") && strings.Contains(body, "\nEvent Start time: ") {
			m.Kind = chat.EventCard
			return true
		}
	}
	if namedPlace(body, marked) {
		m.Kind, m.Text = chat.Location, stripMarks(body)
		return true
	}
	return false
}

// mapPlace reads "location: https://maps.google.com/?q=51.5,-0.12".
func mapPlace(body string, colon int, marked bool) (*chat.Place, bool) {
	link, ok := strings.CutPrefix(body[colon:], ": https://maps.google.com/?q=")
	if !ok || strings.ContainsAny(link, " \n") {
		return nil, false
	}
	word := strings.ReplaceAll(strings.ToLower(stripMarks(body[:colon])), " ", "_")
	if !marked && !places[word] {
		return nil, false
	}
	return coordinates(stripMarks(link))
}

func coordinates(s string) (*chat.Place, bool) {
	a, b, ok := strings.Cut(s, ",")
	lat, err1 := strconv.ParseFloat(a, 64)
	lon, err2 := strconv.ParseFloat(strings.TrimSpace(b), 64)
	if !ok || err1 != nil || err2 != nil || lat < -90 || lat > 90 || lon < -180 || lon > 180 {
		return nil, false
	}
	return &chat.Place{Lat: lat, Lon: lon}, true
}

// namedPlace recognises a place with its name and address: three lines on
// Android, one on iOS, the last word a foursquare link.
func namedPlace(body string, marked bool) bool {
	const link = "https://foursquare.com/v/"
	i := len(body) - len(link) - 24
	if i <= 0 || body[i:i+len(link)] != link {
		return false
	}
	lines := strings.Count(body, "\n")
	return !marked && body[i-1] == '\n' && lines >= 1 && lines <= 3 || marked && strings.HasSuffix(body[:i], ": ")
}

// readPoll reads a poll: a word with a colon on a line of its own, the
// question, and options that share a word and end in a number of votes. n is
// the offset of the first colon.
func readPoll(body string, n int) *chat.Poll {
	if n+1 >= len(body) || body[n+1] != '\n' && body[n+1] != '\r' {
		return nil
	}
	title := stripMarks(body[:n])
	if title != strings.ToUpper(title) || title == strings.ToLower(title) && title[0] < utf8.RuneSelf {
		return nil
	}
	var p chat.Poll
	label := ""
	for l := range strings.Lines(body[n+1:]) {
		l = strings.TrimRight(stripMarks(l), "\r\n")
		if option, word, ok := pollOption(l); ok && (label == "" || label == word) && p.Question != "" {
			label = word
			p.Options = append(p.Options, option)
		} else if len(p.Options) == 0 && l != "" {
			p.Question = strings.TrimPrefix(p.Question+"\n"+l, "\n")
		} else if l != "" {
			return nil
		}
	}
	if len(p.Options) == 0 {
		return nil
	}
	return &p
}

// pollOption reads "OPTION: Mon: early (3 votes)".
func pollOption(l string) (o chat.Option, word string, ok bool) {
	word, rest, found := strings.Cut(l, ": ")
	open := strings.LastIndex(rest, " (")
	if !found || open < 0 || !strings.HasSuffix(rest, ")") || word != strings.ToUpper(word) || strings.Contains(word, " ") {
		return o, "", false
	}
	_, zero, digitFirst := firstDigit(rest[open+2:])
	if !digitFirst {
		return o, "", false
	}
	votes, digits, _ := number(rest, open+2, zero)
	if digits > 4 {
		return o, "", false
	}
	return chat.Option{Text: rest[:open], Votes: votes}, word, true
}

// firstDigit returns the block of the digit that s begins with.
func firstDigit(s string) (r, zero rune, ok bool) {
	r, _ = utf8.DecodeRuneInString(s)
	_, zero, ok = digit(r)
	return r, zero, ok
}

// callOf reads a call line: lower case, without marks.
func callOf(s string) *chat.Call {
	c := &chat.Call{Medium: "voice"}
	if containsAny(s, phrases("video|vidéo|vídeo|видео|görüntülü")) {
		c.Medium = "video"
	}
	switch {
	case containsAny(s, phrases("missed|verpasst|manqué|perdid|persa|gemist|пропущен|cevapsız")):
		c.Outcome = "missed"
	case strings.Contains(s, "no answer"):
		c.Outcome = "no_answer"
	case strings.Contains(s, "silenced"):
		c.Outcome = "silenced"
	case strings.Contains(s, "min") || strings.Contains(s, "sec") || strings.Contains(s, "hr"):
		c.Outcome = "answered"
	}
	return c
}

// webBody reads what WhatsApp Web's export prints after a sender (its forms
// were read in its own code).
func (rd *reader) webBody(m *chat.Message, body string) {
	m.Self = m.Sender == "You"
	for _, mark := range []string{"[Forwarded] ", "[Forwarded many times] "} {
		if rest, ok := strings.CutPrefix(body, mark); ok {
			m.Forwarded, body = true, rest
		}
	}
	m.Text = body
	first := firstLine(body)
	after := body[len(first):]
	if a, once, rest, ok := rd.angleOmitted(first); ok {
		rd.omitted(m, a, once, strings.TrimSpace(rest+after))
		return
	}
	if name, caption, ok := strings.Cut(first, " (file attached)"); ok && extension(name) && !mentionsFile(name) {
		m.Kind, m.Text = chat.Media, strings.TrimSpace(caption+after)
		m.Attachments = []chat.Attachment{{Name: name, Type: typeOf(name)}}
		return
	}
	if len(body) <= short && rd.phrase(m, body) {
		return
	}
	switch kind, angled := strings.CutSuffix(strings.TrimPrefix(body, "<"), " message>"); {
	case body == "[Call]":
		m.Kind, m.Call = chat.CallKind, &chat.Call{}
		return
	case angled && body[0] == '<' && len(kind) <= 40 && wordy(kind): // of a kind that the program does not export
		m.Kind = chat.NullBody
		return
	}
	if question, ok := strings.CutPrefix(first, "Poll: "); ok && strings.HasPrefix(after, "\n    - ") {
		p := &chat.Poll{Question: question}
		for l := range strings.Lines(after[1:]) {
			p.Options = append(p.Options, chat.Option{Text: strings.TrimSpace(strings.TrimPrefix(l, "    - ")), Votes: -1})
		}
		m.Kind, m.Poll = chat.PollKind, p
	} else if at, ok := strings.CutPrefix(body, "Location: "); ok {
		if place, link, ok := strings.Cut(at, " - https://maps.google.com/?q="); ok && !strings.Contains(link, "\n") {
			if p, ok := coordinates(place); ok {
				m.Kind, m.Place = chat.Location, p
			}
		}
	}
}
