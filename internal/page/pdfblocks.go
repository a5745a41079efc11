package page

import (
	"fmt"
	"strings"
)

func (p *pdf) list(l List) {
	for i, item := range l.Items {
		p.use(sans, bodyType, ink)
		bullet := "–"
		if l.Numbered {
			bullet = fmt.Sprintf("%d.", i+1)
		}
		lines := p.wrap(item, textWidth-7)
		p.room(leading(bodyType))
		p.f.Text(sideMargin, p.y+leading(bodyType)*0.75, bullet)
		p.lines(sideMargin+7, lines, bodyType)
		p.y += 0.8
	}
	p.y += 2
}

func (p *pdf) facts(f Facts) {
	const labelWidth = 52.0
	if f.Caption != "" {
		p.paragraph(f.Caption, smallType, soft)
		p.y += 1
	}
	for _, pair := range f.Pairs {
		p.use(sans, smallType, soft)
		labels := p.wrap(pair.Label, labelWidth-4)
		face, size := sans, smallType
		if pair.Exact {
			face, size = mono, smallType-0.5
		}
		p.use(face, size, ink)
		values := p.wrap(pair.Value, textWidth-labelWidth)
		height := leading(smallType)*float64(max(len(labels), len(values))) + 2
		p.room(min(height, 60))
		p.rule(sideMargin, p.y, sheetWidth-sideMargin, 0.2, faint)
		p.y++
		top := p.y
		p.use(sans, smallType, soft)
		p.lines(sideMargin, labels, smallType)
		p.y = top
		p.use(face, size, ink)
		p.lines(sideMargin+labelWidth, values, smallType)
		p.y = max(p.y, top+leading(smallType)*float64(len(labels))) + 1
	}
	p.y += 3
}

func (p *pdf) notice(n Notice) {
	text, ground := n.Tone.colours()
	p.use(sans, bodyType, ink)
	lines := p.wrap(n.Text, textWidth-8)
	height := leading(bodyType)*float64(len(lines)+1) + 5
	p.room(height)
	r, g, b := ground.rgb()
	p.f.SetFillColor(r, g, b)
	p.f.Rect(sideMargin, p.y, textWidth, height, "F")
	r, g, b = text.rgb()
	p.f.SetFillColor(r, g, b)
	p.f.Rect(sideMargin, p.y, 1.4, height, "F")
	p.y += 2.5
	p.use(strong, bodyType, text)
	p.lines(sideMargin+5, []string{p.show(strings.TrimLeft(n.Tone.sign()+" "+n.Label, " "))}, bodyType)
	p.use(sans, bodyType, ink)
	p.lines(sideMargin+5, lines, bodyType)
	p.y += 5.5
}

// signed is the height that signatures are kept together in.
func (p *pdf) signed(s Signatures) float64 { return 20 + 24*float64(min(len(s.People), 3)) }

func (p *pdf) signatures(s Signatures) {
	p.room(p.signed(s))
	p.y += 4
	p.paragraph(s.Statement, bodyType, ink)
	for _, who := range s.People {
		p.room(24)
		p.y += 15
		p.rule(sideMargin, p.y, sideMargin+100, 0.3, ink)
		p.rule(sideMargin+110, p.y, sheetWidth-sideMargin, 0.3, ink)
		p.use(sans, runningType, soft)
		p.write(sideMargin, p.y+3.6, 100, "Signed", "L")
		p.write(sideMargin+110, p.y+3.6, 64, "Date", "L")
		p.y += 4.5
		p.paragraph(who, bodyType, ink)
	}
	p.y += 3
}

// chart sets a drawing to the width of the text, in the plane's units of a
// page for a desk.
func (p *pdf) chart(c chart) {
	d := c.draw(wideChart)
	scale := textWidth / d.width
	p.room(d.height*scale + leading(smallType) + 6)
	p.paragraph(c.title(), smallType, soft)
	p.y += 2
	for _, s := range d.shapes {
		p.shape(s, scale)
	}
	p.y += d.height*scale + 4
}

func (p *pdf) shape(s shape, scale float64) {
	switch s := s.(type) {
	case box:
		p.colours(s.texture.fill(), deep)
		p.f.SetLineWidth(0.2)
		p.f.Rect(sideMargin+s.x*scale, p.y+s.y*scale, s.w*scale, s.h*scale, "FD")
		for _, l := range s.hatching() {
			p.shape(l, scale)
		}
	case stroke:
		p.colours(paper, s.colour)
		p.f.SetLineWidth(s.width * scale)
		if s.dashed {
			p.f.SetDashPattern([]float64{6 * scale, 4 * scale}, 0)
		}
		for i := 1; i < len(s.points); i++ {
			a, b := s.points[i-1], s.points[i]
			p.f.Line(sideMargin+a.x*scale, p.y+a.y*scale, sideMargin+b.x*scale, p.y+b.y*scale)
		}
		p.f.SetDashPattern(nil, 0)
	case area:
		p.area(s, scale)
	case dot:
		fill := deep
		if s.hollow {
			fill = paper
		}
		p.colours(fill, deep)
		p.f.SetLineWidth(1.5 * scale)
		p.f.Circle(sideMargin+s.x*scale, p.y+s.y*scale, s.r*scale, "FD")
	case label:
		p.label(s, scale)
	}
}

func (p *pdf) colours(fill, line colour) {
	r, g, b := fill.rgb()
	p.f.SetFillColor(r, g, b)
	r, g, b = line.rgb()
	p.f.SetDrawColor(r, g, b)
}

func (p *pdf) area(a area, scale float64) {
	p.colours(a.fill, a.fill)
	for i, at := range a.points {
		x, y := sideMargin+at.x*scale, p.y+at.y*scale
		if i == 0 {
			p.f.MoveTo(x, y)
		} else {
			p.f.LineTo(x, y)
		}
	}
	p.f.ClosePath()
	p.f.DrawPath("F")
}

func (p *pdf) label(l label, scale float64) {
	face := sans
	if l.strong {
		face = strong
	}
	p.use(face, textSize*scale/0.3528, l.colour) // a point is 0.3528 mm
	text := p.show(l.text)
	width := p.f.GetStringWidth(text)
	x, y := sideMargin+l.x*scale, p.y+l.y*scale
	switch l.anchor {
	case middle:
		x -= width / 2
	case end:
		x -= width
	}
	if l.backed {
		p.colours(paper, paper)
		p.f.Rect(x-0.5, y-textSize*scale*0.8, width+1, textSize*scale, "F")
	}
	p.f.Text(x, y, text)
}
