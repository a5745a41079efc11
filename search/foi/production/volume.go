package production

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/search/foi/redaction"
)

// A volume has so many items, or so many octets of text, whichever comes first:
// as much as a browser, a reader of PDF and the memory here bear easily.
const (
	volumeItems  = 500
	volumeOctets = 1 << 20
)

// A volume is items that are produced in one file of each format.
type volume struct {
	number int
	doc    page.Document
	first  int // numbers of its items
	last   int
	items  int
	octets int
	group  string // that the last item belongs to, if it is a chat's
	title  string // of that chat, as it is shown
	rows   []row
}

// A row is one line of the production's list: an item, or an attachment.
type row struct {
	No         string        `json:"no"`
	Parent     string        `json:"parent_no,omitempty"`
	Type       string        `json:"type"` // email, chat_message or attachment
	Sent       string        `json:"date_sent,omitempty"`
	Decision   string        `json:"decision"`
	Exemptions []string      `json:"exemptions,omitempty"`
	Redactions int           `json:"redaction_count"`
	Result     string        `json:"result"` // rendered, withheld or not_rendered
	Volume     int           `json:"volume"`
	Page       int           `json:"page,omitempty"` // of the PDF; through all volumes
	Characters int           `json:"characters"`
	Digest     record.Digest `json:"sha256"` // of the text as it is released

	block int // of the volume, by which its page is known
}

func (v *volume) full() bool { return v.items >= volumeItems || v.octets >= volumeOctets }

// add adds an item with its attachments.
func (v *volume) add(it *Item) {
	if v.items == 0 {
		v.first = it.No
	}
	v.items++
	if it.Copy != nil {
		v.group = ""
		v.doc.Add(page.Heading{Text: fmt.Sprintf("Item %d", it.No)})
		v.text(it, &it.Whole, []page.Run{{Text: it.Copy.shownAs(fmt.Sprint(it.No))}})
	} else if it.Chat {
		v.message(it)
	} else {
		v.group = ""
		v.doc.Add(page.Heading{Text: fmt.Sprintf("Item %d", it.No)})
		v.text(it, &it.Whole, runs(it.Whole.shown(0, len(it.Whole.Text))))
	}
	for k := range it.Parts {
		v.part(it, k)
	}
	v.last = it.No
}

// text adds the text of an item, and its line in the list.
func (v *volume) text(it *Item, t *Text, shown []page.Run) {
	r := row{No: fmt.Sprint(it.No), Type: "email", Sent: t.Released("Sent"), Decision: it.Decision, Exemptions: it.Exemptions,
		Redactions: len(t.Spans), Result: HowRendered, Volume: v.number}
	if it.Chat {
		r.Type = "chat_message"
	}
	if it.Copy != nil {
		r.Sent, r.Redactions, r.Result = "", 0, HowCopied
	}
	v.list(r, shown)
}

// list adds shown text with its line in the list.
func (v *volume) list(r row, shown []page.Run) {
	text := joined(shown)
	r.Characters, r.Digest, r.block = len([]rune(text)), sha256.Sum256([]byte(text)), len(v.doc.Blocks)
	v.octets += len(text)
	v.rows = append(v.rows, r)
	v.doc.Add(page.Verbatim{Runs: shown})
}

func joined(shown []page.Run) string {
	var b strings.Builder
	for _, r := range shown {
		b.WriteString(r.Text)
	}
	return b.String()
}

func runs(pieces []redaction.Piece) []page.Run {
	var all []page.Run
	for _, p := range pieces {
		all = append(all, page.Run{Text: p.Text, Strong: p.Redacted})
	}
	return all
}

// message adds a message of a chat. Those of one chat stand together under one
// heading; where some between them are not released, that is said.
func (v *volume) message(it *Item) {
	title := it.Whole.Released("Chat")
	switch {
	case v.group != it.Group:
		v.doc.Add(page.Heading{Text: fmt.Sprintf("From item %d: a chat", it.No)})
		v.title = ""
	case it.No > v.last+1:
		v.doc.Add(page.Paragraph{Text: unreleased(v.last+1, it.No-1), Soft: true})
	}
	if title != v.title {
		v.doc.Add(page.Paragraph{Text: "Chat: " + title})
		v.title = title
	}
	v.group = it.Group
	shown := []page.Run{{Text: fmt.Sprintf("Item %d", it.No), Strong: true}, {Text: "  " + it.Whole.Released("Sent")}}
	if from := it.Whole.Released("From"); from != "" {
		shown = append(shown, page.Run{Text: "  " + from})
	}
	shown = append(shown, page.Run{Text: "\n"})
	for _, f := range it.Whole.Fields {
		if strings.HasPrefix(f.Name, "Attachment") {
			shown = append(shown, page.Run{Text: f.Name + ": " + redaction.Join(it.Whole.shown(f.From, f.To)) + "\n"})
		}
	}
	body := it.Whole.shown(min(it.Whole.Body+1, len(it.Whole.Text)), len(it.Whole.Text))
	v.text(it, &it.Whole, append(shown, runs(body)...))
}

func unreleased(from, to int) string {
	switch to - from {
	case 0:
		return fmt.Sprintf("[Item %d is not released.]", from)
	case 1:
		return fmt.Sprintf("[Items %d and %d are not released.]", from, to)
	}
	return fmt.Sprintf("[Items %d to %d are not released.]", from, to)
}

// part adds an attachment. It is named where its item names it.
func (v *volume) part(it *Item, k int) {
	p := &it.Parts[k]
	v.doc.Add(page.Heading{Level: 3, Text: fmt.Sprintf("Item %d, attachment %d", it.No, k+1)})
	r := row{No: fmt.Sprintf("%d.%d", it.No, k+1), Parent: fmt.Sprint(it.No), Type: "attachment", Decision: it.Decision, Exemptions: p.Exemptions,
		Redactions: len(p.Spans), Result: p.How(), Volume: v.number}
	shown := []page.Run{{Text: "[This file has no words to show here: it is a picture, a recording or of another kind.]\n"}}
	switch r.Result {
	case HowWithheld:
		r.Decision, r.Redactions = "withhold", 0
		shown = []page.Run{{Text: "[Withheld: " + strings.Join(p.Exemptions, ", ") + "]\n", Strong: true}}
	case HowCopied:
		shown = []page.Run{{Text: p.Copy.shownAs(r.No)}}
	case HowRendered:
		shown = runs(p.shown(p.Body+1, len(p.Text.Text)))
	}
	v.list(r, shown)
}

// plain writes the volume as text: what every other format says too, in the
// same order.
func (v *volume) plain(w io.Writer) error {
	var b strings.Builder
	d := &v.doc
	for _, line := range []string{d.Authority, d.Title, d.Subtitle, d.Reference, d.MadeLine()} {
		if line != "" {
			b.WriteString(line + "\n")
		}
	}
	b.WriteByte('\n')
	for _, block := range d.Blocks {
		switch block := block.(type) {
		case page.Heading:
			b.WriteString("\n\n" + block.Text + "\n\n")
		case page.Paragraph:
			b.WriteString(block.Text + "\n\n")
		case page.Verbatim:
			b.WriteString(strings.TrimRight(joined(block.Runs), "\n") + "\n\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
