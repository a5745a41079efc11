package search

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/closeroll/closeroll/search/index"
)

// A SyntaxError says what is wrong with a query, where, and what to do.
type SyntaxError struct {
	Query   string
	At      int    // offset in bytes
	Message string // "unknown field sender"
	Hint    string // "did you mean from?"; may be empty
}

// Error implements error. It quotes nothing of the query but field names.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("query, character %d: %s", e.Column()+1, e.Message)
}

// refused says in the words of a query what only searching could find at fault
// with it. Other errors it returns as they are.
func (q *Query) refused(err error) error {
	var pattern *index.PatternError
	switch {
	case errors.As(err, &pattern):
		return &SyntaxError{Query: q.Source, Message: "a word with * or ? in it is too involved to be searched", Hint: "use fewer * and ?"}
	case errors.Is(err, index.ErrTooDense):
		return &SyntaxError{Query: q.Source, Message: err.Error(), Hint: "use smaller distances"}
	}
	return err
}

// Column returns the number of characters before the fault.
func (e *SyntaxError) Column() int {
	return utf8.RuneCountInString(e.Query[:min(max(e.At, 0), len(e.Query))])
}

// Caret returns the query and below it a caret at the fault.
func (e *SyntaxError) Caret() string {
	line := strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, e.Query)
	return line + "\n" + strings.Repeat(" ", e.Column()) + "^"
}

// A Notice is something about a query that a person should know and that does
// not keep it from being answered.
type Notice struct {
	At   int    `json:"at"`   // offset in the query, in bytes
	Text string `json:"text"` // one sentence
}
