package transfer

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/durable"
)

// The tag files of a package.
const (
	declarationName = "bagit.txt"
	infoName        = "bag-info.txt"
	manifestName    = "manifest-sha256.txt"
	metadataName    = "file-metadata.csv"
	tagManifestName = "tagmanifest-sha256.txt"

	declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n" // RFC 8493, section 2.1.1
)

// A Made is a package that is whole.
type Made struct {
	Folder   string
	Bag      record.Digest // of its tag manifest, and so of everything in it
	Metadata record.Digest
}

// Finish writes the tag files of a package that has all of its records, and
// gives its folder its name. rows are the checked metadata of the plan; those
// of other packages are passed over.
func (w *Writer) Finish(info Info, rows []Row) (Made, error) {
	for _, it := range w.pack.Items {
		has, err := w.Has(it)
		if err != nil {
			return Made{}, err
		}
		if !has {
			return Made{}, fmt.Errorf("package %s lacks record %s", w.pack.Name, it.Record.Short())
		}
	}
	metadata := WriteRows(w.own(rows))
	tags := map[string][]byte{declarationName: []byte(declaration), infoName: w.info(info), manifestName: w.manifest(), metadataName: metadata}
	var sums bytes.Buffer
	for _, name := range []string{infoName, declarationName, metadataName, manifestName} {
		if err := durable.WriteFile(w.folder+"/"+name, tags[name], 0o600); err != nil {
			return Made{}, err
		}
		fmt.Fprintf(&sums, "%s  %s\n", record.Sum(tags[name]), name)
	}
	if err := durable.WriteFile(w.folder+"/"+tagManifestName, sums.Bytes(), 0o600); err != nil {
		return Made{}, err
	}
	if err := w.root.Close(); err != nil {
		return Made{}, err
	}
	if err := durable.Rename(w.folder, w.final); err != nil {
		return Made{}, err
	}
	var err error
	w.root, err = os.OpenRoot(w.final)
	return Made{Folder: w.final, Bag: record.Sum(sums.Bytes()), Metadata: record.Sum(metadata)}, err
}

// Reopen looks at a package that was finished before: it has to be whole, and
// the very one that the plan and the rows would make. It fails with
// [fs.ErrNotExist] if there is none.
func Reopen(dir string, p *Pack, rows []Row) (Made, error) {
	folder := filepath.Join(dir, p.Name)
	if _, err := os.Lstat(folder); err != nil {
		return Made{}, err
	}
	found, err := Verify(folder)
	if err != nil {
		return Made{}, fmt.Errorf("%s: %w", folder, err)
	}
	w := &Writer{pack: p}
	metadata := WriteRows(w.own(rows))
	for name, want := range map[string][]byte{manifestName: w.manifest(), metadataName: metadata} {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return Made{}, err
		}
		if !bytes.Equal(got, want) {
			return Made{}, fmt.Errorf("%s: %w: its %s is of another list or of other metadata", folder, ErrInvalid, name)
		}
	}
	return Made{Folder: folder, Bag: found.Bag, Metadata: record.Sum(metadata)}, nil
}

// own are the rows of this package's files, in the order of the plan.
func (w *Writer) own(rows []Row) []Row {
	byPath := make(map[string]Row, len(rows))
	for _, r := range rows {
		byPath[r[FilePath]] = r
	}
	var own []Row
	for _, f := range w.pack.Files {
		if r, ok := byPath[f.Path]; ok {
			own = append(own, r)
		}
	}
	return own
}

// manifest is the payload manifest (RFC 8493, section 2.1.3).
func (w *Writer) manifest() []byte {
	var b bytes.Buffer
	for _, f := range w.pack.Files {
		fmt.Fprintf(&b, "%s  %s\n", f.Digest, inside(f))
	}
	return b.Bytes()
}

// info is bag-info.txt (RFC 8493, section 2.2.2), with TDR's own keys.
func (w *Writer) info(i Info) []byte {
	var b strings.Builder
	line := func(key, value string) {
		value = strings.Join(strings.Fields(strings.Map(printable, value)), " ")
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", key, value)
		}
	}
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	line("Source-Organization", i.Organisation)
	line("Internal-Sender-Identifier", w.pack.Name)
	line("Consignment-Series", i.Series)
	line("Consignment-Type", "standard")
	line("Consignment-Include-Top-Level-Folder", "true")
	line("Contact-Name", i.Contact)
	line("Contact-Email", i.Email)
	line("Consignment-Start-Datetime", at(i.Began))
	line("Consignment-Export-Datetime", at(i.Made))
	line("Bag-Creator", i.Program)
	line("Bagging-Date", i.Made.UTC().Format(time.DateOnly))
	line("Payload-Oxum", fmt.Sprintf("%d.%d", w.pack.Octets, len(w.pack.Files)))
	return []byte(b.String())
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}
