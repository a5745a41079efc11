package extract

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"

	"github.com/ledongthuc/pdf"
)

// Bounds on one PDF.
const (
	maxPDFNodes = 20_000 // of the page tree, which may claim to contain itself
	maxPDFDepth = 32     // of that tree, and of forms drawn by forms
	maxPDFForms = 20_000
)

// readPDF writes the text of a PDF (ISO 32000-1): its title, and of each page
// the text drawn, in drawing order, and the notes and form fields on it. The
// library reads objects and streams; what text they draw is worked out here,
// because the library's own way loses the spaces between words that are set
// apart by position, and most alphabets but the Latin one.
//
// A page that cannot be read is passed over and the status is partial; so it is
// when glyphs are drawn that the file gives no characters for.
func readPDF(w io.Writer, octets []byte) error {
	r, err := pdf.NewReader(bytes.NewReader(octets), int64(len(octets)))
	if errors.Is(err, pdf.ErrInvalidPassword) {
		return errEncrypted
	} else if err != nil {
		return err
	}
	d := &pdfDocument{w: w, fonts: map[string]*pdfFont{}}
	if title := r.Trailer().Key("Info").Key("Title").Text(); title != "" {
		d.write(title + "\n")
	}
	d.pages(r.Trailer().Key("Root").Key("Pages"), pdf.Value{}, 0)
	switch {
	case d.err != nil:
		return d.err
	case d.lost:
		return errPartial
	}
	return nil
}

// ErrLost is returned where a PDF draws what has no characters.
var ErrLost = errors.New("some of what is drawn has no characters")

// PDFPages returns the title of a PDF and the text that is drawn on each page.
// It reads in this process, and so is for PDF that this program made itself and
// reads again; what anybody else made is for an [Extractor].
func PDFPages(octets []byte) (title string, pages []string, err error) {
	r, err := pdf.NewReader(bytes.NewReader(octets), int64(len(octets)))
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	d := &pdfDocument{w: &b, fonts: map[string]*pdfFont{}}
	d.ended = func() { pages = append(pages, b.String()); b.Reset() }
	d.pages(r.Trailer().Key("Root").Key("Pages"), pdf.Value{}, 0)
	if d.lost {
		err = ErrLost
	}
	return r.Trailer().Key("Info").Key("Title").Text(), pages, err
}

type pdfDocument struct {
	w     io.Writer
	err   error
	lost  bool // some text could not be read
	nodes int
	forms int
	fonts map[string]*pdfFont
	ended func() // after each page; may be nil
}

func (d *pdfDocument) write(s string) {
	if d.err == nil {
		_, d.err = io.WriteString(d.w, s)
	}
}

// pages walks the page tree (section 7.7.3), in which resources are inherited.
func (d *pdfDocument) pages(node, resources pdf.Value, depth int) {
	if d.nodes++; d.nodes > maxPDFNodes || depth > maxPDFDepth {
		d.lost = true
		return
	}
	if own := node.Key("Resources"); own.Kind() == pdf.Dict {
		resources = own
	}
	kids := node.Key("Kids")
	if kids.Kind() != pdf.Array {
		d.page(node, resources)
		if d.ended != nil {
			d.ended()
		}
		return
	}
	for i := 0; i < kids.Len() && d.err == nil && d.nodes <= maxPDFNodes; i++ {
		d.pages(kids.Index(i), resources, depth+1)
	}
}

func (d *pdfDocument) page(page, resources pdf.Value) {
	d.draw(page.Key("Contents"), resources, 0)
	d.guard(func() {
		notes := page.Key("Annots")
		for i := 0; i < min(notes.Len(), 10_000); i++ {
			note := notes.Index(i)
			for _, key := range []string{"Contents", "V"} {
				if v := note.Key(key); v.Kind() == pdf.String {
					d.write(v.Text() + "\n")
				}
			}
		}
	})
	d.write("\n")
}

// guard keeps what goes wrong on one page from hiding the others: the library
// panics at what it does not understand.
func (d *pdfDocument) guard(f func()) {
	defer func() {
		if recover() != nil {
			d.lost = true
		}
	}()
	f()
}

// draw follows a content stream (section 9.4).
func (d *pdfDocument) draw(contents, resources pdf.Value, depth int) {
	if contents.Kind() == pdf.Null {
		return
	}
	p := &pen{d: d, resources: resources, fonts: map[string]*pdfFont{}, depth: depth, scale: 1}
	d.guard(func() { pdf.Interpret(contents, p.operator) })
	d.write("\n")
}

// pen is the text state while a content stream is drawn: enough of it to know
// where words and lines end.
type pen struct {
	d         *pdfDocument
	resources pdf.Value
	fonts     map[string]*pdfFont // of the resources, by name
	depth     int
	font      *pdfFont
	size      float64 // of the font
	leading   float64
	spacing   float64 // between characters
	lineX     float64 // where the line begins
	lineY     float64
	x, y      float64 // where the next glyph goes
	scale     float64 // of text space, across
	endX      float64 // where the last glyph ended
	endY      float64
	drawn     bool // something was drawn
}

func (p *pen) operator(stk *pdf.Stack, op string) {
	args := make([]pdf.Value, stk.Len())
	for i := len(args) - 1; i >= 0; i-- {
		args[i] = stk.Pop()
	}
	number := func(i int) float64 {
		if i < len(args) {
			return args[i].Float64()
		}
		return 0
	}
	switch op {
	case "BT":
		p.moveTo(0, 0)
		p.scale = 1
	case "Tf":
		if len(args) == 2 {
			p.setFont(args[0].Name(), number(1))
		}
	case "TL":
		p.leading = number(0)
	case "Tc":
		p.spacing = number(0)
	case "Td":
		p.moveTo(p.lineX+number(0)*p.scale, p.lineY+number(1)*p.scale)
	case "TD":
		p.leading = -number(1)
		p.moveTo(p.lineX+number(0)*p.scale, p.lineY+number(1)*p.scale)
	case "Tm":
		if p.scale = math.Hypot(number(0), number(1)); p.scale == 0 {
			p.scale = 1
		}
		p.moveTo(number(4), number(5))
	case "T*":
		p.nextLine()
	case "Tj", "TJ":
		p.show(args)
	case "'", "\"":
		p.nextLine()
		p.show(args[max(len(args)-1, 0):])
	case "Do":
		if len(args) == 1 {
			p.form(args[0].Name())
		}
	}
}

// setFont looks a font up once for each stream: the library reads an object
// anew whenever it is asked for.
func (p *pen) setFont(name string, size float64) {
	f, ok := p.fonts[name]
	if !ok {
		f = p.d.fontNamed(p.resources, name)
		p.fonts[name] = f
	}
	p.font, p.size = f, size
}

func (p *pen) moveTo(x, y float64) { p.lineX, p.lineY, p.x, p.y = x, y, x, y }

func (p *pen) nextLine() { p.moveTo(p.lineX, p.lineY-p.leading*p.scale) }

// show draws strings, and numbers that move the pen between them.
func (p *pen) show(args []pdf.Value) {
	for _, a := range args {
		switch a.Kind() {
		case pdf.String:
			p.glyphs(a.RawString())
		case pdf.Array:
			for i := 0; i < a.Len(); i++ {
				if v := a.Index(i); v.Kind() == pdf.String {
					p.glyphs(v.RawString())
				} else {
					p.x -= v.Float64() / 1000 * p.size * p.scale
				}
			}
		}
	}
}

func (p *pen) glyphs(raw string) {
	if raw == "" {
		return
	}
	if p.font == nil {
		p.d.lost = true
		return
	}
	em := math.Abs(p.size * p.scale)
	switch {
	case !p.drawn:
	case math.Abs(p.y-p.endY) > em*0.4:
		p.d.write("\n")
	case p.x-p.endX > em*0.15 || p.endX-p.x > em*2:
		p.d.write(" ")
	}
	s, width, known := p.font.decode(raw)
	if !known {
		p.d.lost = true
	}
	p.d.write(s)
	p.x += (width/1000*p.size + p.spacing*float64(len(raw))) * p.scale
	p.endX, p.endY, p.drawn = p.x, p.y, true
}

// form draws a form that a page uses like a stamp (section 8.10).
func (p *pen) form(name string) {
	form := p.resources.Key("XObject").Key(name)
	if form.Key("Subtype").Name() != "Form" {
		return
	}
	if p.d.forms++; p.d.forms > maxPDFForms || p.depth >= maxPDFDepth {
		p.d.lost = true
		return
	}
	resources := form.Key("Resources")
	if resources.Kind() != pdf.Dict {
		resources = p.resources
	}
	p.d.draw(form, resources, p.depth+1)
}

// fontNamed returns a font of the resources. The same font has the same
// description wherever it is used, so fonts are kept by that.
func (d *pdfDocument) fontNamed(resources pdf.Value, name string) *pdfFont {
	v := resources.Key("Font").Key(name)
	if v.Kind() != pdf.Dict {
		return nil
	}
	key := v.String()
	if f, ok := d.fonts[key]; ok {
		return f
	}
	var f *pdfFont
	d.guard(func() { f = newPDFFont(v) })
	d.fonts[key] = f
	return f
}
