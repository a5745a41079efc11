package certificate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/search"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/index"
)

// name stands for a word that is somebody's name or address.
const name = "[name]"

// A Concealer takes names and addresses out of queries. It conceals rather too
// much: a word is a name if any message has it among its senders or recipients,
// until a person says that it may be shown.
type Concealer struct {
	// IsName reports whether a pattern is found among names and addresses.
	IsName func(index.Pattern) (bool, error)
	Show   []string          // words that a person has said may be shown
	Roles  map[string]string // of custodians, by id in lower case
	Number map[string]int    // of sources, by name in lower case

	concealed map[string]bool
	finder    *foi.Finder
}

// NewConcealer returns a concealer.
func NewConcealer(isName func(index.Pattern) (bool, error), show []string) *Concealer {
	return &Concealer{IsName: isName, Show: show, Roles: map[string]string{}, Number: map[string]int{}, concealed: map[string]bool{}, finder: foi.NewFinder()}
}

// Concealed lists the words that were concealed so far, sorted.
func (c *Concealer) Concealed() []string { return slices.Sorted(maps.Keys(c.concealed)) }

// Conceal writes a query without names and addresses.
func (c *Concealer) Conceal(n search.Node) (string, error) {
	node, err := c.node(n)
	if err != nil {
		return "", err
	}
	text := node.String()
	var out strings.Builder
	at := 0
	for _, m := range c.finder.Find(text) {
		out.WriteString(text[at:m.From] + "[" + m.Kind + "]")
		at = m.To
	}
	return out.String() + text[at:], nil
}

func (c *Concealer) node(n search.Node) (search.Node, error) {
	switch n := n.(type) {
	case search.And:
		all, err := c.nodes(n)
		return search.And(all), err
	case search.Or:
		all, err := c.nodes(n)
		return search.Or(all), err
	case search.Not:
		inner, err := c.node(n.Node)
		return search.Not{Node: inner}, err
	case search.Text:
		p, err := c.pattern(n.Pattern, slices.Contains([]string{"from", "to", "cc", "bcc", "participant"}, n.Field))
		return search.Text{Field: n.Field, Pattern: p}, err
	case search.Property:
		return c.property(n), nil
	case search.MessageID:
		return search.MessageID{ID: "[Message-ID]"}, nil
	}
	return n, nil
}

func (c *Concealer) nodes(nodes []search.Node) ([]search.Node, error) {
	all := make([]search.Node, len(nodes))
	var err error
	for i, n := range nodes {
		if all[i], err = c.node(n); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// property says of whom and of what by role and number.
func (c *Concealer) property(p search.Property) search.Property {
	switch key := strings.ToLower(p.Value); p.Name {
	case "custodian":
		p.Value = "[a custodian]"
		if role := c.Roles[key]; role != "" {
			p.Value = "[" + strings.ReplaceAll(role, "_", " ") + "]"
		}
	case "source":
		p.Value = "[a source]"
		if n := c.Number[key]; n > 0 {
			p.Value = fmt.Sprintf("[source %d]", n)
		}
	case "in":
		p.Value = "[a folder or chat]"
	}
	return p
}

// pattern conceals the words of a pattern that are names; where a name is asked
// for, all of them.
func (c *Concealer) pattern(p index.Pattern, all bool) (index.Pattern, error) {
	switch p := p.(type) {
	case index.Word:
		text, err := c.word(p.Text, index.Word{Text: p.Text, Exact: true}, all)
		p.Text = text
		return p, err
	case index.Phrase:
		words := strings.Fields(p.Text)
		for i, w := range words {
			var err error
			if words[i], err = c.word(w, index.Phrase{Text: w}, all); err != nil {
				return nil, err
			}
		}
		p.Text = strings.Join(words, " ")
		return p, nil
	case index.Prefix:
		text, err := c.word(p.Text, p, all)
		p.Text = text
		return p, err
	case index.Wildcard:
		text, err := c.word(p.Text, p, all)
		p.Text = text
		return p, err
	case index.Fuzzy:
		text, err := c.word(p.Text, p, all)
		p.Text = text
		return p, err
	case index.Any:
		out := make(index.Any, len(p))
		for i, a := range p {
			var err error
			if out[i], err = c.pattern(a, all); err != nil {
				return nil, err
			}
		}
		return out, nil
	case index.Near:
		a, err := c.pattern(p.A, all)
		if err != nil {
			return nil, err
		}
		b, err := c.pattern(p.B, all)
		p.A, p.B = a, b
		return p, err
	}
	return index.Word{Text: name}, nil // of a form that is not known here
}

func (c *Concealer) word(text string, p index.Pattern, always bool) (string, error) {
	if slices.ContainsFunc(c.Show, func(shown string) bool { return strings.EqualFold(shown, text) }) {
		return text, nil
	}
	if !always {
		is, err := c.IsName(p)
		if err != nil || !is {
			return text, err
		}
	}
	c.concealed[text] = true
	return name, nil
}

// Opened returns the open form of a closed certificate. Queries of runs and
// scopes come as given, concealed, by the name of the run or hold, the
// request's scope by "".
func (c Certificate) Opened(concealed map[string]string) *Certificate {
	roles := make(map[string]string)
	numbers := make(map[string]string)
	o := c
	o.Form, o.Asked, o.Scope = Open, "", concealed[""]
	o.Sources = slices.Clone(c.Sources)
	for i := range o.Sources {
		s := &o.Sources[i]
		roles[strings.ToLower(s.Custodian)] = roleWords(s.Role)
		numbers[strings.ToLower(s.Name)] = fmt.Sprintf("source %d", s.No)
		s.Name, s.Custodian = fmt.Sprintf("source %d", s.No), ""
	}
	o.Gaps = slices.Clone(c.Gaps)
	for i := range o.Gaps {
		o.Gaps[i].Source = numbers[strings.ToLower(o.Gaps[i].Source)]
	}
	o.Missed = []Missed{}
	for _, m := range c.Missed {
		if no, _, typed := strings.Cut(m.What, ", "); typed && strings.HasPrefix(no, "A") {
			m = Missed{What: "what " + no + " asks for", Why: "not searched, or refused: the closed form has the reason"}
		}
		o.Missed = append(o.Missed, m)
	}
	o.Runs = slices.Clone(c.Runs)
	for i := range o.Runs {
		r := &o.Runs[i]
		r.By, r.Query, r.Note, r.Explained, r.Parsed = "", "", "", nil, concealed[r.Name]
	}
	o.Holds = slices.Clone(c.Holds)
	for i := range o.Holds {
		o.Holds[i].Scope = concealed["hold "+o.Holds[i].Name]
	}
	o.Asks = slices.Clone(c.Asks)
	for i := range o.Asks {
		a := &o.Asks[i]
		of := strings.ToLower(a.Of)
		switch {
		case numbers[of] != "":
			a.Of = numbers[of]
		case roles[of] != "":
			a.Of = roles[of]
		default:
			a.Of = "a custodian"
		}
		a.What, a.Note = "", ""
	}
	o.By.ID, o.By.Name = "", ""
	o.Questions = o.answers()
	return &o
}

func roleWords(role string) string {
	if role == "" {
		return "a custodian"
	}
	return strings.ReplaceAll(role, "_", " ")
}
