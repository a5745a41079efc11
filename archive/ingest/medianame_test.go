package ingest

import (
	"strings"
	"testing"

	"github.com/closeroll/closeroll/connectors/chat"
)

// Whatever entries are called, their paths in a bag stay in its folder, can be
// written everywhere, and differ even where case does not.
func TestMediaPaths(t *testing.T) {
	in := []string{"a.jpg", "../../evil.txt", "/etc/evil", `a\..\b.jpg`, "A.JPG", "a.jpg", "", "..", "bell\a?.pdf", "x. ", "\xff",
		strings.Repeat("é", 200) + ".pdf", "dir/", ".hidden", "写真 1.jpg", "files/ab/abcd.png"}
	entries := make([]chat.Entry, len(in))
	for i, name := range in {
		entries[i].Name = name
	}
	seen := make(map[string]bool)
	paths := mediaPaths(entries)
	for i, p := range paths {
		name, below := strings.CutPrefix(p, mediaFolder)
		low := strings.ToLower(p)
		if !below || name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\a:?") || seen[low] {
			t.Errorf("%q became %q", in[i], p)
		}
		seen[low] = true
	}
	if paths[0] != mediaFolder+"a.jpg" || paths[1] != mediaFolder+"evil.txt" || paths[3] != mediaFolder+"b.jpg" || paths[14] != mediaFolder+"写真 1.jpg" {
		t.Errorf("%q", paths)
	}
}
