package chat

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestName leaves room for a number within the 255 octets that file systems
// allow.
const longestName = 200

// SafeNames returns, for each entry, a file name without directories that is
// safe to write on any system, and distinct from the others even where case is
// ignored. A name that is plain and unique already is returned as it is.
func (e *Export) SafeNames() []string {
	names := make([]string, len(e.Entries))
	taken := make(map[string]bool, len(names))
	for i := range e.Entries {
		base := safeName(e.Entries[i].Name)
		name, ext := base, path.Ext(base)
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s-%d.%d%s", strings.TrimSuffix(base, ext), i+1, n, ext)
		}
		taken[strings.ToLower(name)] = true
		names[i] = name
	}
	return names
}

// safeName keeps a name's last element and replaces what some system reserves.
func safeName(name string) string {
	name = strings.TrimRight(name, `/\`)
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimRight(name, ". ")
	if name == "" || name[0] == '.' {
		name = "_" + strings.TrimLeft(name, ".")
	}
	if len(name) > longestName {
		ext := path.Ext(name)
		if len(ext) > 20 {
			ext = ""
		}
		name = strings.ToValidUTF8(name[:longestName-len(ext)], "") + ext
	}
	return name
}
