package disclosure

import (
	"math"

	"github.com/ledongthuc/pdf"
)

// showing follows the operators of text (section 9.4).
func (d *drawing) showing(op string, args []operand) bool {
	n := func(i int) float64 { return number(args, i) }
	switch op {
	case "BT":
		d.text, d.line = identity, identity
	case "Tf":
		d.font, d.size = d.fontNamed(name(args, 0)), n(1)
	case "Tc":
		d.spacing = n(0)
	case "Tw":
		d.words = n(0)
	case "Tz":
		d.across = n(0) / 100
	case "TL":
		d.leading = n(0)
	case "Ts":
		d.rise = n(0)
	case "Tr":
		d.mode = int64(n(0))
	case "Td":
		d.move(n(0), n(1))
	case "TD":
		d.leading = -n(1)
		d.move(n(0), n(1))
	case "Tm":
		d.line = matrix{n(0), n(1), n(2), n(3), n(4), n(5)}
		d.text = d.line
	case "T*":
		d.move(0, -d.leading)
	case "Tj", "TJ":
		d.show(args)
	case "'", "\"":
		d.move(0, -d.leading)
		if op == "\"" && len(args) == 3 {
			d.words, d.spacing = n(0), n(1)
		}
		d.show(args[max(len(args)-1, 0):])
	default:
		return false
	}
	return true
}

func (d *drawing) move(x, y float64) {
	d.line = matrix{1, 0, 0, 1, x, y}.times(d.line)
	d.text = d.line
}

// show draws strings, and numbers that move the pen between them.
func (d *drawing) show(args []operand) {
	for _, a := range args {
		switch a.kind {
		case numeric:
			d.advance(-a.number / 1000 * d.size * d.across)
		case octets:
			d.glyphsOf(a.octets)
		case listed:
			d.show(a.list)
		}
	}
}

func (d *drawing) advance(x float64) { d.text = matrix{1, 0, 0, 1, x, 0}.times(d.text) }

// glyphsOf draws a string, character by character.
func (d *drawing) glyphsOf(s string) {
	font := d.font
	if font == nil {
		font = &pdfFont{codes: 1, usual: 500}
	}
	for i := 0; i+font.codes <= len(s); i += font.codes {
		code := int(s[i])
		if font.codes == 2 {
			code = code<<8 | int(s[i+1])
		}
		width := font.width(code) / 1000
		if font.codes == 2 || code != ' ' {
			d.glyph(matrix{d.size * d.across, 0, 0, d.size, 0, d.rise}.times(d.text).times(d.ctm), width)
		}
		x := width*d.size + d.spacing
		if font.codes == 1 && code == ' ' {
			x += d.words
		}
		d.advance(x * d.across)
	}
}

// glyph notes one character: the point in the middle of it, a third of its
// height above the line.
func (d *drawing) glyph(m matrix, width float64) {
	if len(d.glyphs) >= maxGlyphs {
		panic(errLimit)
	}
	at, size := m.point(width/2, 0.3), m.scale()
	switch {
	case math.IsNaN(at.x) || math.IsNaN(at.y) || math.IsInf(at.x, 0) || math.IsInf(at.y, 0):
		panic(errBroken)
	case d.mode == 3 || d.mode == 7 || d.alpha < 0.02:
		d.noInk++
		return
	case size < 1:
		d.tiny++
		return
	case !d.visible.holds(at) || !d.clip.holds(at):
		d.off++
		return
	case d.white && d.mode == 0 && !d.onDark(at):
		d.onWhite++
	}
	d.glyphs = append(d.glyphs, glyph{at: at, size: size})
}

// A pdfFont is what places characters: how many octets one takes, and how wide
// it is, in thousandths of the size.
type pdfFont struct {
	codes  int
	usual  float64
	widths map[int]float64
}

func (f *pdfFont) width(code int) float64 {
	if w, ok := f.widths[code]; ok {
		return w
	}
	return f.usual
}

// fontNamed returns a font of the resources. Fonts are kept by their
// description: the library reads an object anew whenever it is asked for.
func (d *drawing) fontNamed(name string) *pdfFont {
	v := d.resources.Key("Font").Key(name)
	if v.Kind() != pdf.Dict {
		return nil
	}
	key := v.String()
	f := d.pdf.fonts[key]
	if f == nil {
		if f = simpleFont(v); v.Key("Subtype").Name() == "Type0" {
			f = wideFont(v.Key("DescendantFonts").Index(0))
		}
		d.pdf.fonts[key] = f
	}
	return f
}

// simpleFont reads the widths of a font of one octet a character (section
// 9.6).
func simpleFont(v pdf.Value) *pdfFont {
	f := &pdfFont{codes: 1, usual: 500, widths: make(map[int]float64)}
	unit := 1.0
	if v.Key("Subtype").Name() == "Type3" {
		unit = v.Key("FontMatrix").Index(0).Float64() * 1000
	}
	if w := v.Key("FontDescriptor").Key("MissingWidth").Float64(); w > 0 {
		f.usual = w
	}
	first, widths := int(v.Key("FirstChar").Int64()), v.Key("Widths")
	for i := range min(widths.Len(), 256) {
		f.widths[first+i] = widths.Index(i).Float64() * unit
	}
	return f
}

// wideFont reads the widths of a font of two octets a character (section
// 9.7.4.3).
func wideFont(v pdf.Value) *pdfFont {
	f := &pdfFont{codes: 2, usual: 1000, widths: make(map[int]float64)}
	if dw := v.Key("DW"); dw.Kind() != pdf.Null {
		f.usual = dw.Float64()
	}
	w := v.Key("W")
	for i := 0; i+1 < min(w.Len(), 100_000); {
		first := int(w.Index(i).Int64())
		if each := w.Index(i + 1); each.Kind() == pdf.Array {
			for k := range min(each.Len(), 1<<16) {
				f.widths[first+k] = each.Index(k).Float64()
			}
			i += 2
			continue
		}
		last, width := int(w.Index(i+1).Int64()), w.Index(i+2).Float64()
		for code := first; code <= min(last, first+1<<16, 1<<16); code++ {
			f.widths[code] = width
		}
		i += 3
	}
	return f
}
