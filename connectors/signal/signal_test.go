package signal

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// packed is the sample export as a zip file, with its folder or without it.
func packed(t testing.TB, folder string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	root := os.DirFS("testdata/export")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		w, err := z.Create(folder + name)
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	})
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mainLines(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/export/main.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t testing.TB, data []byte) (*chat.Parcel, error) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return Open(t.Context(), "signal-export.zip", bytes.NewReader(data), int64(len(data)), chat.Options{Zone: zone})
}

func opened(t testing.TB, data []byte) *chat.Parcel {
	t.Helper()
	if !Looks(bytes.NewReader(data), int64(len(data))) {
		t.Fatal("it does not look like an export")
	}
	p, err := open(t, data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestChats(t *testing.T) {
	for _, folder := range []string{"", "signal-export-2026-07-20/"} {
		p := opened(t, packed(t, folder))
		if len(p.Exports) != 2 {
			t.Fatalf("%d chats", len(p.Exports))
		}
		ana, group := p.Exports[0], p.Exports[1]
		if ana.Title != "Ana Field" || ana.Count() != 9 || ana.Linked != 0 || ana.App != App {
			t.Errorf("%q with %d messages, %d files", ana.Title, ana.Count(), ana.Linked)
		}
		if group.Title != "Flood response" || group.Count() != 13 || group.Linked != 3 || len(group.Missing) != 1 || group.Timer != 7*24*time.Hour {
			t.Errorf("%q with %d messages, %d files, missing %q, timer %v", group.Title, group.Count(), group.Linked, group.Missing, group.Timer)
		}
		roles := map[chat.Role]int{}
		for _, e := range p.Whole.Entries {
			roles[e.Role]++
		}
		if roles[chat.RoleTranscript] != 1 || roles[chat.RolePackaging] != 1 || roles[chat.RoleMedia] != 3 || roles[chat.RoleOrphan] != 1 {
			t.Errorf("roles: %v", roles)
		}
	}
}

// What every message of the sample is.
func TestMessages(t *testing.T) {
	p := opened(t, packed(t, ""))
	type want struct {
		kind         chat.Kind
		at           string
		sender, text string
		more         string
	}
	check := func(e *chat.Export, all []want) {
		t.Helper()
		for i, m := range e.All() {
			more := ""
			switch {
			case m.Event != nil:
				more = strings.TrimSpace(m.Event.Name + " " + m.Event.Actor)
				if m.Event.HasTime {
					more += " " + m.Event.Timer.String()
				}
			case m.Call != nil:
				more = m.Call.Medium + " " + m.Call.Outcome
			case m.DeletedBy != "":
				more = m.DeletedBy
			case m.Poll != nil:
				more = m.Poll.Options[0].Text
			}
			for _, a := range m.Attachments {
				more += " " + a.Type + ":" + a.Name
				if a.Entry > 0 {
					more += "!"
				}
			}
			if m.Edited {
				more += " edited"
			}
			if m.Kind == chat.System || m.Kind == chat.CallKind {
				m.Text = ""
			}
			got := want{m.Kind, m.Time.Format("02 15:04"), m.Sender, m.Text, strings.TrimSpace(more)}
			if i < len(all) && got != all[i] {
				t.Errorf("message %d is\n%q, want\n%q", i, got, all[i])
			}
		}
	}
	check(p.Exports[0], []want{
		{chat.Text, "13 09:00", "Ana Field", "Have the pumps for Gloucester arrived?", ""},
		{chat.Text, "13 09:02", "Mary Minister", "Yes, forty of them; see the plan ✓", ""},
		{chat.CallKind, "14 10:05", "Ana Field", "", "video missed"},
		{chat.System, "14 10:06", "", "", "disappearing_on Mary Minister 24h0m0s"},
		{chat.System, "14 10:07", "", "", "disappearing_off Ana Field 0s"},
		{chat.System, "14 10:08", "", "", "security_code_changed Ana Field"},
		{chat.System, "14 10:09", "", "", "unknown Ana Field"},
		{chat.Empty, "14 10:14", "Ana Field", "", ""},
		{chat.Text, "14 10:15", "Ana Field", "Thanks\nall of you", ""},
	})
	check(p.Exports[1], []want{
		{chat.System, "13 09:01", "", "", "group_created Ana Field"},
		{chat.Media, "13 09:03", "+447700900102", "Depot plan attached", "document:depot plan.pdf!"},
		{chat.MediaOmitted, "13 09:04", "+447700900102", "", "image:" + nameOf(t, p, ".jpg") + "! image:never.jpg"},
		{chat.Text, "14 00:30", "Ana Field", "The whole of a long message about sandbags.", "document:long message.txt!"},
		{chat.Text, "14 10:00", "Ana Field", "Corrected figure: 4,000", "edited"},
		{chat.Deleted, "14 10:01", "+447700900102", "", chat.BySender},
		{chat.Deleted, "14 10:02", "Mary Minister", "", chat.ByExporter},
		{chat.Deleted, "14 10:03", "+447700900102", "", chat.ByAdmin},
		{chat.System, "14 10:04", "", "", "disappearing_on +447700900102 168h0m0s"},
		{chat.PollKind, "14 10:10", "+447700900102", "Which day?", "Monday"},
		{chat.Media, "14 10:11", "+447700900102", "👍", "sticker:" + p.Exports[1].Missing[0]},
		{chat.ViewOnce, "14 10:12", "Ana Field", "", "image:"},
		{chat.MediaOmitted, "14 10:13", "Ana Field", "Depot Desk", "contact:"},
	})
}

func nameOf(t *testing.T, p *chat.Parcel, ext string) string {
	t.Helper()
	for _, e := range p.Whole.Entries {
		if strings.HasSuffix(e.Name, ext) {
			return e.Name[strings.LastIndex(e.Name, "/")+1:]
		}
	}
	t.Fatal("no such file")
	return ""
}

// lossless checks that each chat's spans make up its transcript, and that the
// chats' days and the rest make up the file.
func lossless(t testing.TB, p *chat.Parcel, data []byte) {
	t.Helper()
	parts := map[string]io.ReaderAt{chat.PreamblePart: p.Whole.Rest}
	part := func(export int, date string) string { return string(rune('a'+export)) + date }
	for i, e := range p.Exports {
		at := int64(0)
		for _, m := range e.All() {
			if m.Offset != at || m.Length <= 0 {
				t.Fatalf("a message at %d+%d, want it at %d", m.Offset, m.Length, at)
			}
			at += m.Length
		}
		if at != e.Transcript.Size {
			t.Fatalf("the messages end at %d of %d", at, e.Transcript.Size)
		}
		for _, d := range e.Days() {
			parts[part(i, d.Date)] = d
		}
	}
	var out bytes.Buffer
	err := chat.Reassemble(&out, p.Map(part), func(name string) (io.ReaderAt, error) { return parts[name], nil })
	if err != nil || !bytes.Equal(out.Bytes(), data) {
		t.Fatalf("%d octets of %d again, %v", out.Len(), len(data), err)
	}
}

func TestEveryOctetIsKept(t *testing.T) {
	data := mainLines(t)
	lossless(t, opened(t, packed(t, "")), data)
	lossless(t, opened(t, data), data)
}

// A day that was archived reads alone as it did in the export.
func TestDayAlone(t *testing.T) {
	p := opened(t, packed(t, ""))
	for _, e := range p.Exports {
		for _, d := range e.Days() {
			about, err := e.Context(d)
			if err != nil {
				t.Fatal(err)
			}
			var media []chat.Loose
			for _, n := range d.Entries {
				media = append(media, chat.Loose{Name: e.Entries[n].Name, Size: e.Entries[n].Size, Open: e.Entries[n].Open})
			}
			alone, err := OpenDay(t.Context(), d, d.Size(), about, media, chat.Options{Zone: e.Zone})
			if err != nil {
				t.Fatal(err)
			}
			again := alone.List()
			k := 0
			for _, m := range d.All() {
				a := again[k]
				if a.Text != m.Text || a.Sender != m.Sender || a.Kind != m.Kind || !a.Time.Equal(m.Time) || a.Length != m.Length || len(a.Attachments) != len(m.Attachments) {
					t.Errorf("%s, message %d alone is %+v, not %+v", d.Date, k, a, *m)
				}
				k++
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	whole := packed(t, "")
	broken := bytes.Clone(whole)
	for i := 200; i < 260; i++ {
		broken[i] ^= 0x5a
	}
	for name, c := range map[string]struct {
		data   []byte
		reason record.Reason
	}{
		"no messages": {[]byte(`{"account":{}}` + "\n"), record.ReasonNotAChat},
		"another zip": {zipOf(t, "main.jsonl", "{}\n"), record.ReasonNotAChat},
		"damaged":     {broken, record.ReasonUnreadable},
		"cut":         {whole[:len(whole)-60], record.ReasonUnreadable},
	} {
		if _, err := open(t, c.data); err == nil || chat.ReasonOf(err) != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	data := mainLines(t)
	for _, lim := range []chat.Limits{{Messages: 3}, {Transcript: 100}} {
		if _, err := Open(t.Context(), "main.jsonl", bytes.NewReader(data), int64(len(data)), chat.Options{Limits: lim}); chat.ReasonOf(err) != record.ReasonBomb {
			t.Errorf("%+v: %v", lim, err)
		}
	}
	for _, text := range []string{"", "13/07/2026, 14:05 - Ana: {}", `{"a":1}`, `[1]`, "null", `{"chat":"x"}`} {
		if Looks(strings.NewReader(text), int64(len(text))) {
			t.Errorf("%q looks like an export", text)
		}
	}
}

func zipOf(t *testing.T, name, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Two successive exports are compared by what was said, though every chat and
// person has another number in the second.
func TestSuccessiveExports(t *testing.T) {
	var first, second []string
	add := func(to *[]string, line string) { *to = append(*to, line+"\n") }
	for i, who := range []string{"2", "3"} {
		add(&first, `{"recipient":{"id":"`+who+`","contact":{"systemGivenName":"P`+who+`"}}}`)
		add(&second, `{"recipient":{"id":"`+[]string{"92", "93"}[i]+`","contact":{"systemGivenName":"P`+who+`"}}}`)
	}
	add(&first, `{"chat":{"id":"1","recipientId":"2"}}`)
	add(&second, `{"chat":{"id":"71","recipientId":"92"}}`)
	for i := range 30 {
		at := time.Date(2026, 7, 13, 9, i, 0, 0, time.UTC).UnixMilli()
		line := func(chatID, who, body string) string {
			return `{"chatItem":{"chatId":"` + chatID + `","authorId":"` + who + `","dateSent":"` + itoa(at) + `",` + body + `}}`
		}
		text := `"standardMessage":{"text":{"body":"words about matter ` + itoa(int64(i)) + `"}}`
		add(&first, line("1", "2", text))
		switch i {
		case 7: // deleted for oneself: nothing is left
		case 11:
			add(&second, line("71", "92", `"remoteDeletedMessage":{}`))
		case 15:
			add(&second, line("71", "92", `"standardMessage":{"text":{"body":"other words"}},"revisions":[{}]`))
		default:
			add(&second, line("71", "92", text))
		}
	}
	a, b := opened(t, []byte(strings.Join(first, ""))), opened(t, []byte(strings.Join(second, "")))
	c := chat.Compare(chat.SideOf(a.Exports[0], nil), chat.SideOf(b.Exports[0], nil))
	if !c.SameChat || !slices.Equal(c.Vanished, []int{7}) || len(c.Deleted) != 1 || len(c.Edited) != 1 || len(c.ChangedOther) != 0 {
		t.Errorf("%+v", c)
	}
}

func itoa(n int64) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// Whatever the bytes, a file that is not refused is kept whole.
func FuzzOpen(f *testing.F) {
	f.Add(mainLines(f))
	f.Add([]byte(`{"chatItem":{"chatId":1,"authorId":"2","dateSent":99999999999999999999,"standardMessage":{}}}`))
	f.Add([]byte("{\"chatItem\":{\"chatId\":\"1\"}}\r\n\xff\n{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := open(t, data)
		if err != nil {
			var r *chat.Refusal
			if !errors.As(err, &r) {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if p.Exports[0].Container.Size == 0 {
			lossless(t, p, data)
		}
	})
}
