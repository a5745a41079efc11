package plaintext

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
)

// maxRTFDepth bounds nested groups; deeper ones are read as if they were not
// nested, which costs nothing but the state that they would have restored.
const maxRTFDepth = 256

// RTF writes the text of a Rich Text Format document (Microsoft's
// specification, version 1.9.1): its paragraphs, table cells as tabs, and
// characters in the code page of their font. It also reads the RTF that
// Outlook wraps HTML in ([MS-OXRTFEX]), whose tags are in destinations that it
// skips like every other "\*". The error is w's, or r's.
func RTF(w io.Writer, r io.Reader) error {
	p := &rtf{r: bufio.NewReader(r), w: bufio.NewWriter(w), fonts: map[int]string{}, codepage: "windows-1252"}
	p.state.uc = 1
	err := p.run()
	p.flush()
	if ferr := p.w.Flush(); ferr != nil {
		return ferr
	}
	if err == io.EOF {
		return nil
	}
	return err
}

type rtfState struct {
	skip     bool // inside a destination that holds no text
	fontList bool // inside the font table
	charset  string
	uc       int // octets that stand in for a \u on old readers
}

type rtf struct {
	r        *bufio.Reader
	w        *bufio.Writer
	state    rtfState
	stack    []rtfState
	over     int            // groups open beyond maxRTFDepth
	fonts    map[int]string // charset of each font
	font     int            // the font being described in the font table
	codepage string
	pending  []byte   // octets not yet decoded
	units    []uint16 // UTF-16 units not yet decoded
	ignore   int      // octets to leave out after \u
	first    bool     // the next control word is the group's first
}

func (p *rtf) run() error {
	for {
		c, err := p.r.ReadByte()
		if err != nil {
			return err
		}
		switch c {
		case '{':
			p.flush()
			if len(p.stack) < maxRTFDepth {
				p.stack = append(p.stack, p.state)
			} else {
				p.over++
			}
			p.first = true
			continue
		case '}':
			p.flush()
			p.ignore = 0
			if p.over > 0 {
				p.over--
			} else if n := len(p.stack); n > 0 {
				p.state, p.stack = p.stack[n-1], p.stack[:n-1]
			}
		case '\\':
			if err := p.control(); err != nil {
				return err
			}
			continue
		case '\r', '\n', 0:
			continue
		default:
			p.octet(c)
		}
		p.first = false
	}
}

// control reads what follows a backslash.
func (p *rtf) control() error {
	c, err := p.r.ReadByte()
	if err != nil {
		return err
	}
	if c|0x20 < 'a' || c|0x20 > 'z' {
		return p.symbol(c)
	}
	word := []byte{c}
	var number []byte
	for {
		c, err = p.r.ReadByte()
		if err != nil {
			break
		}
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		digit := c >= '0' && c <= '9' || c == '-' && len(number) == 0
		switch {
		case letter && len(number) == 0 && len(word) < 32:
			word = append(word, c)
			continue
		case digit && len(number) < 12:
			number = append(number, c)
			continue
		case c != ' ':
			p.r.UnreadByte()
		}
		break
	}
	n, numErr := strconv.Atoi(string(number))
	if numErr != nil {
		n = -1
	}
	first := p.first
	p.first = false
	return p.word(string(word), n, first)
}

func (p *rtf) symbol(c byte) error {
	switch c {
	case '*':
		p.state.skip = true // an optional destination: nothing that we show is in one
		return nil
	case '\'':
		hi, _ := p.r.ReadByte()
		lo, err := p.r.ReadByte()
		if err != nil {
			return err
		}
		if v, err := strconv.ParseUint(string([]byte{hi, lo}), 16, 8); err == nil {
			p.octet(byte(v))
		}
	case '\\', '{', '}':
		p.octet(c)
	case '~':
		p.octet(' ')
	case '_':
		p.octet('-')
	case '\r', '\n':
		p.text("\n")
	}
	p.first = false
	return nil
}

func (p *rtf) word(word string, n int, first bool) error {
	switch word {
	case "par", "line", "sect", "page", "row":
		p.text("\n")
	case "tab", "cell", "nestcell":
		p.text("\t")
	case "emdash":
		p.text("—")
	case "endash":
		p.text("–")
	case "lquote":
		p.text("‘")
	case "rquote":
		p.text("’")
	case "ldblquote":
		p.text("“")
	case "rdblquote":
		p.text("”")
	case "bullet":
		p.text("•")
	case "u":
		p.unicode(n)
	case "uc":
		p.state.uc = max(n, 0)
	case "bin":
		_, err := io.CopyN(io.Discard, p.r, int64(max(n, 0)))
		return err
	case "ansicpg":
		p.codepage = "windows-" + strconv.Itoa(n)
		if n == 65001 {
			p.codepage = "utf-8"
		}
	case "mac":
		p.codepage = "macintosh"
	case "f":
		p.flush()
		if p.state.fontList {
			p.font = n
		} else {
			p.state.charset = p.fonts[n]
		}
	case "fcharset":
		if label := fontCharset(n); label != "" && len(p.fonts) < 4096 {
			p.fonts[p.font] = label
		}
	case "fonttbl":
		p.state.skip, p.state.fontList = true, true
	case "plain":
		p.flush()
		p.state.charset = ""
	default:
		if first && !shownDestination(word) {
			p.state.skip = true
		}
	}
	return nil
}

// shownDestination reports whether a group that begins with this word is part
// of what a reader sees. Most control words that begin a group are not
// destinations at all but formatting, so the hidden ones are listed.
func shownDestination(word string) bool {
	switch word {
	case "colortbl", "stylesheet", "info", "pict", "object", "objdata", "listtable", "listoverridetable",
		"rsidtbl", "generator", "themedata", "colorschememapping", "latentstyles", "datastore", "xmlnstbl",
		"fldinst", "filetbl", "revtbl", "private", "template", "operator", "bkmkstart", "bkmkend":
		return false
	}
	return true
}

// unicode takes one UTF-16 unit, which may be given as a negative number, and
// leaves out the octets that stand in for it.
func (p *rtf) unicode(n int) {
	if p.state.skip {
		return
	}
	p.flushOctets()
	p.units = append(p.units, uint16(n))
	p.ignore = p.state.uc
	if len(p.units) > 4096 {
		p.flush()
	}
}

func (p *rtf) octet(c byte) {
	if p.ignore > 0 {
		p.ignore--
		return
	}
	if p.state.skip {
		return
	}
	p.flushUnits()
	if p.pending = append(p.pending, c); len(p.pending) > 4096 {
		p.flush()
	}
}

func (p *rtf) text(s string) {
	if !p.state.skip {
		p.flush()
		p.w.WriteString(s)
	}
}

func (p *rtf) flush() {
	p.flushOctets()
	p.flushUnits()
}

func (p *rtf) flushOctets() {
	if len(p.pending) > 0 {
		label := p.state.charset
		if label == "" {
			label = p.codepage
		}
		s, _ := Decode(p.pending, label)
		p.w.WriteString(strings.ReplaceAll(s, "\x00", ""))
		p.pending = p.pending[:0]
	}
}

func (p *rtf) flushUnits() {
	if len(p.units) > 0 {
		p.w.WriteString(string(utf16.Decode(p.units)))
		p.units = p.units[:0]
	}
}

// fontCharset maps a \fcharset number to a charset label.
func fontCharset(n int) string {
	switch n {
	case 77:
		return "macintosh"
	case 128:
		return "shift_jis"
	case 129:
		return "euc-kr"
	case 134:
		return "gbk"
	case 136:
		return "big5"
	case 161:
		return "windows-1253"
	case 162:
		return "windows-1254"
	case 163:
		return "windows-1258"
	case 177:
		return "windows-1255"
	case 178:
		return "windows-1256"
	case 186:
		return "windows-1257"
	case 204:
		return "windows-1251"
	case 222:
		return "windows-874"
	case 238:
		return "windows-1250"
	}
	return ""
}
