package whatsapp

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"hash/crc32"
	"io"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

type manifest []struct {
	File    string           `json:"file"`
	Entries []map[string]any `json:"entries"`
	Expect  map[string]any   `json:"expect"`
}

func TestZipCases(t *testing.T) {
	b, err := os.ReadFile("testdata/cases/zip/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for _, c := range m {
		t.Run(c.File, func(t *testing.T) {
			data, err := os.ReadFile("testdata/cases/" + c.File)
			if err != nil {
				t.Fatal(err)
			}
			e, err := open(t, c.File, data, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := described(t, e)
			for i, entry := range c.Entries {
				g := got["entries"].([]any)[i].(map[string]any)
				for key, want := range entry {
					if !reflect.DeepEqual(g[key], want) {
						t.Errorf("entry %d: %s is %v, want %v", i, key, g[key], want)
					}
				}
			}
			for key, want := range c.Expect {
				if !reflect.DeepEqual(got[key], want) {
					t.Errorf("%s is %v, want %v", key, got[key], want)
				}
			}
		})
	}
}

// A file is an entry of a zip that a test makes.
type file struct{ name, body string }

func zipped(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const small = "13/07/2026, 14:05 - Ana Field: Hello\n13/07/2026, 14:06 - Tom Okafor: IMG-20260713-WA0001.jpg (file attached)\n"

func TestRefusals(t *testing.T) {
	encrypted := zipped(t, file{"_chat.txt", small})
	// Bit 0 of the general purpose flags, in the central directory.
	at := bytes.LastIndex(encrypted, []byte("PK\x01\x02"))
	encrypted[at+8] |= 1
	damaged := zipped(t, file{"_chat.txt", strings.Repeat(small, 50)})
	damaged[60] ^= 0xff
	overlap := zipped(t, file{"_chat.txt", small}, file{"a.bin", strings.Repeat("\x00", 40<<20)})
	cases := []struct {
		name   string
		data   []byte
		opt    Options
		reason record.Reason
	}{
		{"no chat", zipped(t, file{"notes.txt", "hello\n"}, file{"a.jpg", "x"}), Options{}, record.ReasonNotAChat},
		{"empty zip", zipped(t), Options{}, record.ReasonNotAChat},
		{"text", []byte("Dear Tom,\nplease see the attached.\n"), Options{}, record.ReasonNotAChat},
		{"empty", nil, Options{}, record.ReasonNotAChat},
		{"encrypted", encrypted, Options{}, record.ReasonEncrypted},
		{"damaged", damaged, Options{}, record.ReasonUnreadable},
		{"truncated zip", zipped(t, file{"_chat.txt", small})[:80], Options{}, record.ReasonUnreadable},
		{"ratio", overlap, Options{}, record.ReasonBomb},
		{"total", zipped(t, file{"_chat.txt", small}), Options{Limits: Limits{Total: 50}}, record.ReasonBomb},
		{"entries", zipped(t, file{"_chat.txt", small}, file{"b", ""}), Options{Limits: Limits{Entries: 1}}, record.ReasonBomb},
		{"transcript", []byte(small), Options{Limits: Limits{Transcript: 10}}, record.ReasonBomb},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, err := open(t, "x", c.data, c.opt)
			if err == nil || e != nil {
				t.Fatalf("not refused: %v", err)
			}
			if got := chat.ReasonOf(err); got != c.reason {
				t.Errorf("reason is %s (%v), want %s", got, err, c.reason)
			}
			if strings.Contains(err.Error(), "Ana") || strings.Contains(err.Error(), "Hello") {
				t.Errorf("the error holds content: %v", err)
			}
		})
	}
}

// A lying directory must not make a reader give more than it says.
func TestEntryLongerThanDirectory(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	body := strings.Repeat(small, 100)
	var packed bytes.Buffer
	zw := zip.NewWriter(&packed)
	w, err := zw.CreateRaw(&zip.FileHeader{Name: "_chat.txt", Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(body)),
		CompressedSize64: uint64(len(body)), UncompressedSize64: 40})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, body); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, "x.zip", packed.Bytes(), Options{}); chat.ReasonOf(err) != record.ReasonUnreadable || err == nil {
		t.Errorf("got %v", err)
	}
}

func TestChoosesTranscriptByContent(t *testing.T) {
	other := strings.Repeat("01/02/2026, 10:00 - Jo Bell: another chat altogether\n", 40)
	main := small + "13/07/2026, 14:07 - Ana Field: WhatsApp Chat with Jo.txt (file attached)\n"
	cases := []struct {
		name  string
		files []file
		want  string
	}{
		{"attached export", []file{{"WhatsApp Chat with Jo.txt", other}, {"WhatsApp Chat with Tom.txt", main}, {"IMG-20260713-WA0001.jpg", "x"}}, "WhatsApp Chat with Tom.txt"},
		{"notes beside it", []file{{"agenda.txt", strings.Repeat("item\n", 9000)}, {"conversation.txt", small}}, "conversation.txt"},
		{"log beside it", []file{{"server.txt", strings.Repeat("[2026-07-13 14:05:09] ERROR: no\n", 900)}, {"_chat.txt", small}}, "_chat.txt"},
		{"in a folder", []file{{"export/_chat.txt", small}, {"__MACOSX/export/._chat.txt", small}}, "export/_chat.txt"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, err := open(t, "x.zip", zipped(t, c.files...), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if e.Transcript.Name != c.want {
				t.Errorf("transcript is %s", e.Transcript.Name)
			}
		})
	}
}

func TestLinksMediaByAnySpelling(t *testing.T) {
	text := "\u200e[27/03/2026, 21:41:55] Ana: \u200e<attached: 00000001-Café: plan?.pdf>\r\n" +
		"\u200e[27/03/2026, 21:42:55] Ana: \u200e<attached: 00000002-PHOTO-2026-03-27-21-42-55.jpg>\r\n"
	e, err := open(t, "WhatsApp Chat - Flood response.zip", zipped(t, file{"_chat.txt", text},
		file{"00000001-Cafe\u0301_ plan_.pdf", "a"}, file{"00000009-PHOTO-2026-03-27-22-00-00.jpg", "a"}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e.Linked != 1 || len(e.Missing) != 1 || len(e.Orphans) != 1 || len(e.Duplicates) != 1 {
		t.Errorf("linked %d, missing %q, orphans %q, duplicates %q", e.Linked, e.Missing, e.Orphans, e.Duplicates)
	}
	if e.Title != "Flood response" || e.TitleFrom != "container name" {
		t.Errorf("title %q from %q", e.Title, e.TitleFrom)
	}
	rc, err := e.Entries[e.List()[0].Attachments[0].Entry-1].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	if b, err := io.ReadAll(rc); err != nil || string(b) != "a" {
		t.Errorf("media reads %q, %v", b, err)
	}
}

func TestDuplicateAndUnsafeNames(t *testing.T) {
	e, err := open(t, "x.zip", zipped(t, file{"_chat.txt", small}, file{"IMG-20260713-WA0001.jpg", "one"},
		file{"IMG-20260713-WA0001.jpg", "two"}, file{"C:evil", "x"}, file{"a/../../b", "y"}, file{"bell\a", "z"}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{chat.FlagDuplicateNames, chat.FlagUnsafeNames} {
		if !slices.Contains(e.Flags, flag) {
			t.Errorf("flags %v lack %s", e.Flags, flag)
		}
	}
	if len(e.UnsafeNames) != 3 || e.Linked != 1 {
		t.Errorf("unsafe %q, linked %d", e.UnsafeNames, e.Linked)
	}
}

func TestLooseMedia(t *testing.T) {
	media := []Loose{{Name: "IMG-20260713-WA0001.jpg", Size: 3, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("abc")), nil
	}}}
	e, err := OpenLoose(t.Context(), "WhatsApp Chat with Tom.txt", strings.NewReader(small), int64(len(small)), media, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e.Linked != 1 || e.Title != "Tom" || e.Entries[0].Digest != record.Sum([]byte("abc")) {
		t.Errorf("linked %d, title %q", e.Linked, e.Title)
	}
}

func TestLooks(t *testing.T) {
	cases := []struct {
		name, data string
		want       bool
	}{
		{"WhatsApp Chat with Tom.txt", small, true},
		{"export.txt", small, true},
		{"x.zip", string(zipped(t, file{"a/chat.txt", small})), true},
		{"x.zip", string(zipped(t, file{"a.docx", small})), false},
		{"server.txt", "[2026-07-13 14:05:09] ERROR: disk\n[2026-07-13 14:05:10] INFO: ok\n", false},
		{"python.txt", "2026-07-13 14:05:09,123 - app - INFO: x\n", false},
		{"app.txt", "2026-07-13 14:05:09 - app: x\n2026-07-13 14:05:10 - app: y\n", false},
		{"mail.txt", "On 13/07/2026, 14:05 - Ana wrote:\n> hi\n", false},
		{"minutes.txt", "Minutes of 13/07/2026\n14:05 - start\n", false},
		{"", "", false},
	}
	for _, c := range cases {
		if got := Looks(c.name, strings.NewReader(c.data), int64(len(c.data))); got != c.want {
			t.Errorf("Looks(%q, %.30q) is %v", c.name, c.data, got)
		}
	}
}

func TestTitleFromSystemLine(t *testing.T) {
	text := "[13/07/2026, 14:00:00] Flood response: \u200eTom Okafor created this group\r\n[13/07/2026, 14:01:00] Tom Okafor: hi\r\n"
	e, err := open(t, "_chat.txt", []byte(text), Options{})
	if err != nil || e.Title != "Flood response" || e.TitleFrom != "system line" {
		t.Errorf("%q from %q, %v", e.Title, e.TitleFrom, err)
	}
}

// What is held of a transcript is its text and a few octets a message, and too
// many messages are refused before they are.
func TestMemoryIsBounded(t *testing.T) {
	const n = 100_000
	text := conversation(n, false)
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := held()
	e, err := open(t, "x.txt", text, Options{})
	if err != nil || e.Count() != n {
		t.Fatal(e, err)
	}
	grew := int64(held()) - int64(before)
	if most := int64(len(text)) + 48*n; grew > most {
		t.Errorf("%d messages of %d octets hold %d octets, more than %d", n, len(text), grew, most)
	}
	runtime.KeepAlive(e)
	if _, err := open(t, "x.txt", text, Options{Limits: Limits{Messages: n - 1}}); chat.ReasonOf(err) != record.ReasonBomb {
		t.Errorf("a message too many: %v", err)
	}
}

// A zip file that holds nothing but the text names what it lacks.
func TestZipWithoutMedia(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("_chat.txt")
	if err != nil {
		t.Fatal(err)
	}
	w.Write(conversation(60, true))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	e, err := open(t, "x.zip", b.Bytes(), Options{})
	if err != nil || len(e.Missing) != 3 || e.Linked != 0 {
		t.Errorf("missing %q, linked %d, %v", e.Missing, e.Linked, err)
	}
}

// More entries than the zip format first had numbers for (Zip64).
func TestZip64(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range 1<<16 + 1 {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: strconv.Itoa(i) + ".jpg"}); err != nil {
			t.Fatal(err)
		}
	}
	w, err := z.Create("_chat.txt")
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("[13/07/2026, 14:05:09] Ana: \u200e<attached: 65536.jpg>\r\n[13/07/2026, 14:05:10] Tom: ok\r\n"))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	e, err := open(t, "x.zip", b.Bytes(), Options{})
	if err != nil || e.Linked != 1 || len(e.Orphans) != 1<<16 {
		t.Errorf("linked %d, %d orphans, %v", e.Linked, len(e.Orphans), err)
	}
}
