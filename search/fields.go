package search

import (
	"cmp"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/search/index"
)

// A fieldType says what a field takes.
type fieldType uint8

const (
	typeText     fieldType = iota // words in some fields of the index
	typeProperty                  // a value that the catalog knows
	typeDate
	typeSize
	typeHas
	typeID
	typeCopies
	typeSaved
)

// A Field is a field of the query language.
type Field struct {
	Name    string // as it is written before the colon
	Meaning string // half a sentence
	typ     fieldType
	in      []index.Field // of typeText
	values  []string      // of typeProperty, where only these are allowed
}

// Fields lists the fields of the language.
func Fields() []Field {
	return []Field{
		{Name: "from", Meaning: "the sender's name or address", in: []index.Field{index.From}},
		{Name: "to", Meaning: "the name or address of a recipient in To", in: []index.Field{index.To}},
		{Name: "cc", Meaning: "the name or address of a recipient in Cc", in: []index.Field{index.Cc}},
		{Name: "bcc", Meaning: "the name or address of a recipient in Bcc", in: []index.Field{index.Bcc}},
		{Name: "participant", Meaning: "the name or address of the sender or any recipient", in: index.AddressFields()},
		{Name: "subject", Meaning: "the subject", in: []index.Field{index.Subject}},
		{Name: "body", Meaning: "the message's own text", in: []index.Field{index.Body}},
		{Name: "attachment", Meaning: "an attachment's name or text", in: []index.Field{index.Attachments}},
		{Name: "in", Meaning: "the folder or chat", typ: typeProperty},
		{Name: "custodian", Meaning: "the custodian", typ: typeProperty},
		{Name: "class", Meaning: "the retention class", typ: typeProperty},
		{Name: "source", Meaning: "the source", typ: typeProperty},
		{Name: "channel", Meaning: "the channel", typ: typeProperty, values: []string{"corporate", "nccc"}},
		{Name: "vault", Meaning: "the vault", typ: typeProperty},
		{Name: "kind", Meaning: "the kind of record", typ: typeProperty, values: []string{"email", "chat-day", "export", "note"}},
		{Name: "marking", Meaning: "the security classification", typ: typeProperty, values: []string{"official", "official-sensitive", "secret", "top-secret"}},
		{Name: "lang", Meaning: "the language of the words, as cy or Welsh", typ: typeProperty, values: append(language.Codes(), language.Unknown)},
		{Name: "is", Meaning: "a mark", typ: typeProperty, values: flags()},
		{Name: "thread", Meaning: "the thread of the record with this id", typ: typeProperty},
		{Name: "copygroup", Meaning: "the copies of the record or message with this id", typ: typeCopies},
		{Name: "id", Meaning: "the id of a record or message, or a Message-ID", typ: typeID},
		{Name: "has", Meaning: "what is attached", typ: typeHas},
		{Name: "sent", Meaning: "the message's own date", typ: typeDate},
		{Name: "received", Meaning: "the date of receipt", typ: typeDate},
		{Name: "captured", Meaning: "the date of capture", typ: typeDate},
		{Name: "size", Meaning: "the size", typ: typeSize},
		{Name: "saved", Meaning: "a search that was saved under this name", typ: typeSaved},
	}
}

// flags lists what is: takes.
func flags() []string {
	return []string{"deleted", "edited", "vanished", "differs", "late", "unclear", "ephemeral", "event", "unsearchable", "suspect", "undated", "quarantined", "onhold"}
}

// anyField is where a word without a field is looked for.
func anyField() []index.Field {
	return slices.Concat(index.TextFields(), index.AddressFields())
}

func fieldNamed(name string) (Field, bool) {
	fields := Fields()
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == strings.ToLower(name) })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}

// nearest returns up to three of the words that are most like s.
func nearest(s string, words []string) []string {
	s = strings.ToLower(s)
	synonyms := map[string]string{"sender": "from", "author": "from", "recipient": "to", "title": "subject", "folder": "in",
		"chat": "in", "mailbox": "source", "date": "sent", "after": "sent", "before": "sent", "since": "sent", "text": "body",
		"file": "attachment", "filename": "attachment", "type": "kind", "who": "participant", "owner": "custodian", "language": "lang"}
	if w, ok := synonyms[s]; ok && slices.Contains(words, w) {
		return []string{w}
	}
	type near struct {
		word     string
		distance int
	}
	var all []near
	for _, w := range words {
		lower := strings.ToLower(w)
		if d := edits(s, lower); d <= 1+len(w)/3 || s != "" && strings.Contains(lower, s) {
			all = append(all, near{w, d})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	var out []string
	for _, n := range all[:min(len(all), 3)] {
		out = append(out, n.word)
	}
	return out
}

// edits returns how many edits make b of a; strings that are too long to
// compare are wholly unlike.
func edits(a, b string) int {
	const longest = 128
	s, t := []rune(a), []rune(b)
	if len(s) > longest || len(t) > longest {
		return max(len(s), len(t))
	}
	return index.Edits(s, t)
}
