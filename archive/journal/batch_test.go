package journal

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/store"
)

func FuzzBatch(f *testing.F) {
	subkey := bytes.Repeat([]byte{7}, subkeySize)
	name := batchName{first: 3}
	e := Entry{Header: Header{Type: "search"}, Body: []byte(`{}`)}
	s, err := e.seal(e.Time)
	if err != nil {
		f.Fatal(err)
	}
	stripped := s
	stripped.salt, stripped.body = nil, nil
	object, err := sealBatch(name, []sealed{s, stripped}, "k1", subkey)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(object)
	f.Add([]byte(batchMagic))
	f.Add(stripped.append(s.append(nil)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := parseBatch(data); err == nil {
			if len(b.clear)+len(b.cipher) != len(data) || len(b.leaves) == 0 || b.first < 0 {
				t.Errorf("parsed as %+v", b)
			}
			if entries, err := b.open(name, subkey); err == nil && len(entries) != len(b.leaves) {
				t.Errorf("%d entries and %d leaves", len(entries), len(b.leaves))
			}
		}
		// What is sealed is parsed again, so the plaintext is fuzzed too.
		r := octets(data)
		for len(r) > 0 {
			var s sealed
			if s.parse(&r) != nil {
				break
			}
			var again sealed
			form := octets(s.append(nil))
			if err := again.parse(&form); err != nil || again.leaf() != s.leaf() {
				t.Errorf("%+v parses again as %+v, %v", s, again, err)
			}
		}
	})
}

func FuzzBatchKey(f *testing.F) {
	f.Add(batchName{first: 42}.key())
	f.Add("journal/batch/00-")
	f.Fuzz(func(t *testing.T, key string) {
		if n, ok := parseBatchKey(key); ok && n.key() != key {
			t.Errorf("%q is read as %q", key, n.key())
		}
	})
}

// The edge has the root and the tiles of the tree by package tlog.
func TestEdgeAgreesWithTlog(t *testing.T) {
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var h []tlog.Hash
		for _, i := range indexes {
			h = append(h, stored[i])
		}
		return h, nil
	})
	e := &edge{}
	full := make(map[tlog.Tile][]byte)
	const size = 66_000 // more than two levels of tiles
	for n := range int64(size) {
		leaf := tlog.RecordHash([]byte{byte(n), byte(n >> 8), byte(n >> 16)})
		hashes, err := tlog.StoredHashesForRecordHash(n, leaf, read)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
		err = e.add([]tlog.Hash{leaf}, func(t tlog.Tile, h []tlog.Hash) error {
			full[t] = joinHashes(h)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n > 600 && n < 65_000 && n%997 != 0 {
			continue
		}
		want, err := tlog.TreeHash(n+1, read)
		if err != nil {
			t.Fatal(err)
		}
		if e.root() != want {
			t.Fatalf("root of %d leaves: %v, want %v", n+1, e.root(), want)
		}
	}
	for _, tile := range tlog.NewTiles(tileHeight, 0, size) {
		want, err := tlog.ReadTileData(tile, read)
		if err != nil {
			t.Fatal(err)
		}
		got := full[tile]
		if tile.W < tileWidth {
			got = joinHashes(e.tile(tile))
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs", tile.Path())
		}
		if back, err := parseTileKey(tileKey(tile)); err != nil || back != tile {
			t.Errorf("%s is read as %+v, %v", tileKey(tile), back, err)
		}
	}
}

// Listing by prefixes covers every range.
func TestBatchPrefixesCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		firsts := rapid.SliceOfN(rapid.Int64Range(0, 30_000), 1, 40).Draw(t, "firsts")
		from := rapid.Int64Range(0, 30_000).Draw(t, "from")
		until := rapid.Int64Range(from+1, 40_000).Draw(t, "until")
		var st namesOnly
		for _, first := range firsts {
			st.names = append(st.names, batchName{first: first}.key())
		}
		var got []int64
		for name, err := range (objects{st}).listBatches(t.Context(), from, until) {
			if err != nil {
				t.Fatal(err)
			}
			if len(got) > 0 && name.first <= got[len(got)-1] {
				t.Fatalf("%d follows %v", name.first, got)
			}
			got = append(got, name.first)
		}
		for _, first := range firsts {
			if first >= from && first < until && !slices.Contains(got, first) {
				t.Fatalf("from %d until %d: %d is not among %v", from, until, first, got)
			}
		}
	})
}

// namesOnly is a store that can only be listed.
type namesOnly struct {
	Store
	names []string
}

func (n namesOnly) List(_ context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		keys := slices.Clone(n.names)
		slices.Sort(keys)
		for _, key := range slices.Compact(keys) {
			if strings.HasPrefix(key, prefix) && !yield(store.Info{Key: key}, nil) {
				return
			}
		}
	}
}
