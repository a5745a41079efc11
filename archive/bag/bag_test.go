package bag

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sample is a chat-day with these components.
func sample(contents map[string]string) (record.Record, map[string]io.ReaderAt) {
	rec := record.Record{
		Format: record.Format, Kind: record.ChatDay, Vault: "main",
		Chat: &record.Day{Date: "2026-05-14", Zone: "Europe/London", Platform: "ios", Order: "DMY", Spans: []int64{2, 3}},
	}
	readers := make(map[string]io.ReaderAt)
	for _, path := range slices.Sorted(maps.Keys(contents)) {
		data := contents[path]
		rec.Components = append(rec.Components, record.Component{
			Path: path, Name: filepath.Base(path), Size: int64(len(data)), Digest: record.Sum([]byte(data)),
		})
		readers[path] = strings.NewReader(data)
	}
	slices.Reverse(rec.Components) // Write sorts
	rec.ID = record.NewID([]byte("naming key"), "main", rec.Kind, record.ManifestDigest(rec.Components), 0)
	return rec, readers
}

var chatDay = map[string]string{
	"data/chat.txt":                "[14/05/2026, 09:12:01] A Field: sandbags?\r\n",
	"data/media/IMG-0001.jpg":      strings.Repeat("\x00\xff", 5000),
	"data/media/Évaluation 洪水.pdf": "",
}

func write(t *testing.T, rec record.Record, contents map[string]io.ReaderAt) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, rec, contents); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	rec, contents := sample(chatDay)
	stream := write(t, rec, contents)
	if again := write(t, rec, contents); !bytes.Equal(stream, again) {
		t.Error("the same record made other octets")
	}
	b, err := NewReader(iotest.OneByteReader(bytes.NewReader(stream)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sorted(rec), b.Record()); diff != "" {
		t.Error(diff)
	}
	got := make(map[string]string)
	for f, err := range b.Components() {
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Path] = string(data)
	}
	if diff := cmp.Diff(chatDay, got); diff != "" {
		t.Error(diff)
	}
	if err := b.Verify(); err == nil {
		t.Error("read a bag twice")
	}
}

// The manifest of the bag is the one whose digest the record's id is made of.
func TestManifestIsTheRecords(t *testing.T) {
	rec, contents := sample(chatDay)
	stream := write(t, rec, contents)
	for r := tar.NewReader(bytes.NewReader(stream)); ; {
		h, err := r.Next()
		if err != nil {
			t.Fatal("no manifest")
		}
		if !strings.HasSuffix(h.Name, "/"+manifestName) {
			continue
		}
		if sum, _, err := record.SumReader(r); err != nil || sum != record.ManifestDigest(rec.Components) {
			t.Errorf("digest %s, %v", sum, err)
		}
		return
	}
}

func TestWriteRefuses(t *testing.T) {
	cases := map[string]func(*record.Record, map[string]io.ReaderAt){
		"no components": func(r *record.Record, _ map[string]io.ReaderAt) { r.Components = nil },
		"other octets": func(_ *record.Record, c map[string]io.ReaderAt) {
			c["data/chat.txt"] = strings.NewReader(strings.Repeat("x", 43))
		},
		"too few octets":  func(_ *record.Record, c map[string]io.ReaderAt) { c["data/chat.txt"] = strings.NewReader("x") },
		"no octets":       func(_ *record.Record, c map[string]io.ReaderAt) { delete(c, "data/chat.txt") },
		"a path twice":    func(r *record.Record, _ map[string]io.ReaderAt) { r.Components = append(r.Components, r.Components[0]) },
		"outside data":    func(r *record.Record, _ map[string]io.ReaderAt) { r.Components[0].Path = "chat.txt" },
		"traversal":       func(r *record.Record, _ map[string]io.ReaderAt) { r.Components[0].Path = "data/../../chat.txt" },
		"file and folder": func(r *record.Record, _ map[string]io.ReaderAt) { r.Components[0].Path = "data/chat.txt/x" },
		"negative size":   func(r *record.Record, _ map[string]io.ReaderAt) { r.Components[0].Size = -1 },
		"another format":  func(r *record.Record, _ map[string]io.ReaderAt) { r.Format = "closeroll-record/9" },
		"no id":           func(r *record.Record, _ map[string]io.ReaderAt) { r.ID = "../../etc" },
	}
	for name, spoil := range cases {
		rec, contents := sample(chatDay)
		spoil(&rec, contents)
		if err := Write(io.Discard, rec, contents); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An entry of a tar file that someone made.
type entry struct {
	name, data string
	typ        byte
}

func entries(t *testing.T, stream []byte) []entry {
	t.Helper()
	var list []entry
	for r := tar.NewReader(bytes.NewReader(stream)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, entry{h.Name, string(data), h.Typeflag})
	}
}

func pack(t *testing.T, list []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range list {
		h := &tar.Header{Name: e.name, Size: int64(len(e.data)), Typeflag: e.typ, Mode: 0o644}
		if e.typ == tar.TypeSymlink {
			h.Linkname, h.Size, e.data = "/etc/passwd", 0, ""
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadRefuses(t *testing.T) {
	rec, contents := sample(chatDay)
	good := write(t, rec, contents)
	edit := func(change func([]entry) []entry) []byte { return pack(t, change(entries(t, good))) }
	chat := 4 // the first component, after four tag files
	cases := map[string][]byte{
		"nothing":        nil,
		"no tar":         []byte("not a tar file at all"),
		"half a bag":     good[:len(good)/2],
		"cut in a tag":   good[:700],
		"trailing":       append(slices.Clone(good), "more"...),
		"endless zeroes": append(slices.Clone(good), make([]byte, 1<<20)...),
		"changed octets": edit(func(l []entry) []entry { l[chat].data = strings.ToUpper(l[chat].data); return l }),
		"longer":         edit(func(l []entry) []entry { l[chat].data += "x"; return l }),
		"missing file":   edit(func(l []entry) []entry { return slices.Delete(l, chat, chat+1) }),
		"extra file":     edit(func(l []entry) []entry { return append(l, entry{string(rec.ID) + "/data/x", "x", tar.TypeReg}) }),
		"same twice":     edit(func(l []entry) []entry { return slices.Insert(l, chat, l[chat]) }),
		"other order":    edit(func(l []entry) []entry { l[chat], l[chat+1] = l[chat+1], l[chat]; return l }),
		"traversal":      edit(func(l []entry) []entry { l[chat].name = string(rec.ID) + "/../../evil"; return l }),
		"absolute":       edit(func(l []entry) []entry { l[chat].name = "/" + l[chat].name; return l }),
		"link":           edit(func(l []entry) []entry { l[chat].typ = tar.TypeSymlink; return l }),
		"other folder":   edit(func(l []entry) []entry { l[0].name = "x/bagit.txt"; return l }),
		"other bagit":    edit(func(l []entry) []entry { l[0].data = strings.Replace(l[0].data, "1.0", "0.9", 1); return l }),
		"other record":   edit(func(l []entry) []entry { l[1].data = strings.Replace(l[1].data, "ios", "web", 1); return l }),
		"other manifest": edit(func(l []entry) []entry { l[2].data = strings.ToUpper(l[2].data); return l }),
		"no tagmanifest": edit(func(l []entry) []entry { return slices.Delete(l, 3, 4) }),
		"bad json":       edit(func(l []entry) []entry { l[1].data = "{"; return l }),
	}
	for name, stream := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, into := range []string{dir, filepath.Join(dir, "new", "folder")} {
				if _, err := Unpack(bytes.NewReader(stream), into); !errors.Is(err, ErrInvalid) {
					t.Errorf("Unpack: %v", err)
				}
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("left %v, %v", left, err)
			}
		})
	}
}

// A fault of the stream is no fault of the bag.
func TestStreamErrorsAreNotTheBags(t *testing.T) {
	rec, contents := sample(chatDay)
	stream := write(t, rec, contents)
	broken := errors.New("the connection broke")
	for _, n := range []int{0, 100, 3000, len(stream) - 1100, len(stream)} {
		_, err := Unpack(io.MultiReader(bytes.NewReader(stream[:n]), iotest.ErrReader(broken)), t.TempDir())
		if !errors.Is(err, broken) || errors.Is(err, ErrInvalid) {
			t.Errorf("after %d octets: %v", n, err)
		}
	}
}

func TestUnpack(t *testing.T) {
	rec, contents := sample(chatDay)
	stream := write(t, rec, contents)
	dir := filepath.Join(t.TempDir(), "new")
	got, err := Unpack(bytes.NewReader(stream), dir)
	if err != nil || got.ID != rec.ID {
		t.Fatalf("%s, %v", got.ID, err)
	}
	for path, want := range chatDay {
		if data, err := os.ReadFile(filepath.Join(dir, string(rec.ID), path)); err != nil || string(data) != want {
			t.Errorf("%s: %d octets, %v", path, len(data), err)
		}
	}
	for _, manifest := range []string{manifestName, tagManifestName} {
		sum := exec.Command("sha256sum", "--strict", "-c", manifest)
		sum.Dir = filepath.Join(dir, string(rec.ID))
		if out, err := sum.CombinedOutput(); err != nil {
			t.Errorf("sha256sum -c %s: %v\n%s", manifest, err, out)
		}
	}
	if _, err := Unpack(bytes.NewReader(stream), dir); !errors.Is(err, fs.ErrExist) {
		t.Errorf("unpacking again: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestAnyRecordRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		folder := NewFolder("data/media/")
		files := make(map[string]string)
		for _, name := range rapid.SliceOfN(rapid.String(), 1, 8).Draw(t, "names") {
			files[folder.Path(name)] = rapid.String().Draw(t, "data")
		}
		rec, contents := sample(files)
		var b bytes.Buffer
		if err := Write(&b, rec, contents); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Verify(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzRead(f *testing.F) {
	rec, contents := sample(chatDay)
	var b bytes.Buffer
	if err := Write(&b, rec, contents); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:2000])
	f.Fuzz(func(t *testing.T, stream []byte) {
		r, err := NewReader(bytes.NewReader(stream))
		if err == nil {
			err = r.Verify()
		}
		if err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("unexpected kind of error: %v", err)
		}
	})
}
