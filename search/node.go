package search

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/closeroll/closeroll/search/index"
)

// A Node is a part of a parsed query. Its String is canonical: it parses to
// the same node.
type Node interface {
	fmt.Stringer
	evaluate(*evaluation) (sets, error)
	explain(*explanation)
}

// All is met by every message: the query *.
type All struct{}

// And is met when all are.
type And []Node

// Or is met when one is.
type Or []Node

// Not is met when Node is not.
type Not struct{ Node Node }

// Text is met when one of a field's parts contains the pattern. The field is
// empty for any.
type Text struct {
	Field   string
	Pattern index.Pattern
}

// Property is met by messages with this value of a property that the catalog
// knows. A value that ends in * is the beginning of one.
type Property struct{ Name, Value string }

// Dates is met by messages of From or later and before Until; a zero bound is
// open. Written is the range as the query wrote it.
type Dates struct {
	Field       string // sent, received or captured
	From, Until time.Time
	Written     string
}

// Size is met by messages of Min octets or more and fewer than Max (0: open).
type Size struct {
	Min, Max int64
	Written  string
}

// Has is met by messages with this sort of attachment.
type Has struct{ What string }

// ID is met by the messages of the records whose id begins with Prefix, or by
// the N-th message of it if N is not 0.
type ID struct {
	Prefix string
	N      int
}

// Copies is met by the messages of the copy groups that the messages of ID are
// in: by those and by every copy of them.
type Copies struct{ ID }

// MessageID is met by the message with this Message-ID and those that refer to
// it (RFC 5322, section 3.6.4).
type MessageID struct{ ID string }

// String implements [fmt.Stringer].
func (All) String() string { return "*" }

// String implements [fmt.Stringer].
func (n And) String() string { return joined(n, " AND ") }

// String implements [fmt.Stringer].
func (n Or) String() string { return joined(n, " OR ") }

func joined(nodes []Node, by string) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = grouped(n)
	}
	return strings.Join(parts, by)
}

// grouped writes a node as part of another.
func grouped(n Node) string {
	switch n.(type) {
	case And, Or:
		return "(" + n.String() + ")"
	}
	return n.String()
}

// String implements [fmt.Stringer].
func (n Not) String() string { return "NOT " + grouped(n.Node) }

// String implements [fmt.Stringer].
func (n Text) String() string {
	p := patternString(n.Pattern)
	if _, near := n.Pattern.(index.Near); near && n.Field != "" {
		p = "(" + p + ")"
	}
	return prefixed(n.Field, p)
}

func prefixed(field, value string) string {
	if field == "" {
		return value
	}
	return field + ":" + value
}

// patternString writes a pattern as the language does.
func patternString(p index.Pattern) string {
	switch p := p.(type) {
	case index.Word:
		if p.Exact {
			return "=" + p.Text
		}
		return p.Text
	case index.Phrase:
		s := `"` + p.Text + `"`
		if p.Slop > 0 {
			s += "~" + strconv.Itoa(p.Slop)
		}
		return s
	case index.Prefix:
		return p.Text + "*"
	case index.Wildcard:
		return p.Text
	case index.Fuzzy:
		return p.Text + "~" + strconv.Itoa(p.Edits)
	case index.Any:
		parts := make([]string, len(p))
		for i, alternative := range p {
			parts[i] = patternString(alternative)
		}
		return "(" + strings.Join(parts, " OR ") + ")"
	case index.Near:
		operator := " NEAR/"
		if p.Ordered {
			operator = " ONEAR/"
		}
		right := patternString(p.B)
		if _, nested := p.B.(index.Near); nested {
			right = "(" + right + ")"
		}
		return patternString(p.A) + operator + strconv.Itoa(p.Distance) + " " + right
	}
	return ""
}

// String implements [fmt.Stringer].
func (n Property) String() string { return n.Name + ":" + quoted(n.Value) }

// quoted puts a value in quotes if it has to be.
func quoted(s string) string {
	plain := s != "" && !strings.ContainsAny(s[:1], "=-") && strings.IndexFunc(s, func(r rune) bool {
		return r != '*' && r != '.' && r != '-' && r != '_' && r != '/' && r != '@' && !isWordRune(r)
	}) < 0
	if plain {
		return s
	}
	return `"` + s + `"`
}

// String implements [fmt.Stringer].
func (n Dates) String() string { return n.Field + ":" + n.Written }

// String implements [fmt.Stringer].
func (n Size) String() string { return "size:" + n.Written }

// String implements [fmt.Stringer].
func (n Has) String() string { return "has:" + quoted(n.What) }

// String implements [fmt.Stringer].
func (n ID) String() string {
	if n.N > 0 {
		return fmt.Sprintf("id:%s/%d", n.Prefix, n.N)
	}
	return "id:" + n.Prefix
}

// String implements [fmt.Stringer].
func (n Copies) String() string { return "copygroup:" + strings.TrimPrefix(n.ID.String(), "id:") }

// String implements [fmt.Stringer].
func (n MessageID) String() string { return "id:" + quoted(n.ID) }
