package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/redaction"
)

// A readItem is what read prints for machines.
type readItem struct {
	setItem
	Subject    string                `json:"subject,omitempty"`
	Text       string                `json:"text"` // the item's plain text, which redactions are of
	Body       int                   `json:"body"` // where in it the words begin, after the headers
	Redactions []record.RedactedSpan `json:"redactions"`
	Stale      bool                  `json:"stale,omitempty"` // it has redactions, and they are not of this text
	Personal   []foi.Mark            `json:"personal_data"`   // spans of the text, in octets
	Copy       *foi.Copied           `json:"redacted_copy,omitempty"`
}

func (k *desk) writeJSON(ctx context.Context) error {
	all := []readItem{}
	for _, n := range k.chosen {
		m, err := k.open(ctx, &k.set.Items[n].Item, false)
		if err != nil {
			return err
		}
		text := redaction.Render(m)
		spans, fit := k.spans(&text)
		it := readItem{setItem: k.set.Items[n], Subject: m.Document.Subject, Text: text.Text, Body: text.Body, Redactions: append([]record.RedactedSpan{}, spans...),
			Stale: !fit, Personal: append([]foi.Mark{}, k.personal(&text)...)}
		for _, a := range m.Document.Attachments {
			it.Attachments = append(it.Attachments, a.Name)
		}
		if c, ok := it.Copied(k.copies, 0); ok {
			it.Copy = &c
		}
		all = append(all, it)
	}
	return k.env.writeJSON(all)
}

// spans is what is redacted in a text, and whether that is of this text: it is
// not where another version of this program renders the item otherwise.
func (k *desk) spans(text *redaction.Rendering) ([]record.RedactedSpan, bool) {
	by := k.in[text.Item]
	if len(by.Spans) > 0 && text.Fit(by.RedactedItem) != nil {
		return nil, false
	}
	return by.Spans, true
}

// personal is what looks like personal data below the headers of a text.
func (k *desk) personal(text *redaction.Rendering) []foi.Mark {
	marks := k.finder.Find(text.Text[text.Body:])
	for i := range marks {
		marks[i].From += text.Body
		marks[i].To += text.Body
	}
	return marks
}

// show prints one item, a chat message with those around it.
func (k *desk) show(ctx context.Context, at int) error {
	p := k.print()
	n := k.chosen[at]
	it := k.set.Items[n]
	p.line("")
	p.line("  %s  %s", p.bold(fmt.Sprintf("%d of %d", at+1, len(k.chosen))), p.dim(strings.Join(itemFacts(it), "   ")))
	attachments := 0
	var err error
	if it.Chat == "" {
		attachments, err = k.mail(ctx, p, &it.Item)
	} else {
		attachments, err = k.chat(ctx, p, n)
	}
	if err == nil {
		k.standing(p, &it.Item, attachments)
	}
	return err
}

// chat prints a message of a chat with those around it, and returns how many
// attachments it has.
func (k *desk) chat(ctx context.Context, p *printer, n int) (attachments int, err error) {
	it := &k.set.Items[n]
	p.field("chat", "%s", clip(it.Chat, 100))
	for m := range k.set.Items {
		o := &k.set.Items[m].Item
		if m != n && !(o.Context && o.Group == it.Group && near(m, n, k.set.Summary.Around)) {
			continue
		}
		has, err := k.line(ctx, p, o, m == n)
		if err != nil {
			return 0, err
		}
		if m == n {
			attachments = has
		}
	}
	return attachments, nil
}

func near(a, b, around int) bool { return a-b <= around && b-a <= around }

// mail prints an e-mail, and returns how many attachments it has.
func (k *desk) mail(ctx context.Context, p *printer, it *foi.Item) (int, error) {
	m, err := k.open(ctx, it, k.attachments)
	if err != nil {
		return 0, err
	}
	text := redaction.Render(m)
	spans, _ := k.spans(&text)
	for _, f := range text.Fields {
		label, before := strings.ToLower(f.Name), ""
		if number, ok := strings.CutPrefix(f.Name, "Attachment "); ok {
			label, before = "attached", "+"+number+" "
		}
		value := p.reading(text.Text, f.From, f.To, strokes(spans, nil))[0]
		if f.Name == "Subject" && !strings.Contains(value, "\x1b") {
			value = p.bold(value)
		}
		p.field(label, "%s%s", before, value)
	}
	p.line("")
	k.words(p, &text)
	for n := range m.Document.Attachments {
		if !k.attachments {
			break
		}
		if err := k.part(ctx, p, it, n+1); err != nil {
			return 0, err
		}
	}
	return len(m.Document.Attachments), nil
}

// part prints the words of an item's Nth attachment.
func (k *desk) part(ctx context.Context, p *printer, it *foi.Item, n int) error {
	text, err := k.lectern.render(ctx, foi.Target{Item: it, ID: fmt.Sprintf("%s+%d", it.Item, n)})
	if err != nil {
		return err
	}
	name := ""
	if f, ok := text.Field(fmt.Sprintf("Attachment %d", n)); ok {
		name = text.Text[f.From:f.To]
	}
	p.line("")
	p.line("  %s %s", p.bold(fmt.Sprintf("+%d", n)), name)
	if text.Wordless() {
		p.line("      %s", p.dim("no words: a picture, a recording, or a file that nothing here reads; closeroll foi handoff takes it out"))
		return nil
	}
	k.words(p, &text)
	return nil
}

// line prints one message of a chat, and returns how many attachments it has.
func (k *desk) line(ctx context.Context, p *printer, it *foi.Item, found bool) (int, error) {
	m, err := k.open(ctx, it, false)
	if err != nil {
		return 0, err
	}
	text := redaction.Render(m)
	spans, _ := k.spans(&text)
	field := func(name string) string {
		f, ok := text.Field(name)
		if !ok {
			return ""
		}
		return p.reading(text.Text, f.From, f.To, strokes(spans, nil))[0]
	}
	who := field("From")
	if found && !strings.Contains(who, "\x1b") {
		who = p.bold(who)
	}
	p.line("  %s  %s", field("Sent"), who)
	k.words(p, &text)
	for n := range m.Document.Attachments {
		p.line("      +%d %s", n+1, field(fmt.Sprintf("Attachment %d", n+1)))
	}
	return len(m.Document.Attachments), nil
}

// words prints what stands below the headers of a text.
func (k *desk) words(p *printer, text *redaction.Rendering) {
	spans, fit := k.spans(text)
	if !fit {
		p.line("      %s", p.mark(fmt.Sprintf("its redactions are not of this text: closeroll foi redact %s %s --clear, and redact it again", k.ref, shortItem(text.Item))))
	}
	if text.Wordless() {
		return
	}
	for _, line := range p.reading(text.Text, text.Body+1, len(text.Text), strokes(spans, k.personal(text))) {
		p.line("%s", strings.TrimRight("      "+line, " "))
	}
}

// standing prints what was decided about an item and its attachments, and what
// is released of them.
func (k *desk) standing(p *printer, it *foi.Item, attachments int) {
	p.line("")
	if it.Decision == nil {
		p.field("decided", "%s", p.mark("not yet"))
	} else {
		k.ruling(p, "decided", it.Decision)
	}
	k.struck(p, it, 0)
	for n := 1; n <= attachments; n++ {
		if by := partRuling(it, n); by != nil {
			k.ruling(p, fmt.Sprintf("+%d", n), by)
		}
		k.struck(p, it, n)
	}
	if len(it.DisclosedIn) > 0 {
		p.field("notice", "%s", p.mark("disclosed in "+strings.Join(it.DisclosedIn, ", ")))
	}
}

// ruling prints a decision with its notes, all of them.
func (k *desk) ruling(p *printer, label string, r *foi.Ruling) {
	words := []string{strings.ReplaceAll(r.Decision, "_", " ")}
	said := strings.Join(append(words, r.Exemptions...), " ")
	if r.Note != "" {
		said += ": " + clip(r.Note, maxQuoted)
	}
	p.field(label, "%s (%s)", said, r.By)
	if r.PublicInterest != "" {
		p.field("interest", "%s", clip(r.PublicInterest, maxQuoted))
	}
}

// struck prints how much of an item, or of its Nth attachment, is redacted, why,
// and which copy is released in its place.
func (k *desk) struck(p *printer, it *foi.Item, n int) {
	part, label := "", "redacted"
	if n > 0 {
		part, label = fmt.Sprintf("+%d", n), fmt.Sprintf("+%d", n)
	}
	if spans := k.in[it.Item+part].Spans; len(spans) > 0 {
		said := count(len(spans), "place", "places")
		if n > 0 {
			said += " redacted"
		}
		p.field(label, "%s", said)
		for i, s := range spans {
			if s.Note != "" {
				p.line("            %d %s: %s", i+1, strings.Join(s.Exemptions, ", "), clip(s.Note, maxQuoted))
			}
		}
	}
	for _, id := range it.Copies {
		if len(k.in[id+part].Spans) > 0 {
			p.field("notice", "%s", p.mark(fmt.Sprintf("its copy %s is redacted: closeroll foi redact %s %s --from %s carries that over", shortItem(id+part), k.ref, shortItem(it.Item+part), shortItem(id+part))))
		}
	}
	c, ok := it.Copied(k.copies, n)
	if !ok {
		return
	}
	said := fmt.Sprintf("a redacted copy is released in its place: %s, record %s, by %s on %s", octets(c.Size), c.Record.Short(), c.By, moment(c.At, london()))
	if c.Note != "" {
		said += ": " + clip(c.Note, maxQuoted)
	}
	if n == 0 {
		label = "copy"
	}
	p.field(label, "%s", said)
	if len(c.Acknowledged) > 0 {
		p.line("            acknowledged: %s", strings.Join(c.Acknowledged, ", "))
	}
}
