package index

import (
	"strings"

	bleveindex "github.com/blevesearch/bleve_index_api"

	"github.com/closeroll/closeroll/internal/language"
)

// A message becomes one Bleve document, or several if its text is long: each
// takes in partWords words at most, and begins with the last partOverlap words
// of the one before, so that what stands near one another stands together in
// some part. Positions go on counting from part to part.
const (
	partWords   = 50_000
	partOverlap = 512
)

// MaxNear is the greatest number of words that may lie between two words that
// are searched near one another.
const MaxNear = 100

// A composer turns documents into what Bleve indexes. It is used by one
// goroutine.
type composer struct {
	detector *language.Detector
	langs    language.Set                         // of the text at hand
	stems    map[string][]string                  // exact form → stem terms, in these languages
	all      map[language.Set]map[string][]string // stems, by languages
	known    int                                  // exact forms, in all of them
	parts    []*part
	words    int // in the last part
	tail     []placed
}

type placed struct {
	field Field
	exact string
	pos   int
	langs language.Set
}

// maxStems bounds the memory of stems that are remembered.
const maxStems = 1 << 16

// compose returns the Bleve documents of d.
func (c *composer) compose(d *Document) []*part {
	if c.all == nil || c.known > maxStems {
		c.all, c.stems, c.known = make(map[language.Set]map[string][]string), nil, 0
	}
	langs := LanguagesOf(c.detector, d)
	c.parts, c.tail = nil, c.tail[:0]
	c.begin(d)
	c.addresses(From, d.From)
	c.addresses(To, d.To)
	c.addresses(Cc, d.Cc)
	c.addresses(Bcc, d.Bcc)
	c.text(Subject, 0, d.Subject, langs.Subject)
	c.text(Chat, 0, d.Chat, langs.Chat)
	c.text(Body, 0, d.Body, langs.Body)
	pos := 0
	for i, a := range d.Attachments {
		pos = c.text(Attachments, pos, a.Name, langs.Attachments[i]) + betweenEntries
		pos = c.text(Attachments, pos, a.Text, langs.Attachments[i]) + betweenEntries
	}
	props := c.parts[0].field(properties)
	for _, t := range append(propertyTerms(d), langs.terms()...) {
		props.add(t, nil)
	}
	return c.parts
}

// begin starts the next part of d.
func (c *composer) begin(d *Document) {
	c.parts = append(c.parts, newPart(d, len(c.parts)))
	c.words = 0
	for _, w := range c.tail {
		c.parts[len(c.parts)-1].place(w, c.stemTerms(w))
	}
	c.tail = c.tail[:0]
}

// text places the words of a text in these languages from position pos+1 on,
// and returns the position of the last.
func (c *composer) text(f Field, pos int, text string, langs language.Set) int {
	for t := range Tokens(text) {
		pos++
		c.place(placed{f, t.Exact, pos, langs})
	}
	return pos
}

// addresses places names and addresses: the words of each, and the address as
// a whole.
func (c *composer) addresses(f Field, list []Address) {
	pos := 0
	for _, a := range list {
		pos = c.text(f, pos, a.Name, 0)
		if a.Addr != "" {
			whole := c.parts[len(c.parts)-1].field(string(f))
			at := whole.at(pos + 1)
			whole.add(addressTerm(a.Addr), at)
			for _, domain := range domains(a.Addr) {
				whole.add(domain, at)
			}
			pos = c.text(f, pos, a.Addr, 0)
		}
		pos += betweenEntries
	}
}

// addressTerm returns the term of a whole address.
func addressTerm(addr string) string {
	return wholeAddress + cutTo(strings.ToLower(strings.TrimSpace(addr)), maxProperty)
}

// domains returns the terms of an address's domain and of those above it that
// have a dot, so that a whole department is found without reading positions.
func domains(addr string) []string {
	_, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(addr)), "@")
	var terms []string
	for strings.Contains(domain, ".") && len(terms) < maxLabels {
		terms = append(terms, domainMark+cutTo(domain, maxProperty))
		_, domain, _ = strings.Cut(domain, ".")
	}
	return terms
}

// maxLabels bounds the domains of one address.
const maxLabels = 8

func (c *composer) place(w placed) {
	last := c.parts[len(c.parts)-1]
	if c.words >= partWords {
		c.begin(last.of)
		last = c.parts[len(c.parts)-1]
	}
	last.place(w, c.stemTerms(w))
	c.words++
	if c.words > partWords-partOverlap {
		c.tail = append(c.tail, w)
	}
}

func (c *composer) stemTerms(w placed) []string {
	if w.field.IsAddress() {
		return nil
	}
	if c.stems == nil || c.langs != w.langs {
		c.langs, c.stems = w.langs, c.all[w.langs]
		if c.stems == nil {
			c.stems = make(map[string][]string)
			c.all[w.langs] = c.stems
		}
	}
	terms, ok := c.stems[w.exact]
	if !ok {
		terms = stemTerms(w.langs, w.exact)
		c.stems[w.exact] = terms
		c.known++
	}
	return terms
}

// A part is a Bleve document: some of a message's words with their positions.
type part struct {
	of     *Document
	id     string
	fields []*partField
}

func newPart(d *Document, n int) *part {
	p := &part{of: d, id: docID(d.No, n)}
	p.AddIDField()
	return p
}

func (p *part) place(w placed, stems []string) {
	f := p.field(string(w.field))
	at := f.at(w.pos)
	f.add(w.exact, at)
	for _, stem := range stems {
		f.add(stem, at) // one location for all: they are most of a batch's memory
	}
	f.length++
}

func (p *part) field(name string) *partField {
	for _, f := range p.fields {
		if f.name == name {
			return f
		}
	}
	f := &partField{name: name, terms: make(bleveindex.TokenFrequencies), options: bleveindex.IndexField}
	if name == properties {
		f.length = 1 // a field of no length would have no hits
	} else {
		f.options |= bleveindex.IncludeTermVectors
	}
	p.fields = append(p.fields, f)
	return f
}

// A partField is one field of a part, analyzed.
type partField struct {
	name    string
	value   []byte // of the id only: nothing else is stored
	options bleveindex.FieldIndexingOptions
	terms   bleveindex.TokenFrequencies
	length  int
	slab    []bleveindex.TokenLocation
}

// at returns a location. Those of a field are made many at a time.
func (f *partField) at(pos int) *bleveindex.TokenLocation {
	if len(f.slab) == 0 {
		f.slab = make([]bleveindex.TokenLocation, min(max(f.length, 4), 64))
	}
	at := &f.slab[0]
	f.slab = f.slab[1:]
	at.Position = pos
	return at
}

// add counts one occurrence of a term, at a location unless it is nil.
func (f *partField) add(term string, at *bleveindex.TokenLocation) {
	tf := f.terms[term]
	if tf == nil {
		tf = &bleveindex.TokenFreq{Term: []byte(term)}
		f.terms[term] = tf
	}
	if at == nil {
		tf.SetFrequency(1)
		return
	}
	tf.SetFrequency(tf.Frequency() + 1)
	tf.Locations = append(tf.Locations, at)
}
