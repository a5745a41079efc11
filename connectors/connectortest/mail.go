package connectortest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Mail returns the nth message of an endless, varied and repeatable
// correspondence: CRLF line ends, a Message-ID of its own, threads of four,
// plain and multipart bodies, attachments, several charsets. No two are equal.
func Mail(n int) []byte {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	var b bytes.Buffer
	date := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * 17 * time.Minute)
	people := []string{"A Field <a.field@env.example>", "=?utf-8?q?J=C3=B6rg_M=C3=BCller?= <j.muller@env.example>", "press@env.example", "\"Upton, Clerk\" <clerk@upton.example>"}
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	header("Received", fmt.Sprintf("from relay.example by mx.env.example with ESMTPS id q%d; %s", n, date.Format(time.RFC1123Z)))
	header("Date", date.Format(time.RFC1123Z))
	header("From", people[r.IntN(len(people))])
	header("To", "private.office@env.example")
	header("Message-ID", fmt.Sprintf("<%d.%d@env.example>", n, r.Uint32()))
	if n%4 != 0 {
		header("In-Reply-To", fmt.Sprintf("<%d@thread.example>", n/4))
	}
	header("Subject", []string{"Flood defences at Upton", "=?utf-8?b?VMOkZ2xpY2hlciBCZXJpY2h0?=", "Re: sandbags", "Minute of the meeting"}[n%4]+fmt.Sprintf(" (%d)", n))
	header("MIME-Version", "1.0")
	switch n % 5 {
	case 1:
		header("Content-Type", "text/plain; charset=iso-8859-1")
		header("Content-Transfer-Encoding", "8bit")
		b.WriteString("\r\nCaf\xe9 prices rose.\r\n" + words(r, 80))
	case 2:
		attach(&b, r, "report.pdf", 3000+r.IntN(9000))
	case 3:
		header("Content-Type", "text/html; charset=utf-8")
		b.WriteString("\r\n<p>" + words(r, 120) + "</p>\r\n.\r\nFrom the depot:\r\n")
	default:
		header("Content-Type", "text/plain; charset=utf-8")
		b.WriteString("\r\n" + words(r, 60+r.IntN(300)))
	}
	return b.Bytes()
}

func words(r *rand.Rand, n int) string {
	all := strings.Fields("sandbags depot river gauge forecast council minister warning evacuation pump culvert bridge contractor invoice statement draft approve tonight weekend volunteers")
	var b strings.Builder
	for i := range n {
		b.WriteString(all[r.IntN(len(all))])
		if i%11 == 10 {
			b.WriteString("\r\n")
		} else {
			b.WriteByte(' ')
		}
	}
	b.WriteString("\r\n")
	return b.String()
}

func attach(b *bytes.Buffer, r *rand.Rand, name string, size int) {
	const boundary = "=_boundary_1"
	fmt.Fprintf(b, "Content-Type: multipart/mixed; boundary=%q\r\n\r\n--%s\r\nContent-Type: text/plain\r\n\r\n%s\r\n", boundary, boundary, words(r, 40))
	fmt.Fprintf(b, "--%s\r\nContent-Type: application/octet-stream; name=%q\r\nContent-Disposition: attachment; filename=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n", boundary, name, name)
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	text := base64.StdEncoding.EncodeToString(data)
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	fmt.Fprintf(b, "%s\r\n--%s--\r\n", text, boundary)
}

// Large returns a message of about size octets, a little more than less, with
// one attachment that repeats itself.
func Large(size int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: scanner@env.example\r\nTo: private.office@env.example\r\nMessage-ID: <large.%d@env.example>\r\nSubject: scan\r\nMIME-Version: 1.0\r\n", size)
	var part bytes.Buffer
	attach(&part, rand.New(rand.NewPCG(uint64(size), 9)), "scan.tif", 57_000)
	head, end, _ := strings.Cut(part.String(), "base64\r\n\r\n")
	lines, end, _ := strings.Cut(end, "\r\n--=_boundary_1--")
	b.WriteString(head + "base64\r\n\r\n" + lines)
	for b.Len() < size {
		b.WriteString("\r\n" + lines)
	}
	b.WriteString("\r\n--=_boundary_1--" + end)
	return b.Bytes()
}
