package disclosure

import (
	"math"

	"github.com/ledongthuc/pdf"
)

// graphics is the graphics state, as far as it bears on what is seen (section 8.4).
type graphics struct {
	ctm     matrix
	clip    box
	white   bool    // what is filled
	alpha   float64 // 1 is opaque
	blended bool    // what is below shows through, as under a highlighter
	width   float64 // of lines
	stroke  bool    // lines are drawn in white

	font    *pdfFont
	size    float64
	spacing float64 // between characters
	words   float64 // between words
	across  float64 // scaling
	leading float64
	rise    float64
	mode    int64
}

// A drawing is one content stream being followed.
type drawing struct {
	*canvas
	graphics
	stack     []graphics
	resources pdf.Value
	depth     int
	paths     []polygon
	clipping  bool
	text      matrix
	line      matrix
}

// draw follows a content stream (section 7.8) or an array of them.
func (c *canvas) draw(contents, resources pdf.Value, from graphics, depth int) error {
	streams := []pdf.Value{contents}
	if contents.Kind() == pdf.Array {
		streams = nil
		for i := range contents.Len() {
			streams = append(streams, contents.Index(i))
		}
	}
	var octets []byte
	for _, s := range streams {
		if s.Kind() == pdf.Null {
			continue
		}
		b, err := c.pdf.stream(s)
		if err != nil {
			return err
		}
		octets = append(append(octets, b...), '\n')
	}
	d := &drawing{canvas: c, resources: resources, depth: depth, graphics: from}
	return interpret(octets, d.operator)
}

// afresh is the graphics state that a page begins with.
func afresh() graphics {
	return graphics{ctm: identity, clip: box{math.Inf(-1), math.Inf(-1), math.Inf(1), math.Inf(1)}, alpha: 1, across: 1, width: 1}
}

// operator follows one operator. Those that it does not name change nothing
// that is looked for.
func (d *drawing) operator(op string, args []operand) {
	if d.path(op, args) || d.showing(op, args) {
		return
	}
	n := func(i int) float64 { return number(args, i) }
	switch op {
	case "q":
		if len(d.stack) < 1000 {
			d.stack = append(d.stack, d.graphics)
		}
	case "Q":
		if k := len(d.stack) - 1; k >= 0 {
			d.graphics, d.stack = d.stack[k], d.stack[:k]
		}
	case "cm":
		d.ctm = matrix{n(0), n(1), n(2), n(3), n(4), n(5)}.times(d.ctm)
	case "w":
		d.width = n(0)
	case "gs":
		d.setState(d.resources.Key("ExtGState").Key(name(args, 0)))
	case "g", "rg", "k", "sc", "scn":
		d.white = isWhite(op, args)
	case "G", "RG", "K", "SC", "SCN":
		d.stroke = isWhite(op, args)
	case "cs":
		d.white = false
	case "CS":
		d.stroke = false
	case "Do":
		d.object(name(args, 0))
	case "BI":
		d.picture()
	}
}

// isWhite reports whether a colour operator sets white (section 8.6.8).
func isWhite(op string, args []operand) bool {
	want := 1.0
	if op == "k" || op == "K" || len(args) == 4 {
		want = 0
	}
	for i := range args {
		if args[i].kind != numeric || math.Abs(args[i].number-want) > 0.02 {
			return false
		}
	}
	return len(args) == 1 || len(args) == 3 || len(args) == 4
}

func (d *drawing) setState(gs pdf.Value) {
	if v := gs.Key("ca"); v.Kind() == pdf.Real || v.Kind() == pdf.Integer {
		d.alpha = v.Float64()
	}
	if v := gs.Key("LW"); v.Kind() == pdf.Real || v.Kind() == pdf.Integer {
		d.width = v.Float64()
	}
	switch mode := gs.Key("BM"); mode.Kind() {
	case pdf.Name:
		d.blended = mode.Name() != "Normal" && mode.Name() != "Compatible"
	case pdf.Array:
		d.blended = mode.Index(0).Name() != "Normal"
	}
}

// opaque reports whether what is drawn hides what is below.
func (d *drawing) opaque() bool { return d.alpha > 0.9 && !d.blended }

// maxPath bounds the points of one path.
const maxPath = 1_000_000

// path follows the operators that make and paint paths (section 8.5).
func (d *drawing) path(op string, args []operand) bool {
	at := func(i int) point { return d.ctm.point(number(args, i), number(args, i+1)) }
	switch op {
	case "m":
		d.paths = append(d.paths, polygon{at(0)})
	case "l":
		d.lineTo(at(0))
	case "c":
		d.lineTo(at(4))
	case "v", "y":
		d.lineTo(at(2))
	case "h":
	case "re":
		x, y, w, h := number(args, 0), number(args, 1), number(args, 2), number(args, 3)
		d.paths = append(d.paths, polygon{d.ctm.point(x, y), d.ctm.point(x+w, y), d.ctm.point(x+w, y+h), d.ctm.point(x, y+h)})
	case "W", "W*":
		d.clipping = true
	case "f", "F", "f*", "b", "b*", "B", "B*":
		for _, p := range d.paths {
			d.paint(p, d.clip, d.white, false, d.opaque())
		}
		d.endPath()
	case "S", "s":
		d.strokes()
		d.endPath()
	case "n":
		d.endPath()
	default:
		return false
	}
	if len(d.paths) > maxPath {
		panic(errLimit)
	}
	return true
}

func (d *drawing) lineTo(p point) {
	if k := len(d.paths) - 1; k >= 0 && len(d.paths[k]) < maxPath {
		d.paths[k] = append(d.paths[k], p)
	}
}

// strokes paints lines that are as thick as type is high: a black marker.
func (d *drawing) strokes() {
	half := d.width * d.ctm.scale() / 2
	if half < 2 {
		return
	}
	for _, p := range d.paths {
		for i := 1; i < len(p); i++ {
			a, b := p[i-1], p[i]
			length := math.Hypot(b.x-a.x, b.y-a.y)
			if length == 0 {
				continue
			}
			x, y := (b.y-a.y)/length*half, (a.x-b.x)/length*half
			d.paint(polygon{{a.x + x, a.y + y}, {b.x + x, b.y + y}, {b.x - x, b.y - y}, {a.x - x, a.y - y}}, d.clip, d.stroke, false, d.opaque())
		}
	}
}

func (d *drawing) endPath() {
	if d.clipping && len(d.paths) > 0 {
		all := d.paths[0].bounds()
		for _, p := range d.paths[1:] {
			b := p.bounds()
			all = box{min(all.left, b.left), min(all.bottom, b.bottom), max(all.right, b.right), max(all.top, b.top)}
		}
		d.clip = d.clip.and(all)
	}
	d.paths, d.clipping = nil, false
}

// maxForms bounds how many forms one file draws.
const maxForms = 50_000

// object draws a picture, or a form, which is a content stream of its own
// (section 8.10).
func (d *drawing) object(name string) {
	x := d.resources.Key("XObject").Key(name)
	switch x.Key("Subtype").Name() {
	case "Image":
		d.picture()
	case "Form":
		if d.pdf.forms++; d.pdf.forms > maxForms || d.depth >= maxPDFDepth {
			panic(errLimit)
		}
		m := identity
		if v := x.Key("Matrix"); v.Len() == 6 {
			m = matrix{v.Index(0).Float64(), v.Index(1).Float64(), v.Index(2).Float64(), v.Index(3).Float64(), v.Index(4).Float64(), v.Index(5).Float64()}
		}
		resources := x.Key("Resources")
		if resources.Kind() != pdf.Dict {
			resources = d.resources
		}
		state := d.graphics
		state.ctm = m.times(d.ctm)
		if err := d.canvas.draw(x, resources, state, d.depth+1); err != nil {
			panic(err)
		}
	}
}

// picture paints a picture, which fills the unit square.
func (d *drawing) picture() {
	d.paint(polygon{d.ctm.point(0, 0), d.ctm.point(1, 0), d.ctm.point(1, 1), d.ctm.point(0, 1)}, d.clip, false, true, d.opaque())
}
