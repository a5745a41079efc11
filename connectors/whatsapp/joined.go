package whatsapp

import (
	"strings"

	"github.com/closeroll/closeroll/connectors/chat"
)

// A seam is where two exports were joined into one file.
type seam struct {
	before, after bool  // the other shape's part comes first, or last
	at            int64 // offset of the later part
}

// joined looks for a second export before or after the records of the file's
// own shape: headers of one other shape that do not mix with them, the later
// part beginning with the encryption notice that begins every chat. Anything
// less is pasted text.
func joined(sc *scanner) seam {
	own := int64(sc.recs[0].start)
	if f := &sc.before; f.n >= 2 && !f.mixed && f.first == 0 && noticeAt(sc.of, own) {
		return seam{before: true, at: own}
	}
	if f := &sc.after; f.n >= 3 && !f.mixed && noticeAt(sc.of, f.first) {
		return seam{after: true, at: f.first}
	}
	return seam{}
}

// noticeAt reports whether the record at offset i is an encryption notice.
func noticeAt(t *text, i int64) bool {
	line := t.window().head(i, lookAhead)
	h, ok := parseHeader(line)
	if !ok {
		return false
	}
	body := firstLine(line[h.body:])
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
func parseJoined(t *text, at seam, opt *Options, links *linker) (*transcript, error) {
	var parts []*reader
	var all []*transcript
	for _, part := range []*text{t.part(0, at.at), t.part(at.at, t.size)} {
		sc, err := records(part, opt)
		if err != nil {
			return nil, err
		}
		one := parseOne(sc, opt, links)
		all, parts = append(all, one), append(parts, one.parts[0])
	}
	whole, tail := all[0], all[1]
	whole.changeAt = whole.Len()
	parts[0].sc.extra = tail.preamble
	parts[1].base = at.at
	whole.parts = parts
	whole.linked.join(&tail.linked)
	for _, f := range tail.flags {
		whole.flag(f)
	}
	for _, g := range tail.gaps {
		whole.gaps = append(whole.gaps, chat.SequenceGap{AfterIndex: g.AfterIndex + whole.changeAt, Missing: g.Missing})
	}
	whole.flag(chat.FlagShapeChange)
	whole.platform, whole.grade = chat.Mixed, chat.GradeMixed
	whole.unknown += tail.unknown
	if tail.order != whole.order && tail.order.Order != "" && whole.order.Default {
		whole.order = tail.order
	}
	return whole, nil
}
