package ingest_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/selection"
)

// twoChats is a zip file with the exports of two chats.
func twoChats(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range [][2]string{
		{"WhatsApp Chat with Weir.txt", "13/07/2026, 14:05 - Ana Field: The weir is open\n13/07/2026, 14:06 - Ana Field: Mum sends her love\n"},
		{"WhatsApp Chat with Lock.txt", "14/07/2026, 15:05 - Rhys Morgan: The lock is shut\n14/07/2026, 15:06 - Ana Field: Canvassing tonight\n" +
			"14/07/2026, 15:07 - Ana Field: IMG-20260714-WA0001.jpg (file attached)\n"},
		{"IMG-20260714-WA0001.jpg", "a lock"},
		{"stray.jpg", "nobody's"},
	} {
		w, err := z.Create(f[0])
		must(t, err)
		_, err = io.WriteString(w, f[1])
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

// Two chats in one zip file are two chats, each of which is its own transcript
// again; and the file captures nothing when it comes again.
func TestSeveralChatsInOneFile(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	write(t, dir, "Chats.zip", twoChats(t))
	if counts := b.run(t, src); counts.Captured != 4 {
		t.Errorf("%+v", counts)
	}
	b.indexed(t)
	if len(b.index.find("weir is open")) != 1 || len(b.index.find("Canvassing")) != 1 {
		t.Errorf("found %+v", b.index.docs)
	}
	rows, err := b.Catalog.Exports(t.Context(), "")
	must(t, err)
	media := make(map[string]int)
	for _, row := range rows {
		_, opened, _ := b.opened(t, row.ID)
		x, err := ingest.ReadExport(opened)
		must(t, err)
		for path := range opened {
			media[path[strings.LastIndexByte(path, '/')+1:]]++
		}
		for _, e := range x.Entries {
			if e.Role == "elsewhere" && (e.Size != 0 || !e.Digest.IsZero()) {
				t.Errorf("%s says of another chat's entry: %+v", x.Title, e)
			}
		}
	}
	if len(rows) != 2 || media["stray.jpg"] != 1 || media["IMG-20260714-WA0001.jpg"] != 0 {
		t.Errorf("%d exports with %v", len(rows), media)
	}
	write(t, dir, "Chats again.zip", twoChats(t))
	if counts := b.run(t, src); counts.Captured != 0 || counts.AlreadyArchived != 4 {
		t.Errorf("again: %+v", counts)
	}
}

// A selection beside a file of several chats says which it means; one that does
// not is refused, and nothing is captured by mistake.
func TestSelectionOfSeveralChats(t *testing.T) {
	octets := twoChats(t)
	cases := []struct {
		name, rule string
		captured   int64
		refused    string
		gone, left string
	}{
		{"one message of the second", `{chat: 2, messages: "2", reason: party_political}`, 4, "", "Canvassing", "lock is shut"},
		{"the whole of the second", `{chat: 2, reason: personal}`, 2, "", "lock is shut", "weir is open"},
		{"the whole of the first", `{chat: 1, reason: personal}`, 2, "", "Mum sends", "Canvassing"},
		{"which is not said", `{messages: "2", reason: personal}`, 0, "does not say which of 2 chats", "weir is open", ""},
		{"none that is there", `{chat: 3, reason: personal}`, 0, "exclude[0]", "weir is open", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			src, dir := b.drop(t)
			side := "format: closeroll-selection/1\nsha256: " + record.Sum(octets).String() + "\nexclude:\n  - " + c.rule + "\n"
			write(t, dir, "Chats.zip"+selection.Suffix, []byte(side))
			write(t, dir, "Chats.zip", octets)
			if counts := b.run(t, src); counts.Captured != c.captured || counts.FailedTotal() != int64(min(len(c.refused), 1)) {
				t.Errorf("%+v", counts)
			}
			if len(b.index.find(c.gone)) != 0 || c.left != "" && len(b.index.find(c.left)) != 1 {
				t.Errorf("found %d of what is gone, %d of what is left", len(b.index.find(c.gone)), len(b.index.find(c.left)))
			}
			if c.refused != "" {
				failures, err := b.Catalog.Failures(t.Context(), "phone")
				must(t, err)
				if len(failures) != 1 || !strings.Contains(failures[0].Detail, c.refused) {
					t.Errorf("%+v", failures)
				}
			}
			rows, err := b.Catalog.Exports(t.Context(), "")
			must(t, err)
			for _, row := range rows {
				_, opened, _ := b.opened(t, row.ID)
				for path, component := range opened {
					octets := make([]byte, component.Size)
					if _, err := component.ReadAt(octets, 0); err != nil && err != io.EOF {
						t.Fatal(err)
					}
					if bytes.Contains(octets, []byte(c.gone)) {
						t.Errorf("%s of an export record has what was left out", path)
					}
				}
			}
		})
	}
}
