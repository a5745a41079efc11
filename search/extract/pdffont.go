package extract

import (
	"bytes"
	"io"
	"iter"
	"strings"
	"unicode/utf16"

	"github.com/ledongthuc/pdf"
)

// maxCMap bounds the characters that one font may name.
const maxCMap = 1 << 17

// pdfFont turns the codes that a PDF draws into characters and widths.
type pdfFont struct {
	wide    bool              // codes of two octets (a Type 0 font)
	unicode map[uint32]string // from ToUnicode, nil if there is none
	simple  [256]string       // characters of the codes of a simple font without it
	widths  map[uint32]float64
	usual   float64 // width of the glyphs that widths does not name
}

func newPDFFont(v pdf.Value) *pdfFont {
	f := &pdfFont{wide: v.Key("Subtype").Name() == "Type0", widths: map[uint32]float64{}, usual: 500}
	if m := v.Key("ToUnicode"); m.Kind() == pdf.Stream {
		f.unicode = toUnicode(m)
	}
	if f.wide {
		f.wideWidths(v.Key("DescendantFonts").Index(0))
		return f
	}
	if len(f.unicode) == 0 {
		font := pdf.Font{V: v}
		encoder := font.Encoder()
		for c := range f.simple {
			f.simple[c] = encoder.Decode(string([]byte{byte(c)}))
		}
	}
	first, widths := int(v.Key("FirstChar").Int64()), v.Key("Widths")
	for i := 0; i < min(widths.Len(), 256); i++ {
		f.widths[uint32(first+i)] = widths.Index(i).Float64()
	}
	return f
}

// wideWidths reads the two forms of a W array (ISO 32000-1, section 9.7.4.3):
// "c [w w …]" and "first last w".
func (f *pdfFont) wideWidths(v pdf.Value) {
	if f.usual = v.Key("DW").Float64(); f.usual == 0 {
		f.usual = 1000
	}
	w := v.Key("W")
	for i := 0; i+1 < w.Len() && len(f.widths) < maxCMap; {
		first, next := uint32(w.Index(i).Int64()), w.Index(i+1)
		if next.Kind() == pdf.Array {
			for j := 0; j < next.Len() && len(f.widths) < maxCMap; j++ {
				f.widths[first+uint32(j)] = next.Index(j).Float64()
			}
			i += 2
			continue
		}
		last, width := uint32(next.Int64()), w.Index(i+2).Float64()
		for c := first; c <= last && len(f.widths) < maxCMap; c++ {
			f.widths[c] = width
		}
		i += 3
	}
}

// decode returns the characters that raw draws and their width in thousandths
// of the font's size. known is false where some have no character.
func (f *pdfFont) decode(raw string) (s string, width float64, known bool) {
	known = true
	var out strings.Builder
	step := 1
	if f.wide {
		step = 2
	}
	for i := 0; i+step <= len(raw); i += step {
		code := uint32(raw[i])
		if f.wide {
			code = code<<8 | uint32(raw[i+1])
		}
		if w, ok := f.widths[code]; ok {
			width += w
		} else {
			width += f.usual
		}
		if len(f.unicode) == 0 && !f.wide {
			out.WriteString(f.simple[raw[i]])
			continue
		}
		c, ok := f.unicode[code]
		known = known && ok
		out.WriteString(c)
	}
	return out.String(), width, known
}

// toUnicode reads a ToUnicode CMap (section 9.10.3): of the PostScript that it
// is, only the tables matter.
func toUnicode(stream pdf.Value) map[uint32]string {
	r := stream.Reader()
	defer r.Close()
	octets, _ := io.ReadAll(io.LimitReader(r, maxEntry)) // of a table that breaks off, what is there counts
	m := make(map[uint32]string)
	var args []string // strings since the last word, "[" and "]" among them
	for t := range cmapTokens(octets) {
		switch t {
		case "endbfchar":
			for ; len(args) >= 2 && len(m) < maxCMap; args = args[2:] {
				m[code(args[0][1:])] = utf16BE(args[1][1:])
			}
		case "endbfrange":
			for len(args) >= 3 {
				args = cutRange(m, args)
			}
		}
		if t[0] == '<' || t == "[" || t == "]" {
			args = append(args, t)
		} else {
			args = nil
		}
	}
	return m
}

// cutRange takes "lo hi to" or "lo hi [to to …]" off the front of args.
func cutRange(m map[uint32]string, args []string) []string {
	lo, hi, to := code(args[0][1:]), code(args[1][1:]), args[2]
	args = args[3:]
	if to == "[" {
		for c := lo; len(args) > 0; c++ {
			t := args[0]
			args = args[1:]
			if t == "]" {
				break
			}
			if c <= hi && len(m) < maxCMap {
				m[c] = utf16BE(t[1:])
			}
		}
		return args
	}
	base := []rune(utf16BE(to[1:]))
	for c := lo; len(base) > 0 && c <= hi && c-lo < 1<<16 && len(m) < maxCMap; c++ {
		m[c] = string(base)
		base[len(base)-1]++
	}
	return args
}

// cmapTokens yields the words and brackets of a CMap, and its hexadecimal
// strings as "<" and their octets.
func cmapTokens(b []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		for len(b) > 0 {
			var t string
			switch c := b[0]; {
			case c == '<' && (len(b) < 2 || b[1] != '<'):
				end := bytes.IndexByte(b, '>')
				if end < 0 {
					return
				}
				t, b = "<"+unhex(b[1:end]), b[end+1:]
			case c == '[' || c == ']':
				t, b = string(b[:1]), b[1:]
			case c <= ' ' || strings.IndexByte("<>(){}/%", c) >= 0:
				b = b[1:]
				continue
			default:
				n := bytes.IndexAny(b, " \t\r\n\f<>[](){}/%")
				if n < 0 {
					n = len(b)
				}
				t, b = string(b[:n]), b[n:]
			}
			if !yield(t) {
				return
			}
		}
	}
}

// unhex decodes hexadecimal digits and passes over anything else.
func unhex(digits []byte) string {
	var out []byte
	var half byte
	odd := false
	for _, c := range digits {
		v := strings.IndexByte("0123456789abcdef", c|0x20)
		if v < 0 || c < '0' {
			continue
		}
		if odd {
			out = append(out, half<<4|byte(v))
		}
		half, odd = byte(v), !odd
	}
	return string(out)
}

func code(raw string) (c uint32) {
	for i := range min(len(raw), 4) {
		c = c<<8 | uint32(raw[i])
	}
	return c
}

func utf16BE(raw string) string {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units))
}
