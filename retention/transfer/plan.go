package transfer

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/bag"
	"github.com/closeroll/closeroll/archive/record"
)

// An Item is a record to be transferred, as far as it is known without opening
// it.
type Item struct {
	Record     record.ID
	Kind       record.Kind
	Display    string      // one line: who to whom, subject or chat
	From       record.Date // of its messages; zero if none has a date
	Until      record.Date
	Captured   record.Date
	TextStatus record.TextStatus
	Components []record.Component
}

// date is the day that the record is of: of its last message, else of capture.
func (it Item) date() record.Date {
	if it.Until.IsZero() {
		return it.Captured
	}
	return it.Until
}

// folder is where its files are in a package.
func (it Item) folder() string { return it.date().String() + "_" + string(it.Record) }

// A File is one file of a package.
type File struct {
	Item     *Item
	Path     string // below data/, slash-separated: NAME/FOLDER/message.eml
	Modified record.Date
	record.Component
}

// Limits bound a package.
type Limits struct {
	Files  int   // in one package
	Octets int64 // of one package
	File   int64 // octets of one file
}

// TDR returns what The National Archives' service takes in one transfer.
func TDR() Limits { return Limits{Files: 5000, Octets: 5_000_000_000, File: 5_000_000_000} }

// A Pack is one package of a plan.
type Pack struct {
	Name   string // of its folder: T-2026-001-1
	Number int    // from 1
	Items  []*Item
	Files  []File
	Octets int64
}

// A Plan says which record goes into which package. The same items and limits
// make the same plan.
type Plan struct {
	Batch  string
	Packs  []*Pack
	Faults []Fault // what a place of deposit does not take; such a record is in no package
}

// A Fault is something that keeps a record or a row from being transferred.
type Fault struct {
	Record record.ID
	Row    int    // of a metadata file, the first after its heading being 2; 0: of no row
	Column string // of it
	Path   string // the file, as far as it is one
	Text   string
}

// String says the fault in one line.
func (f Fault) String() string {
	where := f.Path
	if f.Row > 0 {
		where = fmt.Sprintf("row %d, %s", f.Row, f.Column)
	}
	return where + ": " + f.Text
}

// Divide plans packages of a batch, in the order of the records' dates. A
// record's files stay together. What cannot be transferred is a fault.
func Divide(batch string, items []Item, limits Limits) *Plan {
	p := &Plan{Batch: batch}
	sorted := slices.Clone(items)
	slices.SortFunc(sorted, func(a, b Item) int {
		return cmp.Or(a.date().Compare(b.date()), strings.Compare(string(a.Record), string(b.Record)))
	})
	var pack *Pack
	for i := range sorted {
		it := &sorted[i]
		if faults := unfit(it, limits); len(faults) > 0 {
			p.Faults = append(p.Faults, faults...)
			continue
		}
		var size int64
		for _, c := range it.Components {
			size += c.Size
		}
		if pack == nil || len(pack.Files)+len(it.Components) > limits.Files || pack.Octets+size > limits.Octets {
			pack = &Pack{Number: len(p.Packs) + 1, Name: fmt.Sprintf("%s-%d", batch, len(p.Packs)+1)}
			p.Packs = append(p.Packs, pack)
		}
		pack.add(it, size)
	}
	return p
}

func (p *Pack) add(it *Item, size int64) {
	p.Items = append(p.Items, it)
	p.Octets += size
	for _, c := range it.Components {
		p.Files = append(p.Files, File{Item: it, Component: c, Modified: it.date(),
			Path: p.Name + "/" + it.folder() + "/" + strings.TrimPrefix(c.Path, bag.Payload)})
	}
}

// Records lists the package's records.
func (p *Pack) Records() []record.ID {
	ids := make([]record.ID, len(p.Items))
	for i, it := range p.Items {
		ids[i] = it.Record
	}
	return ids
}

// Digest is the SHA-256 of what goes into which package: for each file a line
// of the package's number, the file's digest and its path.
func (p *Plan) Digest() record.Digest {
	h := sha256.New()
	for _, pack := range p.Packs {
		for _, f := range pack.Files {
			fmt.Fprintf(h, "%d %s %s\n", pack.Number, f.Digest, f.Path)
		}
	}
	return record.Digest(h.Sum(nil))
}

// unfit says what of a record a place of deposit does not take.
func unfit(it *Item, limits Limits) []Fault {
	var faults []Fault
	fault := func(c record.Component, format string, args ...any) {
		faults = append(faults, Fault{Record: it.Record, Path: strings.TrimPrefix(c.Path, bag.Payload), Text: fmt.Sprintf(format, args...)})
	}
	names := make(map[string]bool)
	var size int64
	for _, c := range it.Components {
		names[strings.ToLower(c.Path)] = true
		size += c.Size
	}
	for _, c := range it.Components {
		name := strings.ToLower(path.Base(c.Path))
		ext := strings.TrimPrefix(path.Ext(name), ".")
		switch {
		case c.Size == 0:
			fault(c, "it is empty")
		case c.Size > limits.File:
			fault(c, "it has %d octets, and one file may have %d", c.Size, limits.File)
		case name == "thumbs.db" || name == "desktop.ini" || name == ".ds_store":
			fault(c, "it is a system's own file and no record")
		case containers[ext]:
			fault(c, "it is a packed file (.%s): what is in it would have to be transferred instead", ext)
		case programs[ext]:
			fault(c, "it is a program or a shortcut (.%s)", ext)
		case redaction(c.Path) != "" && !names[redaction(c.Path)]:
			fault(c, "its name says that it is a redacted copy, and the file that it is a copy of is not there")
		}
	}
	switch {
	case it.Kind != record.Email && it.TextStatus == record.TextEncrypted:
		faults = append(faults, Fault{Record: it.Record, Path: it.folder(), Text: "a file of it is protected by a password"})
	case len(it.Components) > limits.Files:
		faults = append(faults, Fault{Record: it.Record, Path: it.folder(), Text: fmt.Sprintf("it has %d files, and one package may have %d", len(it.Components), limits.Files)})
	case size > limits.Octets:
		faults = append(faults, Fault{Record: it.Record, Path: it.folder(), Text: fmt.Sprintf("it has %d octets, and one package may have %d", size, limits.Octets)})
	}
	return faults
}

// containers and programs are extensions of what TDR does not take as a file of
// its own. Inside of an e-mail they are part of the message's one file.
var (
	containers = set("zip", "gz", "tgz", "bz2", "tbz", "xz", "zst", "lz", "7z", "rar", "tar", "jar", "cab", "iso", "dmg")
	programs   = set("exe", "dll", "com", "bat", "cmd", "msi", "scr", "pif", "ps1", "vbs", "jse", "wsf", "apk", "app", "sh", "lnk", "url", "webloc", "desktop")
)

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// redaction returns the path that a file is a redacted copy of by its name,
// letter_R.pdf being one of letter.pdf, in lower case; "" if it is none.
func redaction(p string) string {
	ext := path.Ext(p)
	stem, is := strings.CutSuffix(strings.TrimSuffix(p, ext), "_R")
	if !is {
		return ""
	}
	return strings.ToLower(stem + ext)
}
