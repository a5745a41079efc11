package foi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// Check says whether a decision can be made, under the exemptions of this law
// as they were when the request was received, and returns the exemptions as
// they are cited and what a person should think of.
//
// Withholding, whole or in part, takes an exemption; nothing else has one. Where
// the exemption is qualified a note says how the public interest was weighed
// (FOIA s.2(2)(b); EIR reg 12(1)(b)).
func (c *Codes) Check(d record.RequestDecided, received record.Date) (cited, notices []string, err error) {
	if !slices.Contains(Decisions(), d.Decision) {
		return nil, nil, fmt.Errorf("%q is no decision: %s", d.Decision, strings.Join(Decisions(), ", "))
	}
	withholds := d.Decision == "withhold" || d.Decision == "part"
	if withholds != (len(d.Exemptions) > 0) {
		if withholds {
			return nil, nil, fmt.Errorf("to %s takes an exemption", d.Decision)
		}
		return nil, nil, fmt.Errorf("%s takes no exemption", strings.ReplaceAll(d.Decision, "_", " "))
	}
	cited, codes, err := c.CheckAll(d.Exemptions, received)
	if err != nil {
		return nil, nil, err
	}
	for i, code := range codes {
		switch {
		case code.Refusal:
			return nil, nil, fmt.Errorf("%s refuses a whole request: close the request with it", cited[i])
		case code.Qualified && d.PublicInterest == "":
			return nil, nil, fmt.Errorf("%s (%s) is qualified: a note says how the public interest was weighed", cited[i], code.Title)
		}
		if code.Note != "" {
			notices = append(notices, cited[i]+": "+code.Note)
		}
	}
	return cited, notices, nil
}

// CheckAll finds every exemption, and returns them as they are cited, each once.
func (c *Codes) CheckAll(exemptions []string, received record.Date) (cited []string, codes []Code, err error) {
	for _, e := range exemptions {
		short, code, err := c.Find(e, received)
		if err != nil {
			return nil, nil, err
		}
		if as := c.Cite(short); !slices.Contains(cited, as) {
			cited, codes = append(cited, as), append(codes, code)
		}
	}
	return cited, codes, nil
}

// Select returns the items of a set that these ids name: a record or message
// id, or the beginning of one; a message's attachment by +K. A record's id
// names all of its messages that are in the set. What names nothing in the set
// is an error.
func (s *Set) Select(ids []string) ([]Target, error) {
	var all []Target
	for _, id := range ids {
		whole, part, _ := strings.Cut(strings.ToLower(id), "+")
		if part != "" && (strings.Trim(part, "0123456789") != "" || part[0] == '0' || len(part) > 4) {
			return nil, fmt.Errorf("%q is no attachment: they are +1, +2, …", id)
		}
		prefix, n, one := strings.Cut(whole, "/")
		if part != "" && !one {
			return nil, fmt.Errorf("%q does not say of which message: write %s/1+%s", id, prefix, part)
		}
		before := len(all)
		records := make(map[string]bool)
		for i := range s.Items {
			if t, ok := s.Items[i].named(prefix, n, part, records); ok {
				all = append(all, Target{&s.Items[i], t})
			}
		}
		switch {
		case !record.IsPrefix(prefix) || len(all) == before:
			return nil, fmt.Errorf("%s is not in the set", id)
		case len(records) > 1:
			return nil, fmt.Errorf("%s begins the ids of several records of the set", id)
		}
	}
	return all, nil
}

// A Target is an item that is to be decided about, and the id by which.
type Target struct {
	Item *Item
	ID   string
}

// named returns the id by which an item is meant, if it is, and notes the
// record.
func (it *Item) named(prefix, n, part string, records map[string]bool) (string, bool) {
	for _, id := range it.IDs() {
		rec, number, _ := strings.Cut(id, "/")
		if !strings.HasPrefix(rec, prefix) || n != "" && n != number {
			continue
		}
		records[rec] = true
		if part != "" {
			return id + "+" + part, true
		}
		return it.Item, true
	}
	return "", false
}

// Thread returns the items of the thread or chat of the record whose id begins
// so, with the messages around in a chat if context is set.
func (s *Set) Thread(id string, context bool) ([]Target, error) {
	named, err := s.Select([]string{id})
	if err != nil {
		return nil, err
	}
	var all []Target
	for i := range s.Items {
		if it := &s.Items[i]; it.Group == named[0].Item.Group && (context || !it.Context) {
			all = append(all, Target{it, it.Item})
		}
	}
	return all, nil
}

// Known is the journal index of the decision about a target that is in force, 0
// if there is none.
func (t Target) Known() int64 {
	if r := t.Ruling(); r != nil {
		return r.Entry
	}
	return 0
}

// Ruling returns the decision about the target that is in force, nil if none.
func (t Target) Ruling() *Ruling {
	if !strings.Contains(t.ID, "+") {
		return t.Item.Decision
	}
	for _, p := range t.Item.Parts {
		if p.Part == t.ID {
			return p.Ruling
		}
	}
	return nil
}

// Fingerprint returns a digest of which targets there are and what is decided about
// each: it changes when somebody decides about one of them.
func Fingerprint(targets []Target) string {
	lines := make([]string, len(targets))
	for i, t := range targets {
		lines[i] = fmt.Sprintf("%s %d", t.ID, t.Known())
	}
	return Digest(lines).String()[:16]
}
