package whatsapp

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// A linker finds the entry that a message means by a printed name. Names in
// the text and in the container differ: archivers on Macs decompose letters,
// and reserved characters become underscores in one and not the other.
type linker struct {
	exact  map[string]int // by base name
	folded map[string]int
}

func newLinker(entries []chat.Entry) *linker {
	l := &linker{exact: make(map[string]int), folded: make(map[string]int)}
	for i, e := range entries {
		if e.Role != chat.RoleOrphan {
			continue
		}
		base := baseName(e.Name)
		if _, taken := l.exact[base]; !taken {
			l.exact[base] = i
		}
		if _, taken := l.folded[foldName(base)]; !taken {
			l.folded[foldName(base)] = i
		}
	}
	return l
}

func foldName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`\/:*?"<>|`, r) {
			return '_'
		}
		return r
	}, stripMarks(norm.NFC.String(name)))
}

func (l *linker) find(name string) (int, bool) {
	if i, ok := l.exact[name]; ok {
		return i, true
	}
	if len(l.folded) == 0 {
		return 0, false
	}
	i, ok := l.folded[foldName(name)]
	return i, ok
}

func (l *linker) has(name string) bool {
	_, ok := l.find(name)
	return ok
}

// link joins attachments to entries and counts what is left over on each side.
func (l *linker) link(e *chat.Export) {
	missing := make(map[string]bool)
	for i := range e.Messages {
		for k := range e.Messages[i].Attachments {
			a := &e.Messages[i].Attachments[k]
			if a.Omit || a.Name == "" {
				continue
			}
			if n, ok := l.find(a.Name); ok {
				a.Entry = n + 1
				e.Entries[n].Role = chat.RoleMedia
				e.Linked++
			} else if len(e.Entries) > 0 && !missing[a.Name] {
				missing[a.Name] = true
				e.Missing = append(e.Missing, a.Name)
			}
		}
	}
	l.survey(e)
}

// survey lists the entries that need a person's eye.
func (l *linker) survey(e *chat.Export) {
	byDigest := make(map[record.Digest][]string)
	var order []record.Digest
	seen := make(map[string]bool)
	for _, entry := range e.Entries {
		if entry.Unsafe {
			e.UnsafeNames = append(e.UnsafeNames, entry.Name)
		}
		if entry.Role == chat.RoleOrphan {
			e.Orphans = append(e.Orphans, entry.Name)
		}
		if seen[entry.Name] && !slices.Contains(e.Flags, chat.FlagDuplicateNames) {
			e.Flags = append(e.Flags, chat.FlagDuplicateNames)
		}
		seen[entry.Name] = true
		if entry.Size > 0 && entry.Role != chat.RolePackaging {
			if byDigest[entry.Digest] == nil {
				order = append(order, entry.Digest)
			}
			byDigest[entry.Digest] = append(byDigest[entry.Digest], entry.Name)
		}
	}
	for _, d := range order {
		if names := byDigest[d]; len(names) > 1 {
			e.Duplicates = append(e.Duplicates, names)
		}
	}
	if len(e.UnsafeNames) > 0 {
		e.Flags = append(e.Flags, chat.FlagUnsafeNames)
	}
}
