package email

import (
	"sort"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/internal/plaintext"
)

const (
	maxParams     = 200
	maxParamValue = 4096
)

// mediaType is a Content-Type or Content-Disposition, decoded.
type mediaType struct {
	full   string            // "text/plain" or "attachment", lower case
	params map[string]string // names lower case, values as text
}

// parseMediaType reads a value such as `text/plain; charset="utf-8"` (RFC
// 2045, section 5.1) with the continuations and charsets of RFC 2231, and with
// what senders write instead: unquoted values with spaces, missing semicolons,
// encoded words. ok is false when there is no type before the parameters.
func parseMediaType(value string) (t mediaType, ok bool) {
	head, rest, _ := strings.Cut(value, ";")
	head = strings.TrimSpace(head)
	if i := strings.IndexAny(head, " \t\"=,("); i >= 0 { // a semicolon is missing
		rest = head[i:] + ";" + rest
		head = head[:i]
	}
	t.full = clip(strings.ToLower(plain(head)))
	t.params = make(map[string]string)
	raw := make(map[string]string)
	for range maxParams {
		if rest = strings.TrimSpace(rest); rest == "" {
			break
		}
		var name, val string
		name, val, rest = cutParam(rest)
		if _, dup := raw[name]; name != "" && !dup {
			raw[name] = val
		}
	}
	joinContinuations(raw, t.params)
	return t, t.full != ""
}

// cutParam takes one "name=value" off the front of s.
func cutParam(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, "; \t")
	eq := strings.IndexAny(s, "=;")
	if eq < 0 {
		return "", "", ""
	}
	if s[eq] == ';' {
		return "", "", s[eq:]
	}
	name = strings.ToLower(strings.TrimSpace(s[:eq]))
	s = strings.TrimLeft(s[eq+1:], " \t")
	if strings.HasPrefix(s, `"`) {
		value, rest = cutQuoted(s[1:])
		return name, value, rest
	}
	value, rest, _ = strings.Cut(s, ";")
	// A semicolon is missing before another parameter: `a=b charset=c`.
	if i := strings.IndexAny(value, " \t"); i >= 0 && strings.Contains(value[i:], "=") && !strings.HasPrefix(name, "name") && !strings.HasPrefix(name, "filename") {
		rest = value[i:] + ";" + rest
		value = value[:i]
	}
	return name, strings.TrimSpace(value), rest
}

// cutQuoted reads a quoted string up to its closing quote, or to the end where
// there is none.
func cutQuoted(s string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// joinContinuations puts "name*0*" and "name*1" together into "name".
func joinContinuations(raw, params map[string]string) {
	type piece struct {
		n       int
		encoded bool
		value   string
	}
	pieces := make(map[string][]piece)
	for name, value := range raw {
		base, section, split := strings.Cut(name, "*")
		if !split {
			params[name] = clip(DecodeHeader(value))
			continue
		}
		encoded := section == "" || strings.HasSuffix(section, "*")
		n, _ := strconv.Atoi(strings.TrimSuffix(section, "*"))
		pieces[base] = append(pieces[base], piece{n, encoded, value})
	}
	for base, ps := range pieces {
		sort.Slice(ps, func(i, j int) bool { return ps[i].n < ps[j].n })
		var octets []byte
		label, first := "", true
		for _, p := range ps {
			value := p.value
			if p.encoded && first {
				if parts := strings.SplitN(value, "'", 3); len(parts) == 3 {
					label, value = parts[0], parts[2]
				}
			}
			first = false
			if p.encoded {
				octets = append(octets, unpercent(value)...)
			} else {
				octets = append(octets, value...)
			}
		}
		text, _ := plaintext.Decode(octets, label)
		if strings.Contains(text, "=?") {
			text = DecodeHeader(text)
		}
		params[base] = clip(clean(text))
	}
}

func unpercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

func clip(s string) string {
	if len(s) <= maxParamValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxParamValue], "")
}
