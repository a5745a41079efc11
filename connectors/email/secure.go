package email

import (
	"bytes"
	"strings"
)

// markSecure recognises what S/MIME (RFC 8551, section 3.2) and OpenPGP/MIME
// (RFC 3156) seal or sign.
func markSecure(a *Attachment, p *part) {
	switch p.kind.full {
	case "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature":
		a.Signature = true
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		a.Encrypted = strings.ToLower(p.kind.params["smime-type"]) != "certs-only"
	case "application/pgp-encrypted":
		a.Encrypted = false // the control part, "Version: 1"; the next part is sealed
	case "application/octet-stream":
		a.Encrypted = a.Type == "application/pgp-encrypted"
	}
	if a.Type == "application/pgp-encrypted" && p.kind.full != "application/pgp-encrypted" {
		a.Encrypted = true
	}
}

// wrapped opens an S/MIME part that is signed but not sealed: the message is
// inside the signature, and is read like any other.
func (b *builder) wrapped(p *part) string {
	a := b.attach(p)
	if !a.Encrypted {
		return ""
	}
	octets, ok := b.toMemory(b.decoded(p))
	if ok && p.depth+1 < MaxDepth {
		if content, found := signedContent(octets); found {
			a.Encrypted, b.msg.Signed = false, true
			return b.text(newWalker(b.shared, bytes.NewReader(content), int64(len(content))).entity(p.path+".s", p.depth+1, nil))
		}
	}
	b.encrypted = true
	return ""
}
