package ingest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/messenger"
)

// A faltering index works so many times, and then no more.
type faltering struct {
	*memory
	left int
}

// Add implements ingest.Indexer.
func (f *faltering) Add(ctx context.Context, docs []record.Document) error {
	if f.left--; f.left < 0 {
		return errBroken
	}
	return f.memory.Add(ctx, docs)
}

// days is a transcript of so many days with three messages each.
func days(n int) string {
	var b strings.Builder
	for d := range n {
		at := time.Date(2026, 1, 13+d, 9, 0, 0, 0, time.UTC)
		for m := range 3 {
			fmt.Fprintf(&b, "%s - Ana Field: message %d of day %d\n", at.Add(time.Duration(m)*time.Minute).Format("02/01/2006, 15:04"), m, d)
		}
	}
	return b.String()
}

// A long chat is committed in portions. Wherever its capture is cut short, the
// next run ends it: in the same chat, with every message once, and with what
// comparing it with an earlier export shows.
func TestCaptureInPortionsIsResumed(t *testing.T) {
	const name = "WhatsApp Chat with Flood.txt"
	for _, earlier := range []int{0, 3} {
		for works := range 4 {
			t.Run(fmt.Sprintf("%d days before, %d portions", earlier, works), func(t *testing.T) {
				b := newBench(t)
				src, dir := b.drop(t)
				if earlier > 0 {
					write(t, dir, name, []byte(days(earlier)))
					b.run(t, src)
				}
				index := &faltering{b.index, works}
				parts := ingest.Parts{Archive: b.Archive.Archive, Spool: b.Spool, Messengers: messenger.All{}, Classify: oneClass{},
					Extract: plainText{}, Index: index, Holds: b.holds}
				b.pipe = ingest.New(b.Place.Log, b.Place.Clock.Now, parts, ingest.Options{Messages: 6, Retry: time.Millisecond})
				whole := days(8)
				if earlier > 0 {
					whole = strings.Replace(whole, "message 1 of day 1", "something else", 1)
				}
				write(t, dir, name, []byte(whole))
				if _, err := b.pipe.Run(t.Context(), src); err == nil {
					t.Fatal("the index broke and the run went on")
				}
				index.left = 1000
				b.pipe = ingest.New(b.Place.Log, b.Place.Clock.Now, parts, ingest.Options{Messages: 6})
				b.run(t, src)
				b.indexed(t)
				chats, err := b.Catalog.Chats(t.Context(), "")
				must(t, err)
				if len(chats) != 1 {
					t.Fatalf("%d chats", len(chats))
				}
				exports, err := b.Catalog.ChatExports(t.Context(), chats[0].ID)
				must(t, err)
				want := 1 + min(earlier, 1)
				if len(exports) != want || exports[want-1].Messages() != 24 {
					t.Errorf("%d exports, the last of %d messages", len(exports), exports[len(exports)-1].Messages())
				}
				b.portioned(t, chats[0].ID, earlier)
			})
		}
	}
}

// portioned checks what comparing with the earlier export has shown, if there was
// one, and that copies share their groups.
func (b *bench) portioned(t *testing.T, id string, earlier int) {
	t.Helper()
	notices, err := b.Catalog.ChatNotices(t.Context(), id)
	must(t, err)
	altered := 0
	for _, n := range notices {
		if n.Kind == "altered_without_marker" {
			altered++
		}
	}
	if want := min(earlier, 1); altered != want {
		t.Errorf("%d notices of altered words, want %d: %+v", altered, want, notices)
	}
	groups := make(map[string]bool)
	all, err := b.Catalog.ChatDays(t.Context(), id)
	must(t, err)
	for _, d := range all {
		of, err := b.Catalog.CopyGroups(t.Context(), d.Record)
		must(t, err)
		for _, g := range of {
			groups[string(g)] = true
		}
	}
	if want := 24 + min(earlier, 1); len(groups) != want {
		t.Errorf("%d copy groups, want %d", len(groups), want)
	}
}

// A day with more messages than any chat has is refused, and nothing waits for it.
func TestDayOfTooManyMessages(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	long := strings.Repeat("13/01/2026, 09:00 - Ana Field: x\n", 60_000)
	write(t, dir, "WhatsApp Chat with Mill.txt", []byte(long))
	write(t, dir, "WhatsApp Chat with Weir.txt", []byte(days(1)))
	if counts := b.run(t, src); counts.FailedTotal() != 1 || counts.Captured != 2 {
		t.Errorf("got %+v", counts)
	}
}
