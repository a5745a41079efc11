package ingest_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/messenger"
)

// signalExport is Signal's sample export as a zip file, with its lines edited.
func signalExport(t *testing.T, edit func(main string) string) (packed []byte, main string) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	root := os.DirFS("../../connectors/signal/testdata/export")
	must(t, fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		must(t, err)
		if name == "main.jsonl" {
			main = edit(string(data))
			data = []byte(main)
		}
		w, err := z.Create("signal-export/" + name)
		must(t, err)
		_, err = w.Write(data)
		return err
	}))
	must(t, z.Close())
	return b.Bytes(), main
}

func asItIs(s string) string { return s }

// Another messenger's export goes the whole way: recognised by its content,
// captured day by day, found, opened alone, and written again byte for byte.
func TestSignalExport(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	packed, main := signalExport(t, asItIs)
	write(t, dir, "backup of the phone.zip", packed)
	counts := b.run(t, src)
	if counts.Captured != 7 || counts.Seen != 7 { // twice two days and the export, and the file
		t.Errorf("%+v", counts)
	}
	b.indexed(t)
	tally, err := b.Catalog.Tally(t.Context())
	must(t, err)
	if tally.Chats != 2 || tally.Messages[record.ChatDay] != 22 || tally.Media != 3 {
		t.Errorf("%+v", tally)
	}
	var found []string
	for _, d := range b.index.docs {
		for _, a := range d.Attachments {
			if strings.Contains(a.Text, "long message about sandbags") {
				found = append(found, d.Chat+" "+d.From[0].Name)
			}
		}
	}
	if !slices.Equal(found, []string{"Flood response Ana Field"}) {
		t.Errorf("the long message is found in %q", found)
	}
	b.redone(t)
	b.signalOriginals(t, main)

	write(t, dir, "again.zip", packed)
	if counts = b.run(t, src); counts.Captured != 0 || counts.AlreadyArchived != 7 {
		t.Errorf("again: %+v", counts)
	}

	// As the folder that it is on the phone: the same days in another container.
	must(t, os.CopyFS(filepath.Join(dir, "signal-export"), os.DirFS("../../connectors/signal/testdata/export")))
	if counts = b.run(t, src); counts.Captured != 3 || counts.AlreadyArchived != 4 {
		t.Errorf("as a folder: %+v", counts)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("the acknowledged folder is still there: %v, %v", left, err)
	}
}

// redone opens every record and makes its documents again.
func (b *bench) redone(t *testing.T) {
	t.Helper()
	for id := range b.Check(t) {
		row, err := b.Find(t.Context(), string(id))
		must(t, err)
		rec, opened, facts := b.opened(t, id)
		docs, err := ingest.Redo(t.Context(), messenger.All{}, plainText{}, rec, opened, facts)
		must(t, err)
		if len(docs) != row.Count {
			t.Errorf("%s: %d documents, %d messages", row.Display, len(docs), row.Count)
			continue
		}
		for i, got := range docs {
			want := b.index.docs[row.First+record.MessageNo(i)]
			got.No, got.Kind, got.Captured, got.Position = want.No, row.Kind, want.Captured, want.Position
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, message %d: %s", row.Display, i+1, diff)
			}
			files, err := ingest.OriginalsOf(t.Context(), messenger.All{}, rec, opened, i+1)
			must(t, err)
			checkOriginals(t, rec, opened, got, files)
		}
	}
}

// checkOriginals wants the files of a message to be those that its document
// lists, and to be octets that the record has.
func checkOriginals(t *testing.T, rec record.Record, opened ingest.Opened, doc record.Document, files []ingest.Original) {
	t.Helper()
	if len(files) != len(doc.Attachments)+1 || (files[0].Open == nil) != (rec.Kind == record.ChatDay) {
		t.Errorf("%s: %d files for %d attachments", rec.ID, len(files), len(doc.Attachments))
		return
	}
	for k, f := range files {
		if k > 0 && f.Name != doc.Attachments[k-1].Name {
			t.Errorf("%s: file %d is %q, the document has %q", rec.ID, k, f.Name, doc.Attachments[k-1].Name)
		}
		if f.Open == nil {
			continue
		}
		in, err := f.Open()
		must(t, err)
		sum, _, err := record.SumReader(in)
		must(t, errors.Join(err, in.Close()))
		kept := slices.ContainsFunc(rec.Components, func(c record.Component) bool { return c.Digest == sum })
		if !kept && (k == 0 || rec.Kind == record.ChatDay) {
			t.Errorf("%s: file %d is none of its components", rec.ID, k)
		}
	}
}

// signalOriginals writes every captured export again: those of the chats, and
// the file that they came out of.
func (b *bench) signalOriginals(t *testing.T, main string) {
	t.Helper()
	rows, err := b.Catalog.Exports(t.Context(), "")
	must(t, err)
	whole := 0
	for _, row := range rows {
		_, opened, _ := b.opened(t, row.ID)
		x, err := ingest.ReadExport(opened)
		must(t, err)
		var out bytes.Buffer
		must(t, chat.Reassemble(&out, x.Map, func(part string) (io.ReaderAt, error) {
			if part == chat.PreamblePart {
				return ingest.Preamble(opened)
			}
			_, day, _ := b.opened(t, x.Days[part])
			return ingest.Transcript(day)
		}))
		switch {
		case out.String() == main:
			whole++
		case row.Chat == "":
			t.Errorf("%d octets are not the original's %d", out.Len(), len(main))
		}
		for line := range strings.Lines(out.String()) {
			if !strings.Contains(main, line) {
				t.Errorf("the original has no line %q", line)
			}
		}
	}
	if len(rows) != 3 || whole != 1 {
		t.Errorf("%d exports, %d of them the file", len(rows), whole)
	}
}

// What became of a message shows when the next export of the chat comes, in
// which everybody has another number.
func TestSuccessiveSignalExports(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	first, _ := signalExport(t, asItIs)
	second, _ := signalExport(t, func(main string) string {
		var kept []string
		for line := range strings.Lines(main) {
			if !strings.Contains(line, "The whole of a long message") {
				kept = append(kept, strings.NewReplacer(`"chatId":"11"`, `"chatId":"811"`, `"chat":{"id":"11"`, `"chat":{"id":"811"`,
					`"authorId":"3"`, `"authorId":"73"`, `"recipient":{"id":"3"`, `"recipient":{"id":"73"`).Replace(line))
			}
		}
		later := `{"chatItem":{"chatId":"811","authorId":"2","dateSent":"1784100000000","incoming":{},"standardMessage":{"text":{"body":"And a day later"}}}}`
		return strings.Join(kept, "") + "\n" + later + "\n"
	})
	write(t, dir, "july.zip", first)
	b.run(t, src)
	write(t, dir, "august.zip", second)
	b.run(t, src)
	chats, err := b.Catalog.Chats(t.Context(), "")
	must(t, err)
	if len(chats) != 2 {
		t.Fatalf("%d chats", len(chats))
	}
	for _, c := range chats {
		notices, err := b.Catalog.ChatNotices(t.Context(), c.ID)
		must(t, err)
		kinds := map[string]int{}
		for _, n := range notices {
			kinds[n.Kind]++
		}
		if c.Title == "Flood response" && (kinds["expired_by_timer"]+kinds["vanished"] != 1 || kinds[chat.NoticeEphemeral] == 0) {
			t.Errorf("%s: %v", c.Title, kinds)
		}
		if kinds[chat.WhyAltered] != 0 {
			t.Errorf("%s: accused of altering: %v", c.Title, kinds)
		}
	}
}
