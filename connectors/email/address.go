package email

import "strings"

// What is read of one address field, and of what stands between brackets.
const (
	maxAddresses = 20_000
	maxAddress   = 2048
)

// An Address is a mailbox as a header field names it. Either part may be
// empty: a field may hold a bare address, or a name that is no address.
type Address struct {
	Name string `json:"name"`
	Addr string `json:"address"` // as written; compare with record.FoldAddress
}

// String returns the address for display, name first.
func (a Address) String() string {
	switch {
	case a.Name == "":
		return a.Addr
	case a.Addr == "":
		return a.Name
	}
	return a.Name + " <" + a.Addr + ">"
}

// ParseAddresses reads an address list (RFC 5322, section 3.4) and what is
// sent in its place: semicolons for commas, unquoted commas and dots, missing
// brackets, encoded words around whole addresses. Groups give their members.
// clean is false when it had to guess. It never fails.
func ParseAddresses(value string) (list []Address, clean bool) {
	p := addressParser{s: value, clean: true}
	for p.i < len(p.s) && len(p.list) < maxAddresses {
		p.next()
	}
	p.end()
	return p.list, p.clean && p.i == len(p.s)
}

type addressParser struct {
	s       string
	i       int
	list    []Address
	clean   bool
	phrase  strings.Builder // what stands outside brackets and comments
	name    string          // the phrase before the brackets
	comment string
	angle   string
	hasAddr bool // angle is set
	group   bool // inside a group, which ";" ends
	word    bool // an encoded word is part of the phrase
}

// next reads one token.
func (p *addressParser) next() {
	rest := p.s[p.i:]
	switch c := rest[0]; c {
	case '"':
		p.quoted()
	case '(':
		p.i += p.commentLen(rest)
	case '<':
		p.bracket(rest)
	case ',', ';':
		p.clean = p.clean && (c == ',' || p.group)
		p.group = p.group && c == ','
		p.end()
		p.i++
	case ':':
		if strings.Contains(p.phrase.String(), "@") {
			p.phrase.WriteByte(c)
		} else { // the name of a group, or of a scheme: mailto:
			p.phrase.Reset()
			p.group = true
		}
		p.i++
	case '=':
		if strings.HasPrefix(rest, "=?") {
			if _, after, ok := cutWord(rest); ok {
				n := len(rest) - len(after)
				p.phrase.WriteString(rest[:n])
				p.i, p.word = p.i+n, true
				return
			}
		}
		fallthrough
	default:
		n := strings.IndexAny(rest[1:], `"(<,;:=`)
		if n < 0 {
			n = len(rest) - 1
		}
		p.phrase.WriteString(rest[:n+1])
		p.i += n + 1
	}
}

func (p *addressParser) quoted() {
	for j := p.i + 1; j < len(p.s); j++ {
		switch p.s[j] {
		case '\\':
			j++
		case '"':
			value, _ := cutQuoted(p.s[p.i+1:])
			if j+1 < len(p.s) && p.s[j+1] == '@' { // a quoted local part
				value = p.s[p.i : j+1]
			}
			p.phrase.WriteString(value)
			p.i = j + 1
			return
		}
	}
	p.clean = false // no closing quote: it means nothing, here and further on
	p.s = p.s[:p.i] + strings.ReplaceAll(p.s[p.i:], `"`, "")
}

func (p *addressParser) commentLen(rest string) int {
	depth := 0
	for j := 0; j < len(rest); j++ {
		switch rest[j] {
		case '\\':
			j++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				p.comment = rest[1:j]
				return j + 1
			}
		}
	}
	p.clean = false
	p.comment = strings.Trim(rest, "()")
	return len(rest)
}

func (p *addressParser) bracket(rest string) {
	rest = rest[:min(len(rest), maxAddress)]
	end := strings.IndexByte(rest, '>')
	if comma := strings.IndexAny(rest, ",;"); end < 0 || comma >= 0 && comma < end && !strings.HasPrefix(rest, "<@") {
		if end = comma; end < 0 {
			end = len(rest)
		}
		p.clean = false
		p.setAngle(rest[1:end])
		p.i += end
		return
	}
	p.setAngle(rest[1:end])
	p.i += end + 1
}

func (p *addressParser) setAngle(s string) {
	if p.hasAddr && p.angle != "" { // a comma is missing: what stands between is the second one's name
		p.clean = false
		between := p.phrase.String()
		p.phrase.Reset()
		p.end()
		p.phrase.WriteString(between)
	}
	p.name = p.phrase.String()
	p.phrase.Reset()
	if strings.HasPrefix(s, "@") { // a source route: obsolete, ignored
		_, s, _ = strings.Cut(s, ":")
	}
	s = strings.TrimPrefix(strings.Trim(s, "<> \t"), "mailto:")
	if strings.Contains(s, "=?") {
		s = DecodeHeader(s)
		p.clean = false
	}
	p.angle, p.hasAddr = strings.Join(strings.Fields(plain(s)), ""), true
}

// end finishes the address that the last tokens made up.
func (p *addressParser) end() {
	phrase := DecodeHeader(p.name + " " + p.phrase.String())
	a := Address{Name: phrase, Addr: p.angle}
	switch {
	case p.hasAddr:
	case p.word && strings.Contains(phrase, "<") && strings.Contains(phrase, "@"):
		p.clean = false // the whole address was encoded
		open := strings.LastIndexByte(phrase, '<')
		a.Name, a.Addr = strings.TrimSpace(phrase[:open]), strings.Trim(phrase[open:], "<> ")
	case strings.Contains(phrase, "@"):
		a = p.bare(phrase)
	case phrase != "":
		p.clean = false
	}
	if a.Name == "" && p.comment != "" {
		a.Name = DecodeHeader(p.comment)
	}
	a.Name = strings.TrimSpace(strings.Trim(strings.TrimSpace(a.Name), `"'>`))
	if a.Name != "" || a.Addr != "" {
		p.list = append(p.list, a)
	}
	p.phrase.Reset()
	p.name, p.comment, p.angle, p.hasAddr, p.word = "", "", "", false, false
}

// bare finds the address in a phrase without brackets.
func (p *addressParser) bare(phrase string) Address {
	fields := strings.Fields(phrase)
	if len(fields) == 1 || strings.HasPrefix(phrase, `"`) {
		return Address{Addr: phrase}
	}
	p.clean = false
	var name []string
	a := Address{}
	for _, f := range fields {
		if a.Addr == "" && strings.Contains(f, "@") && len(f) > 1 {
			a.Addr = strings.Trim(f, "<>'[]")
			continue
		}
		name = append(name, f)
	}
	a.Name = strings.Join(name, " ")
	return a
}
