package search

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/language"
	"github.com/closeroll/closeroll/search/index"
)

// The limits of a query. Parsing takes time in proportion to its length.
const (
	maxQuery    = 1 << 20 // bytes
	maxDepth    = 64      // parentheses and negations inside one another
	maxTerms    = 20_000
	maxDistance = index.MaxNear
)

// A Query is a parsed query.
type Query struct {
	Source  string // as it was written
	Root    Node
	Notices []Notice
	Saved   []Saved // searches that stand in it by name: Root has what they ask for
}

// Saved is a search that was saved under a name.
type Saved struct{ Name, Query string }

// String returns the canonical form: operators written out, every group in
// parentheses. It parses to the same query.
func (q *Query) String() string { return q.Root.String() }

// A Parser parses queries. The zero value takes dates in UTC and warns of no
// future ones.
type Parser struct {
	Zone *time.Location // legal dates are days of this zone
	Now  time.Time      // ranges that begin later are noticed

	// Saved returns the query that was saved under a name. Nil: none was.
	Saved func(name string) (query string, ok bool)
}

// Parse parses a query. Its errors are all of type [*SyntaxError].
func (p Parser) Parse(query string) (*Query, error) {
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	s := &parser{Parser: p, lexer: lexer{query: query}}
	if len(query) > maxQuery {
		return nil, s.fail(maxQuery, "the query is too long", "split it into several")
	}
	if err := s.advance(); err != nil {
		return nil, err
	}
	if s.tok.kind == tokenEnd {
		return nil, s.fail(0, "the query is empty", "write * to find every message")
	}
	root, err := s.or(0, Field{})
	if err != nil {
		return nil, err
	}
	if s.tok.kind == tokenClose {
		return nil, s.fail(s.tok.at, "this ) closes nothing", "remove it, or open a ( before")
	}
	s.lint(root)
	return &Query{Source: query, Root: root, Notices: s.notices, Saved: s.saved}, nil
}

// A parser descends through the levels of precedence: or, and, not, near,
// primary. The field of a group applies to everything inside it.
type parser struct {
	Parser
	lexer
	tok   token
	terms int
	saved []Saved
}

func (s *parser) advance() (err error) {
	s.tok, err = s.next()
	return err
}

func (s *parser) or(depth int, f Field) (Node, error) {
	if depth > maxDepth {
		return nil, s.fail(s.tok.at, "the query is nested too deeply", "")
	}
	var all Or
	for {
		n, err := s.and(depth, f)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
		if s.tok.kind != tokenOr {
			break
		}
		if err := s.operator(); err != nil {
			return nil, err
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

// operator passes over an operator that something must follow.
func (s *parser) operator() error {
	op := s.tok
	if err := s.advance(); err != nil {
		return err
	}
	switch s.tok.kind {
	case tokenEnd, tokenClose:
		return s.fail(op.at, "nothing follows "+op.text, s.asWord(op))
	case tokenAnd, tokenOr, tokenNear:
		return s.fail(s.tok.at, s.tok.text+" cannot follow "+op.text, s.asWord(s.tok))
	}
	return nil
}

// asWord hints at how to search for an operator as a word.
func (s *parser) asWord(op token) string {
	return fmt.Sprintf("to search for the word, write it in lower case: %s", strings.ToLower(strings.TrimRight(op.text, "-")))
}

func (s *parser) and(depth int, f Field) (Node, error) {
	var all And
	for {
		n, err := s.not(depth, f)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
		switch s.tok.kind {
		case tokenAnd:
			if err := s.operator(); err != nil {
				return nil, err
			}
			continue
		case tokenEnd, tokenClose, tokenOr:
			if len(all) == 1 {
				return all[0], nil
			}
			return all, nil
		}
	}
}

func (s *parser) not(depth int, f Field) (Node, error) {
	if s.tok.kind != tokenNot {
		return s.near(depth, f)
	}
	if depth > maxDepth {
		return nil, s.fail(s.tok.at, "the query is nested too deeply", "")
	}
	if err := s.operator(); err != nil {
		return nil, err
	}
	n, err := s.not(depth+1, f)
	if err != nil {
		return nil, err
	}
	return Not{n}, nil
}

func (s *parser) near(depth int, f Field) (Node, error) {
	at := s.tok.at
	left, err := s.primary(depth, f)
	for err == nil && s.tok.kind == tokenNear {
		op := s.tok
		if err = s.operator(); err != nil {
			break
		}
		rightAt := s.tok.at
		var right Node
		if right, err = s.primary(depth, f); err != nil {
			break
		}
		left, err = s.joinNear(left, right, op, at, rightAt)
	}
	return left, err
}

func (s *parser) joinNear(left, right Node, op token, leftAt, rightAt int) (Node, error) {
	a, ok := asText(left)
	if !ok {
		return nil, s.fail(leftAt, op.text+" joins words, phrases and groups of them with OR", "")
	}
	b, ok := asText(right)
	if !ok {
		return nil, s.fail(rightAt, op.text+" joins words, phrases and groups of them with OR", "")
	}
	if a.Field != b.Field {
		return nil, s.fail(rightAt, op.text+" needs the same field on both sides", "write body:(depot NEAR/5 sandbags)")
	}
	near := index.Near{A: a.Pattern, B: b.Pattern, Distance: op.number, Ordered: op.ordered}
	if width(near) > index.MaxWidth {
		return nil, s.fail(op.at, fmt.Sprintf("this could span more than %d words", index.MaxWidth), "use smaller distances")
	}
	return Text{a.Field, near}, nil
}

// asText returns a node as one pattern in one field.
func asText(n Node) (Text, bool) {
	switch n := n.(type) {
	case Text:
		return n, true
	case Or:
		var any index.Any
		var field string
		for i, alternative := range n {
			t, ok := asText(alternative)
			if !ok || i > 0 && t.Field != field {
				return Text{}, false
			}
			field = t.Field
			any = append(any, t.Pattern)
		}
		return Text{field, any}, true
	}
	return Text{}, false
}

// width is the greatest number of words that a pattern can span.
func width(p index.Pattern) int {
	switch p := p.(type) {
	case index.Phrase:
		return len(index.Fold(p.Text)) + p.Slop
	case index.Any:
		w := 1
		for _, a := range p {
			w = max(w, width(a))
		}
		return w
	case index.Near:
		return width(p.A) + p.Distance + width(p.B)
	case index.Prefix:
		return len(index.Fold(p.Text))
	}
	return 1
}

func (s *parser) primary(depth int, f Field) (Node, error) {
	t := s.tok
	if s.terms++; s.terms > maxTerms {
		return nil, s.fail(t.at, fmt.Sprintf("the query has more than %d terms", maxTerms), "split it into several")
	}
	switch t.kind {
	case tokenOpen:
		return s.group(depth, f)
	case tokenField:
		return s.field(depth, f)
	case tokenWord, tokenPhrase:
		if err := s.advance(); err != nil {
			return nil, err
		}
		return s.term(t, f)
	case tokenClose:
		return nil, s.fail(t.at, "there is nothing in these parentheses", "")
	case tokenEnd:
		return nil, s.fail(t.at, "the query ends where a word was expected", "")
	}
	return nil, s.fail(t.at, "nothing stands before "+t.text, s.asWord(t))
}

func (s *parser) group(depth int, f Field) (Node, error) {
	open := s.tok
	if err := s.advance(); err != nil {
		return nil, err
	}
	n, err := s.or(depth+1, f)
	if err != nil {
		return nil, err
	}
	if s.tok.kind != tokenClose {
		return nil, s.fail(open.at, "this ( is not closed", "put a ) where the group ends")
	}
	return n, s.advance()
}

// field reads a field's name and what it applies to.
func (s *parser) field(depth int, outer Field) (Node, error) {
	name := s.tok
	f, ok := fieldNamed(name.text)
	if !ok {
		return nil, s.unknownField(name)
	}
	if outer.Name != "" {
		return nil, s.fail(name.at, fmt.Sprintf("%s: stands inside %s:( )", f.Name, outer.Name), "close the group first")
	}
	value := s.pos
	if err := s.advance(); err != nil {
		return nil, err
	}
	switch {
	case s.tok.kind == tokenEnd || s.tok.kind == tokenClose || s.tok.at != value:
		return nil, s.fail(name.at, f.Name+": needs a value", "write it right after the colon, in quotes if it has spaces")
	case s.tok.kind == tokenOpen:
		return s.group(depth, f)
	case s.tok.kind == tokenNot:
		return nil, s.fail(s.tok.at, "a value cannot begin with -", fmt.Sprintf("write -%s: to leave it out", f.Name))
	case s.tok.kind == tokenField && f.typ != typeText:
		return s.colonValue(f)
	}
	return s.primary(depth, f)
}

// colonValue reads a value that has a colon in it.
func (s *parser) colonValue(f Field) (Node, error) {
	t := token{kind: tokenWord, at: s.tok.at, text: s.tok.text + ":" + s.run()}
	if err := s.advance(); err != nil {
		return nil, err
	}
	return s.term(t, f)
}

func (s *parser) unknownField(name token) error {
	var names []string
	for _, f := range Fields() {
		names = append(names, f.Name)
	}
	hint := "the fields are " + strings.Join(names, ", ") + "; to search for a colon, use quotes"
	if near := nearest(name.text, names); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "? To search for a colon, use quotes"
	}
	return s.fail(name.at, "there is no field "+name.text, hint)
}

// term makes a node of a word or phrase in a field.
func (s *parser) term(t token, f Field) (Node, error) {
	switch f.typ {
	case typeProperty:
		return s.property(t, f)
	case typeDate:
		return s.dates(t, f)
	case typeSize:
		low, high, err := parseSize(t.text)
		if err != nil {
			return nil, s.fail(t.at, err.Error(), "for example size:>2MB or size:100kB..1MB")
		}
		return Size{low, high, t.text}, nil
	case typeHas:
		what := strings.ToLower(strings.TrimSpace(t.text))
		if what == "" {
			return nil, s.fail(t.at, "has: needs a value", "for example has:attachment, has:image or has:pdf")
		}
		if what == "attachments" {
			what = "attachment"
		}
		return Has{what}, nil
	case typeID:
		return s.id(t)
	case typeSaved:
		return s.savedSearch(t)
	case typeCopies:
		id, err := s.recordID(t.at, strings.ToLower(strings.TrimSpace(t.text)))
		return Copies{id}, err
	}
	return s.text(t, f)
}

func (s *parser) property(t token, f Field) (Node, error) {
	value := strings.TrimSpace(t.text)
	if value == "" {
		return nil, s.fail(t.at, f.Name+": needs a value", "")
	}
	if f.Name == "thread" && !record.IsPrefix(strings.ToLower(value)) {
		return nil, s.fail(t.at, "this is no record id", "thread: takes the id of a record, or its beginning; closeroll search lists them")
	}
	if f.values == nil {
		return Property{f.Name, value}, nil
	}
	value = strings.ToLower(value)
	switch f.Name {
	case "kind":
		value = kindNamed(value)
	case "lang":
		value = cmp.Or(language.Find(value), value)
	}
	if !slices.Contains(f.values, value) {
		hint := ""
		if near := nearest(value, f.values); len(near) > 0 {
			hint = "did you mean " + strings.Join(near, " or ") + "?"
		}
		return nil, s.fail(t.at, fmt.Sprintf("%s: takes %s", f.Name, strings.Join(f.values, ", ")), hint)
	}
	return Property{f.Name, value}, nil
}

// kindNamed returns the kind that people call so.
func kindNamed(s string) string {
	switch s {
	case "mail", "e-mail", "emails", "e-mails":
		return "email"
	case "chat", "chats", "whatsapp":
		return "chat-day"
	case "notes":
		return "note"
	}
	return s
}

func (s *parser) dates(t token, f Field) (Node, error) {
	from, until, err := parseDates(t.text, s.Zone)
	if err != nil {
		hint := fmt.Sprintf("for example %s:2026-03..2026-05 or %s:>=2026-05-14", f.Name, f.Name)
		if day, ok := otherDate(t.text); ok {
			hint = fmt.Sprintf("write the year first: %s:%s", f.Name, day)
		}
		return nil, s.fail(t.at, err.Error(), hint)
	}
	if !s.Now.IsZero() && from.After(s.Now) {
		s.notice(t.at, "this range of dates begins in the future")
	}
	return Dates{f.Name, from, until, t.text}, nil
}

func (s *parser) id(t token) (Node, error) {
	text := strings.TrimSpace(t.text)
	if strings.Contains(text, "@") {
		return MessageID{strings.Trim(text, "<>")}, nil
	}
	id, err := s.recordID(t.at, strings.ToLower(text))
	return id, err
}
