package foi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// CodesV1 is the schema that a file of exemptions names.
const CodesV1 = "exemptions/v1"

// A Code is one ground on which information may be withheld.
type Code struct {
	Code          string      `yaml:"code" json:"code"` // "40(2)"; it stands for its own subdivisions too
	Title         string      `yaml:"title" json:"title"`
	Qualified     bool        `yaml:"qualified" json:"qualified,omitempty"` // the public interest has to be weighed
	Refusal       bool        `yaml:"refusal" json:"refusal,omitempty"`     // of a whole request, not of an item
	Note          string      `yaml:"note" json:"note,omitempty"`
	EffectiveFrom record.Date `yaml:"effective_from" json:"effective_from"`
	Source        string      `yaml:"source" json:"source"`
}

// Codes are the grounds of one kind of request: exemptions of FOIA, exceptions
// of the EIR, paragraphs of the Data Protection Act's schedules.
type Codes struct {
	Schema string `yaml:"schema"`
	Kind   Kind   `yaml:"kind"`
	Law    string `yaml:"law"`
	Codes  []Code `yaml:"codes"`
}

// ParseCodes reads a file of exemptions. One with any fault is refused with
// [Faults].
func ParseCodes(data []byte) (*Codes, error) {
	c := new(Codes)
	r := strictyaml.Decode(data, c)
	if !r.Unread() {
		c.validate(r)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Codes) validate(r *strictyaml.Report) {
	if c.Schema != CodesV1 {
		r.Add("schema", "is %q; this program reads %s", c.Schema, CodesV1)
	}
	if _, err := ParseKind(string(c.Kind)); err != nil {
		r.Add("kind", "%v", err)
	}
	if len(c.Codes) == 0 {
		r.Add("codes", "is missing: no exemption could be claimed")
	}
	seen := make(map[string]bool)
	for i, code := range c.Codes {
		path := fmt.Sprintf("codes[%d]", i)
		if len(divide(code.Code)) == 0 || seen[code.Code] {
			r.Add(path+".code", "%q is no number with subdivisions, such as 40(2), or stands here twice", code.Code)
		}
		seen[code.Code] = true
		if code.Title == "" || code.Source == "" || code.EffectiveFrom.IsZero() && !r.Faulty(path+".effective_from") {
			r.Add(path, "needs title, source and effective_from")
		}
	}
}

// divide takes a code apart: 37(1)(ab) is 37, 1, ab. It returns nil for what is
// none.
func divide(code string) []string {
	head, rest, _ := strings.Cut(code, "(")
	parts := []string{head}
	if rest != "" {
		inner, ok := strings.CutSuffix(rest, ")")
		if !ok {
			return nil
		}
		parts = append(parts, strings.Split(inner, ")(")...)
	}
	if head == "" || head[0] < '0' || head[0] > '9' {
		return nil
	}
	for _, p := range parts {
		if p == "" || len(p) > 4 || strings.Trim(p, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return nil
		}
	}
	return parts
}

// Find reads an exemption as people cite it, "s.40(2)", "40(2)(a)", "reg 12(4)(b)",
// "Sch 2 para 16", and returns it in its short form with the code that it falls
// under, which is the most particular one. Whatever is not in force on the day
// is an error, with the nearest that is.
func (c *Codes) Find(cited string, day record.Date) (string, Code, error) {
	short := strings.ReplaceAll(strings.TrimSpace(cited), " ", "")
	for _, word := range []string{"section", "regulation", "schedule", "sch.", "sch", "reg.", "reg", "s."} {
		if rest, ok := cutPrefixFold(short, word); ok {
			short = rest
			break
		}
	}
	for _, word := range []string{"paragraph", "para.", "para"} {
		if head, tail, ok := strings.Cut(strings.ToLower(short), word); ok {
			short = head + "(" + tail + ")"
		}
	}
	parts := divide(short)
	var best Code
	for _, code := range c.Codes {
		own := divide(code.Code)
		if len(own) <= len(parts) && slices.EqualFunc(own, parts[:len(own)], strings.EqualFold) && len(code.Code) > len(best.Code) && !code.EffectiveFrom.After(day) {
			best = code
		}
	}
	if parts == nil || best.Code == "" {
		return "", best, fmt.Errorf("%q is no exemption of the %s%s", cited, c.Law, c.hint(short))
	}
	return short, best, nil
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

func (c *Codes) hint(short string) string {
	var under []string
	head, _, _ := strings.Cut(short, "(")
	for _, code := range c.Codes {
		if d := divide(code.Code); d[0] == head {
			under = append(under, code.Code)
		}
	}
	if len(under) == 0 {
		return ""
	}
	return ": it has " + strings.Join(under, ", ")
}

// Cite writes a short form as it is cited: s.40(2), reg 12(4)(b), Sch 2 para 16.
func (c *Codes) Cite(short string) string {
	switch c.Kind {
	case FOI:
		return "s." + short
	case EIR:
		return "reg " + short
	}
	if d := divide(short); len(d) > 1 && (d[0] == "2" || d[0] == "3" || d[0] == "4") {
		return "Sch " + d[0] + " para " + strings.Join(d[1:], ".")
	}
	return "Sch " + short
}
