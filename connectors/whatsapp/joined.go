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
	own := int(sc.recs[0].start)
	if f := &sc.before; f.n >= 2 && !f.mixed && f.first == 0 && noticeAt(sc.s, own) {
		return seam{before: true, at: own}
	}
	if f := &sc.after; f.n >= 3 && !f.mixed && noticeAt(sc.s, f.first) {
		return seam{after: true, at: f.first}
	}
	return seam{}
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
func parseJoined(s string, at seam, opt *Options, links *linker) (*transcript, error) {
	var parts []*reader
	var all []*transcript
	for _, text := range []string{s[:at.at], s[at.at:]} {
		sc, err := records(text, opt)
		if err != nil {
			return nil, err
		}
		t := parseOne(sc, opt, links)
		all, parts = append(all, t), append(parts, t.parts[0])
	}
	t, tail := all[0], all[1]
	t.changeAt = t.Len()
	parts[0].sc.extra = tail.preamble
	parts[1].base = int64(at.at)
	t.parts = parts
	t.linked.join(&tail.linked)
	for _, f := range tail.flags {
		t.flag(f)
	}
	for _, g := range tail.gaps {
		t.gaps = append(t.gaps, chat.SequenceGap{AfterIndex: g.AfterIndex + t.changeAt, Missing: g.Missing})
	}
	t.flag(chat.FlagShapeChange)
	t.platform, t.grade = chat.Mixed, chat.GradeMixed
	t.unknown += tail.unknown
	if tail.order != t.order && tail.order.Order != "" && t.order.Default {
		t.order = tail.order
	}
	return t, nil
}
