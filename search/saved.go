package search

import (
	"fmt"
	"strings"
)

// savedSearch puts what was saved under a name in its place, as a group. A saved
// search has no other within it: it is kept as what it asks for.
func (s *parser) savedSearch(t token) (Node, error) {
	name := t.text
	if s.Saved == nil {
		return nil, s.fail(t.at, "a saved search cannot stand here", "write out what it asks for: closeroll search saved "+name+" shows it")
	}
	query, ok := s.Saved(name)
	if !ok {
		return nil, s.fail(t.at, fmt.Sprintf("no search was saved as %q", name), "closeroll search saved lists them")
	}
	q, err := Parser{Zone: s.Zone, Now: s.Now}.Parse(query)
	if err != nil {
		return nil, s.fail(t.at, fmt.Sprintf("the search saved as %q: %v", name, err), "save it again: closeroll search save "+name+" QUERY --replace")
	}
	if s.terms += strings.Count(query, " "); s.terms > maxTerms {
		return nil, s.fail(t.at, fmt.Sprintf("the query has more than %d terms", maxTerms), "split it into several")
	}
	for _, n := range q.Notices {
		s.notice(t.at, "in saved:"+name+": "+n.Text)
	}
	s.saved = append(s.saved, Saved{name, query})
	return q.Root, nil
}

// ValidName reports whether a search can be saved under a name: up to 64
// letters, digits and - _ .
func ValidName(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}
