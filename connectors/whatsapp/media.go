package whatsapp

import (
	"path"
	"strings"

	"github.com/closeroll/closeroll/connectors/chat"
)

// typeOf says what a file is by the name that the app gave it, or else by its
// extension.
func typeOf(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if ext == ".vcf" {
		return "contact"
	}
	for part := range strings.SplitSeq(name, "-") {
		switch part {
		case "PHOTO", "IMG":
			return "image"
		case "VIDEO", "VID":
			return "video"
		case "PTT":
			return "voice"
		case "AUDIO":
			if ext == ".opus" {
				return "voice"
			}
			return "audio"
		case "AUD":
			return "audio"
		case "GIF":
			return "gif"
		case "STICKER", "STK":
			return "sticker"
		case "DOC":
			return "document"
		}
	}
	switch ext {
	case ".jpg", ".jpeg", ".png", ".heic", ".webp":
		if numbered(name) > 0 {
			return "document" // sent as a file: pictures get the app's own names
		}
		return "image"
	case ".mp4", ".mov", ".3gp":
		return "video"
	case ".opus":
		return "voice"
	case ".m4a", ".mp3", ".aac", ".ogg":
		return "audio"
	case ".gif":
		return "gif"
	}
	return "document"
}

// numbered returns the row number at the beginning of an iOS attachment's name
// (00000003-PHOTO-…), or 0.
func numbered(name string) int {
	n, digits := 0, 0
	for digits < len(name) && name[digits]-'0' < 10 {
		n, digits = n*10+int(name[digits]-'0'), digits+1
		if digits > 8 {
			return 0
		}
	}
	if digits == 8 && len(name) > 9 && name[8] == '-' {
		return n
	}
	return 0
}

// legacyNumber returns the row number of a name of iOS before 2016:
// 2013-08-06-PHOTO-00000006.jpg.
func legacyNumber(name string) int {
	base := strings.TrimSuffix(name, path.Ext(name))
	i := strings.LastIndexByte(base, '-')
	if i < 0 || len(base)-i != 9 {
		return 0
	}
	return numbered(base[i+1:] + "-x")
}

// standardName reports whether name is of the forms that Android gives to
// media: IMG-20260713-WA0002.jpg.
func standardName(name string) bool {
	kind, rest, ok := strings.Cut(name, "-")
	if !ok || len(kind) != 3 || len(rest) < 15 {
		return false
	}
	date, rest, ok := strings.Cut(rest, "-WA")
	return ok && len(date) == 8 && allDigits(date) && len(rest) >= 4 && allDigits(rest[:4]) && !strings.Contains(rest, " ")
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return s != ""
}

// extension reports whether name ends in something that looks like a file
// name's extension.
func extension(name string) bool {
	ext := path.Ext(name)
	if len(ext) < 3 || len(ext) > 6 || len(ext) == len(name) {
		return false
	}
	letters := false
	for i := 1; i < len(ext); i++ {
		c := ext[i] | 0x20
		switch {
		case 'a' <= c && c <= 'z':
			letters = true
		case '0' <= ext[i] && ext[i] <= '9':
		default:
			return false
		}
	}
	return letters
}

// iosAttached reads the placeholder that ends an iOS body: mark, <word: NAME>.
// It returns what stands before it as the caption.
func iosAttached(body string) (caption, name string, ok bool) {
	if !strings.HasSuffix(body, ">") {
		return "", "", false
	}
	open := strings.LastIndexByte(body, '<')
	if open < 0 {
		return "", "", false
	}
	before := body[:open]
	inside := body[open+1 : len(body)-1]
	if legacy := strings.TrimSpace(stripMarks(before)); startsWithMark(inside) && legacyNumber(legacy) > 0 {
		return "", legacy, true
	}
	if !endsWithMark(before) || strings.Contains(inside, "\n") {
		return "", "", false
	}
	word, name, found := strings.Cut(inside, ":")
	name = strings.TrimFunc(stripMarks(name), isSpace)
	if !found || len(word) > 40 || !wordy(word) || name == "" || !extension(name) && numbered(name) == 0 {
		return "", "", false
	}
	return before, name, true
}

func endsWithMark(s string) bool {
	return strings.HasSuffix(s, "\u200e") || strings.HasSuffix(s, "\u200f")
}

// iosOmitted reads the placeholder of an export without media: mark, "image
// omitted" at the end of the body.
func iosOmitted(body string) (before string, a chat.Attachment, viewOnce, ok bool) {
	i := max(strings.LastIndex(body, "\u200e"), strings.LastIndex(body, "\u200f"))
	if i < 0 {
		return "", a, false, false
	}
	kind, viewOnce, ok := omission(body[i+3:])
	if !ok || kind == "" {
		return "", a, false, false
	}
	a = chat.Attachment{Omit: true, Type: kind}
	if kind == "document" {
		a.Name = documentName(stripMarks(body[:i]))
	}
	return body[:i], a, viewOnce, true
}

// documentName returns the file name before a document's placeholder:
// "report.pdf • 2 pages ".
func documentName(before string) string {
	name, _, _ := strings.Cut(before, " • ")
	if name = strings.TrimSpace(name); extension(name) && !strings.Contains(name, "\n") {
		return name
	}
	return ""
}

// androidAttached reads NAME (file attached) in a body's first line. marked
// says that this file sets a mark before such names, so that an unmarked one
// was typed by a person.
func androidAttached(first string, marked bool, inContainer func(string) bool) (name string, ok bool) {
	if !strings.HasSuffix(first, ")") {
		return "", false
	}
	open := strings.LastIndex(first, " (")
	if open < 0 {
		return "", false
	}
	name = stripMarks(first[:open])
	words := stripMarks(first[open+2 : len(first)-1])
	localised := attachedWords[strings.ToLower(words)]
	switch {
	case startsWithMark(first) && (localised || standardName(name) || extension(name) && inContainer(name)):
		return name, wordy(words)
	case !localised && !(standardName(name) && wordy(words)):
		return "", false
	case inContainer(name), standardName(name) && !marked:
		return name, true
	case marked, !extension(name), mentionsFile(name):
		return "", false
	}
	return name, len(strings.Fields(name)) <= 8
}

// mentionsFile reports whether a would-be name is a sentence about a file:
// "see IMG-20260713-WA0002.jpg".
func mentionsFile(name string) bool {
	i := strings.LastIndexByte(name, ' ')
	return i >= 0 && standardName(name[i+1:])
}

// leftOut is what a placeholder's words say.
type leftOut struct {
	kind     string
	viewOnce bool
	ok       bool
}

// angleOmitted reads the placeholders of Android and Web: <Media omitted>.
// rest is what follows on the same line. A file repeats few of them, so that
// their meanings are kept.
func (rd *reader) angleOmitted(first string) (a chat.Attachment, viewOnce bool, rest string, ok bool) {
	s := stripMarks(first)
	end := strings.IndexByte(s, '>')
	if end < 0 || s[0] != '<' {
		return a, false, "", false
	}
	words := s[1:end]
	o, known := rd.left[words]
	if !known {
		o.kind, o.viewOnce, o.ok = omission(words)
		if rd.left == nil {
			rd.left = make(map[string]leftOut)
		}
		if len(rd.left) < 100 {
			rd.left[strings.Clone(words)] = o
		}
	}
	return chat.Attachment{Omit: true, Type: o.kind}, o.viewOnce, s[end+1:], o.ok
}
