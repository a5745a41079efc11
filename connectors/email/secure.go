package email

import "strings"

// markSecure recognises what S/MIME (RFC 8551, section 3.2) and OpenPGP/MIME
// (RFC 3156) seal or sign.
func markSecure(a *Attachment, p *part) {
	switch p.kind.full {
	case "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature":
		a.Signature = true
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		switch strings.ToLower(p.kind.params["smime-type"]) {
		case "certs-only":
		case "signed-data", "compressed-data":
			a.Signature = true // the content is inside, wrapped: its words are not read here
			a.Encrypted = true
		default:
			a.Encrypted = true
		}
	case "application/pgp-encrypted":
		a.Encrypted = false // the control part, "Version: 1"; the next part is sealed
	case "application/octet-stream":
		a.Encrypted = a.Type == "application/pgp-encrypted"
	}
	if a.Type == "application/pgp-encrypted" && p.kind.full != "application/pgp-encrypted" {
		a.Encrypted = true
	}
}
