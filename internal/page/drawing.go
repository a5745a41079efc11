package page

import "unicode/utf8"

// A drawing is a chart laid out: shapes on a plane of this size, whose origin
// is at the top left. Both SVG and PDF are made of it.
type drawing struct {
	width, height float64
	shapes        []shape
}

// A shape is one of the types below.
type shape interface{ shape() }

type (
	// A box is a rectangle with a texture, and an edge where one is named.
	box struct {
		x, y, w, h float64
		texture    texture
	}
	// A stroke joins points.
	stroke struct {
		points []point
		width  float64
		colour colour
		dashed bool
	}
	// An area is a polygon.
	area struct {
		points []point
		fill   colour
	}
	// A dot is a filled circle, hollow for a forecast.
	dot struct {
		x, y, r float64
		hollow  bool
	}
	// A label is one line of text; y is its baseline.
	label struct {
		x, y   float64
		text   string
		anchor anchor
		strong bool
		colour colour
		backed bool // on a ground of paper, so that a texture does not disturb it
	}
)

func (box) shape()    {}
func (stroke) shape() {}
func (area) shape()   {}
func (dot) shape()    {}
func (label) shape()  {}

type point struct{ x, y float64 }

type anchor int

const (
	start anchor = iota
	middle
	end
)

// A texture tells parts apart without colour.
type texture int

const (
	solid texture = iota
	hatched
	light
	crossed
)

// fill is the ground of a texture.
func (t texture) fill() colour {
	switch t {
	case solid:
		return deep
	case light:
		return pale
	}
	return paper
}

// textSize is the height of a chart's text, in the plane's units.
const textSize = 14.0

func (d *drawing) add(s ...shape) { d.shapes = append(d.shapes, s...) }

// hatching is the lines of a box's texture, cut at its edges: diagonal ones for
// a hatched box, both ways for a crossed one.
func (b box) hatching() []stroke {
	var all []stroke
	if b.texture == hatched || b.texture == crossed {
		all = append(all, b.diagonals(false)...)
	}
	if b.texture == crossed {
		all = append(all, b.diagonals(true)...)
	}
	return all
}

const hatchEvery = 6.0

// diagonals returns 45° lines clipped to the box; falling ones are mirrored.
func (b box) diagonals(falling bool) []stroke {
	var all []stroke
	for c := hatchEvery / 2; c < b.w+b.h; c += hatchEvery {
		from := point{min(c, b.w), max(0, c-b.w)} // where x+y = c meets the top or right edge
		to := point{max(0, c-b.h), min(c, b.h)}   // and the left or bottom edge
		if falling {
			from.x, to.x = b.w-from.x, b.w-to.x
		}
		all = append(all, stroke{points: []point{{b.x + from.x, b.y + from.y}, {b.x + to.x, b.y + to.y}}, width: 1, colour: deep})
	}
	return all
}

// measure is the width that text needs in a chart, about: the fonts that a
// browser has are not known. It errs on the wide side.
func measure(text string) float64 {
	width := 0.0
	for _, r := range text {
		switch {
		case r == ' ' || r == '.' || r == ',' || r == ':' || r == ';' || r == '\'' || r == '|' || r == 'i' || r == 'j' || r == 'l' || r == 'I':
			width += 0.30
		case r == 'f' || r == 't' || r == 'r' || r == '-' || r == '(' || r == ')' || r == '/':
			width += 0.36
		case r == 'm' || r == 'w' || r == 'M' || r == 'W' || r == '@' || r == '%':
			width += 0.88
		case r >= 'A' && r <= 'Z' || r == '&':
			width += 0.72
		case r > 0x2e80:
			width += 1.05
		default:
			width += 0.57
		}
	}
	return width * textSize
}

// fitText shortens text until it needs no more than width.
func fitText(text string, width float64) string {
	if measure(text) <= width {
		return text
	}
	for text != "" && measure(text)+textSize > width {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return text + "…"
}
