package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// Widths at which a chart is laid out, for a desk and for a narrow screen. The
// style sheet shows the one that fits.
const (
	wideChart   = 720.0
	narrowChart = 340.0
)

// svg returns a chart as an inline SVG picture with its title and description.
// id must be unique in the page.
func svg(c chart, width float64, id, class string) template.HTML {
	d := c.draw(width)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="%s" viewBox="0 0 %s %s" role="img" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		class, num(d.width), num(d.height), id, id, id, escaped(c.title()), id, escaped(c.describe()))
	for _, s := range d.shapes {
		svgShape(&b, s)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

func svgShape(b *strings.Builder, s shape) {
	switch s := s.(type) {
	case box:
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s" stroke="%s"/>`, num(s.x), num(s.y), num(s.w), num(s.h), s.texture.fill(), deep)
		for _, l := range s.hatching() {
			svgShape(b, l)
		}
	case stroke:
		dash := ""
		if s.dashed {
			dash = ` stroke-dasharray="6 4"`
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="%s"%s/>`, points(s.points), s.colour, num(s.width), dash)
	case area:
		fmt.Fprintf(b, `<polygon points="%s" fill="%s"/>`, points(s.points), s.fill)
	case dot:
		fill := deep
		if s.hollow {
			fill = paper
		}
		fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="%s" fill="%s" stroke="%s" stroke-width="1.5"/>`, num(s.x), num(s.y), num(s.r), fill, deep)
	case label:
		svgLabel(b, s)
	}
}

func svgLabel(b *strings.Builder, l label) {
	extra := ""
	if l.strong {
		extra += ` font-weight="700"`
	}
	if l.backed {
		extra += fmt.Sprintf(` paint-order="stroke" stroke="%s" stroke-width="4" stroke-linejoin="round"`, paper)
	}
	fmt.Fprintf(b, `<text x="%s" y="%s" text-anchor="%s" fill="%s"%s>%s</text>`, num(l.x), num(l.y),
		[...]string{"start", "middle", "end"}[l.anchor], l.colour, extra, escaped(l.text))
}

func points(all []point) string {
	parts := make([]string, len(all))
	for i, p := range all {
		parts[i] = num(p.x) + "," + num(p.y)
	}
	return strings.Join(parts, " ")
}

// num writes a coordinate to a tenth, and whole ones without a point.
func num(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

func escaped(s string) string { return template.HTMLEscapeString(clean(s)) }
