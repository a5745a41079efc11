package search

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A writer writes random queries about a corpus: of every kind that the
// language has, and so that most of them find something.
type writer struct {
	*rand.Rand
	corpus corpus
}

func (w writer) pick(list ...string) string { return pick(w.Rand, list...) }

func (w writer) any() *message { return w.corpus[w.IntN(len(w.corpus))] }

// query is a random query of so many levels.
func (w writer) query(depth int) string {
	if depth > 0 {
		switch w.IntN(9) {
		case 0, 1:
			return "(" + w.query(depth-1) + w.pick(" AND ", " ", "\n") + w.query(depth-1) + ")"
		case 2, 3:
			return "(" + w.query(depth-1) + " OR " + w.query(depth-1) + ")"
		case 4:
			return w.pick("NOT ", "-", "- NOT -") + w.query(depth-1)
		case 5:
			return w.terms(3 + w.IntN(20))
		}
	}
	if w.IntN(3) == 0 {
		return w.property()
	}
	field := w.pick("", "", "", "", "subject:", "Body:", "attachment:", "participant:", "from:", "to:")
	switch w.IntN(8) {
	case 0:
		return field + w.group()
	case 1:
		return field + "(" + w.word() + w.pick(" NEAR/100 ", " ONEAR/100 ") + w.word() + ")"
	case 2, 3:
		near := w.near(1 + w.IntN(2))
		if field != "" || w.IntN(2) == 0 {
			near = "(" + near + ")"
		}
		return field + near
	}
	return field + w.term()
}

// terms is what a file of terms becomes: any of them.
func (w writer) terms(n int) string {
	var all []string
	for range n {
		all = append(all, "("+w.term()+")")
	}
	return "(" + strings.Join(all, " OR ") + ")"
}

// group is terms that a field applies to.
func (w writer) group() string {
	return "(" + w.pick("", "NOT ", "-") + w.term() + w.pick(" OR ", " ", " AND ", " NOT ") + w.term() + ")"
}

// near is words, phrases and groups near one another.
func (w writer) near(depth int) string {
	side := func() string {
		if depth > 1 && w.IntN(3) == 0 {
			return "(" + w.near(depth-1) + ")"
		}
		if w.IntN(4) == 0 {
			return "(" + w.term() + " OR " + w.term() + ")"
		}
		return w.term()
	}
	s := side() + w.joint() + side()
	if w.IntN(4) == 0 {
		s += w.joint() + side()
	}
	return s
}

func (w writer) joint() string {
	return fmt.Sprintf(" %s/%d ", w.pick("NEAR", "NEAR", "ONEAR"), pick(w.Rand, 0, 1, 2, 5, 12, 40))
}

// term is a word, or a phrase, or what is written for several words.
func (w writer) term() string {
	switch w.IntN(12) {
	case 0, 1:
		phrase := w.word() + " " + w.word() + w.pick("", " "+w.word())
		return w.pick("", "", "=") + w.pick(`"`+phrase+`"`, "“"+phrase+"”", "«"+phrase+"»", "„"+phrase+"“") + w.pick("", "", "~1", "~4", "~9")
	case 2:
		return w.said()
	case 3:
		return "=" + w.word()
	case 4, 5:
		return w.pick("flood*", "plan*", "gl*ter", "def?nce*", "univers*", "*bags", "*llifogydd*", "?ynllun", "wa??r", "Gl?u*st?r*", "d?fen?e*",
			"ref0*", "ref*7", "Пр*", "*ивет", "東京*", "foi-2026*", "a.field*", "*.gov", "naï*", "co-op*", "mini*ial", "stra??e", "ß*in", "ob*", "flo*plain*")
	case 6, 7:
		return w.pick("gloucster~1", "defense~2", "minster~1", "sandbgas~1", "Привед~1", "плана~1", "universty~", "flod~1", "folod~1", "ref0001~1", "ref00012~2",
			"llifogyd~1", "cynlun~2", "inundacion~1", "Uberschwemmung~2", "strasse~2", "cafés~1", "Lodz~1", "reviewings~2")
	}
	return w.word()
}

// said is two or three words that stand one after the other somewhere, so that
// phrases find something.
func (w writer) said() string {
	words := strings.Fields(strings.NewReplacer(`"`, " ", "“", " ", "”", " ").Replace(w.any().Body))
	if len(words) < 4 {
		return w.word()
	}
	at := w.IntN(min(len(words), 1000) - 3)
	return `"` + strings.Join(words[at:at+2+w.IntN(2)], w.pick(" ", "-", ", ")) + `"` + w.pick("", "", "~2")
}

// word is one that the corpus has, or may have, in some spelling.
func (w writer) word() string {
	if w.IntN(8) == 0 {
		return fmt.Sprintf("ref%05d", 1+w.IntN(len(w.corpus)))
	}
	word := w.pick(words(pick(w.Rand, languages()...))...)
	switch w.IntN(8) {
	case 0:
		word = strings.ToUpper(word)
	case 1:
		word = strings.NewReplacer("é", "e", "ï", "i", "ŵ", "w", "ŷ", "y", "ü", "u", "ñ", "n", "ß", "ss", "’", "'").Replace(word)
	}
	if word == "OR" || word == "NOT" || word == "NEAR" || word == "AND" {
		return "flood"
	}
	return word
}

// property is a condition on something else than words.
func (w writer) property() string {
	prefix := func() string { id := string(w.any().record); return id[:pick(w.Rand, 1, 2, 3, 4, 8, len(id))] }
	switch w.IntN(12) {
	case 0, 1:
		day := func() string {
			return fmt.Sprintf("%d%s", 2025+w.IntN(2), w.pick("", "", fmt.Sprintf("-%02d", 1+w.IntN(12)), fmt.Sprintf("-%02d-%02d", 1+w.IntN(12), 1+w.IntN(28))))
		}
		return w.pick("sent:", "captured:", "received:") + w.pick("", ">", ">=", "<", "<=") + day()
	case 2:
		return w.pick("sent:", "captured:", "received:") + w.pick("2025..2026-05", "2026-03..2026-09", "..2025-06", "2026-11-03..2026-11-07", "2025-03-30", "2026-10-25..", "2024")
	case 3:
		return "size:" + w.pick("", ">", ">=", "<", "<=") + w.pick("1kB", "2KiB", "1000", "4.5kb", "900b")
	case 4:
		return w.pick("size:100..900", "size:1kB..", "size:..2kB", "has:attachment", "has:pdf", "has:image", "has:PDF", "has:application/pdf", "has:gz", "has:attachments", "has:odt", "has:fax")
	case 5:
		return w.pick("custodian:minister", "custodian:perm*", `custodian:"permanent secretary"`, "custodian:(adviser OR minister)", "class:ADM-01", "class:adm*", "source:office",
			"channel:nccc", "vault:secret", "marking:official", "marking:official-sensitive", "in:inbox", "in:INBOX*", `in:"Flood response"`, "in:réponses", "in:東京", "in:nowhere")
	case 6:
		return w.pick("kind:"+w.pick("chat", "mail", "note", "export", "(mail OR chat)"), "lang:"+w.pick("cy", "en", "Welsh", "und", "fr", "zh", "(de OR es)", "pl"))
	case 7, 8:
		return "is:" + w.pick(append(flags(), "Edited", "(late OR deleted)")...)
	case 9:
		id := "<none@ea.example.gov.uk>"
		if m := w.any(); m.MessageID != "" {
			id = m.MessageID
		}
		return w.pick("id:"+prefix(), "id:"+prefix()+"/"+w.pick("1", "2", "3"), "id:"+id, "id:"+strings.ToLower(id), "id:root1@ea.example.gov.uk", "thread:"+string(w.any().record))
	case 10:
		return w.pick("copygroup:"+prefix(), "copygroup:"+prefix()+"/"+w.pick("1", "2"), "thread:"+string(w.any().record), "saved:floods", "saved:old", "*")
	}
	return w.pick("from:", "to:", "cc:", "bcc:", "participant:", "") + w.pick("field", "jane.obrien@dept.example.gov.uk", "ea.example.gov.uk", "dept.example", "gov.uk", `"Sam Planning"`, "planned",
		"O'Brien", "off*", "zoe", "ŁÓDŹ", "feild~1", "flood-desk@river.example.org", "no_reply", "=plan", "@dept.example.gov.uk", `"river.example.org"`, "Anna.Field@Dept.Example.gov.uk", "7700")
}
