package dropfolder_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/connectors/dropfolder"
	"github.com/closeroll/closeroll/internal/spool"
)

// A desk is a drop folder, a clock and what opens the folder anew.
type desk struct {
	dir string
	cfg dropfolder.Config
	now time.Time
}

func newDesk(t testing.TB) *desk {
	dir := t.TempDir()
	return &desk{dir: dir, cfg: dropfolder.Config{Name: "drop", Dir: dir, PollEvery: time.Millisecond}, now: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
}

func (d *desk) open(t testing.TB) *dropfolder.Folder {
	t.Helper()
	sp, err := spool.New(t.TempDir(), spool.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := dropfolder.New(slog.New(slog.DiscardHandler), d.cfg, sp, func() time.Time { return d.now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Close()
		if m, disk := sp.InFlight(); m != 0 || disk != 0 {
			t.Errorf("%d octets in memory and %d on disk were never released", m, disk)
		}
	})
	return f
}

func (d *desk) put(t testing.TB, name string, octets []byte) {
	t.Helper()
	full := filepath.Join(d.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, octets, 0o644); err != nil {
		t.Fatal(err)
	}
}

// list returns every file below the folder.
func (d *desk) list(t testing.TB) (names []string) {
	t.Helper()
	err := filepath.WalkDir(d.dir, func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(d.dir, p)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// release journals and acknowledges, as the pipeline does.
func release(t testing.TB, f *dropfolder.Folder, c connectors.Cursor) []record.Dropped {
	t.Helper()
	dropped, err := f.Dropped(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Acknowledge(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return dropped
}

func exported(t testing.TB, text string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	e, err := w.Create("_chat.txt")
	if err != nil {
		t.Fatal(err)
	}
	e.Write([]byte(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestConformance(t *testing.T) {
	places := map[string]func(n int) string{
		"files":   func(n int) string { return fmt.Sprintf("%03d.eml", n) },
		"subdirs": func(n int) string { return fmt.Sprintf("from %d/mail.eml", n) },
		"maildir": func(n int) string { return fmt.Sprintf("box/cur/%d.M1.host:2,FS", n) },
	}
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			connectortest.Test(t, func(t *testing.T) connectortest.Source {
				d, n := newDesk(t), 0
				for _, sub := range []string{"cur", "new", "tmp"} {
					os.MkdirAll(filepath.Join(d.dir, "box", sub), 0o755)
				}
				return connectortest.Source{
					Open:  func(t testing.TB) connectors.Connector { return d.open(t) },
					Add:   func(t testing.TB, octets []byte) { n++; d.put(t, place(n), octets) },
					Break: func(t testing.TB) { os.Symlink("001.eml", filepath.Join(d.dir, "link.eml")) },
					State: func(t testing.TB) string { return strings.Join(d.list(t), "\n") }, Consumes: true,
				}
			})
		})
	}
}

func TestMboxConformance(t *testing.T) {
	connectortest.Test(t, func(t *testing.T) connectortest.Source {
		d, n := newDesk(t), 0
		return connectortest.Source{
			Open: func(t testing.TB) connectors.Connector { return d.open(t) },
			Add: func(t testing.TB, octets []byte) { // five messages to a file
				name := fmt.Sprintf("archive-%d.mbox", n/5)
				n++
				old, _ := os.ReadFile(filepath.Join(d.dir, name))
				quoted := bytes.ReplaceAll(octets, []byte("\nFrom "), []byte("\n>From "))
				d.put(t, name, slices.Concat(old, []byte("From a@b.example Mon May  4 09:00:00 2026\r\n"), quoted, []byte("\r\n")))
			},
			State: func(t testing.TB) string { return strings.Join(d.list(t), "\n") },
		}
	})
}

func TestWhatIsTaken(t *testing.T) {
	d := newDesk(t)
	for name, octets := range map[string]string{
		"WhatsApp Chat with Jörg.zip":      string(exported(t, "[1/5/26, 09:00:00] A: x")),
		"WhatsApp Chat with Jörg.zip.yaml": "exclude: []",
		"chat.TXT":                         "1/5/26, 09:00 - A: x",
		"binary.txt":                       "\x00\x01",
		"fake.zip":                         "not a zip",
		"empty.eml":                        "",
		"letter.docx":                      "PK\x03\x04",
		"a.eml.part":                       "x", "b.tmp": "x", ".hidden.eml": "x", "~$c.eml": "x", "d.eml~": "x",
		"done/old.eml": "x", "refused/bad.eml": "x", ".git/x.eml": "x",
		"box/cur/1:2,RS": "Subject: a\n\n", "box/new/2": "Subject: b\n\n", "box/tmp/3": "x",
		"box/.Sent/cur/4:2,": "Subject: c\n\n", "box/.Sent/new/.x": "", "box/.Sent/tmp/.x": "",
	} {
		d.put(t, name, []byte(octets))
	}
	f := d.open(t)
	entries := connectortest.Collect(t, f, "")
	var got []string
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Key, "@")
		got = append(got, fmt.Sprintf("%s %s %v", name, e.Reason, e.Flags))
	}
	want := []string{
		`WhatsApp Chat with Jörg.zip  []`, `binary.txt unknown_type []`,
		`box/.Sent/cur/4:2,  []`, `box/cur/1:2,RS  [\Answered \Seen]`, `box/new/2  []`,
		`chat.TXT  []`, `empty.eml unknown_type []`, `fake.zip unknown_type []`, `letter.docx unknown_type []`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	dropped := release(t, f, f.Position())
	if len(dropped) != 5 {
		t.Errorf("dropped %v, want the five captured files", dropped)
	}
	left := d.list(t)
	for _, name := range []string{"refused/binary.txt", "refused/binary.txt.reason.txt", "refused/letter.docx", "WhatsApp Chat with Jörg.zip.yaml", "box/tmp/3", "a.eml.part"} {
		if !slices.Contains(left, name) {
			t.Errorf("%s is missing from %q", name, left)
		}
	}
	for _, name := range []string{"chat.TXT", "binary.txt", "box/new/2"} {
		if slices.Contains(left, name) {
			t.Errorf("%s is still there", name)
		}
	}
}

func TestFilesSettleFirst(t *testing.T) {
	d := newDesk(t)
	d.cfg.Settle = 30 * time.Second
	f := d.open(t)
	d.put(t, "a.eml", []byte("Subject: half"))
	see := func(want int) {
		t.Helper()
		if got := connectortest.Collect(t, f, ""); len(got) != want {
			t.Errorf("at %v: %d items, want %d", d.now.Format(time.TimeOnly), len(got), want)
		}
	}
	see(0)
	d.now = d.now.Add(29 * time.Second)
	see(0)
	d.put(t, "a.eml", []byte("Subject: half and more"))
	d.now = d.now.Add(2 * time.Second)
	see(0)
	d.now = d.now.Add(30 * time.Second)
	see(1)
}

func TestNoJournalNoAct(t *testing.T) {
	d := newDesk(t)
	d.put(t, "a.eml", connectortest.Mail(1))
	f := d.open(t)
	cur := last(connectortest.Collect(t, f, ""))
	if err := f.Acknowledge(t.Context(), cur); err != nil {
		t.Fatal(err)
	}
	if got := d.list(t); !slices.Equal(got, []string{"a.eml"}) {
		t.Fatalf("a removal that nobody was told of: %q", got)
	}
	restarted := d.open(t) // after a crash
	dropped := release(t, restarted, cur)
	if len(dropped) != 1 || dropped[0].Digest != record.Sum(connectortest.Mail(1)) || dropped[0].Source != "drop" {
		t.Errorf("dropped: %+v", dropped)
	}
	if got := d.list(t); len(got) != 0 {
		t.Errorf("left: %q", got)
	}
	if again := release(t, restarted, cur); len(again) != 0 {
		t.Errorf("dropped again: %+v", again)
	}
}

func last(entries []connectortest.Entry) connectors.Cursor { return entries[len(entries)-1].Cursor }

func TestANewFileOfTheSameNameStays(t *testing.T) {
	d := newDesk(t)
	d.put(t, "a.eml", connectortest.Mail(1))
	f := d.open(t)
	cur := last(connectortest.Collect(t, f, ""))
	if _, err := f.Dropped(t.Context(), cur); err != nil {
		t.Fatal(err)
	}
	d.put(t, "a.eml", connectortest.Mail(2))
	if err := f.Acknowledge(t.Context(), cur); err != nil {
		t.Fatal(err)
	}
	entries := connectortest.Collect(t, f, cur)
	if len(entries) != 1 || entries[0].Digest != record.Sum(connectortest.Mail(2)) {
		t.Errorf("the new file came as %+v", entries)
	}
}

func TestKeepingAndExpiry(t *testing.T) {
	d := newDesk(t)
	d.cfg.Keep, d.cfg.KeepRefused = 7*24*time.Hour, 24*time.Hour
	d.put(t, "a.eml", connectortest.Mail(1))
	d.put(t, "x.exe", []byte("MZ"))
	f := d.open(t)
	connectortest.Collect(t, f, "")
	cur := f.Position()
	if dropped := release(t, f, cur); len(dropped) != 0 {
		t.Errorf("dropped at once: %v", dropped)
	}
	if got := d.list(t); len(got) != 3 || !strings.HasPrefix(got[0], "done/20260504T090000Z-") {
		t.Fatalf("kept: %q", got)
	}
	d.now = d.now.Add(25 * time.Hour)
	if dropped := release(t, f, cur); len(dropped) != 1 || !strings.HasPrefix(dropped[0].Key, "refused/x.exe@") {
		t.Errorf("after a day: %v", dropped)
	}
	if got := d.list(t); len(got) != 1 {
		t.Errorf("after a day: %q", got)
	}
	d.put(t, "done/20260504T090000Z-0123456789abcdef-never captured.eml", []byte("x"))
	d.now = d.now.Add(7 * 24 * time.Hour)
	if dropped := release(t, d.open(t), cur); len(dropped) != 1 || !strings.HasPrefix(dropped[0].Key, "done/") {
		t.Errorf("after a week: %v", dropped)
	}
	if got := d.list(t); len(got) != 1 || !strings.HasSuffix(got[0], "never captured.eml") {
		t.Errorf("what is not what its name says must stay: %q", got)
	}
}

func TestRefuse(t *testing.T) {
	d := newDesk(t)
	d.put(t, "sub/export.zip", exported(t, "x"))
	d.put(t, "old.mbox", []byte("From a@b Mon May  4 09:00:00 2026\nSubject: 1\n\none\n\nFrom a@b Mon May  4 09:00:00 2026\nSubject: 2\n\ntwo\n\n"))
	d.put(t, "refused/export.zip", []byte("an earlier one"))
	f := d.open(t)
	entries := connectortest.Collect(t, f, "")
	for range 2 { // the second time as after a crash
		for _, e := range entries {
			if strings.HasPrefix(e.Key, "sub/") || e.Digest == record.Sum([]byte("Subject: 2\n\ntwo\n")) {
				if err := f.Refuse(t.Context(), e.Key, record.ReasonNotAChat, "no transcript in it"); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	release(t, f, f.Position())
	want := []string{"refused/export-2.zip", "refused/export-2.zip.reason.txt", "refused/export.zip"}
	got := d.list(t)
	if len(got) != 5 || !slices.Equal(got[:3], want) {
		t.Fatalf("left: %q", got)
	}
	text, err := os.ReadFile(filepath.Join(d.dir, got[1]))
	if err != nil || !strings.HasPrefix(string(text), "not_a_chat: no transcript in it\n") {
		t.Errorf("reason: %q, %v", text, err)
	}
	message, err := os.ReadFile(filepath.Join(d.dir, got[3]))
	if err != nil || string(message) != "Subject: 2\n\ntwo\n" {
		t.Errorf("%s: %q, %v", got[3], message, err)
	}
}

func TestLinksAreNotFollowed(t *testing.T) {
	d := newDesk(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret.eml"), []byte("Subject: secret\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	os.Symlink(filepath.Join(outside, "secret.eml"), filepath.Join(d.dir, "a.eml"))
	os.Symlink(outside, filepath.Join(d.dir, "dir"))
	f := d.open(t)
	for _, e := range connectortest.Collect(t, f, "") {
		if e.Reason != dropfolder.ReasonSpecial {
			t.Errorf("%s: %q", e.Key, e.Reason)
		}
	}
	release(t, f, f.Position())
	if _, err := os.Stat(filepath.Join(outside, "secret.eml")); err != nil {
		t.Error(err)
	}
}

func TestLargeMailboxIsStreamed(t *testing.T) {
	d := newDesk(t)
	out, err := os.Create(filepath.Join(d.dir, "big.mbox"))
	if err != nil {
		t.Fatal(err)
	}
	line := append(bytes.Repeat([]byte("x"), 1023), '\n')
	for i := range 40 {
		fmt.Fprintf(out, "From a@b Mon May  4 09:00:00 2026\nSubject: %d\n\n", i)
		for range 4 << 10 {
			out.Write(line)
		}
		out.WriteString("\n")
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	f := d.open(t)
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	for item, err := range f.Items(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if runtime.ReadMemStats(&now); int64(now.HeapAlloc)-int64(before.HeapAlloc) > 32<<20 {
			t.Fatalf("the heap grew by %d MiB", (now.HeapAlloc-before.HeapAlloc)>>20)
		}
		item.Release()
	}
	if n != 40 {
		t.Errorf("%d messages of 40", n)
	}
}

func TestWaitSeesNewFiles(t *testing.T) {
	d := newDesk(t)
	f := d.open(t)
	d.put(t, "a.eml", connectortest.Mail(1))
	os.Symlink("a.eml", filepath.Join(d.dir, "link.eml")) // fails in every pass, and is nothing new
	connectortest.Collect(t, f, "")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := f.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing is new, and Wait returns %v", err)
	}
	d.put(t, "b.eml", connectortest.Mail(2))
	if err := f.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
