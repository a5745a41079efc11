package email

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/connectors/email/tnef"
	"github.com/closeroll/closeroll/internal/plaintext"
)

// maxWinmailDepth bounds messages embedded in winmail.dat in one another.
const maxWinmailDepth = 8

// winmail opens a winmail.dat: its body is text of the message and its files
// are attachments. The winmail.dat itself is an attachment too, for what is not
// read of it.
func (b *builder) winmail(p *part) string {
	a := b.attach(p)
	a.Type = "application/ms-tnef"
	octets, ok := b.toMemory(b.decoded(p))
	if !ok {
		b.partial = true
		return ""
	}
	return b.tnef(octets, a.Path, 0)
}

// tnef reads one TNEF stream and those embedded in it.
func (b *builder) tnef(octets []byte, path string, depth int) string {
	file, err := tnef.Parse(octets)
	if err != nil {
		b.found.add(DefectBadTNEF)
		b.partial = true
	}
	var texts []string
	if depth > 0 && file.Subject != "" {
		texts = append(texts, b.keep(decodeLabel([]byte(file.Subject), file.Codepage)))
	}
	if t := b.tnefBody(file); t != "" {
		texts = append(texts, t)
	}
	for i, f := range file.Attachments {
		if f.Embedded && depth < maxWinmailDepth {
			if t := b.tnef(f.Content, path+"."+strconv.Itoa(i+1), depth+1); t != "" {
				b.other = append(b.other, t)
			}
		}
		a := &Attachment{
			Name: clean(decodeLabel([]byte(f.Name), file.Codepage)), Declared: strings.ToLower(f.Type),
			Path: path + "." + strconv.Itoa(i+1),
			open: func() io.Reader { return bytes.NewReader(f.Content) },
		}
		if b.add(a) {
			b.describe(a, bytes.NewReader(f.Content))
		}
	}
	return strings.Join(texts, "\n\n")
}

// tnefBody returns the body, from the plainest form that has one.
func (b *builder) tnefBody(file *tnef.File) string {
	buf := plaintext.NewBuffer(b.textRoom)
	var err error
	switch {
	case len(bytes.TrimSpace(file.Text)) > 0:
		_, err = io.WriteString(buf, decodeLabel(file.Text, file.Codepage))
	case len(file.HTML) > 0:
		text, _ := plaintext.NewReader(bytes.NewReader(file.HTML), "")
		err = plaintext.HTML(buf, text)
	case len(file.RTF) > 0:
		err = plaintext.RTF(buf, bytes.NewReader(file.RTF))
	}
	if err != nil {
		b.found.add(DefectTextTooLarge)
		b.partial = true
	}
	b.textRoom = buf.Room()
	return tidy(buf.String())
}

func decodeLabel(octets []byte, label string) string {
	if label == "windows-1252" {
		label = "" // the default: UTF-8 where it is that
	}
	s, _ := plaintext.Decode(octets, label)
	return s
}
