package plaintext

import (
	"bufio"
	"io"
	"strings"
)

// maxCardLine bounds one unfolded line; a longer one is cut.
const maxCardLine = 64 << 10

// Card writes what a person would read of an iCalendar object (RFC 5545) or a
// vCard (RFC 6350), one property a line: summaries, descriptions, places,
// people, times, names, numbers. Identifiers, alarms' machinery, time zone
// tables and pictures are left out. The text is read as UTF-8. The error is
// w's, or r's.
func Card(w io.Writer, r io.Reader) error {
	in := bufio.NewReaderSize(r, 4096)
	var line strings.Builder
	zone := 0 // inside VTIMEZONE
	emit := func() error {
		name, value := property(line.String())
		line.Reset()
		switch {
		case name == "BEGIN" && strings.EqualFold(value, "VTIMEZONE"):
			zone++
		case name == "END" && strings.EqualFold(value, "VTIMEZONE"):
			zone--
		case zone > 0 || value == "" || !readable(name):
		default:
			_, err := io.WriteString(w, value+"\n")
			return err
		}
		return nil
	}
	for {
		part, err := in.ReadSlice('\n')
		s := string(part)
		folded := strings.HasPrefix(s, " ") || strings.HasPrefix(s, "\t")
		if folded {
			s = s[1:]
		} else if line.Len() > 0 {
			if werr := emit(); werr != nil {
				return werr
			}
		}
		for {
			if line.Len() < maxCardLine {
				line.WriteString(strings.TrimRight(s, "\r\n"))
			}
			if err != bufio.ErrBufferFull {
				break
			}
			part, err = in.ReadSlice('\n')
			s = string(part)
		}
		if err == io.EOF {
			return emit()
		} else if err != nil {
			return err
		}
	}
}

// property splits a content line into its name, without parameters or group,
// and its value; a name given as the parameter CN comes before the value.
func property(line string) (name, value string) {
	quoted := false
	colon := strings.IndexFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ':' && !quoted
	})
	if colon < 0 {
		return "", ""
	}
	head, value := line[:colon], line[colon+1:]
	name, params, _ := strings.Cut(head, ";")
	if _, after, ok := strings.Cut(name, "."); ok {
		name = after
	}
	value = strings.TrimSpace(unescapeCard.Replace(value))
	if strings.HasPrefix(strings.ToLower(value), "mailto:") {
		value = value[len("mailto:"):]
	}
	for param := range strings.SplitSeq(params, ";") {
		if k, v, _ := strings.Cut(param, "="); strings.EqualFold(k, "CN") {
			value = strings.Trim(v, `"`) + " <" + value + ">"
		}
	}
	return strings.ToUpper(name), value
}

var unescapeCard = strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`)

func readable(name string) bool {
	switch name {
	case "SUMMARY", "DESCRIPTION", "LOCATION", "ORGANIZER", "ATTENDEE", "COMMENT", "CONTACT", "CATEGORIES",
		"DTSTART", "DTEND", "DUE", "URL", "RESOURCES", "METHOD", "STATUS",
		"FN", "N", "NICKNAME", "EMAIL", "TEL", "ORG", "TITLE", "ROLE", "ADR", "NOTE", "BDAY", "LABEL":
		return true
	}
	return false
}
