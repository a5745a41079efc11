package journal_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/closeroll/closeroll/archive/journal"
)

func TestProveEntry(t *testing.T) {
	j := open(t, newLog(t))
	fill(t, j, 0, 600, 37)
	r := j.Reader()
	for _, index := range []int64{0, 1, 255, 256, 300, 511, 512, 600} {
		for _, disclose := range []bool{false, true} {
			made, err := r.ProveEntry(t.Context(), index, disclose)
			if err != nil {
				t.Fatal(err)
			}
			p := throughJSON(t, made)
			e, err := p.Verify(r.Checkpoint())
			if err != nil {
				t.Fatalf("entry %d: %v", index, err)
			}
			if e.Index != index || e.Actor != "a1" || e.Stripped() == disclose {
				t.Errorf("entry %d: %+v", index, e)
			}
			for name, change := range map[string]func(p *journal.EntryProof){
				"index":      func(p *journal.EntryProof) { p.Index ^= 1 },
				"high index": func(p *journal.EntryProof) { p.Index += 1 << 40 },
				"header":     func(p *journal.EntryProof) { p.Header[5] ^= 1 },
				"content":    func(p *journal.EntryProof) { p.Content[5] ^= 1 },
				"path":       func(p *journal.EntryProof) { p.Path[0][5] ^= 1 },
				"body":       func(p *journal.EntryProof) { p.Body = []byte(`{}`) },
			} {
				p := throughJSON(t, made)
				change(&p)
				if _, err := p.Verify(r.Checkpoint()); !errors.Is(err, journal.ErrCorrupt) {
					t.Errorf("entry %d with another %s: %v", index, name, err)
				}
			}
		}
	}
	if _, err := r.ProveEntry(t.Context(), r.Size(), false); err == nil {
		t.Error("an entry that is not there was proven")
	}
}

func throughJSON(t *testing.T, p journal.EntryProof) (out journal.EntryProof) {
	t.Helper()
	b, err := json.MarshalIndent(p, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestProveExtension(t *testing.T) {
	j := open(t, newLog(t))
	known := []journal.Checkpoint{j.Checkpoint()}
	for n := 0; n < 900; n += 60 {
		fill(t, j, n, n+60, 30)
		known = append(known, j.Checkpoint())
	}
	r := j.Reader()
	for _, k := range known {
		parsed, err := journal.ParseCheckpoint(k.Note, testKeys(t).Verifiers...)
		if err != nil {
			t.Fatal(err)
		}
		p, err := r.ProveExtension(t.Context(), parsed)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Verify(parsed, r.Checkpoint()); err != nil {
			t.Errorf("from %d entries: %v", k.Size, err)
		}
		parsed.Root[0] ^= 1
		if err := p.Verify(parsed, r.Checkpoint()); !errors.Is(err, journal.ErrRolledBack) {
			t.Errorf("from another root at %d entries: %v", k.Size, err)
		}
		parsed.Size++
		if err := p.Verify(parsed, r.Checkpoint()); !errors.Is(err, journal.ErrRolledBack) {
			t.Errorf("from another size than %d: %v", k.Size, err)
		}
	}
}

func TestParseCheckpointRefuses(t *testing.T) {
	keys := testKeys(t)
	j := open(t, newLog(t))
	good := string(j.Checkpoint().Note)
	if _, err := journal.ParseCheckpoint([]byte(good), keys.Verifiers...); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.ParseCheckpoint([]byte(good)); !errors.Is(err, journal.ErrCorrupt) {
		t.Errorf("without a verifier: %v", err)
	}
	for name, bad := range map[string]string{
		"nothing":     "",
		"no newline":  good[:len(good)-1],
		"other size":  "closeroll.example/archive-1\n2" + good[len("closeroll.example/archive-1\n1"):],
		"other log":   "X" + good[1:],
		"a long note": good + string(make([]byte, 20<<10)),
	} {
		if _, err := journal.ParseCheckpoint([]byte(bad), keys.Verifiers...); !errors.Is(err, journal.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	j := open(f, newLog(f))
	f.Add(j.Checkpoint().Note)
	f.Add([]byte("a\n1\n\n\n— a AAAA\n"))
	keys := testKeys(f)
	f.Fuzz(func(t *testing.T, signed []byte) {
		if cp, err := journal.ParseCheckpoint(signed, keys.Verifiers...); err == nil && cp.Origin != keys.Signer.Name() {
			t.Errorf("accepted for %q", cp.Origin)
		}
	})
}
