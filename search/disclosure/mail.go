package disclosure

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
)

// headerLine is a field of a message's header that mail has and text has not.
var headerLine = regexp.MustCompile(`(?im)^(received|return-path|message-id|mime-version|from|delivered-to|x-[a-z-]+): \S`)

// looksLikeMail reports whether octets begin with the header of a message.
func looksLikeMail(b []byte) bool {
	head := b[:min(len(b), 8<<10)]
	if i := bytes.Index(head, []byte("\r\n\r\n")); i >= 0 {
		head = head[:i]
	} else if i := bytes.Index(head, []byte("\n\n")); i >= 0 {
		head = head[:i]
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	name, _, ok := bytes.Cut(first, []byte(":"))
	return ok && len(name) > 0 && !bytes.ContainsAny(name, " \t<>") && len(headerLine.FindAll(head, -1)) >= 2
}

// mail looks at an e-mail (RFC 5322 and 2045): its header, what its parts hide,
// and each attachment as a file.
func (c *checker) mail(f file) error {
	m, err := mail.ReadMessage(bytes.NewReader(f.octets))
	if err != nil {
		return err
	}
	c.route(f, m.Header)
	return c.body(f, textproto.MIMEHeader(m.Header), m.Body, 0)
}

// route notes what a header says that mail programs do not show.
func (c *checker) route(f file, h mail.Header) {
	for _, name := range []string{"Bcc", "Resent-Bcc"} {
		for _, v := range h[name] {
			if strings.TrimSpace(v) != "" {
				c.add(BlindCopies, f.in("header "+name), 1)
			}
		}
	}
	n := len(h["Received"])
	for name := range h {
		if strings.HasPrefix(name, "X-") || strings.HasPrefix(name, "Arc-") || name == "Return-Path" || name == "Delivered-To" || name == "Authentication-Results" {
			n++
		}
	}
	if n > 0 {
		c.add(MailRoute, f.in("header"), n)
	}
}

// maxParts bounds the parts of one multipart body.
const maxParts = 1000

// body looks at a body or a part of one.
func (c *checker) body(f file, h textproto.MIMEHeader, r io.Reader, depth int) error {
	if depth > 20 {
		return errLimit
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
		if h.Get("Content-Type") != "" {
			return errBroken
		}
	}
	if strings.HasPrefix(kind, "multipart/") {
		return c.parts(f, kind, params["boundary"], r, depth)
	}
	octets, err := c.decode(h.Get("Content-Transfer-Encoding"), r)
	if err != nil {
		return err
	}
	name := params["name"]
	if _, p, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil && p["filename"] != "" {
		name = p["filename"]
	}
	name, _ = new(mime.WordDecoder).DecodeHeader(name)
	switch {
	case kind == "text/html" && name == "":
		c.page(f, octets)
	case kind == "text/plain" && name == "":
		return c.text(file{place: f.place, octets: octets})
	case kind == "message/rfc822":
		c.add(EmbeddedObject, f.in("a message that is attached"), 0)
		c.checkFile(f.inside("attached message", octets))
	default:
		if name == "" {
			name = "part of type " + kind
		}
		c.checkFile(f.inside(base(name), octets))
	}
	return nil
}

// parts looks at each part of a multipart body. Alternatives are shown one at a
// time: the other may say something else.
func (c *checker) parts(f file, kind, boundary string, r io.Reader, depth int) error {
	if boundary == "" {
		return errBroken
	}
	mr := multipart.NewReader(r, boundary)
	n := 0
	for ; ; n++ {
		part, err := mr.NextRawPart()
		if err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		if n >= maxParts {
			return errLimit
		}
		if err := c.body(f, part.Header, part, depth+1); err != nil {
			c.say(CannotBeChecked, f.in("a part of the message"), 0, reason(err))
		}
	}
	if kind == "multipart/alternative" && n > 1 {
		c.say(HiddenParts, f.place, n, "the same text in several forms")
	}
	return nil
}

// decode undoes a transfer encoding (RFC 2045, section 6), within the limits.
func (c *checker) decode(encoding string, r io.Reader) ([]byte, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "7bit", "8bit", "binary":
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	default:
		return nil, errUnknown
	}
	return c.limited(r)
}

// hidingStyle finds what hides an element of a page, or fetches something from
// elsewhere.
var hidingStyle = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0[^.]|<!--\s*[^\[<!]|<script|\bhidden\b\s*[=/>]`)

// page looks at the HTML of a message.
func (c *checker) page(f file, octets []byte) {
	if hidingStyle.Match(octets) {
		c.say(HiddenParts, f.place, 0, "text of the HTML form that is hidden, or a comment")
	}
}
