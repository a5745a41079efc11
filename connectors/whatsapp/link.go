package whatsapp

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/chat/container"
)

// A linker finds the entry that a message means by a printed name. Names in
// the text and in the container differ: archivers on Macs decompose letters,
// and reserved characters become underscores in one and not the other.
type linker struct {
	exact  map[string]int // by base name
	folded map[string]int
	packed bool // the transcript came with other entries, or as one: what it names should be there
}

// newLinker returns a linker for a transcript of this name: of two files that
// share a name it means the one that is in its own folder.
func newLinker(entries []chat.Entry, transcript string) *linker {
	l := &linker{exact: make(map[string]int), folded: make(map[string]int), packed: len(entries) > 0}
	folder := strings.TrimSuffix(transcript, container.BaseName(transcript))
	for _, near := range []bool{true, false} {
		for i, e := range entries {
			if e.Role == chat.RoleOrphan && strings.HasPrefix(e.Name, folder) == near {
				l.add(container.BaseName(e.Name), i)
			}
		}
	}
	return l
}

func (l *linker) add(base string, i int) {
	if _, taken := l.exact[base]; !taken {
		l.exact[base] = i
	}
	if _, taken := l.folded[foldName(base)]; !taken {
		l.folded[foldName(base)] = i
	}
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

// attach joins the attachments of a message to entries.
func (l *linker) attach(all []chat.Attachment) {
	for k := range all {
		a := &all[k]
		if a.Omit || a.Name == "" {
			continue
		}
		if n, ok := l.find(a.Name); ok {
			a.Entry = n + 1
		}
	}
}

// mentions are what a transcript's attachments say of the container's entries.
type mentions struct {
	entries map[int]bool // those that are mentioned
	linked  int          // attachments that came
	missing []string     // names of those that did not, each once
	lacking map[string]bool
}

// note adds a message's attachments.
func (k *mentions) note(m *chat.Message) {
	for i := range m.Attachments {
		a := &m.Attachments[i]
		switch {
		case a.Omit || a.Name == "":
		case a.Entry > 0:
			if k.entries == nil {
				k.entries = make(map[int]bool)
			}
			k.entries[a.Entry-1] = true
			k.linked++
		default:
			k.lacks(a.Name)
		}
	}
}

func (k *mentions) lacks(name string) {
	if k.lacking[name] {
		return
	}
	if k.lacking == nil {
		k.lacking = make(map[string]bool)
	}
	name = strings.Clone(name)
	k.lacking[name] = true
	k.missing = append(k.missing, name)
}

// join adds what another part of the same export mentions.
func (k *mentions) join(o *mentions) {
	k.linked += o.linked
	for n := range o.entries {
		if k.entries == nil {
			k.entries = make(map[int]bool)
		}
		k.entries[n] = true
	}
	for _, name := range o.missing {
		k.lacks(name)
	}
}

// tell gives the export what its messages mention.
func (k *mentions) tell(e *chat.Export) {
	e.Linked = k.linked
	for n := range k.entries {
		e.Entries[n].Role = chat.RoleMedia
	}
	e.Missing = k.missing
	survey(e)
}

// survey lists the entries that need a person's eye.
func survey(e *chat.Export) {
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
