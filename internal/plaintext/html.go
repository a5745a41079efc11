package plaintext

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxHTMLToken bounds one tag or one run of text. Pictures embedded as data:
// URLs make tags of several megabytes.
const maxHTMLToken = 16 << 20

// maxHidden bounds the hidden text that is kept in case its element never ends.
const maxHidden = 1 << 20

// HTML writes the text that a reader of the page sees: no scripts, styles or
// hidden elements, block elements on lines of their own, quotations marked
// with "> ", and the target of a link after its text where the text does not
// show it. The page is read as UTF-8.
//
// It works on the stream of tokens, not on a tree: the markup of mail is too
// often broken, or hostile, for a tree to be worth its cost. A hidden element
// that never ends hides nothing. The error is w's, or r's.
func HTML(w io.Writer, r io.Reader) error {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(maxHTMLToken)
	p := &page{out: &layout{w: w}}
	for p.out.err == nil {
		switch z.Next() {
		case html.ErrorToken:
			p.unhide()
			p.out.finish()
			if err := z.Err(); err != io.EOF {
				return err
			}
			return p.out.err
		case html.TextToken:
			p.text(z.Text())
		case html.StartTagToken:
			p.start(z, false)
		case html.SelfClosingTagToken:
			p.start(z, true)
		case html.EndTagToken:
			name, _ := z.TagName()
			p.end(atom.Lookup(name))
		}
	}
	return p.out.err
}

// page is the state of one conversion.
type page struct {
	out    *layout
	skip   atom.Atom    // the element whose content is left out: script, style, or a hidden one
	depth  int          // of elements with that name
	hidden bytes.Buffer // the text of a hidden element, in case it never ends
	links  []string     // targets of the open links
}

func (p *page) text(b []byte) {
	switch {
	case p.skip == 0:
		p.out.text(b)
	case p.skip != atom.Script && p.skip != atom.Style && p.hidden.Len()+len(b) < maxHidden:
		p.hidden.Write(b)
		p.hidden.WriteByte(' ')
	}
}

func (p *page) start(z *html.Tokenizer, selfClosing bool) {
	name, more := z.TagName()
	tag := atom.Lookup(name)
	if p.skip != 0 {
		if tag == p.skip && !selfClosing {
			p.depth++
		}
		return
	}
	var href, alt string
	var conceal bool
	for more {
		var key, val []byte
		key, val, more = z.TagAttr()
		switch string(key) {
		case "href":
			href = string(val)
		case "alt":
			alt = string(val)
		case "hidden":
			conceal = true
		case "style":
			conceal = conceal || hides(val)
		}
	}
	switch {
	case tag == atom.Script || tag == atom.Style:
		conceal = true
	case tag == atom.Img && alt != "":
		p.out.text([]byte(" " + alt + " "))
	case tag == atom.A:
		if len(p.links) < 64 {
			p.links = append(p.links, href)
		}
		p.out.beginLink()
	}
	if conceal && !selfClosing && !void(tag) && tag != 0 && tag != atom.Body && tag != atom.Html {
		p.skip, p.depth = tag, 1
		return
	}
	p.out.open(tag)
}

func (p *page) end(tag atom.Atom) {
	if p.skip != 0 {
		if tag == p.skip {
			p.depth--
		}
		if p.depth == 0 {
			p.skip = 0
			p.hidden.Reset()
		}
		return
	}
	if tag == atom.A && len(p.links) > 0 {
		p.out.endLink(p.links[len(p.links)-1])
		p.links = p.links[:len(p.links)-1]
	}
	p.out.close(tag)
}

// unhide gives back the text of an element that was hidden and never ended.
func (p *page) unhide() {
	if p.skip != 0 && p.hidden.Len() > 0 {
		p.out.open(atom.P)
		p.out.text(p.hidden.Bytes())
	}
}

// hides reports whether a style attribute keeps its element from being seen.
func hides(style []byte) bool {
	if len(style) > 4096 {
		return false
	}
	s := strings.ToLower(string(bytes.ReplaceAll(style, []byte(" "), nil)))
	return strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden")
}

func void(tag atom.Atom) bool {
	switch tag {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input,
		atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}
