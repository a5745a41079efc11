package bag

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxPath    = 800 // octets of a component's path
	maxSegment = 200 // octets of one name, which every common file system holds
)

// Payload is the folder of the bag that every component is in.
const Payload = "data/"

// CheckPath reports whether p may be a component's path: below [Payload], with
// names that mean themselves on every system that might unpack the bag. It also
// rules out the characters that RFC 8493, section 2.1.3, would have encoded, so
// that a line of the manifest is the path itself.
func CheckPath(p string) error {
	rest, ok := strings.CutPrefix(p, Payload)
	if !ok || len(p) > maxPath {
		return fmt.Errorf("%q is not a path below %s", clip(p), Payload)
	}
	for segment := range strings.SplitSeq(rest, "/") {
		if segment == "" || len(segment) > maxSegment || Segment(segment) != segment {
			return fmt.Errorf("%q is not a portable path", clip(p))
		}
	}
	return nil
}

// Segment makes a name for a file in a bag of a name that a source printed. It
// is never a path, never hidden or a device on any system, and equals name
// wherever that is possible.
func Segment(name string) string {
	s := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) || strings.ContainsRune(`/\:*?"<>|%`, r) {
			return '_'
		}
		return r
	}, name)
	if s = strings.TrimRight(s, ". "); s == "" || s[0] == '.' || s[0] == ' ' || isDevice(s) {
		s = "_" + s
	}
	return strings.TrimRight(shorten(s, maxSegment), ". ")
}

// shorten cuts s to at most n octets and keeps a short extension.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	ext := extension(s)
	s = s[:n-len(ext)]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + ext
}

// extension returns the dot and the letters after it, if they are few.
func extension(s string) string {
	if ext := path.Ext(s); len(ext) <= 20 {
		return ext
	}
	return ""
}

// isDevice reports whether Windows takes s for a device: CON, com1.txt, …
func isDevice(s string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(s), ".")
	switch base = strings.TrimRight(base, " "); base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, ok := strings.CutPrefix(base, "COM")
	if !ok {
		port, ok = strings.CutPrefix(base, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.ContainsAny(port, "0123456789¹²³")
}

// A Folder names the files of one folder of the payload so that no two collide,
// not even where case does not count. The same names in the same order give the
// same paths.
type Folder struct {
	prefix string
	used   map[string]bool
}

// NewFolder returns an empty folder; prefix is its path, “data/media/”.
func NewFolder(prefix string) *Folder { return &Folder{prefix: prefix, used: make(map[string]bool)} }

// Path returns the path for the next file, which its source called name.
func (f *Folder) Path(name string) string {
	segment := Segment(name)
	for n := 2; f.used[strings.ToLower(segment)]; n++ {
		segment = Segment(name)
		ext, suffix := extension(segment), "-"+strconv.Itoa(n)
		segment = shorten(strings.TrimSuffix(segment, ext), maxSegment-len(suffix)-len(ext)) + suffix + ext
	}
	f.used[strings.ToLower(segment)] = true
	return f.prefix + segment
}

func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}
