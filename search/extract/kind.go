package extract

import (
	"bytes"
	"net/http"
	"path"
	"strings"

	"github.com/closeroll/closeroll/internal/plaintext"
)

// A kind is a format that a reader exists for.
type kind string

const (
	none     kind = ""         // no reader
	media    kind = "media"    // pictures, sound, film, fonts: no text to read
	sealed   kind = "sealed"   // encrypted: nobody here can read it
	word     kind = "docx"     // Office Open XML, word processing
	sheet    kind = "xlsx"     // spreadsheets
	slides   kind = "pptx"     // presentations
	odf      kind = "odf"      // OpenDocument of any kind
	pdfFile  kind = "pdf"      //
	webPage  kind = "html"     //
	richText kind = "rtf"      //
	text     kind = "text"     // in any charset, tables included
	card     kind = "card"     // iCalendar, vCard
	mail     kind = "mail"     // a message inside an archive file
	zipFile  kind = "zip"      //
	tarFile  kind = "tar"      //
	gzipFile kind = "gzip"     //
	compound kind = "compound" // Office of before 2007, Outlook messages
)

// sniffLen is how much of a document kindOf looks at.
const sniffLen = 1024

// kindOf chooses the reader by a document's first octets, then its name, then
// the media type that its sender gave it.
func kindOf(name, mediaType string, head []byte) kind {
	ext := strings.ToLower(path.Ext(name))
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return inZip(ext, mediaType, head)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return compound
	case bytes.HasPrefix(head, []byte("\x1f\x8b\x08")):
		return gzipFile
	case bytes.HasPrefix(head, []byte("{\\rtf")):
		return richText
	case bytes.HasPrefix(head, []byte("-----BEGIN PGP MESSAGE")):
		return sealed
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return tarFile
	case bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")): // junk may stand before it
		return pdfFile
	}
	trimmed := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	upper := bytes.ToUpper(trimmed[:min(len(trimmed), 16)])
	switch {
	case bytes.HasPrefix(upper, []byte("BEGIN:VCALENDAR")), bytes.HasPrefix(upper, []byte("BEGIN:VCARD")):
		return card
	case ext == ".htm" || ext == ".html" || mediaType == "text/html" || mediaType == "application/xhtml+xml":
		return textual(head, webPage)
	case ext == ".eml" || mediaType == "message/rfc822":
		return textual(head, mail)
	}
	if found := http.DetectContentType(head); strings.HasPrefix(found, "text/html") {
		return webPage
	} else if strings.HasPrefix(found, "image/") || strings.HasPrefix(found, "audio/") || strings.HasPrefix(found, "video/") || strings.HasPrefix(found, "font/") {
		return media
	}
	return textual(head, text)
}

// textual returns k unless the octets cannot be text.
func textual(head []byte, k kind) kind {
	if plaintext.Sniff(head) != "" {
		return k
	}
	controls := 0
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b && c != 0x1a {
			controls++
		}
	}
	if controls*50 > len(head) {
		return none
	}
	return k
}

// inZip tells the formats that are zip files apart.
func inZip(ext, mediaType string, head []byte) kind {
	switch {
	case bytes.Contains(head, []byte("mimetypeapplication/vnd.oasis.opendocument")):
		return odf
	case ext == ".docx" || ext == ".docm" || ext == ".dotx" || strings.HasSuffix(mediaType, "wordprocessingml.document"):
		return word
	case ext == ".xlsx" || ext == ".xlsm" || strings.HasSuffix(mediaType, "spreadsheetml.sheet"):
		return sheet
	case ext == ".pptx" || ext == ".pptm" || ext == ".ppsx" || strings.HasSuffix(mediaType, "presentationml.presentation"):
		return slides
	case strings.HasPrefix(ext, ".od") || strings.Contains(mediaType, "opendocument"):
		return odf
	}
	return zipFile // whose reader looks inside for the formats above
}
