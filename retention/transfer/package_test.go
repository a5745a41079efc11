package transfer_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention/transfer"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A store is records as a reader opens them.
type store map[record.ID]map[string][]byte

// add puts a record of these files into the store.
func (s store) add(t testing.TB, n int, day string, files map[string][]byte) transfer.Item {
	id := record.NewID([]byte("k"), "main", record.ChatDay, record.Sum(fmt.Append(nil, n)), 0)
	it := transfer.Item{Record: id, Kind: record.ChatDay, Display: "Flood response", From: date(t, day), Until: date(t, day), Captured: date(t, "2026-01-01")}
	s[id] = files
	for path, data := range files {
		it.Components = append(it.Components, record.Component{Path: path, Size: int64(len(data)), Digest: record.Sum(data)})
	}
	slices.SortFunc(it.Components, func(a, b record.Component) int { return strings.Compare(a.Path, b.Path) })
	return it
}

// open opens a record as its sealed bag does.
func (s store) open(t testing.TB, it *transfer.Item) *bag.Reader {
	t.Helper()
	contents := make(map[string]io.ReaderAt)
	for path, data := range s[it.Record] {
		contents[path] = bytes.NewReader(data)
	}
	var b bytes.Buffer
	must(t, bag.Write(&b, record.Record{Format: record.Format, ID: it.Record, Kind: it.Kind, Vault: "main", Components: it.Components}, contents))
	r, err := bag.NewReader(&b)
	must(t, err)
	return r
}

func info() transfer.Info {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	return transfer.Info{Organisation: "Department for\nFloods", Series: "FLD 12", Contact: "DRO", Email: "dro@floods.example", Program: "closeroll test", Began: at, Made: at}
}

// days are two records: a chat's day with a photograph, and another without.
func days(t testing.TB) (store, *transfer.Plan, []transfer.Row) {
	s := store{}
	items := []transfer.Item{
		s.add(t, 1, "2006-05-06", map[string][]byte{"data/chat.txt": []byte("06/05/2006, 10:00 - Ann: hello\n"), "data/media/IMG-1.jpg": []byte("\xff\xd8\xff")}),
		s.add(t, 2, "2006-05-05", map[string][]byte{"data/chat.txt": []byte("05/05/2006, 10:00 - Ann: bye\n")}),
	}
	plan := transfer.Divide("T-2026-001", items, transfer.TDR())
	rows := transfer.Draft(plan)
	for i := range rows {
		rows[i][transfer.ClosureStatus] = transfer.Open
	}
	return s, plan, rows
}

// TestPackagingSurvivesBeingBrokenOff makes a package whose maker dies after
// every step, with a file that was half written, and checks what comes of it.
func TestPackagingSurvivesBeingBrokenOff(t *testing.T) {
	s, plan, rows := days(t)
	dir, pack := t.TempDir(), plan.Packs[0]
	for _, it := range pack.Items {
		w, err := transfer.NewWriter(dir, pack)
		must(t, err)
		if _, err := w.Finish(info(), rows); err == nil {
			t.Error("a package was finished that lacks records")
		}
		must(t, w.Add(it, s.open(t, it)))
		must(t, w.Close())
	}
	half := filepath.Join(dir, pack.Name+".part", "data", filepath.FromSlash(pack.Files[0].Path))
	must(t, os.WriteFile(half, []byte("05/05/2006, 10"), 0o600))
	w, err := transfer.NewWriter(dir, pack)
	must(t, err)
	defer w.Close()
	if has, err := w.Has(pack.Items[0]); err != nil || has {
		t.Errorf("what was half written counts: %v, %v", has, err)
	}
	if has, err := w.Has(pack.Items[1]); err != nil || !has {
		t.Errorf("what is whole is made again: %v, %v", has, err)
	}
	if err := w.Add(pack.Items[0], s.open(t, pack.Items[1])); err == nil {
		t.Error("another record was taken for it")
	}
	must(t, w.Add(pack.Items[0], s.open(t, pack.Items[0])))
	made, err := w.Finish(info(), rows)
	must(t, err)
	found, err := transfer.Verify(made.Folder)
	if err != nil || found.Bag != made.Bag || found.Files != 3 || found.Octets != pack.Octets {
		t.Fatalf("%+v, %v", found, err)
	}
	again, err := transfer.Reopen(dir, pack, rows)
	if err != nil || again != made {
		t.Errorf("opened again: %+v, %v", again, err)
	}
	if _, err := transfer.NewWriter(dir, pack); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a finished package is begun again: %v", err)
	}
	rows[0][transfer.Note] = "another"
	if _, err := transfer.Reopen(dir, pack, rows); !errors.Is(err, transfer.ErrInvalid) {
		t.Errorf("with other metadata: %v", err)
	}
	when, err := os.Stat(filepath.Join(made.Folder, "data", filepath.FromSlash(pack.Files[0].Path)))
	must(t, err)
	if got := when.ModTime().UTC().Format(time.DateOnly); got != rows[0][transfer.Modified] {
		t.Errorf("the file's date is %s, and the metadata say %s", got, rows[0][transfer.Modified])
	}
	tags, err := os.ReadFile(filepath.Join(made.Folder, "bag-info.txt"))
	must(t, err)
	for _, want := range []string{"Source-Organization: Department for Floods\n", "Internal-Sender-Identifier: T-2026-001-1\n", "Payload-Oxum: 63.3\n", "Consignment-Series: FLD 12\n"} {
		if !strings.Contains(string(tags), want) {
			t.Errorf("bag-info.txt lacks %q:\n%s", want, tags)
		}
	}
}

// TestVerifyFindsEveryChange changes a package in every way that there is.
func TestVerifyFindsEveryChange(t *testing.T) {
	s, plan, rows := days(t)
	pack := plan.Packs[0]
	for name, spoil := range map[string]func(folder string) error{
		"payload":      func(f string) error { return os.WriteFile(f+"/data/"+pack.Files[0].Path, []byte("x"), 0o600) },
		"missing":      func(f string) error { return os.Remove(f + "/data/" + pack.Files[0].Path) },
		"more":         func(f string) error { return os.WriteFile(f+"/data/"+pack.Name+"/thumbs.db", []byte("x"), 0o600) },
		"a tag file":   func(f string) error { return os.WriteFile(f+"/notes.txt", []byte("x"), 0o600) },
		"metadata":     func(f string) error { return os.WriteFile(f+"/file-metadata.csv", transfer.WriteRows(rows[:1]), 0o600) },
		"info":         func(f string) error { return os.Remove(f + "/bag-info.txt") },
		"manifest":     func(f string) error { return os.WriteFile(f+"/manifest-sha256.txt", nil, 0o600) },
		"tag manifest": func(f string) error { return os.WriteFile(f+"/tagmanifest-sha256.txt", []byte("x  ../x\n"), 0o600) },
		"link": func(f string) error {
			return errors.Join(os.Remove(f+"/data/"+pack.Files[0].Path), os.Symlink("/etc/hostname", f+"/data/"+pack.Files[0].Path))
		},
	} {
		dir := t.TempDir()
		w, err := transfer.NewWriter(dir, pack)
		must(t, err)
		for _, it := range pack.Items {
			must(t, w.Add(it, s.open(t, it)))
		}
		made, err := w.Finish(info(), rows)
		must(t, errors.Join(err, w.Close()))
		must(t, spoil(made.Folder))
		if _, err := transfer.Verify(made.Folder); !errors.Is(err, transfer.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWhatIsNotTaken: every kind of file that TDR refuses is a fault, and its
// record in no package.
func TestWhatIsNotTaken(t *testing.T) {
	limits := transfer.Limits{Files: 3, Octets: 100, File: 60}
	for path, want := range map[string]string{
		"data/chat.txt": "", "data/media/IMG.jpg": "", "data/media/letter_R.pdf": "redacted copy", "data/media/a.ZIP": "packed file",
		"data/media/a.exe": "program or a shortcut", "data/media/b.lnk": "program or a shortcut", "data/media/Thumbs.db": "system's own",
	} {
		it := transfer.Item{Record: id, Kind: record.ChatDay, Captured: date(t, "2026-01-01"), Components: []record.Component{{Path: path, Size: 5}}}
		faults := transfer.Divide("T", []transfer.Item{it}, limits).Faults
		if want == "" && len(faults) > 0 || want != "" && (len(faults) != 1 || !strings.Contains(faults[0].Text, want)) {
			t.Errorf("%s: %v", path, faults)
		}
	}
	for want, it := range map[string]transfer.Item{
		"it is empty":             {Components: []record.Component{{Path: "data/chat.txt"}}},
		"one file may have 60":    {Components: []record.Component{{Path: "data/chat.txt", Size: 61}}},
		"one package may have 3":  {Components: make([]record.Component, 4)},
		"one package may have 10": {Components: []record.Component{{Path: "data/a", Size: 60}, {Path: "data/b", Size: 60}}},
		"protected by a password": {TextStatus: record.TextEncrypted, Components: []record.Component{{Path: "data/chat.txt", Size: 1}}},
	} {
		it.Record, it.Kind, it.Captured = id, record.ChatDay, date(t, "2026-01-01")
		plan := transfer.Divide("T", []transfer.Item{it}, limits)
		if !slices.ContainsFunc(plan.Faults, func(f transfer.Fault) bool { return strings.Contains(f.Text, want) }) || len(plan.Packs) > 0 {
			t.Errorf("%s: %v", want, plan.Faults)
		}
	}
	mail := transfer.Item{Record: id, Kind: record.Email, TextStatus: record.TextEncrypted, Captured: date(t, "2026-01-01"), Components: []record.Component{{Path: "data/message.eml", Size: 5}}}
	if faults := transfer.Divide("T", []transfer.Item{mail}, limits).Faults; faults != nil {
		t.Errorf("an e-mail with an attachment that is encrypted: %v", faults)
	}
	redacted := transfer.Item{Record: id, Kind: record.ChatDay, Captured: date(t, "2026-01-01"), Components: []record.Component{{Path: "data/a.pdf", Size: 5}, {Path: "data/a_R.pdf", Size: 5}}}
	if faults := transfer.Divide("T", []transfer.Item{redacted}, limits).Faults; faults != nil {
		t.Errorf("a redacted copy beside its original: %v", faults)
	}
}

// TestPlansKeepTheLimits: whatever the records, every one that is fit is in
// exactly one package, whole, and none is over a limit; and the same records in
// another order make the same plan.
func TestPlansKeepTheLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := transfer.Limits{Files: 5, Octets: 50, File: 30}
		var items []transfer.Item
		for n := range rapid.IntRange(0, 30).Draw(t, "records") {
			it := transfer.Item{Record: record.NewID(nil, "v", record.ChatDay, record.Sum(fmt.Append(nil, n)), 0), Kind: record.ChatDay,
				Captured: record.Date{Year: 2000 + rapid.IntRange(0, 3).Draw(t, "year"), Month: 2, Day: 1}}
			for c := range rapid.IntRange(1, 6).Draw(t, "files") {
				it.Components = append(it.Components, record.Component{Path: fmt.Sprintf("data/%d.txt", c), Size: rapid.Int64Range(0, 31).Draw(t, "size")})
			}
			items = append(items, it)
		}
		plan := transfer.Divide("T", items, limits)
		unfit := make(map[record.ID]bool)
		for _, f := range plan.Faults {
			unfit[f.Record] = true
		}
		seen := make(map[record.ID]bool)
		for _, p := range plan.Packs {
			var size int64
			for _, f := range p.Files {
				size += f.Size
			}
			if len(p.Files) == 0 || len(p.Files) > limits.Files || size > limits.Octets || size != p.Octets {
				t.Fatalf("package %s: %d files, %d octets", p.Name, len(p.Files), size)
			}
			for _, it := range p.Items {
				if seen[it.Record] || unfit[it.Record] {
					t.Fatalf("record %s twice, or unfit", it.Record)
				}
				seen[it.Record] = true
			}
		}
		if len(seen)+len(unfit) != len(items) {
			t.Fatalf("%d of %d records", len(seen)+len(unfit), len(items))
		}
		slices.Reverse(items)
		if transfer.Divide("T", items, limits).Digest() != plan.Digest() {
			t.Fatal("the order in which records come changes the plan")
		}
	})
}
