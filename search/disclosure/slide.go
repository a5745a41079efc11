package disclosure

import (
	"strconv"
	"strings"
)

// presentation reads how large slides are, and their order (part 1, clause
// 19.2).
func (d *document) presentation(name string, octets []byte) error {
	targets, err := d.targets(name)
	if err != nil {
		return err
	}
	return elements(octets, func(e element) error {
		switch {
		case e.end:
		case e.name == "sldSz":
			d.width, _ = e.number("cx")
			d.height, _ = e.number("cy")
		case e.name == "sldId":
			for _, a := range e.attrs { // id is the slide's own number, r:id the relationship
				if to := targets[a.Value]; to != "" && a.Name.Local == "id" {
					d.slideOf[to] = len(d.slideOf) + 1
				}
			}
		}
		return nil
	})
}

// slide looks at a slide (part 1, clause 19.3). One that the presentation does
// not list is hidden too.
func (d *document) slide(name string, octets []byte) error {
	r := &slideReader{document: d, part: name, own: d.roots[name] == "sld"}
	if r.own && d.slideOf[name] == 0 {
		d.say(HiddenSlide, d.in(name), 0, "the presentation does not even list it")
	}
	return elements(octets, r.element)
}

// A slideReader is a slide being read.
type slideReader struct {
	*document
	part   string
	own    bool // a slide, not what slides are modelled on
	groups int  // around this place, whose members have coordinates of their own
	x, y   float64
	moved  bool // x and y are of the shape that is being read
}

func (r *slideReader) element(e element) error {
	switch {
	case e.name == "sld" && !e.end && (e.attr("show") == "0" || e.attr("show") == "false"):
		r.add(HiddenSlide, r.placed(r.part), 0)
	case e.name == "grpSp" && e.end:
		r.groups--
	case e.name == "grpSp":
		r.groups++
	case e.name == "off" && !e.end:
		r.x, _ = e.number("x")
		r.y, _ = e.number("y")
		r.moved = true
	case e.name == "ext" && !e.end && r.moved && e.has("cx"):
		r.moved = false
		cx, _ := e.number("cx")
		cy, _ := e.number("cy")
		out := r.x+cx <= 0 || r.y+cy <= 0 || r.x >= r.width || r.y >= r.height
		if r.own && r.groups == 0 && r.width > 0 && out {
			r.add(OffPage, r.placed(r.part), 1)
		}
	default:
		r.drawn(r.part, e)
	}
	return nil
}

// notes counts the words of a speaker's notes; the number of the slide, which
// is a field there, is none.
func (d *document) notes(name string, octets []byte) error {
	words, inText, field := 0, false, 0
	err := elements(octets, func(e element) error {
		switch {
		case e.name == "fld" && e.end:
			field--
		case e.name == "fld":
			field++
		case e.name == "t":
			inText = !e.end
		case inText && field <= 0:
			words += len(strings.Fields(e.text))
		default:
			d.drawn(name, e)
		}
		return nil
	})
	if words > 0 {
		d.say(SpeakerNotes, d.placed(name), words, strconv.Itoa(words)+" words")
	}
	return err
}
