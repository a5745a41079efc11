package disclosure

import (
	"math"

	"github.com/ledongthuc/pdf"
)

// A matrix maps points (section 8.3.3): x' = ax + cy + e, y' = bx + dy + f.
type matrix struct{ a, b, c, d, e, f float64 }

var identity = matrix{1, 0, 0, 1, 0, 0}

// times returns the matrix that does m first and then n.
func (m matrix) times(n matrix) matrix {
	return matrix{m.a*n.a + m.b*n.c, m.a*n.b + m.b*n.d, m.c*n.a + m.d*n.c, m.c*n.b + m.d*n.d, m.e*n.a + m.f*n.c + n.e, m.e*n.b + m.f*n.d + n.f}
}

func (m matrix) point(x, y float64) point { return point{x*m.a + y*m.c + m.e, x*m.b + y*m.d + m.f} }

// scale is how much longer the matrix makes an upright line.
func (m matrix) scale() float64 { return math.Hypot(m.c, m.d) }

type point struct{ x, y float64 }

// A box is an upright rectangle; without extent it holds nothing.
type box struct{ left, bottom, right, top float64 }

func boxOf(v pdf.Value) box {
	if v.Len() != 4 {
		return box{}
	}
	x, y, u, w := v.Index(0).Float64(), v.Index(1).Float64(), v.Index(2).Float64(), v.Index(3).Float64()
	return box{min(x, u), min(y, w), max(x, u), max(y, w)}
}

func (b box) and(o box) box {
	return box{max(b.left, o.left), max(b.bottom, o.bottom), min(b.right, o.right), min(b.top, o.top)}
}

func (b box) holds(p point) bool {
	return p.x >= b.left && p.x <= b.right && p.y >= b.bottom && p.y <= b.top
}

func (b box) polygon() polygon {
	return polygon{{b.left, b.bottom}, {b.right, b.bottom}, {b.right, b.top}, {b.left, b.top}}
}

// A polygon is a closed path; curves are taken for the lines between their
// ends.
type polygon []point

func (p polygon) bounds() box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, q := range p {
		b = box{min(b.left, q.x), min(b.bottom, q.y), max(b.right, q.x), max(b.top, q.y)}
	}
	return b
}

// holds reports whether a point is inside, by the even-odd rule.
func (p polygon) holds(q point) bool {
	inside := false
	for i, j := 0, len(p)-1; i < len(p); j, i = i, i+1 {
		a, b := p[i], p[j]
		if (a.y > q.y) != (b.y > q.y) && q.x < (b.x-a.x)*(q.y-a.y)/(b.y-a.y)+a.x {
			inside = !inside
		}
	}
	return inside
}

// A glyph is a drawn character: the middle of it, and what became of it.
type glyph struct {
	at      point
	size    float64
	covered bool // by something drawn later
	picture bool // that is a picture
}

// Bounds on one page.
const (
	maxGlyphs = 500_000
	maxAreas  = 50_000
	maxTests  = 400_000_000 // points against areas, of the whole file
)

// A canvas is a page being drawn: where its characters are, and what is drawn
// over them.
type canvas struct {
	pdf     *pdfFile
	visible box
	glyphs  []glyph
	ground  []area // what white type may stand on
	areas   int
	noInk   int // characters drawn without ink
	onWhite int // or in white, on nothing
	tiny    int // or too small to be seen
	off     int // or outside of what is seen
}

// An area is a filled shape or a picture.
type area struct {
	polygon
	box
	white bool
}

// cover marks the characters that an area is drawn over.
func (c *canvas) cover(p polygon, picture bool) {
	b := p.bounds()
	for i := range c.glyphs {
		g := &c.glyphs[i]
		if c.pdf.tests++; c.pdf.tests > maxTests {
			panic(errLimit)
		}
		// What is thinner than half of a character underlines it or strikes it
		// through, and hides nothing.
		if !g.covered && b.top-b.bottom > g.size/2 && b.holds(g.at) && p.holds(g.at) {
			g.covered, g.picture = true, picture
		}
	}
}

// paint draws an area over what is there.
func (c *canvas) paint(p polygon, clip box, white, picture, opaque bool) {
	if c.areas++; c.areas > maxAreas || len(p) < 3 {
		if len(p) < 3 {
			return
		}
		panic(errLimit)
	}
	b := p.bounds().and(clip)
	if b.left >= b.right || b.bottom >= b.top {
		return
	}
	if p.bounds() != b { // clipped: the part of it that is left, as a rectangle
		p = b.polygon()
	}
	c.ground = append(c.ground, area{p, b, white})
	if opaque {
		c.cover(p, picture)
	}
}

// onDark reports whether what is behind a point is not white.
func (c *canvas) onDark(q point) bool {
	for i := len(c.ground) - 1; i >= 0; i-- {
		if c.pdf.tests++; c.pdf.tests > maxTests {
			panic(errLimit)
		}
		if a := c.ground[i]; a.box.holds(q) && a.polygon.holds(q) {
			return !a.white
		}
	}
	return false
}

// report notes what was found on the page.
func (c *canvas) report(place string) {
	boxes, pictures := 0, 0
	for _, g := range c.glyphs {
		switch {
		case g.picture:
			pictures++
		case g.covered:
			boxes++
		}
	}
	for _, f := range []struct {
		code   Code
		n      int
		detail string
	}{
		{BlackBox, boxes, "characters under a filled shape"},
		{BlackBox, pictures, "characters under a picture"},
		{InvisibleText, c.noInk, "drawn without ink, as the text that was recognised in a scan is"},
		{InvisibleText, c.onWhite, "white on white"},
		{InvisibleText, c.tiny, "too small to be seen"},
		{OffPage, c.off, "text"},
	} {
		if f.n > 0 {
			c.pdf.say(f.code, place, f.n, f.detail)
		}
	}
}
