package whatsapp

import (
	"strings"

	"github.com/closeroll/closeroll/connectors/chat"
)

// A seam is where two exports were joined into one file.
type seam struct {
	before, after bool // the other shape's part comes first, or last
	at            int  // offset of the later part
}

// joined looks for a second export before or after the records of the file's
// own shape: headers of one other shape that do not mix with them, the later
// part beginning with the encryption notice that begins every chat. Anything
// less is pasted text.
func joined(sc *scanner) seam {
	var head, tail []foreign
	for _, f := range sc.foreign {
		switch {
		case f.index == 0:
			head = append(head, f)
		case f.index == len(sc.recs):
			tail = append(tail, f)
		}
	}
	own := sc.recs[0].start
	if oneShape(head) && len(head) >= 2 && head[0].start == 0 && noticeAt(sc.s, own) {
		return seam{before: true, at: own}
	}
	if oneShape(tail) && len(tail) >= 3 && noticeAt(sc.s, tail[0].start) {
		return seam{after: true, at: tail[0].start}
	}
	return seam{}
}

func oneShape(fs []foreign) bool {
	for _, f := range fs {
		if f.shape != fs[0].shape {
			return false
		}
	}
	return len(fs) > 0
}

// noticeAt reports whether the record at offset i is an encryption notice.
func noticeAt(s string, i int) bool {
	h, ok := parseHeader(s[i:])
	if !ok {
		return false
	}
	body := firstLine(s[i+h.body:])
	if h.shape.close != closeDash {
		n := strings.Index(body, ": \u200e")
		if n < 0 {
			return false
		}
		body = body[n+2:]
	}
	ev := readEvent(body)
	return ev != nil && ev.Name == "e2e_notice"
}

// parseJoined reads the two parts, each by its own shape.
func parseJoined(s string, at seam, opt *Options, has func(string) bool) (*transcript, bool) {
	var parts []*transcript
	for _, text := range []string{s[:at.at], s[at.at:]} {
		sh, ok := learn(text)
		if !ok {
			return nil, false
		}
		sc := scan(text, sh)
		if len(sc.recs) == 0 {
			return nil, false
		}
		parts = append(parts, parseOne(sc, opt, has))
	}
	t := parts[0]
	t.changeAt = len(t.messages)
	for _, m := range parts[1].messages {
		m.Offset += int64(at.at)
		t.messages = append(t.messages, m)
	}
	if extra := parts[1].preamble; extra > 0 {
		t.messages[t.changeAt-1].Length += extra
	}
	for _, f := range parts[1].flags {
		t.flag(f)
	}
	for _, g := range parts[1].gaps {
		t.gaps = append(t.gaps, chat.SequenceGap{AfterIndex: g.AfterIndex + t.changeAt, Missing: g.Missing})
	}
	t.flag(chat.FlagShapeChange)
	t.platform, t.grade = chat.Mixed, chat.GradeMixed
	t.unknown += parts[1].unknown
	if parts[1].order != t.order && parts[1].order.Order != "" && t.order.Default {
		t.order = parts[1].order
	}
	return t, true
}
