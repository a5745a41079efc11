package tnef

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

var le = binary.LittleEndian

// writer makes TNEF, the way Outlook does.
type writer struct{ b []byte }

func newWriter() *writer { return &writer{le.AppendUint16(le.AppendUint32(nil, signature), 1)} }

func (w *writer) attribute(level byte, id uint32, value []byte) *writer {
	w.b = append(w.b, level)
	w.b = le.AppendUint32(le.AppendUint32(w.b, id), uint32(len(value)))
	w.b = append(w.b, value...)
	var sum uint16
	for _, c := range value {
		sum += uint16(c)
	}
	w.b = le.AppendUint16(w.b, sum)
	return w
}

// prop is one property with one value of a type that says its length.
func prop(kind, id uint16, value []byte) []byte {
	b := le.AppendUint16(le.AppendUint16(nil, kind), id)
	if id >= 0x8000 { // named
		b = append(b, make([]byte, 16)...)
		b = le.AppendUint32(le.AppendUint32(b, 1), 6)
		b = append(b, "n\x00a\x00\x00\x00\x00\x00"...)
	}
	if fixedSize(kind) > 0 {
		return append(b, value...)
	}
	b = le.AppendUint32(le.AppendUint32(b, 1), uint32(len(value)))
	b = append(b, value...)
	return append(b, make([]byte, -len(value)&3)...)
}

func props(list ...[]byte) []byte {
	b := le.AppendUint32(nil, uint32(len(list)))
	for _, p := range list {
		b = append(b, p...)
	}
	return b
}

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = le.AppendUint16(b, u)
	}
	return b
}

func TestParse(t *testing.T) {
	embedded := newWriter().attribute(levelMessage, attSubject, []byte("inner\x00")).b
	data := newWriter().
		attribute(levelMessage, attOemCodepage, []byte{0xe2, 4, 0, 0, 0, 0, 0, 0}).
		attribute(levelMessage, attMsgProps, props(
			prop(0x0003, 0x0e07, []byte{1, 0, 0, 0}),
			prop(typeUnicode, 0x8001, wide("named")),
			prop(typeUnicode, pidSubject, wide("Flood – plan")),
			prop(typeUnicode, pidBody, wide("Sandbags")),
			prop(typeBinary, pidHTML, []byte("<p>Sandbags</p>")))).
		attribute(levelAttachment, attRendData, make([]byte, 14)).
		attribute(levelAttachment, attTitle, []byte("PLAN~1.TXT\x00")).
		attribute(levelAttachment, attData, []byte("content")).
		attribute(levelAttachment, attAttachProps, props(prop(typeUnicode, pidAttachLong, wide("The plan.txt")), prop(typeString8, pidAttachMIME, []byte("text/plain\x00")))).
		attribute(levelAttachment, attRendData, make([]byte, 14)).
		attribute(levelAttachment, attAttachProps, props(prop(typeObject, pidAttachData, append(make([]byte, 16), embedded...)))).b
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	want := &File{Subject: "Flood – plan", Text: []byte("Sandbags"), Codepage: "utf-8", HTML: []byte("<p>Sandbags</p>"),
		Attachments: []Attachment{{Name: "The plan.txt", Type: "text/plain", Content: []byte("content")}, {Content: embedded, Embedded: true}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for n := range data { // every way to break off is survived, and said unless it falls between attributes
		if f, err := Parse(data[:n]); f == nil || err != nil && !errors.Is(err, ErrBroken) {
			t.Fatalf("cut at %d: %v, %v", n, f, err)
		}
	}
}

func TestDecompress(t *testing.T) {
	// The worked example of [MS-OXRTFCP], section 3.1.
	compressed := []byte("\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0")
	got, err := decompress(compressed, 1000)
	if want := "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if got, _ := decompress(compressed, 10); len(got) > 40 {
		t.Errorf("a limit of 10 octets gave %d", len(got))
	}
	stored := append(le.AppendUint32(le.AppendUint32(le.AppendUint32(nil, 20), 8), lzfuStored), "\x00\x00\x00\x00{\\rtf1 }"...)
	if got, err := decompress(stored, 1000); err != nil || string(got) != `{\rtf1 }` {
		t.Errorf("stored: %q, %v", got, err)
	}
	for n := range 16 {
		if _, err := decompress(compressed[:n], 100); !errors.Is(err, ErrBroken) {
			t.Errorf("%d octets: %v", n, err)
		}
	}
}

func TestManyAttachments(t *testing.T) {
	w := newWriter()
	for range MaxAttachments + 10 {
		w.attribute(levelAttachment, attRendData, nil)
	}
	if f, err := Parse(w.b); err != nil || len(f.Attachments) != MaxAttachments {
		t.Errorf("%d attachments, %v", len(f.Attachments), err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(newWriter().attribute(levelMessage, attMsgProps, props(prop(typeBinary, pidRTFCompressed, []byte(strings.Repeat("LZFu", 8))))).b)
	f.Add(newWriter().attribute(levelAttachment, attRendData, nil).attribute(levelAttachment, attAttachProps, props(prop(0x1102, 0x9000, nil))).b)
	f.Fuzz(func(t *testing.T, data []byte) {
		if file, err := Parse(data); file == nil || err != nil && !errors.Is(err, ErrBroken) {
			t.Fatal(file, err)
		}
	})
}
