package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

// withAttachment writes a message of two parts: a paragraph, and a file of one
// of four kinds, between 2 and 300 kB.
func (f *filler) withAttachment(m *bytes.Buffer) {
	const boundary = "bench-boundary"
	fmt.Fprintf(m, "Content-Type: multipart/mixed; boundary=%q\n\n--%s\nContent-Type: text/plain; charset=us-ascii\n\n", boundary, boundary)
	f.paragraphs(m, 1)
	var content []byte
	var name, media string
	switch f.random.IntN(4) {
	case 0:
		name, media, content = "figures.csv", "text/csv", f.table()
	case 1:
		name, media, content = "minutes.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", f.document()
	case 2:
		name, media, content = "photograph.jpg", "image/jpeg", f.noise(20_000+f.random.IntN(280_000))
	default:
		name, media, content = "letter.txt", "text/plain", []byte(strings.Repeat(f.words(80)+"\n", 8))
	}
	fmt.Fprintf(m, "--%s\nContent-Type: %s; name=%q\nContent-Disposition: attachment; filename=%q\nContent-Transfer-Encoding: base64\n\n",
		boundary, media, name, name)
	encoded := base64.StdEncoding.EncodeToString(content)
	for len(encoded) > 76 {
		m.WriteString(encoded[:76] + "\n")
		encoded = encoded[76:]
	}
	fmt.Fprintf(m, "%s\n--%s--\n", encoded, boundary)
}

func (f *filler) table() []byte {
	var b bytes.Buffer
	b.WriteString("station,hour,level\n")
	for i := range 100 + f.random.IntN(900) {
		fmt.Fprintf(&b, "Upton,%d,%.2f\n", i, 3+f.random.Float64())
	}
	return b.Bytes()
}

// document returns the smallest file that a word processor opens as a .docx.
func (f *filler) document() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	write := func(name, content string) {
		// Writing to a buffer does not fail.
		w, _ := z.Create(name)
		fmt.Fprint(w, content)
	}
	write("[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`)
	var text strings.Builder
	for range 20 + f.random.IntN(60) {
		safe := strings.NewReplacer("&", "", "<", "", ">", "").Replace(f.words(60))
		text.WriteString("<w:p><w:r><w:t>" + safe + "</w:t></w:r></w:p>")
	}
	write("word/document.xml", `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`+text.String()+`</w:body></w:document>`)
	z.Close()
	return b.Bytes()
}

// noise is what a compressed photograph is to a compressor.
func (f *filler) noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(f.random.Uint32())
	}
	return b
}
