package index

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/record"
)

var body = []Field{Body}

func TestAddAgainReplaces(t *testing.T) {
	ix := openTest(t, filepath.Join(t.TempDir(), "index"))
	add(t, ix, &Document{No: 5, Body: strings.Repeat("long ", partWords) + "ending"})
	if got := matches(t, ix, In{body, Word{Text: "ending"}}); !cmp.Equal(got, []record.MessageNo{5}) {
		t.Fatalf("the end of a long text: %v", got)
	}
	add(t, ix, &Document{No: 5, Body: "short"})
	if got := matches(t, ix, In{body, Word{Text: "ending"}}); got != nil {
		t.Errorf("the former text is still found: %v", got)
	}
	if got := matches(t, ix, In{body, Word{Text: "short"}}); !cmp.Equal(got, []record.MessageNo{5}) {
		t.Errorf("the new text: %v", got)
	}
}

func TestPhrasesAcrossParts(t *testing.T) {
	ix := openTest(t, filepath.Join(t.TempDir(), "index"))
	var text strings.Builder
	for i := range 2*partWords + 100 {
		fmt.Fprintf(&text, "w%d ", i)
	}
	add(t, ix, &Document{No: 1, Body: text.String()})
	for _, at := range []int{partWords - 1, partWords, 2*partWords - 600, 2*partWords - partOverlap - 1, 2*partWords - partOverlap} {
		phrase := Phrase{Text: fmt.Sprintf("w%d w%d w%d", at-1, at, at+1)}
		if got := matches(t, ix, In{body, phrase}); len(got) != 1 {
			t.Errorf("%q is not found", phrase.Text)
		}
		near := Near{A: Word{Text: fmt.Sprintf("w%d", at-50)}, B: Word{Text: fmt.Sprintf("w%d", at+50)}, Distance: 99}
		if got := matches(t, ix, In{body, near}); len(got) != 1 {
			t.Errorf("%v is not found", near)
		}
	}
	if n, err := ix.Count(); n != 1 || err != nil {
		t.Errorf("a long message counts as %d, %v", n, err)
	}
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	ix := openTest(t, dir)
	add(t, ix, sample()...)
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	again := openTest(t, dir)
	if got := matches(t, again, In{body, Word{Text: "sandbags"}}); !cmp.Equal(got, []record.MessageNo{1}) {
		t.Errorf("after reopening: %v", got)
	}
}

func TestOtherMapping(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	ix := openTest(t, dir)
	if err := ix.live.setInternal(internalMapping, "closeroll-index/0"); err != nil {
		t.Fatal(err)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), slog.New(slog.DiscardHandler), dir, testKey())
	if !MustRebuild(err) || !strings.Contains(err.Error(), "closeroll-index/0") {
		t.Errorf("opened an index of another mapping: %v", err)
	}
}

func TestBuildBesideLive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	ctx := context.Background()
	ix := openTest(t, dir)
	add(t, ix, &Document{No: 1, Body: "first"}, &Document{No: 2, Body: "second"})
	first := ix.Generation()
	b, err := ix.Build(ctx)
	if err != nil {
		t.Fatal(err)
	}
	add(t, ix, &Document{No: 3, Body: "third"}) // captured meanwhile: to both
	if err := b.Add(ctx, []*Document{{No: 1, Body: "first"}}); err != nil {
		t.Fatal(err)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}

	ix = openTest(t, dir) // a restart in the middle
	if b = ix.Building(); b == nil {
		t.Fatal("the generation that was being built is forgotten")
	}
	have, err := b.Numbers()
	if err != nil || !cmp.Equal(have.ToArray(), []uint64{1, 3}) {
		t.Fatalf("it holds %v, %v", have, err)
	}
	if n, err := ix.Count(); n != 3 || err != nil {
		t.Errorf("the live generation holds %d, %v", n, err)
	}
	if err := b.Add(ctx, []*Document{{No: 2, Body: "second"}}); err != nil {
		t.Fatal(err)
	}
	r, err := ix.Reader()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Swap(); err != nil {
		t.Fatal(err)
	}
	if set, err := r.Match(ctx, In{body, Word{Text: "first"}}); err != nil || set.GetCardinality() != 1 {
		t.Errorf("a reader that was open during the swap: %v, %v", set, err)
	}
	r.Close()
	if n, err := ix.Count(); n != 3 || err != nil || ix.Generation() == first {
		t.Errorf("after the swap %s holds %d, %v", ix.Generation(), n, err)
	}
	if err := b.Swap(); err != ErrNotBuilding {
		t.Errorf("a second swap: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%d generations are left, %v", len(left), err)
	}
}

func TestAbandon(t *testing.T) {
	ix := openTest(t, filepath.Join(t.TempDir(), "index"))
	b, err := ix.Build(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Abandon(); err != nil {
		t.Fatal(err)
	}
	if ix.Building() != nil {
		t.Error("an abandoned generation is still being built")
	}
	if _, err := b.Numbers(); err != ErrNotBuilding {
		t.Errorf("reading it: %v", err)
	}
}
