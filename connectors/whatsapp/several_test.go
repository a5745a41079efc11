package whatsapp

import (
	"bytes"
	"slices"
	"testing"

	"github.com/closeroll/closeroll/connectors/chat"
)

const (
	weir = "13/07/2026, 14:05 - Ana Field: The weir is open\n13/07/2026, 14:06 - Tom Okafor: IMG-20260713-WA0001.jpg (file attached)\n"
	lock = "13/07/2026, 15:05 - Rhys Morgan: The lock is shut\n13/07/2026, 15:06 - Ana Field: IMG-20260713-WA0001.jpg (file attached)\n" +
		"13/07/2026, 15:07 - Ana Field: rota.pdf (file attached)\n"
)

// Several chats that were packed together are several exports, each with its own
// media, of whichever folder it is in; what belongs to none is the first's.
func TestSeveralTranscripts(t *testing.T) {
	data := zipped(t, file{"Weir/_chat.txt", weir}, file{"Weir/IMG-20260713-WA0001.jpg", "a weir"},
		file{"Lock/WhatsApp Chat with Lock.txt", lock}, file{"Lock/IMG-20260713-WA0001.jpg", "a lock"}, file{"Lock/rota.pdf", "%PDF"},
		file{"stray.jpg", "nobody's"}, file{"server.txt", "2026-07-13 14:05:00 started\n2026-07-13 14:06:00 stopped\n"})
	all, err := OpenAll(t.Context(), "Chats.zip", bytes.NewReader(data), int64(len(data)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	type told struct {
		title, media, transcript string
		linked                   int
		orphans                  []string
	}
	var got []told
	for _, e := range all {
		one := told{title: e.Title, linked: e.Linked, orphans: e.Orphans}
		text := make([]byte, e.Transcript.Size)
		if _, err := e.Transcript.Content.ReadAt(text, 0); err != nil && len(text) == 0 {
			t.Fatal(err)
		}
		one.transcript = string(text)
		for _, entry := range e.Entries {
			if entry.Role == chat.RoleMedia {
				one.media += entry.Name + " "
			}
		}
		got = append(got, one)
		if slices.Contains(e.Flags, chat.FlagOtherTranscripts) {
			t.Errorf("%s says that there are other transcripts, and each is a chat", e.Title)
		}
	}
	slices.SortFunc(got, func(a, b told) int { return len(a.transcript) - len(b.transcript) })
	if len(got) != 2 {
		t.Fatalf("%d chats: %+v", len(got), got)
	}
	w, l := got[0], got[1]
	if w.title != "Weir" || w.transcript != weir || w.media != "Weir/IMG-20260713-WA0001.jpg " || w.linked != 1 {
		t.Errorf("%+v", w)
	}
	if l.title != "Lock" || l.transcript != lock || l.media != "Lock/IMG-20260713-WA0001.jpg Lock/rota.pdf " || l.linked != 2 {
		t.Errorf("%+v", l)
	}
	if !slices.Equal(w.orphans, nil) || !slices.Equal(l.orphans, []string{"stray.jpg", "server.txt"}) {
		t.Errorf("orphans are %q and %q", w.orphans, l.orphans)
	}
}

// An export that somebody sent into a chat is an attachment of it, and no second
// chat; so is a text that only resembles one a file.
func TestOneTranscript(t *testing.T) {
	main := weir + "13/07/2026, 14:09 - Ana Field: WhatsApp Chat with Lock.txt (file attached)\n"
	data := zipped(t, file{"WhatsApp Chat with Weir.txt", main}, file{"IMG-20260713-WA0001.jpg", "a weir"}, file{"WhatsApp Chat with Lock.txt", lock})
	all, err := OpenAll(t.Context(), "x.zip", bytes.NewReader(data), int64(len(data)), Options{})
	if err != nil || len(all) != 1 || all[0].Title != "Weir" || all[0].Linked != 2 {
		t.Errorf("%v, %v", all, err)
	}
}
