package imap

import (
	"strings"
)

// includes reports whether the configuration captures from this folder.
func (c *Config) includes(l listed) bool {
	if matchesAny(c.Exclude, l) {
		return false
	}
	return len(c.Include) == 0 || matchesAny(c.Include, l)
}

func matchesAny(patterns []string, l listed) bool {
	slashed := l.name
	if l.delim != 0 && l.delim != '/' {
		slashed = strings.ReplaceAll(l.name, string(l.delim), "/")
	}
	for _, p := range patterns {
		if strings.HasPrefix(p, `\`) {
			for _, a := range l.attrs {
				if strings.EqualFold(string(a), p) {
					return true
				}
			}
			continue
		}
		if strings.EqualFold(p, "INBOX") {
			p = "INBOX" // the one name without case (RFC 9051, section 5.1)
		}
		if glob(p, l.name) || glob(p, slashed) {
			return true
		}
	}
	return false
}

// glob reports whether the whole of s matches the pattern: * any characters, ?
// any one. It takes time in proportion to the product of the lengths at worst.
func glob(pattern, s string) bool {
	p, r := []rune(pattern), []rune(s)
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(r) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == r[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
