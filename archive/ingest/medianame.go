package ingest

import (
	"fmt"
	"strings"

	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/connectors/chat"
)

// mediaPaths gives every entry of an export a path in a bag that is never the
// entry's own idea of a path: its base name, made harmless, and numbered where
// two would share it. The printed name is kept in the component.
func mediaPaths(entries []chat.Entry) []string {
	paths := make([]string, len(entries))
	used := make(map[string]bool, len(entries))
	for i := range entries {
		path := mediaFolder + bag.Segment(baseName(entries[i].Name))
		// Names that differ in case only are one name to some file systems.
		for n := i + 1; used[strings.ToLower(path)]; n += len(entries) {
			path = fmt.Sprintf("%s%d-%s", mediaFolder, n, strings.TrimPrefix(path, mediaFolder))
		}
		used[strings.ToLower(path)] = true
		paths[i] = path
	}
	return paths
}

func baseName(name string) string {
	return name[strings.LastIndexAny(name, `/\`)+1:]
}
