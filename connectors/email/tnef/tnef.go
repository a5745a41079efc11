// Package tnef reads the winmail.dat files in which Outlook and Exchange wrap
// a message that they send outside: the Transport Neutral Encapsulation Format
// ([MS-OXTNEF]), with the properties of MAPI inside ([MS-OXCDATA]).
//
// It reads what a person lost to the wrapping: the body, as text, HTML or RTF,
// and the attachments with their names. Memory is bounded by the input, which
// is in memory already: attachments are slices of it, and compressed RTF is
// expanded to at most MaxRTF. It never panics; a file that breaks off gives
// what stood before the break, and ErrBroken.
package tnef

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
)

// Limits.
const (
	MaxAttachments = 1000
	MaxRTF         = 8 << 20 // octets of RTF after decompression
)

// ErrBroken says that the file is not TNEF, or not to its end. What was read
// before is returned with it.
var ErrBroken = errors.New("broken TNEF")

// signature begins every file ([MS-OXTNEF], section 2.1.3.2).
const signature = 0x223e9f78

// A File is what a winmail.dat holds.
type File struct {
	Subject     string
	Text        []byte // plain text in Codepage, or UTF-8 where Codepage is "utf-8"
	Codepage    string // charset label of Text and of names
	HTML        []byte
	RTF         []byte // decompressed
	Attachments []Attachment
}

// An Attachment is a file in a File.
type Attachment struct {
	Name     string
	Type     string // media type, "" if not said
	Content  []byte
	Embedded bool // Content is itself TNEF: a message
}

// Attribute identifiers ([MS-OXTNEF], section 2.1.3.3), with their types.
const (
	attSubject      = 0x00018004
	attBody         = 0x0002800c
	attOemCodepage  = 0x00069007
	attMsgProps     = 0x00069003
	attRendData     = 0x00069002
	attTitle        = 0x00018010
	attData         = 0x0006800f
	attAttachProps  = 0x00069005
	levelMessage    = 1
	levelAttachment = 2
)

// Parse reads data.
func Parse(data []byte) (*File, error) {
	f := &File{Codepage: "windows-1252"}
	r := reader{b: data}
	if r.u32() != signature || r.bad {
		return f, fmt.Errorf("%w: no signature", ErrBroken)
	}
	r.u16() // the legacy key
	for len(r.b) > 0 {
		level, id := r.u8(), r.u32()
		value := r.take(int(r.u32()))
		if r.bad {
			return f, fmt.Errorf("%w: an attribute breaks off", ErrBroken)
		}
		if len(r.b) >= 2 { // a checksum, which broken senders get wrong: nothing depends on it
			r.u16()
		}
		f.attribute(level, id, value)
	}
	return f, nil
}

func (f *File) attribute(level byte, id uint32, value []byte) {
	if level == levelAttachment && id == attRendData {
		if len(f.Attachments) < MaxAttachments {
			f.Attachments = append(f.Attachments, Attachment{})
		}
		return
	}
	var last *Attachment
	if n := len(f.Attachments); n > 0 {
		last = &f.Attachments[n-1]
	}
	switch {
	case id == attOemCodepage && len(value) >= 4:
		f.Codepage = label(binary.LittleEndian.Uint32(value))
	case id == attSubject:
		f.Subject = text8(value)
	case id == attBody:
		f.Text = trimNUL(value)
	case id == attMsgProps:
		f.messageProps(value)
	case last == nil:
	case id == attTitle && last.Name == "":
		last.Name = text8(value)
	case id == attData:
		last.Content = value
	case id == attAttachProps:
		last.props(value)
	}
}

// Property identifiers ([MS-OXPROPS]).
const (
	pidSubject       = 0x0037
	pidBody          = 0x1000
	pidRTFCompressed = 0x1009
	pidHTML          = 0x1013
	pidAttachData    = 0x3701
	pidAttachName    = 0x3704
	pidAttachLong    = 0x3707
	pidAttachMIME    = 0x370e
	pidDisplayName   = 0x3001
)

func (f *File) messageProps(value []byte) {
	properties(value, func(p property) {
		switch p.id {
		case pidSubject:
			f.Subject = p.text()
		case pidBody:
			f.Text = trimNUL(p.value)
			if p.kind == typeUnicode {
				f.Text, f.Codepage = []byte(p.text()), "utf-8"
			}
		case pidHTML:
			f.HTML = p.value
			if p.kind == typeUnicode {
				f.HTML = []byte(p.text())
			}
		case pidRTFCompressed:
			if rtf, err := decompress(p.value, MaxRTF); err == nil || len(rtf) > 0 {
				f.RTF = rtf
			}
		}
	})
}

func (a *Attachment) props(value []byte) {
	properties(value, func(p property) {
		switch p.id {
		case pidAttachLong:
			a.Name = p.text()
		case pidAttachName, pidDisplayName:
			if a.Name == "" {
				a.Name = p.text()
			}
		case pidAttachMIME:
			a.Type = p.text()
		case pidAttachData:
			a.Content = p.value
			if p.kind == typeObject && len(p.value) >= 16 { // an interface id stands before an embedded message
				a.Content = p.value[16:]
			}
			a.Embedded = len(a.Content) >= 4 && binary.LittleEndian.Uint32(a.Content) == signature
		}
	})
}

// label turns a Windows code page number into a charset label.
func label(codepage uint32) string {
	switch codepage {
	case 65001:
		return "utf-8"
	case 932:
		return "shift_jis"
	case 936:
		return "gbk"
	case 949:
		return "euc-kr"
	case 950:
		return "big5"
	case 437, 850, 852, 866:
		return "ibm" + strconv.Itoa(int(codepage))
	}
	if codepage >= 1250 && codepage <= 1258 {
		return "windows-" + strconv.Itoa(int(codepage))
	}
	return "windows-1252"
}

func trimNUL(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

func text8(b []byte) string { return string(trimNUL(b)) }

func text16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	for len(units) > 0 && units[len(units)-1] == 0 {
		units = units[:len(units)-1]
	}
	return string(utf16.Decode(units))
}
