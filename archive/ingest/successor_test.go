package ingest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/messenger"
)

// day makes an opened chat-day of these lines, with these media by name.
func day(lines []string, media map[string]string) (record.Record, ingest.Opened) {
	opened := ingest.Opened{}
	rec := record.Record{Format: record.Format, ID: "predecessor", Kind: record.ChatDay, Vault: "main",
		Chat: &record.Day{Date: "2026-05-03", Zone: "Europe/London", Platform: "android", Order: "DMY", App: "whatsapp"}}
	add := func(path, name, text string) {
		c := record.Component{Path: path, Name: name, Size: int64(len(text)), Digest: record.Sum([]byte(text))}
		rec.Components = append(rec.Components, c)
		opened[path] = ingest.Component{ReaderAt: strings.NewReader(text), Component: c}
	}
	add("data/chat.txt", "", strings.Join(lines, ""))
	for _, l := range lines {
		rec.Chat.Spans = append(rec.Chat.Spans, int64(len(l)))
	}
	for name, text := range media {
		add("data/media/"+name, name, text)
	}
	return rec, opened
}

// reopened is a successor as it would be opened again.
func reopened(t interface{ Fatal(...any) }, rec record.Record, contents map[string]io.ReaderAt) (ingest.Opened, string) {
	opened := ingest.Opened{}
	text := ""
	for _, c := range rec.Components {
		b, err := io.ReadAll(io.NewSectionReader(contents[c.Path], 0, c.Size))
		if err != nil || record.Sum(b) != c.Digest {
			t.Fatal(c.Path, err)
		}
		opened[c.Path] = ingest.Component{ReaderAt: bytes.NewReader(b), Component: c}
		if c.Path == "data/chat.txt" {
			text = string(b)
		}
	}
	if len(contents) != len(rec.Components) {
		t.Fatal("contents that are no component")
	}
	return opened, text
}

func TestSuccessorLeavesOutMedia(t *testing.T) {
	rec, opened := day([]string{
		"03/05/2026, 09:00 - Ann: IMG-20260503-WA0001.jpg (file attached)\n",
		"03/05/2026, 09:01 - Bob: IMG-20260503-WA0002.jpg (file attached)\n",
		"03/05/2026, 09:02 - Ann: IMG-20260503-WA0001.jpg (file attached)\n",
		"03/05/2026, 09:03 - Bob: fine\n",
	}, map[string]string{"IMG-20260503-WA0001.jpg": "one", "IMG-20260503-WA0002.jpg": "two"})
	media := func(erase ...int) (names []string) {
		next, contents, err := ingest.Successor(t.Context(), messenger.All{}, rec, opened, erase, "a ground")
		if err != nil {
			t.Fatal(err)
		}
		reopened(t, next, contents)
		for _, c := range next.Components {
			if c.Name != "" {
				names = append(names, c.Name)
			}
		}
		slices.Sort(names)
		return names
	}
	if got := media(1); len(got) != 2 {
		t.Errorf("a picture that another message has too is left out: %v", got)
	}
	if got := media(2); !slices.Equal(got, []string{"IMG-20260503-WA0001.jpg"}) {
		t.Errorf("the erased message's picture stays: %v", got)
	}
	if got := media(1, 3); !slices.Equal(got, []string{"IMG-20260503-WA0002.jpg"}) {
		t.Errorf("the erased messages' picture stays: %v", got)
	}
	for name, spoil := range map[string]func(record.Record, ingest.Opened) (record.Record, ingest.Opened, []int){
		"all of it": func(r record.Record, o ingest.Opened) (record.Record, ingest.Opened, []int) {
			return r, o, []int{1, 2, 3, 4}
		},
		"an e-mail": func(r record.Record, o ingest.Opened) (record.Record, ingest.Opened, []int) {
			r.Kind = record.Email
			return r, o, []int{1}
		},
		"what reads otherwise by itself": func(r record.Record, o ingest.Opened) (record.Record, ingest.Opened, []int) {
			day := *r.Chat
			day.Spans = []int64{10, 20}
			r.Chat = &day
			return r, o, []int{1}
		},
		"no such message": func(r record.Record, o ingest.Opened) (record.Record, ingest.Opened, []int) {
			return r, o, []int{9}
		},
	} {
		r, o, erase := spoil(rec, opened)
		if _, _, err := ingest.Successor(t.Context(), messenger.All{}, r, o, erase, "a ground"); !errors.Is(err, ingest.ErrIndivisible) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever is erased in however many rounds, what stays is the captured octets in
// their order, the marks count everything that went, each where it stood, and the
// exports' runs lead to every message that is left.
func TestSuccessorsOfSuccessors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var lines []string
		for i := range rapid.IntRange(2, 12).Draw(t, "messages") {
			lines = append(lines, fmt.Sprintf("03/05/2026, 09:%02d - Ann: message %s\n", i, strings.Repeat("x", i)))
		}
		runs := []record.MessageRun{{Record: "predecessor", From: 1, To: len(lines)}}
		rec, opened := day(lines, nil)
		left, stood := slices.Clone(lines), make([]string, len(lines)) // stood: what is left, "" where something went
		copy(stood, lines)
		for round := range rapid.IntRange(1, 3).Draw(t, "rounds") {
			if len(left) < 2 {
				break
			}
			var erase []int
			for n := range left {
				if rapid.Bool().Draw(t, "goes") && len(erase) < len(left)-1 {
					erase = append(erase, n+1)
				}
			}
			if len(erase) == 0 {
				continue
			}
			ground := fmt.Sprintf("ground %d", round%2)
			next, contents, err := ingest.Successor(t.Context(), messenger.All{}, rec, opened, erase, ground)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range slices.Backward(erase) {
				stood[slices.Index(stood, left[n-1])] = ""
				left = slices.Delete(left, n-1, n)
			}
			id := record.ID(fmt.Sprintf("successor-%d", round))
			runs = record.Succeed(runs, record.Succeeded{Successor: id, ErasedPart: record.ErasedPart{Record: rec.ID, Messages: erase}})
			next.ID = id
			rec = next
			var text string
			if opened, text = reopened(t, next, contents); text != strings.Join(left, "") {
				t.Fatalf("left is %q, want %q", text, left)
			}
		}
		marks := map[int64]int{}
		for _, e := range rec.Chat.Erased {
			marks[e.At] += e.Messages
		}
		var at int64
		want := map[int64]int{}
		var messages []string
		for _, run := range runs {
			for n := run.From; n <= run.To; n++ {
				if run.Record == rec.ID {
					messages = append(messages, left[n-1])
				} else {
					messages = append(messages, "")
				}
			}
		}
		for _, s := range stood {
			if at += int64(len(s)); s == "" {
				want[at]++
			}
		}
		if fmt.Sprint(marks) != fmt.Sprint(want) || !slices.Equal(messages, stood) {
			t.Fatalf("marked %v, want %v; runs lead to %q, want %q", marks, want, messages, stood)
		}
	})
}
