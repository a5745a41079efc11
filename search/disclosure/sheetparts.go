package disclosure

import (
	"path"
	"strconv"
	"strings"
)

// within resolves a relationship's target against the folder of the part that
// has it; a target from the root is absolute.
func within(folder, target string) string {
	if strings.HasPrefix(target, "/") {
		return target[1:]
	}
	return path.Join(folder, target)
}

// sharedStrings is the table of texts that cells refer to (clause 18.4).
type sharedStrings struct {
	part  string
	count int
	seen  map[int]bool // by number: a cell shows it
}

// used returns the set that readers of cells mark what they show in.
func (s *sharedStrings) used() map[int]bool {
	if s.seen == nil {
		s.seen = make(map[int]bool)
	}
	return s.seen
}

// unused is how many texts no cell shows: what was in cells once.
func (s *sharedStrings) unused() int {
	n := s.count
	for k := range s.seen {
		if k >= 0 && k < s.count {
			n--
		}
	}
	return n
}

// sharedStrings counts the texts that hold something.
func (d *document) sharedStrings(name string, octets []byte) error {
	d.strings.part = name
	texts, full := 0, false
	err := elements(octets, func(e element) error {
		switch {
		case e.name == "si" && e.end:
			if !full { // an empty text hides nothing: it counts as shown
				d.strings.used()[texts] = true
			}
			texts++
		case e.name == "si":
			full = false
		case e.name == "" && strings.TrimSpace(e.text) != "":
			full = true
		}
		return nil
	})
	d.strings.count = texts
	return err
}

// pivotCache notes the data behind pivot tables and slicers, and where it came
// from (clause 18.10). The definition alone lists every value of every field.
func (d *document) pivotCache(name string, octets []byte) error {
	records, fields, from := 0, 0, ""
	err := elements(octets, func(e element) error {
		switch {
		case e.end:
		case e.name == "pivotCacheRecords" || e.name == "r" && d.roots[name] == "pivotCacheRecords":
			if e.name == "r" {
				records++
			}
		case e.name == "worksheetSource" && e.attr("sheet") != "":
			from = "made from sheet " + e.attr("sheet") + " " + e.attr("ref")
		case e.name == "cacheField":
			fields++
		}
		return nil
	})
	if d.roots[name] == "pivotCacheRecords" {
		from = strconv.Itoa(records) + " rows of data"
	}
	d.say(PivotCache, d.in(name), max(records, fields), strings.TrimSpace(from))
	return err
}

// externalLink notes another workbook, and how much of it is kept here (clause
// 18.14).
func (d *document) externalLink(name string, octets []byte) error {
	kept := 0
	err := elements(octets, func(e element) error {
		if e.name == "cell" && !e.end {
			kept++
		}
		return nil
	})
	d.say(ExternalLink, d.in(name), kept, "cells of it that are kept in this one: "+strconv.Itoa(kept))
	return err
}

// cellStyles knows which styles show nothing of a cell's value.
type cellStyles struct{ unseenStyles map[string]bool }

func (c *cellStyles) unseen(style string) bool { return c.unseenStyles[style] }

// A styleReader is a part of styles being read (clause 18.8).
type styleReader struct {
	in     string // fonts, fills, numFmts or cellXfs: the list being read
	n      int    // of cellXfs
	white  []bool // fonts
	filled []bool // fills
	blank  map[string]bool
	unseen map[string]bool
}

// styleSheet finds the styles that hide values: white type on no fill, and
// number formats that show nothing.
func (d *document) styleSheet(_ string, octets []byte) error {
	r := &styleReader{blank: make(map[string]bool), unseen: make(map[string]bool)}
	err := elements(octets, func(e element) error {
		r.element(e)
		return nil
	})
	d.cells.unseenStyles = r.unseen
	return err
}

func (r *styleReader) element(e element) {
	switch e.name {
	case "fonts", "fills", "numFmts", "cellXfs", "cellStyleXfs", "dxfs":
		if r.in = e.name; e.end {
			r.in = ""
		}
		return
	}
	if e.end {
		return
	}
	switch r.in + " " + e.name {
	case "fonts font":
		r.white = append(r.white, false)
	case "fonts color":
		if len(r.white) > 0 {
			rgb := strings.ToUpper(e.attr("rgb"))
			r.white[len(r.white)-1] = rgb == "FFFFFFFF" || rgb == "00FFFFFF" || rgb == "FFFFFF" || e.attr("theme") == "0" && !e.has("tint") ||
				e.attr("indexed") == "9" || e.attr("indexed") == "1"
		}
	case "fills fill":
		r.filled = append(r.filled, false)
	case "fills patternFill":
		if len(r.filled) > 0 {
			r.filled[len(r.filled)-1] = e.attr("patternType") != "" && e.attr("patternType") != "none"
		}
	case "fills gradientFill":
		if len(r.filled) > 0 {
			r.filled[len(r.filled)-1] = true
		}
	case "numFmts numFmt":
		r.blank[e.attr("numFmtId")] = strings.Trim(e.attr("formatCode"), `;" `) == "" && strings.Contains(e.attr("formatCode"), ";;")
	case "cellXfs xf":
		font, _ := strconv.Atoi(e.attr("fontId"))
		fill, _ := strconv.Atoi(e.attr("fillId"))
		white := font >= 0 && font < len(r.white) && r.white[font] && !(fill > 0 && fill < len(r.filled) && r.filled[fill])
		r.unseen[strconv.Itoa(r.n)] = white || r.blank[e.attr("numFmtId")]
		if r.n == 0 { // a cell that names no style has the first
			r.unseen[""] = r.unseen["0"]
		}
		r.n++
	}
}
