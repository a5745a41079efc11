package index

import (
	bleveindex "github.com/blevesearch/bleve_index_api"
)

// What follows makes part a bleve Document and partField a bleve Field. Both
// are analyzed before Bleve sees them, hence no mapping and no analyzer of
// Bleve's: a document's language chooses its stemmer without another mapping.

const idField = "_id"

// ID implements bleve's Document.
func (p *part) ID() string { return p.id }

// Size implements bleve's Document: about the memory that it takes.
func (p *part) Size() int {
	n := len(p.id)
	for _, f := range p.fields {
		n += 64*len(f.terms) + 56*f.length
	}
	return n
}

// VisitFields implements bleve's Document.
func (p *part) VisitFields(visit bleveindex.FieldVisitor) {
	for _, f := range p.fields {
		visit(f)
	}
}

// VisitComposite implements bleve's Document: there are no composite fields.
func (p *part) VisitComposite(bleveindex.CompositeFieldVisitor) {}

// HasComposite implements bleve's Document.
func (p *part) HasComposite() bool { return false }

// NumPlainTextBytes implements bleve's Document.
func (p *part) NumPlainTextBytes() uint64 { return 0 }

// StoredFieldsBytes implements bleve's Document.
func (p *part) StoredFieldsBytes() uint64 { return uint64(len(p.id)) }

// Indexed implements bleve's Document. Bleve counts documents for which it is
// true as filtered, hence false.
func (p *part) Indexed() bool { return false }

// AddIDField implements bleve's Document. Bleve calls it on documents that it
// takes in; the field is there from the beginning.
func (p *part) AddIDField() {
	if len(p.fields) > 0 {
		return
	}
	p.fields = append(p.fields, &partField{
		name:    idField,
		value:   []byte(p.id),
		options: bleveindex.IndexField | bleveindex.StoreField,
		terms:   bleveindex.TokenFrequencies{p.id: idFrequency(p.id)},
		length:  1,
	})
}

func idFrequency(id string) *bleveindex.TokenFreq {
	tf := &bleveindex.TokenFreq{Term: []byte(id)}
	tf.SetFrequency(1)
	return tf
}

// Name implements bleve's Field.
func (f *partField) Name() string { return f.name }

// Value implements bleve's Field.
func (f *partField) Value() []byte { return f.value }

// ArrayPositions implements bleve's Field.
func (f *partField) ArrayPositions() []uint64 { return nil }

// EncodedFieldType implements bleve's Field: text.
func (f *partField) EncodedFieldType() byte { return 't' }

// Analyze implements bleve's Field: it has been done.
func (f *partField) Analyze() {}

// Options implements bleve's Field.
func (f *partField) Options() bleveindex.FieldIndexingOptions { return f.options }

// AnalyzedLength implements bleve's Field.
func (f *partField) AnalyzedLength() int { return f.length }

// AnalyzedTokenFrequencies implements bleve's Field.
func (f *partField) AnalyzedTokenFrequencies() bleveindex.TokenFrequencies { return f.terms }

// NumPlainTextBytes implements bleve's Field.
func (f *partField) NumPlainTextBytes() uint64 { return 0 }
