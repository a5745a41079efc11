package search

import (
	"fmt"
	"strings"
	"time"

	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/search/index"
)

// Explain says what the query asks for in plain English, one condition a line,
// indented by two spaces for each group.
func (q *Query) Explain() []string { return q.ExplainIn(0) }

// ExplainIn is Explain, and says besides in what forms words are found in texts
// that are read in these languages.
func (q *Query) ExplainIn(langs language.Set) []string {
	e := &explanation{langs: langs}
	e.line("messages that meet")
	e.depth++
	q.Root.explain(e)
	for _, saved := range q.Saved {
		e.lines = append(e.lines, fmt.Sprintf("saved:%s stands for %s", saved.Name, saved.Query))
	}
	for _, n := range q.Notices {
		e.lines = append(e.lines, "notice: "+n.Text)
	}
	return e.lines
}

type explanation struct {
	lines []string
	depth int
	langs language.Set // that texts are read in
}

func (e *explanation) line(format string, args ...any) {
	e.lines = append(e.lines, strings.Repeat("  ", e.depth)+fmt.Sprintf(format, args...))
}

func (e *explanation) group(title string, nodes ...Node) {
	e.line("%s", title)
	e.depth++
	for _, n := range nodes {
		n.explain(e)
	}
	e.depth--
}

func (All) explain(e *explanation)   { e.line("nothing in particular: every message") }
func (n And) explain(e *explanation) { e.group("all of these:", n...) }
func (n Or) explain(e *explanation)  { e.group("at least one of these:", n...) }
func (n Not) explain(e *explanation) { e.group("not this:", n.Node) }

func (n Text) explain(e *explanation) {
	where := "anywhere (subject, text, attachments, chat, names and addresses)"
	if f, ok := fieldNamed(n.Field); ok && n.Field != "" {
		where = "in " + f.Meaning
	}
	e.line("%s, %s", patternMeaning(n.Pattern, n.Field), where)
	if f, ok := fieldNamed(n.Field); !ok || !f.in[0].IsAddress() {
		e.forms(n.Pattern)
	}
}

// forms says how the words of a pattern are found in texts that are not English.
func (e *explanation) forms(p index.Pattern) {
	switch p := p.(type) {
	case index.Word:
		if p.Exact {
			return
		}
		for _, line := range index.Elsewhere(p.Text, e.langs) {
			e.line("  “%s”: %s", p.Text, line)
		}
	case index.Any:
		for _, one := range p {
			e.forms(one)
		}
	case index.Near:
		e.forms(p.A)
		e.forms(p.B)
	}
}

// patternMeaning says what a pattern matches.
func patternMeaning(p index.Pattern, field string) string {
	switch p := p.(type) {
	case index.Word:
		if f, ok := fieldNamed(field); p.Exact || ok && len(f.in) > 0 && f.in[0] != index.Subject && f.in[0] != index.Body && f.in[0] != index.Attachments {
			return fmt.Sprintf("the word “%s” in this form", p.Text)
		}
		return fmt.Sprintf("the word “%s” in any form", p.Text)
	case index.Phrase:
		s := fmt.Sprintf("the words “%s” one after the other", strings.Join(index.Fold(p.Text), " "))
		if p.Slop > 0 {
			s += fmt.Sprintf(", with up to %d others between them", p.Slop)
		}
		return s
	case index.Prefix:
		return fmt.Sprintf("a word that begins “%s”", p.Text)
	case index.Wildcard:
		return fmt.Sprintf("a word of the form “%s”", p.Text)
	case index.Fuzzy:
		return fmt.Sprintf("a word that differs from “%s” by %d at most", p.Text, p.Edits)
	case index.Any:
		parts := make([]string, len(p))
		for i, a := range p {
			parts[i] = patternMeaning(a, field)
		}
		return "either " + strings.Join(parts, " or ")
	case index.Near:
		if p.Distance == 0 && p.Ordered {
			return fmt.Sprintf("[%s] and right after it [%s]", patternMeaning(p.A, field), patternMeaning(p.B, field))
		}
		order := "in either order"
		if p.Ordered {
			order = "in this order"
		}
		return fmt.Sprintf("[%s] and [%s] with at most %d words between them, %s",
			patternMeaning(p.A, field), patternMeaning(p.B, field), p.Distance, order)
	}
	return ""
}

func (n Property) explain(e *explanation) {
	f, _ := fieldNamed(n.Name)
	if n.Name == "lang" {
		e.line("the words are in %s, as far as they or the message's header show it", language.Name(n.Value))
		return
	}
	if stem, ok := strings.CutSuffix(n.Value, "*"); ok {
		e.line("%s begins “%s”", f.Meaning, stem)
		return
	}
	e.line("%s is “%s”", f.Meaning, n.Value)
}

func (n Dates) explain(e *explanation) {
	f, _ := fieldNamed(n.Field)
	switch last := lastDay(n.Until); {
	case n.From.IsZero():
		e.line("%s is %s or earlier", f.Meaning, last)
	case n.Until.IsZero():
		e.line("%s is %s or later", f.Meaning, n.From.Format(day))
	case n.From.Format(day) == last:
		e.line("%s is %s", f.Meaning, last)
	default:
		e.line("%s is from %s to %s, both included", f.Meaning, n.From.Format(day), last)
	}
}

const day = "2 January 2006"

// lastDay is the last day before a bound.
func lastDay(until time.Time) string { return until.Add(-time.Second).Format(day) }

func (n Size) explain(e *explanation) {
	switch {
	case n.Max == 0:
		e.line("the size is %d octets or more", n.Min)
	case n.Min == 0:
		e.line("the size is less than %d octets", n.Max)
	default:
		e.line("the size is from %d to %d octets", n.Min, n.Max-1)
	}
}

func (n Has) explain(e *explanation) {
	if n.What == "attachment" {
		e.line("something is attached")
		return
	}
	e.line("something of the sort “%s” is attached", n.What)
}

func (n ID) explain(e *explanation) {
	if n.N > 0 {
		e.line("message %d of the record whose id begins %s", n.N, n.Prefix)
		return
	}
	e.line("the record's id begins %s", n.Prefix)
}

func (n Copies) explain(e *explanation) {
	what := "the record whose id begins " + n.Prefix
	if n.N > 0 {
		what = fmt.Sprintf("message %d of %s", n.N, what)
	}
	e.line("it is %s, or a copy of it", what)
}

func (n MessageID) explain(e *explanation) {
	e.line("the Message-ID is <%s>, or the message refers to it", n.ID)
}
