package disclosure

import (
	"bytes"
	"strconv"
)

// The kinds of operand.
const (
	numeric = iota
	named
	octets
	listed
	other
)

// An operand of an operator in a content stream (section 7.8.2).
type operand struct {
	kind   int
	number float64
	octets string // of a string or a name
	list   []operand
}

func number(args []operand, i int) float64 {
	if i < len(args) && args[i].kind == numeric {
		return args[i].number
	}
	return 0
}

func name(args []operand, i int) string {
	if i < len(args) && args[i].kind == named {
		return args[i].octets
	}
	return ""
}

// Bounds on one operator.
const (
	maxOperands = 100_000
	maxLists    = 32
)

// interpret reads a content stream and calls do for each operator. Of a picture
// within the stream it calls BI, and passes over the octets.
func interpret(b []byte, do func(op string, args []operand)) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			err = r
		default:
			panic(r)
		}
	}()
	l := &lexer{b: b}
	var args []operand
	for {
		l.space()
		if l.at >= len(b) {
			return nil
		}
		if op := l.keyword(); op != "" {
			if op == "BI" {
				l.inlinePicture()
			}
			do(op, args)
			args = args[:0]
			continue
		}
		o, ok := l.operand(0)
		if !ok || len(args) >= maxOperands {
			return errBroken
		}
		args = append(args, o)
	}
}

// A lexer reads the tokens of a content stream (section 7.2).
type lexer struct {
	b  []byte
	at int
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (l *lexer) space() {
	for l.at < len(l.b) {
		switch {
		case isSpace(l.b[l.at]):
			l.at++
		case l.b[l.at] == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// regular takes a run of characters that are neither space nor delimiters.
func (l *lexer) regular() string {
	from := l.at
	for l.at < len(l.b) && !isSpace(l.b[l.at]) && !isDelimiter(l.b[l.at]) {
		l.at++
	}
	return string(l.b[from:l.at])
}

// keyword takes an operator, if one is next; true, false and null are none.
func (l *lexer) keyword() string {
	from := l.at
	c := l.b[l.at]
	if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '\'' || c == '"' {
		s := l.regular()
		if s != "true" && s != "false" && s != "null" {
			return s
		}
	}
	l.at = from
	return ""
}

func (l *lexer) operand(depth int) (operand, bool) {
	if l.space(); l.at >= len(l.b) || depth > maxLists {
		return operand{}, false
	}
	switch c := l.b[l.at]; {
	case c == '/':
		l.at++
		return operand{kind: named, octets: unescapeName(l.regular())}, true
	case c == '(':
		return operand{kind: octets, octets: l.literal()}, true
	case bytes.HasPrefix(l.b[l.at:], []byte("<<")):
		l.at += 2
		_, ok := l.list(">>", depth)
		return operand{kind: other}, ok
	case c == '<':
		return operand{kind: octets, octets: l.hexadecimal()}, true
	case c == '[':
		l.at++
		all, ok := l.list("]", depth)
		return operand{kind: listed, list: all}, ok
	case isDelimiter(c):
		l.at++ // a stray one
		return operand{kind: other}, true
	}
	s := l.regular()
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return operand{kind: other}, s != ""
	}
	return operand{kind: numeric, number: n}, true
}

// list takes operands up to what closes them.
func (l *lexer) list(closing string, depth int) ([]operand, bool) {
	var all []operand
	for len(all) < maxOperands {
		l.space()
		if bytes.HasPrefix(l.b[l.at:], []byte(closing)) {
			l.at += len(closing)
			return all, true
		}
		o, ok := l.operand(depth + 1)
		if !ok {
			return nil, false
		}
		all = append(all, o)
	}
	return nil, false
}

// literal takes a string in parentheses (section 7.3.4.2).
func (l *lexer) literal() string {
	var s []byte
	depth := 0
	for ; l.at < len(l.b); l.at++ {
		c := l.b[l.at]
		switch {
		case c == '(':
			if depth++; depth == 1 {
				continue
			}
		case c == ')':
			if depth--; depth == 0 {
				l.at++
				return string(s)
			}
		case c == '\\' && l.at+1 < len(l.b):
			l.at++
			s = l.escape(s)
			continue
		}
		s = append(s, c)
	}
	return string(s)
}

// escape takes what follows a backslash.
func (l *lexer) escape(s []byte) []byte {
	c := l.b[l.at]
	if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
		return append(s, "\n\r\t\b\f"[i])
	}
	if c == '\n' || c == '\r' {
		return s
	}
	if c < '0' || c > '7' {
		return append(s, c)
	}
	n := 0
	for k := 0; k < 3 && l.at < len(l.b) && l.b[l.at] >= '0' && l.b[l.at] <= '7'; k++ {
		n = n*8 + int(l.b[l.at]-'0')
		l.at++
	}
	l.at--
	return append(s, byte(n))
}

func (l *lexer) hexadecimal() string {
	var s []byte
	digits, n := 0, byte(0)
	for l.at++; l.at < len(l.b); l.at++ {
		c := l.b[l.at]
		if c == '>' {
			l.at++
			break
		}
		v, ok := hexValue(c)
		if !ok {
			continue
		}
		n = n<<4 | v
		if digits++; digits%2 == 0 {
			s = append(s, n)
		}
	}
	if digits%2 == 1 {
		s = append(s, n<<4)
	}
	return string(s)
}

func hexValue(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// unescapeName undoes #xx in a name (section 7.3.5).
func unescapeName(s string) string {
	if bytes.IndexByte([]byte(s), '#') < 0 {
		return s
	}
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '#' && i+2 < len(s) {
			hi, ok1 := hexValue(s[i+1])
			lo, ok2 := hexValue(s[i+2])
			if ok1 && ok2 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

// inlinePicture passes over a picture within the stream (section 8.9.7): its
// octets end with EI between white space.
func (l *lexer) inlinePicture() {
	id := bytes.Index(l.b[l.at:], []byte("ID"))
	if id < 0 {
		l.at = len(l.b)
		return
	}
	for at := l.at + id + 2; ; {
		i := bytes.Index(l.b[at:], []byte("EI"))
		if i < 0 {
			l.at = len(l.b)
			return
		}
		at += i
		if isSpace(l.b[at-1]) && (at+2 >= len(l.b) || isSpace(l.b[at+2])) {
			l.at = at + 2
			return
		}
		at += 2
	}
}
