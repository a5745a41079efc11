// Package production makes what a request's answer discloses: a new plain
// rendering of every item that was decided release or part, as text, HTML and
// PDF, in a BagIt bag (RFC 8493) that is a folder or a zip file.
//
// Nothing of an original is carried over but characters that the officer left
// visible. Items come with the numbers that they have in the set; families
// (an e-mail with its attachments) and chats stay together; volumes keep each
// file small enough to be opened, and the memory that making it takes bounded.
//
// What was written is read again before it has its name: see [Check] for what
// that proves. A production that fails it leaves nothing behind.
package production

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi/redaction"
)

// An Item is what is produced of one item of the set.
type Item struct {
	No         int    // its number in the set
	Group      string // of its thread or chat
	Chat       bool   // a message of a chat, not an e-mail
	Decision   string // release or part
	Exemptions []string
	Whole      Text
	Parts      []Part // its attachments, in their order
	Native     []byte // its original octets, where those are produced too
	Copy       *Copy  // what is released in its place
}

// A Text is a rendering with what is redacted in it.
type Text struct {
	redaction.Rendering
	Spans []record.RedactedSpan
}

// shown is what is released of some octets of the text.
func (t *Text) shown(from, to int) []redaction.Piece {
	return redaction.Cut(t.Text, from, to, t.Spans)
}

// Released is what is released of a header's value; empty where there is none.
func (t *Text) Released(name string) string {
	f, ok := t.Field(name)
	if !ok {
		return ""
	}
	return redaction.Join(t.shown(f.From, f.To))
}

// A Part is an attachment of an item.
type Part struct {
	Text
	Withheld   bool  // decided not to be released
	Copy       *Copy // what is released in its place
	Exemptions []string
}

// How says how an attachment is produced.
func (p *Part) How() string {
	switch {
	case p.Withheld:
		return HowWithheld
	case p.Copy != nil:
		return HowCopied
	case p.Wordless():
		return HowUnrendered
	}
	return HowRendered
}

// The ways in which an attachment is produced.
const (
	HowRendered   = "rendered"
	HowWithheld   = "withheld"
	HowCopied     = "redacted_copy" // a file that was redacted with another tool
	HowUnrendered = "not_rendered"  // it has no words: a picture, a recording, a file that nothing here reads
)

// About says of what a production is.
type About struct {
	Request   string
	Number    int    // P1, P2, …
	Law       string // that the request is under
	Authority string
	Program   string
	Made      time.Time
	Zone      *time.Location
	Formats   []string // text, html, pdf
	Native    string   // eml or mbox: the form in which original octets are produced too
}

// Formats lists the formats.
func Formats() []string { return []string{"text", "html", "pdf"} }
