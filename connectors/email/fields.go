package email

import (
	"iter"
	"strings"
	"unicode"
)

// What is read of one field of identifiers, of a subject, and of texts that are
// compared word by word.
const (
	maxIDs      = 1000
	maxSubject  = 4 << 10
	maxCompared = 1 << 20
)

// readFields fills in what the header says.
func (b *builder) readFields(h Header) {
	m := b.msg
	m.Header = h
	for _, name := range []string{"From", "To", "Cc", "Subject", "Date", "Message-ID", "Content-Transfer-Encoding"} {
		if len(h.Values(name)) > 1 {
			b.found.add(DefectDuplicateField)
		}
	}
	if m.Subject = DecodeHeader(h.Get("Subject")); len(m.Subject) > maxSubject {
		m.Subject = strings.ToValidUTF8(m.Subject[:maxSubject], "")
		b.found.add(DefectHeaderTooLarge)
	}
	m.From, m.Sender, m.ReplyTo = b.addresses("From"), b.addresses("Sender"), b.addresses("Reply-To")
	m.To, m.Cc, m.Bcc = b.addresses("To"), b.addresses("Cc"), b.addresses("Bcc")
	if ids := identifiers(h.Get("Message-ID")); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	m.InReplyTo = identifiers(h.Get("In-Reply-To"))
	m.References = identifiers(h.Get("References"))
	b.readDate(h)
	m.Received = receivedDate(h)
	m.Envelope = envelope(h)
	if ids := identifiers(h.Get("List-Id")); len(ids) > 0 {
		m.ListID = ids[0]
	}
	for _, f := range h {
		if fieldOf([]byte(f.Name+":"), "list-") {
			m.List = append(m.List, Field{f.Name, DecodeHeader(f.Value)})
		}
	}
	if auto := strings.ToLower(h.Get("Auto-Submitted")); auto != "no" {
		m.Auto = auto
	}
}

func (b *builder) readDate(h Header) {
	values := h.Values("Date")
	if len(values) == 0 {
		b.found.add(DefectDateMissing)
		return
	}
	for _, v := range values {
		if t, ok := ParseDate(v); ok {
			b.msg.Date = t
			return
		}
	}
	b.found.add(DefectDateUnreadable)
}

// addresses reads all fields of one name: broken senders write To twice, and
// every recipient counts.
func (b *builder) addresses(name string) []Address {
	var all []Address
	for _, v := range b.msg.Header.Values(name) {
		list, clean := ParseAddresses(v)
		if !clean {
			b.found.add(DefectAddress)
		}
		all = append(all, list...)
	}
	return all[:min(len(all), maxAddresses)]
}

// identifiers reads msg-ids (RFC 5322, section 3.6.4): what stands between
// angle brackets, or each word where there are none.
func identifiers(value string) []string {
	var ids []string
	if !strings.Contains(value, "<") {
		for _, word := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) }) {
			ids = append(ids, plain(strings.Trim(word, ">\"'")))
		}
		return ids[:min(len(ids), maxIDs)]
	}
	for len(ids) < maxIDs {
		_, after, ok := strings.Cut(value, "<")
		if !ok {
			break
		}
		id, rest, closed := strings.Cut(after, ">")
		if id, _, nested := strings.Cut(id, "<"); !closed || nested { // a bracket is missing
			rest = after[len(id):]
		}
		id, _, _ = strings.Cut(id, "<")
		if id = strings.Join(strings.Fields(plain(id)), ""); id != "" {
			ids = append(ids, id)
		}
		value = rest
	}
	return ids
}

// headline gives an enclosed message's header as a reader of it would see it.
func (m *Message) headline() string {
	var lines strings.Builder
	for _, f := range []struct {
		name string
		list []Address
	}{{"From", m.From}, {"To", m.To}, {"Cc", m.Cc}, {"Bcc", m.Bcc}} {
		for _, a := range f.list {
			lines.WriteString(f.name + ": " + a.String() + "\n")
		}
	}
	if !m.Date.IsZero() {
		lines.WriteString("Date: " + m.Date.Format("2 January 2006 15:04 -0700") + "\n")
	}
	if m.Subject != "" {
		lines.WriteString("Subject: " + m.Subject + "\n")
	}
	return lines.String()
}

// BaseSubject returns the subject without what replies, forwards and lists put
// around it (RFC 5256, section 2.1): the same for the messages of a thread.
func (m *Message) BaseSubject() string {
	s := strings.Join(strings.Fields(strings.ToLower(m.Subject)), " ")
	for {
		before := s
		s = strings.TrimSpace(strings.TrimSuffix(s, "(fwd)"))
		if strings.HasPrefix(s, "[fwd:") && strings.HasSuffix(s, "]") {
			s = strings.TrimSpace(s[len("[fwd:") : len(s)-1])
		}
		for _, p := range []string{"re", "fw", "fwd", "aw", "wg", "sv", "vs", "tr", "rif", "atb", "yml"} {
			rest, ok := strings.CutPrefix(s, p)
			if !ok {
				continue
			}
			if blob, after, found := strings.Cut(rest, "]"); found && strings.HasPrefix(blob, "[") && strings.Trim(blob, "[0123456789") == "" {
				rest = after
			}
			if rest, ok = strings.CutPrefix(strings.TrimSpace(rest), ":"); ok {
				s = strings.TrimSpace(rest)
			}
		}
		if blob, after, ok := strings.Cut(s, "]"); ok && strings.HasPrefix(blob, "[") && strings.TrimSpace(after) != "" {
			s = strings.TrimSpace(after)
		}
		if s == before {
			return s
		}
	}
}

// saysMore reports whether a has words that b has not. Addresses of links do
// not count: every HTML alternative has them. Texts too long to compare are
// taken to differ.
func saysMore(a, b string) bool {
	if len(a) > maxCompared || len(b) > maxCompared {
		return true
	}
	words := func(s string) iter.Seq[string] {
		return strings.FieldsFuncSeq(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	}
	known := make(map[string]struct{})
	for w := range words(b) {
		known[w] = struct{}{}
	}
	for line := range strings.Lines(a) {
		for field := range strings.FieldsSeq(line) {
			if strings.HasPrefix(field, "<") && strings.Contains(field, ":") {
				continue
			}
			for w := range words(field) {
				if _, ok := known[w]; !ok {
					return true
				}
			}
		}
	}
	return false
}
