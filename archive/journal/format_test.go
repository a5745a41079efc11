package journal_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/store/dir"
	"github.com/closeroll/closeroll/archive/store/storetest"
)

// plainEntry is an entry as the package documentation describes it, read by
// code that shares nothing with the package.
type plainEntry struct {
	Header string
	Body   string // empty if removed
}

// readBatch decodes a batch by the documentation's words.
func readBatch(t *testing.T, key string, object, subkey []byte) (first uint64, leaves [][32]byte, entries []plainEntry) {
	t.Helper()
	const magic = "closeroll-journal-batch/1\n"
	rest := object
	take := func(n int) []byte {
		b := rest[:n]
		rest = rest[n:]
		return b
	}
	if string(take(len(magic))) != magic {
		t.Fatal("magic")
	}
	if keyID := string(take(int(take(1)[0]))); keyID != "k1" {
		t.Fatalf("key id %q", keyID)
	}
	seed := take(32)
	first = binary.BigEndian.Uint64(take(8))
	count := binary.BigEndian.Uint32(take(4))
	for range count {
		leaves = append(leaves, [32]byte(take(32)))
	}
	k, err := hkdf.Key(sha256.New, subkey, seed, magic+key, 32)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gcm.Open(nil, make([]byte, 12), rest, object[:len(object)-len(rest)])
	if err != nil {
		t.Fatal(err)
	}
	rest = plain
	for i := range count {
		e := plainEntry{Header: string(take(int(binary.BigEndian.Uint32(take(4)))))}
		content := take(32)
		if take(1)[0] == 1 {
			salt := take(32)
			e.Body = string(take(int(binary.BigEndian.Uint32(take(4)))))
			if sum := sha256.Sum256(append(slices.Clone(salt), e.Body...)); string(sum[:]) != string(content) {
				t.Fatalf("content of entry %d", i)
			}
		}
		header := sha256.Sum256([]byte(e.Header))
		leaf := sha256.Sum256(slices.Concat([]byte{0}, header[:], content))
		if leaf != leaves[i] {
			t.Fatalf("leaf of entry %d", i)
		}
		entries = append(entries, e)
	}
	return first, leaves, entries
}

// readLog reads a whole log by the documentation's words: names, batches, root.
func readLog(t *testing.T, st journal.Store) (entries []plainEntry) {
	t.Helper()
	subkey := testKeys(t).Subkeys["k1"]
	var leaves []tlog.Hash
	for _, key := range keysOf(t, st, "journal/batch/") {
		object := getObject(t, st, key)
		first, ls, es := readBatch(t, key, object, subkey)
		if want := fmt.Sprintf("journal/batch/%019d-", len(entries)); !strings.HasPrefix(key, want) || first != uint64(len(entries)) {
			t.Fatalf("%s begins at %d, want %s", key, first, want)
		}
		for _, l := range ls {
			leaves = append(leaves, l)
		}
		entries = append(entries, es...)
		if root := mth(leaves); !strings.HasSuffix(key, fmt.Sprintf("-%x", root[:])) {
			t.Fatalf("%s: the root is %x", key, root)
		}
	}
	root := mth(leaves)
	lines := strings.Split(string(getObject(t, st, "journal/checkpoint")), "\n")
	want := []string{"closeroll.example/archive-1", fmt.Sprint(len(entries)), base64.StdEncoding.EncodeToString(root[:]), ""}
	if diff := cmp.Diff(want, lines[:4]); diff != "" || !strings.HasPrefix(lines[4], "— closeroll.example/archive-1 ") {
		t.Fatalf("checkpoint: %s %q", diff, lines)
	}
	return entries
}

// mth is the definition in RFC 6962, section 2.1.
func mth(leaves []tlog.Hash) tlog.Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	return tlog.NodeHash(mth(leaves[:k]), mth(leaves[k:]))
}

func getObject(t *testing.T, st journal.Store, key string) []byte {
	t.Helper()
	switch st := st.(type) {
	case *storetest.Faulty:
		return storetest.Get(t, st.Store, key)
	case *dir.Store:
		return storetest.Get(t, st, key)
	}
	t.Fatal("unknown store")
	return nil
}

// TestGoldenLog reads a log that an earlier build wrote: the format is for
// twenty years.
func TestGoldenLog(t *testing.T) {
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(filepath.Join("testdata", "golden"))); err != nil {
		t.Fatal(err)
	}
	st, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []plainEntry{
		{`{"type":"start","time":"2026-05-14T09:12:00Z","actor":"a1","subjects":["s1"]}`, `{"version":"1"}`},
		{`{"type":"search","time":"2026-05-14T09:12:00Z","actor":"a1","subjects":["s1"]}`, `{"query":"query 0","parsed":"","total":0,"coverage":""}`},
		{`{"type":"search","time":"2026-05-14T09:12:00Z","actor":"a1","subjects":["s1"]}`, ``},
		{`{"type":"search","time":"2026-05-14T09:12:00Z","actor":"a1","subjects":["s1"]}`, `{"query":"query 2","parsed":"","total":2,"coverage":""}`},
		{`{"type":"search","time":"2026-05-14T09:12:00Z","actor":"a1","subjects":["s1"]}`, `{"query":"query 3","parsed":"","total":3,"coverage":""}`},
		{`{"type":"deletion","time":"2026-05-14T09:12:00Z","actor":"a1","subjects":["s1"]}`, `{"certificate":"C-1","stripped_entries":[2]}`},
	}
	if diff := cmp.Diff(want, readLog(t, st)); diff != "" {
		t.Error(diff)
	}
	if got := verified(t, st); !slices.Equal(got, []int{0, 2, 3}) {
		t.Errorf("searches %v", got)
	}
}

// TestWrittenAsDocumented reads what this build writes by the documentation.
func TestWrittenAsDocumented(t *testing.T) {
	st := closedLog(t)
	got := readLog(t, st)
	var again []plainEntry
	for e, err := range openReader(t, st).Entries(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		header, err := json.Marshal(e.Header)
		if err != nil {
			t.Fatal(err)
		}
		again = append(again, plainEntry{string(header), string(e.Body)})
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Error(diff)
	}
	leaves := storetest.Get(t, st.Store, fmt.Sprintf("journal/tile/0/000.p/%d", len(got)))
	if len(leaves) != 32*len(got) {
		t.Errorf("the tile has %d octets", len(leaves))
	}
}
