package retention

import (
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// A Match is the condition of a rule. Its keys are the JSON names of
// [record.Facts]; all that are given must hold, and a list holds when any of
// its values does. A match without keys holds for everything.
//
// Kind to Significance compare whole values. Mailbox to Chat are globs: * is
// any run of characters, ? any one. Subject is words that must follow one
// another in the subject; a word ending in * stands for all that begin so.
// Letter case never matters.
type Match struct {
	Kind         strictyaml.List `yaml:"kind"`
	Source       strictyaml.List `yaml:"source"`
	Custodian    strictyaml.List `yaml:"custodian"`
	Role         strictyaml.List `yaml:"custodian_role"`
	Grade        strictyaml.List `yaml:"custodian_grade"`
	Channel      strictyaml.List `yaml:"channel"`
	Significance strictyaml.List `yaml:"significance"`
	Mailbox      strictyaml.List `yaml:"mailbox"`
	Folder       strictyaml.List `yaml:"folder"`
	From         strictyaml.List `yaml:"from"`
	To           strictyaml.List `yaml:"to"`
	Chat         strictyaml.List `yaml:"chat"`
	Subject      strictyaml.List `yaml:"subject"`
	All          []Match         `yaml:"all"` // every one of these
	Any          []Match         `yaml:"any"` // at least one of these
	Not          *Match          `yaml:"not"` // not this
}

// A field is one fact that a match can test.
type field struct {
	key    string
	means  string // in a sentence: "custodian role is"
	test   func(pattern, value string) bool
	values []string // the closed vocabulary, if it has one
	of     func(*record.Facts) []string
	in     func(*Match) strictyaml.List
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// fieldTable lists every field, in the order in which a match is printed.
func fieldTable() []field {
	return []field{
		{"kind", "kind is", equal, []string{string(record.Email), string(record.ChatDay), string(record.Export), string(record.Note), string(record.RedactedCopy)},
			func(f *record.Facts) []string { return one(string(f.Kind)) }, func(m *Match) strictyaml.List { return m.Kind }},
		{"source", "source is", equal, nil,
			func(f *record.Facts) []string { return one(f.Source) }, func(m *Match) strictyaml.List { return m.Source }},
		{"custodian", "custodian is", equal, nil,
			func(f *record.Facts) []string { return one(f.Custodian) }, func(m *Match) strictyaml.List { return m.Custodian }},
		{"custodian_role", "custodian's role is", equal, nil,
			func(f *record.Facts) []string { return one(f.Role) }, func(m *Match) strictyaml.List { return m.Role }},
		{"custodian_grade", "custodian's grade is", equal, nil,
			func(f *record.Facts) []string { return one(f.Grade) }, func(m *Match) strictyaml.List { return m.Grade }},
		{"channel", "channel is", equal, []string{string(record.Corporate), string(record.NonCorporate)},
			func(f *record.Facts) []string { return one(string(f.Channel)) }, func(m *Match) strictyaml.List { return m.Channel }},
		{"significance", "assessed as", equal, []string{"significant", "logistical"},
			func(f *record.Facts) []string { return one(f.Significance) }, func(m *Match) strictyaml.List { return m.Significance }},
		{"mailbox", "mailbox is like", glob, nil,
			func(f *record.Facts) []string { return one(f.Mailbox) }, func(m *Match) strictyaml.List { return m.Mailbox }},
		{"folder", "folder is like", glob, nil,
			func(f *record.Facts) []string { return one(f.Folder) }, func(m *Match) strictyaml.List { return m.Folder }},
		{"from", "sender is like", glob, nil,
			func(f *record.Facts) []string { return f.From }, func(m *Match) strictyaml.List { return m.From }},
		{"to", "a recipient is like", glob, nil,
			func(f *record.Facts) []string { return f.To }, func(m *Match) strictyaml.List { return m.To }},
		{"chat", "chat is like", glob, nil,
			func(f *record.Facts) []string { return one(f.Chat) }, func(m *Match) strictyaml.List { return m.Chat }},
		{"subject", "subject has", phrase, nil,
			func(f *record.Facts) []string { return one(strings.ReplaceAll(f.Subject, "*", " ")) }, func(m *Match) strictyaml.List { return m.Subject }},
	}
}

// A condition is one field's test with its patterns, folded.
type condition struct {
	field
	patterns []string
}

func (c condition) holds(f *record.Facts) bool {
	for _, v := range c.of(f) {
		v = strings.ToLower(v)
		for _, p := range c.patterns {
			if c.test(p, v) {
				return true
			}
		}
	}
	return false
}

// A test is a match made ready: a conjunction of conditions, of alternatives
// and of negations.
type test struct {
	conditions []condition
	anys       [][]test
	nots       []test
}

func (m *Match) compile() test {
	var t test
	for _, f := range fieldTable() {
		var folded []string
		for _, v := range f.in(m) {
			folded = append(folded, strings.ToLower(strings.TrimSpace(v)))
		}
		if folded != nil {
			t.conditions = append(t.conditions, condition{f, folded})
		}
	}
	for i := range m.All {
		s := m.All[i].compile()
		t.conditions = append(t.conditions, s.conditions...)
		t.anys = append(t.anys, s.anys...)
		t.nots = append(t.nots, s.nots...)
	}
	if m.Any != nil {
		var alternatives []test
		for i := range m.Any {
			alternatives = append(alternatives, m.Any[i].compile())
		}
		t.anys = append(t.anys, alternatives)
	}
	if m.Not != nil {
		t.nots = append(t.nots, m.Not.compile())
	}
	return t
}

func (t test) holds(f *record.Facts) bool {
	for _, c := range t.conditions {
		if !c.holds(f) {
			return false
		}
	}
	for _, alternatives := range t.anys {
		if !slices.ContainsFunc(alternatives, func(a test) bool { return a.holds(f) }) {
			return false
		}
	}
	return !slices.ContainsFunc(t.nots, func(n test) bool { return n.holds(f) })
}

// String says the match in plain English.
func (m Match) String() string {
	var parts []string
	for _, f := range fieldTable() {
		if values := f.in(&m); values != nil {
			parts = append(parts, f.means+" "+or(quoteAll(values)))
		}
	}
	for _, a := range m.All {
		parts = append(parts, a.String())
	}
	if m.Any != nil {
		var any []string
		for _, a := range m.Any {
			any = append(any, "("+a.String()+")")
		}
		parts = append(parts, or(any))
	}
	if m.Not != nil {
		parts = append(parts, "not ("+m.Not.String()+")")
	}
	if parts == nil {
		return "everything"
	}
	return and(parts)
}

func quoteAll(values []string) []string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = v
		if strings.ContainsAny(v, " ,*?") {
			quoted[i] = fmt.Sprintf("“%s”", v)
		}
	}
	return quoted
}
