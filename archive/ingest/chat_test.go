package ingest_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/ingest"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/internal/demo"
)

// exports are the sample exports by file name.
func exports(t *testing.T) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	must(t, demo.WriteExports(dir))
	all := map[string][]byte{}
	for _, name := range []string{demo.FloodResponse, demo.UptonWardens} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		all[name] = b
	}
	return all
}

// transcript is the text of an export as it was dropped.
func transcript(t *testing.T, name string, octets []byte) []byte {
	t.Helper()
	if strings.HasSuffix(name, ".txt") {
		return octets
	}
	z, err := zip.NewReader(bytes.NewReader(octets), int64(len(octets)))
	must(t, err)
	f, err := z.Open("_chat.txt")
	must(t, err)
	b, err := io.ReadAll(f)
	must(t, err)
	return b
}

func TestSampleExports(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	all := exports(t)
	for name, octets := range all {
		write(t, dir, name, octets)
	}
	counts := b.run(t, src)
	if counts.Captured != 18 || counts.Seen != 18 { // twice eight days and the export
		t.Errorf("first run: %+v", counts)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("acknowledged files are still there: %v, %v", left, err)
	}
	b.indexed(t)
	b.originals(t, all)

	// The same exports under other names, both at once and twice.
	for name, octets := range all {
		write(t, dir, "copy of "+name, octets)
		write(t, dir, "another "+name, octets)
	}
	counts = b.run(t, src)
	if counts.Captured != 0 || counts.AlreadyArchived != 36 {
		t.Errorf("under other names: %+v", counts)
	}
	if n := len(b.Check(t)); n != 18 {
		t.Errorf("%d records", n)
	}
	tally, err := b.Catalog.Tally(t.Context())
	must(t, err)
	if tally.Chats != 2 || tally.Records[record.ChatDay] != 16 || tally.Records[record.Export] != 2 || tally.Messages[record.ChatDay] != 132 || tally.Media != 5 {
		t.Errorf("tally: %+v", tally)
	}
}

// originals re-assembles every captured export and compares it with what was
// dropped.
func (b *bench) originals(t *testing.T, want map[string][]byte) {
	t.Helper()
	rows, err := b.Catalog.Exports(t.Context(), "")
	must(t, err)
	if len(rows) != len(want) {
		t.Errorf("%d exports, want %d", len(rows), len(want))
	}
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
		original := transcript(t, x.Container.Name, want[x.Container.Name])
		if !bytes.Equal(out.Bytes(), original) {
			t.Errorf("%s: %d octets are not the original's %d", x.Container.Name, out.Len(), len(original))
		}
	}
}

// Two copies of one export that no run has seen before.
func TestTwinExports(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	octets := exports(t)[demo.UptonWardens]
	write(t, dir, "WhatsApp Chat with a.txt", octets)
	write(t, dir, "WhatsApp Chat with b.txt", octets)
	counts := b.run(t, src)
	if counts.Captured != 9 || counts.AlreadyArchived != 9 {
		t.Errorf("%+v", counts)
	}
	tally, err := b.Catalog.Tally(t.Context())
	must(t, err)
	if tally.Chats != 1 || tally.Records[record.Export] != 1 {
		t.Errorf("%+v", tally)
	}
}

const monday = "[04/05/2026, 09:00:00] Tom Price: \u200eMessages and calls are end-to-end encrypted.\r\n" +
	"[04/05/2026, 09:01:10] Tom Price: The pumps are at Upton\r\n" +
	"[04/05/2026, 09:02:20] Priya Nair: And the sandbags?\r\n" +
	"[13/05/2026, 21:03:30] Tom Price: At Gloucester\r\n"

func TestDayThatGrew(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	more := monday + "[13/05/2026, 21:30:00] Priya Nair: Understood\r\n[14/05/2026, 08:00:00] Tom Price: Morning\r\n"
	for _, text := range []string{monday, more} {
		write(t, dir, "WhatsApp Chat - Pumps.txt", []byte(text))
		b.run(t, src)
	}
	chats, err := b.Catalog.Chats(t.Context(), "")
	must(t, err)
	if len(chats) != 1 {
		t.Fatalf("%d chats", len(chats))
	}
	days, err := b.Catalog.ChatDays(t.Context(), chats[0].ID)
	must(t, err)
	var got []string
	for _, d := range days {
		row, err := b.Find(t.Context(), string(d.Record))
		must(t, err)
		got = append(got, strings.TrimSpace(d.Date+" "+row.Relation))
		if row.Relation != "" && row.RelationOf != days[1].Record {
			t.Errorf("%s %s %s", d.Date, row.Relation, row.RelationOf)
		}
	}
	if want := []string{"2026-05-04", "2026-05-13", "2026-05-13 extends", "2026-05-14"}; !slices.Equal(got, want) {
		t.Errorf("days: %q", got)
	}
}

// A chat of the same title with other words is another chat, and a person is
// told.
func TestSameTitleOtherChat(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	other := strings.NewReplacer("pumps", "drums", "sandbags", "guitars", "Gloucester", "home", "Tom Price", "Ann", "21:03", "20:04", "09:01", "10:01", "09:02", "10:03", "09:00", "10:00").Replace(monday)
	for _, text := range []string{monday, other} {
		write(t, dir, "WhatsApp Chat - Pumps.txt", []byte(text))
		b.run(t, src)
	}
	chats, err := b.Catalog.Chats(t.Context(), "")
	must(t, err)
	notices, err := b.Catalog.Notices(t.Context(), 100)
	must(t, err)
	told := 0
	for _, n := range notices {
		if n.Kind == "same_title" {
			told++
		}
	}
	if len(chats) != 2 || told != 1 {
		t.Errorf("%d chats, %d notices", len(chats), told)
	}
}

func TestExportAttachedToAMail(t *testing.T) {
	b := newBench(t)
	s := connectortest.StartServer(t)
	octets := exports(t)[demo.FloodResponse]
	mail := "From: Tom <tom@env.example>\r\nTo: office@env.example\r\nDate: Thu, 21 May 2026 09:00:00 +0100\r\nSubject: the chat\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nAs asked.\r\n" +
		"--b\r\nContent-Type: application/zip; name=\"" + demo.FloodResponse + "\"\r\nContent-Disposition: attachment; filename=\"" + demo.FloodResponse +
		"\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(octets) + "\r\n--b--\r\n"
	s.Folder("INBOX").Add([]byte(mail), connectortest.Mail(3))
	counts := b.run(t, b.mailbox(t, s))
	if counts.Captured != 11 { // two mails, eight days, one export
		t.Errorf("%+v", counts)
	}
	b.indexed(t)
	b.originals(t, map[string][]byte{demo.FloodResponse: octets})
	rows, err := b.Catalog.Exports(t.Context(), "")
	must(t, err)
	covering, err := b.Find(t.Context(), string(rows[0].Covering))
	must(t, err)
	if covering.Kind != record.Email || !strings.Contains(covering.Display, "the chat") {
		t.Errorf("covered by %s %q", covering.Kind, covering.Display)
	}
}

// Exports that cannot be read are refused whole, listed, and do not keep others
// from being captured.
func TestRefusedExports(t *testing.T) {
	b := newBench(t)
	src, dir := b.drop(t)
	flood := exports(t)[demo.FloodResponse]
	broken := bytes.Clone(flood)
	for i := len(broken) / 3; i < len(broken)/3+64; i++ {
		broken[i] ^= 0x5a // in the octets of an entry
	}
	var noChat bytes.Buffer
	z := zip.NewWriter(&noChat)
	w, err := z.Create("readme.txt")
	must(t, err)
	_, err = w.Write([]byte("nothing here"))
	must(t, err)
	must(t, z.Close())
	write(t, dir, "a broken.zip", broken)
	write(t, dir, "b cut.zip", flood[:len(flood)-100])
	write(t, dir, "c nothing.zip", noChat.Bytes())
	write(t, dir, "d empty.txt", nil)
	write(t, dir, "e "+demo.UptonWardens, exports(t)[demo.UptonWardens])
	counts := b.run(t, src)
	failed := int64(0)
	for _, n := range counts.Failed {
		failed += n
	}
	if failed != 4 || counts.Captured != 9 {
		t.Errorf("%+v", counts)
	}
	failures, err := b.Catalog.Failures(t.Context(), "phone")
	must(t, err)
	for _, f := range failures {
		if f.Detail == "" {
			t.Errorf("%s fails without a word", f.Key)
		}
	}
	refused, err := filepath.Glob(filepath.Join(dir, "refused", "*.reason.txt"))
	must(t, err)
	if len(failures) != 4 || len(refused) != 4 {
		t.Errorf("%d failures, %d reasons in refused/", len(failures), len(refused))
	}
	if counts = b.run(t, src); counts.Seen != 0 {
		t.Errorf("the next run: %+v", counts)
	}
}

// Redo makes the documents that the capture made, from what is sealed.
func TestRedoMakesTheSameDocuments(t *testing.T) {
	b := newBench(t)
	s := connectortest.StartServer(t)
	letters, err := demo.Letters()
	must(t, err)
	for _, l := range letters {
		s.Folder("INBOX").Add(l.Octets)
	}
	s.Folder("INBOX").Add([]byte(journalled))
	s.Folder("INBOX").Add(mails(0, 20)...)
	b.run(t, b.mailbox(t, s))
	src, dir := b.drop(t)
	for name, octets := range exports(t) {
		write(t, dir, name, octets)
	}
	write(t, dir, "WhatsApp Chat - Pumps.txt", []byte(monday))
	b.run(t, src)
	b.indexed(t)

	b.redone(t)
}
