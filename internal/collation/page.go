package collation

import (
	"cmp"
	_ "embed"
	"html/template"
	"io"
	"time"
)

//go:embed page.html
var pageText string

// WritePage writes the collation as one HTML page that needs nothing else: no
// script, no font, no picture. It is written for WCAG 2.2 level AA and for
// paper; nothing in it is told by colour alone. made is printed as the time at
// which the page was made.
func (l *Collation) WritePage(w io.Writer, program string, made time.Time) error {
	page, err := template.New("page").Funcs(template.FuncMap{
		"first": func(s Side) string { return end(s, true) },
		"last":  func(s Side) string { return end(s, false) },
		"next":  func(i int) int { return i + 1 },
		"proof": proof,
		"args":  func(label string, m *Message, apart bool) labelled { return labelled{label, m, apart} },
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return page.Execute(w, struct {
		*Collation
		Program string
		Made    string
		Sides   []Side
	}{l, program, made.UTC().Format("2 January 2006, 15:04 UTC"), []Side{l.A, l.B}})
}

// A labelled message knows which side it is of, for narrow pages, where the two
// stand under each other.
type labelled struct {
	Label   string
	Message *Message
	Apart   bool // what this side has cannot be told
}

// end is the time of a side's first or last message.
func end(s Side, first bool) string {
	at := ""
	for _, m := range s.Messages { // not by their place: a phone prints some lines anew, at times of its own
		if m.Time != "" && (at == "" || first == (m.Time < at)) {
			at = m.Time
		}
	}
	return cmp.Or(at, "none")
}

// proof says what a confidence means.
func proof(confidence string) string {
	switch confidence {
	case "certain":
		return "certain: the export says so itself"
	case "strong":
		return "strong: the messages around it are in both exports"
	case "moderate":
		return "moderate: an innocent cause cannot be excluded"
	}
	return "none"
}
