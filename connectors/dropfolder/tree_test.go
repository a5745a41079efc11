package dropfolder_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/connectortest"
	"github.com/closeroll/closeroll/connectors/dropfolder"
)

// putExport puts an export into the folder as a directory.
func (d *desk) putExport(t testing.TB, name string) {
	t.Helper()
	d.put(t, name+"/main.jsonl", []byte("{}\n"))
	d.put(t, name+"/metadata.json", []byte(`{"version":1}`))
	d.put(t, name+"/files/ab/abcd.jpg", []byte("a photograph"))
	d.put(t, name+"/files/cd/cdef.zip", exported(t, "not to be taken by itself"))
}

// items runs the folder once and gives what it yields, with its octets.
func items(t testing.TB, f *dropfolder.Folder, after connectors.Cursor) (all []*connectors.Item, octets [][]byte) {
	t.Helper()
	for it, err := range f.Items(t.Context(), after) {
		if err != nil {
			t.Fatal(err)
		}
		var b []byte
		if it.Content != nil {
			if b, err = io.ReadAll(io.NewSectionReader(it.Content, 0, it.Content.Size())); err != nil {
				t.Fatal(err)
			}
		}
		it.Release()
		all, octets = append(all, it), append(octets, b)
	}
	return all, octets
}

// A folder that Signal exported is one item: a zip file of it, the same
// wherever the folder lies.
func TestAnExportThatIsAFolder(t *testing.T) {
	d := newDesk(t)
	d.putExport(t, "b signal")
	d.putExport(t, "sub/a copy")
	d.put(t, "b signal/.DS_Store", []byte("x"))
	f := d.open(t)
	all, octets := items(t, f, "")
	if len(all) != 2 || all[0].Form != connectors.FormChatExport || all[0].Name != "b signal" || !bytes.Equal(octets[0], octets[1]) {
		t.Fatalf("%d items: %+v", len(all), all)
	}
	z, err := zip.NewReader(bytes.NewReader(octets[0]), int64(len(octets[0])))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range z.File {
		names = append(names, file.Name)
	}
	if want := []string{"files/ab/abcd.jpg", "files/cd/cdef.zip", "main.jsonl", "metadata.json"}; !slices.Equal(names, want) {
		t.Errorf("it holds %q", names)
	}
	cur := f.Position()
	d.put(t, "sub/a copy/later.txt", []byte("came since")) // the folder is not what was read any more
	dropped := release(t, d.open(t), cur)                  // after a crash
	if len(dropped) != 1 || dropped[0].Digest != record.Sum(octets[0]) {
		t.Errorf("dropped %+v", dropped)
	}
	left := d.list(t)
	if slices.Contains(left, "b signal/main.jsonl") || !slices.Contains(left, "b signal/.DS_Store") || !slices.Contains(left, "sub/a copy/main.jsonl") {
		t.Errorf("left: %q", left)
	}
	if _, err := os.Stat(filepath.Join(d.dir, "b signal", "files")); err == nil {
		t.Error("the empty folders stay")
	}
}

func TestAFolderSettlesWhole(t *testing.T) {
	d := newDesk(t)
	d.cfg.Settle = 30 * time.Second
	d.putExport(t, "signal")
	f := d.open(t)
	see := func(want int) {
		t.Helper()
		if got := connectortest.Collect(t, f, ""); len(got) != want {
			t.Errorf("at %v: %d items, want %d", d.now.Format(time.TimeOnly), len(got), want)
		}
	}
	see(0)
	d.now = d.now.Add(29 * time.Second)
	d.put(t, "signal/files/ef/ef01.mp4", []byte("still being copied"))
	see(0)
	d.now = d.now.Add(29 * time.Second)
	see(0)
	d.now = d.now.Add(time.Second)
	see(1)
}

// A folder is kept for its time, refused with its reason, and never followed
// out of.
func TestFolderKeptRefusedAndLinked(t *testing.T) {
	d := newDesk(t)
	d.cfg.Keep = 24 * time.Hour
	d.putExport(t, "signal")
	f := d.open(t)
	connectortest.Collect(t, f, "")
	cur := f.Position()
	release(t, f, cur)
	if got := d.list(t); len(got) != 4 || !strings.HasPrefix(got[0], "done/20260504T090000Z-") {
		t.Fatalf("kept: %q", got)
	}
	d.now = d.now.Add(25 * time.Hour)
	if dropped := release(t, d.open(t), cur); len(dropped) != 1 || len(d.list(t)) != 0 {
		t.Errorf("after a day: %v, %q", dropped, d.list(t))
	}

	d.putExport(t, "bad")
	entries := connectortest.Collect(t, f, "")
	if err := f.Refuse(t.Context(), entries[0].Key, record.ReasonNotAChat, "no messages"); err != nil {
		t.Fatal(err)
	}
	if got := d.list(t); !slices.Contains(got, "refused/bad/main.jsonl") || !slices.Contains(got, "refused/bad.reason.txt") {
		t.Errorf("refused: %q", got)
	}

	d.putExport(t, "linked")
	if err := os.Symlink("/etc/hostname", filepath.Join(d.dir, "linked", "files", "ab", "x")); err != nil {
		return // Windows lets not everyone make links
	}
	if all, _ := items(t, d.open(t), ""); len(all) != 1 || all[0].Reason != dropfolder.ReasonSpecial {
		t.Errorf("%+v", all)
	}
}
