// Package maildir knows how a Maildir looks: a directory with cur, new and tmp
// in it, each delivered message a file in one of the first two, whose name ends
// in the message's flags (Daniel J. Bernstein's "Using maildir format", and the
// Maildir++ folders that Courier and Dovecot keep beneath it).
package maildir

import (
	"io/fs"
	"strings"
)

// Is reports whether a directory with these entries is a Maildir.
func Is(entries []fs.DirEntry) bool {
	n := 0
	for _, e := range entries {
		if e.IsDir() && (e.Name() == "cur" || e.Name() == "new" || e.Name() == "tmp") {
			n++
		}
	}
	return n == 3
}

// Flags reads the letters after ":2," in a message's file name, in the words of
// IMAP (RFC 9051, section 2.3.2); Windows, where names have no colon, writes
// ";2,".
func Flags(name string) (flags []string) {
	i := max(strings.LastIndex(name, ":2,"), strings.LastIndex(name, ";2,"))
	if i < 0 {
		return nil
	}
	names := map[rune]string{'D': `\Draft`, 'F': `\Flagged`, 'P': "$Forwarded", 'R': `\Answered`, 'S': `\Seen`, 'T': `\Deleted`}
	for _, c := range name[i+3:] {
		if n, ok := names[c]; ok {
			flags = append(flags, n)
		}
	}
	return flags
}
