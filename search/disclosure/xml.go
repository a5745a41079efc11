package disclosure

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"
)

// maxNesting bounds how deeply elements may contain one another. Office and its
// like stay far below it.
const maxNesting = 2000

// An element is a start or an end tag, or text, as each handler gets it. Names
// are without their prefixes: a handler is chosen by the root element of its
// part, within which no name means two things.
type element struct {
	name  string // local name; empty for text
	end   bool
	text  string
	attrs []xml.Attr
}

// attr returns an attribute by its local name, or "".
func (e element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// has reports whether an attribute is there, whatever its value.
func (e element) has(name string) bool {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return true
		}
	}
	return false
}

// on reads an attribute as a switch; absent is off.
func (e element) on(name string) bool {
	v := e.attr(name)
	return v == "1" || v == "true" || v == "on"
}

// number reads an attribute as a number; absent or broken is none.
func (e element) number(name string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(e.attr(name)), 64)
	return n, err == nil
}

// elements reads XML element by element. Raw tokens keep no stack, and entities
// that a document declares are not expanded. A part that does not end all that
// it began is broken: a program that is less strict may read on.
func elements(octets []byte, yield func(element) error) error {
	d := xml.NewDecoder(bytes.NewReader(octets))
	d.Strict = false
	d.CharsetReader = charset.NewReaderLabel
	depth := 0
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			if depth != 0 {
				return errBroken
			}
			return nil
		} else if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; depth > maxNesting {
				return errLimit
			}
			err = yield(element{name: t.Name.Local, attrs: t.Attr})
		case xml.EndElement:
			depth--
			err = yield(element{name: t.Name.Local, end: true})
		case xml.CharData:
			err = yield(element{text: string(t)})
		}
		if err != nil {
			return err
		}
	}
}

// rootOf returns the local name of a part's root element; empty if the octets
// are no XML.
func rootOf(octets []byte) string {
	head := bytes.TrimLeft(bytes.TrimPrefix(octets[:min(len(octets), 4096)], []byte("\xef\xbb\xbf")), " \t\r\n")
	if !bytes.HasPrefix(head, []byte("<")) && !bytes.HasPrefix(head, []byte("\xff\xfe<")) && !bytes.HasPrefix(head, []byte("\xfe\xff\x00<")) {
		return ""
	}
	d := xml.NewDecoder(bytes.NewReader(octets))
	d.Strict = false
	d.CharsetReader = charset.NewReaderLabel
	for {
		t, err := d.RawToken()
		if err != nil {
			return ""
		}
		if s, ok := t.(xml.StartElement); ok {
			return s.Name.Local
		}
	}
}
