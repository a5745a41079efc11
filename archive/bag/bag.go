// Package bag writes a record as a BagIt bag (RFC 8493, version 1.0) in a tar
// stream, and reads one back.
//
// The bag has one top folder, named by the record's id, and exactly these
// files in this order:
//
//	ID/bagit.txt               the declaration (section 2.1.1)
//	ID/record.json             what never changes about the record: record.Record
//	ID/manifest-sha256.txt     the payload manifest, sorted by path (section 2.1.3)
//	ID/tagmanifest-sha256.txt  digests of the three above (section 2.2.1)
//	ID/data/…                  the components, sorted by path
//
// The same record always makes the same octets: times are zero, modes and
// owners fixed, and the order is the one above. That the manifests come first
// lets a reader check every component as it streams by, in bounded memory; that
// everything is in its one place means that a reader accepts nothing else: no
// name that leads elsewhere, nothing twice, nothing missing, nothing more.
package bag

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// The names of the tag files.
const (
	declarationName = "bagit.txt"
	recordName      = "record.json"
	manifestName    = "manifest-sha256.txt"
	tagManifestName = "tagmanifest-sha256.txt"
)

// declaration is all of bagit.txt (RFC 8493, section 2.1.1).
const declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

const (
	maxRecordJSON = 32 << 20 // octets of record.json
	maxComponents = 200_000
)

// ErrInvalid means that a stream is not the bag that this package would write.
var ErrInvalid = errors.New("not a valid record bag")

// check reports what keeps rec from being written or believed. Its components
// must be sorted.
func check(rec record.Record) error {
	if rec.Format != record.Format {
		return fmt.Errorf("%w: format %q, where this program knows %q", ErrInvalid, rec.Format, record.Format)
	}
	if _, err := record.ParseID(string(rec.ID)); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if n := len(rec.Components); n == 0 || n > maxComponents {
		return fmt.Errorf("%w: %d components", ErrInvalid, n)
	}
	files := make(map[string]bool, len(rec.Components))
	for i, c := range rec.Components {
		if err := CheckPath(c.Path); err != nil {
			return fmt.Errorf("%w: component %d: %w", ErrInvalid, i+1, err)
		}
		if c.Size < 0 {
			return fmt.Errorf("%w: component %d: negative size", ErrInvalid, i+1)
		}
		if i > 0 && rec.Components[i-1].Path >= c.Path {
			return fmt.Errorf("%w: component %d: twice, or out of order", ErrInvalid, i+1)
		}
		files[c.Path] = true
	}
	for p := range files {
		for parent := path.Dir(p); parent != "."; parent = path.Dir(parent) {
			if files[parent] {
				return fmt.Errorf("%w: %s is a file and a folder", ErrInvalid, clip(parent))
			}
		}
	}
	return nil
}

// sorted returns rec with its components in the order of the bag.
func sorted(rec record.Record) record.Record {
	rec.Components = slices.Clone(rec.Components)
	slices.SortFunc(rec.Components, func(a, b record.Component) int { return strings.Compare(a.Path, b.Path) })
	return rec
}

// A tagFile is one of the files that come before the payload.
type tagFile struct {
	name string
	data []byte
}

// tagFiles returns the tag files of a record whose record.json is given.
func tagFiles(rec record.Record, recordJSON []byte) []tagFile {
	var manifest bytes.Buffer
	for _, c := range rec.Components {
		fmt.Fprintf(&manifest, "%s  %s\n", c.Digest, c.Path)
	}
	files := []tagFile{
		{declarationName, []byte(declaration)},
		{recordName, recordJSON},
		{manifestName, manifest.Bytes()},
	}
	var tags bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&tags, "%s  %s\n", record.Sum(f.data), f.name)
	}
	return append(files, tagFile{tagManifestName, tags.Bytes()})
}

// encode returns record.json.
func encode(rec record.Record) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(rec); err != nil {
		return nil, err
	}
	if b.Len() > maxRecordJSON {
		return nil, fmt.Errorf("%w: %s of %d octets", ErrInvalid, recordName, b.Len())
	}
	return b.Bytes(), nil
}
