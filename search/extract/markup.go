package extract

import (
	"bytes"
	"io"
	"unicode"
	"unicode/utf16"

	"golang.org/x/net/html/charset"

	"github.com/closeroll/closeroll/internal/plaintext"
)

// readHTML reads a page in the charset that it declares, or that its octets
// speak for.
func readHTML(w io.Writer, octets []byte) error {
	label := plaintext.Sniff(octets[:min(len(octets), sniffLen)])
	if label == "" {
		_, found, certain := charset.DetermineEncoding(octets[:min(len(octets), sniffLen)], "")
		if certain || found != "windows-1252" {
			label = found
		}
	}
	r, _ := plaintext.NewReader(bytes.NewReader(octets), label)
	return plaintext.HTML(w, r)
}

// minRun is how many letters in a row are taken for text.
const minRun = 4

// readCompound reads the compound files of Office before 2007 and of Outlook
// ([MS-CFB]) without knowing their formats: runs of letters, in UTF-16 and in
// windows-1252, which is how they keep their text, amid octets that are not
// text. It finds nearly every word of the document and some that are none; the
// status is never better than partial. An Open XML document under a password is
// a compound file too, and is known by the name of its stream.
func readCompound(w io.Writer, octets []byte) error {
	if bytes.Contains(octets, utf16Octets("EncryptedPackage")) {
		return errEncrypted
	}
	for i := 0; i < len(octets); {
		run, n := wideRun(octets[i:])
		if run == "" {
			run, n = narrowRun(octets[i:])
		}
		if run != "" {
			if _, err := io.WriteString(w, run+"\n"); err != nil {
				return err
			}
		}
		i += max(n, 1)
	}
	return errPartial
}

// wideRun takes a run of UTF-16 text off the front of b; n is its length in
// octets.
func wideRun(b []byte) (run string, n int) {
	var units []uint16
	letters := 0
	for n = 0; n+1 < len(b); n += 2 {
		u := uint16(b[n]) | uint16(b[n+1])<<8
		if !shown(rune(u)) || u > 0x2fff { // scripts beyond are as likely to be no text at all
			break
		}
		if unicode.IsLetter(rune(u)) {
			letters++
		}
		units = append(units, u)
	}
	if letters < minRun || letters*2 < len(units) {
		return "", 0
	}
	return string(utf16.Decode(units)), n
}

func narrowRun(b []byte) (run string, n int) {
	letters := 0
	for n < len(b) && (shown(rune(b[n])) && b[n] < 0x7f || b[n] >= 0xa0) {
		if c := b[n] | 0x20; c >= 'a' && c <= 'z' {
			letters++
		}
		n++
	}
	if letters < minRun || letters*2 < n {
		return "", n
	}
	s, _ := plaintext.Decode(b[:n], "windows-1252")
	return s, n
}

func shown(r rune) bool { return r == '\t' || r == '\r' || r == '\n' || unicode.IsPrint(r) }

func utf16Octets(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}
