package index

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/internal/language"
)

// Languages are the languages that the texts of a document are read in. A text
// is read in those that its own words show. One that shows none, as a name or
// "ok" does, is read in those that the message's texts show together and in what
// Document.Language says. So what is read of a message besides only adds to the
// words that are found. Whatever is said here, each text is read in English too.
type Languages struct {
	Subject, Chat, Body language.Set
	Attachments         []language.Set // names and texts

	// Of is what the message is said to be in: what its texts show together,
	// or if they show nothing what Document.Language says.
	Of    language.Set
	Shown bool // Of is what the texts show
}

// LanguagesOf returns the languages of a document's texts. It is pure.
func LanguagesOf(det *language.Detector, d *Document) Languages {
	l := Languages{Subject: det.Detect(d.Subject), Chat: det.Detect(d.Chat), Body: det.Detect(d.Body)}
	for _, a := range d.Attachments {
		l.Attachments = append(l.Attachments, det.Detect(a.Text))
	}
	said := language.Parse(d.Language)
	l.Of = l.All()
	together := l.Of | said
	if l.Shown = l.Of != 0; !l.Shown {
		l.Of = said
	}
	for _, s := range []*language.Set{&l.Subject, &l.Chat, &l.Body} {
		if *s == 0 {
			*s = together
		}
	}
	for i, s := range l.Attachments {
		if s == 0 {
			l.Attachments[i] = together
		}
	}
	return l
}

// All is every language that one of the texts is read in.
func (l Languages) All() language.Set {
	all := l.Subject | l.Chat | l.Body
	for _, s := range l.Attachments {
		all |= s
	}
	return all
}

// terms are the properties by which a document's languages are found: those that
// it is in, those that a text is read in besides, and that its words show none.
func (l Languages) terms() []string {
	var terms []string
	if l.Of == 0 {
		terms = append(terms, property(propLanguage, language.Unknown))
	}
	for _, code := range l.Of.Codes() {
		terms = append(terms, property(propLanguage, code))
	}
	for _, code := range (l.All() &^ l.Of).Codes() {
		terms = append(terms, property(propReadIn, code))
	}
	if !l.Shown {
		terms = append(terms, property(propReadIn, ""))
	}
	return terms
}

// A Share is how many messages are in a language.
type Share struct {
	Language string // a code, or language.Unknown
	Messages int
}

// Languages says in which languages these messages are, or all of the index if
// among is nil, those of most messages first. A message of two languages counts
// under both.
func (r *Reader) Languages(ctx context.Context, among *roaring64.Bitmap) ([]Share, error) {
	var list []Share
	for _, code := range append(r.ReadIn().Codes(), language.Unknown) {
		set, err := r.Match(ctx, InLanguage{code})
		if err != nil {
			return nil, err
		}
		if among != nil {
			set.And(among)
		}
		if n := int(set.GetCardinality()); n > 0 {
			list = append(list, Share{code, n})
		}
	}
	slices.SortStableFunc(list, func(a, b Share) int { return b.Messages - a.Messages })
	return list, nil
}

// ReadIn returns every language that a text of the index is read in, and perhaps
// some of removed messages.
func (r *Reader) ReadIn() language.Set {
	var all language.Set
	for _, t := range r.tables {
		all |= t.languages
	}
	return all
}
