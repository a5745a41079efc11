package transfer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/closeroll/closeroll/archive/record"
)

// A Column is a place in a [Row].
type Column int

// The columns of the metadata file, in the order of TDR's template.
const (
	FilePath Column = iota
	FileName
	Modified
	RecordDate
	Description
	FormerReference
	ClosureStatus
	ClosureStart
	ClosurePeriod
	ExemptionCode
	ScheduleDate
	NameClosed
	AlternateName
	DescriptionClosed
	AlternateDescription
	Language
	TranslatedName
	Copyright
	CopyrightDetails
	Related
	Restrictions
	Evidence
	Note

	columns = int(Note) + 1
)

// Columns returns the heading of the metadata file, as TDR reads it.
func Columns() []string {
	return []string{"filepath", "filename", "date last modified", "date of the record", "description", "former reference",
		"closure status", "closure start date", "closure period", "foi exemption code", "foi schedule date",
		"is filename closed", "alternate filename", "is description closed", "alternate description", "language",
		"translated filename", "copyright", "copyright details", "related material", "restrictions on use",
		"evidence provided by", "note"}
}

// String returns the column's heading.
func (c Column) String() string { return Columns()[c] }

// A Row is the metadata of one file.
type Row [columns]string

// Draft writes the rows of a plan's files as far as the archive knows them.
// Closure status is left empty: it is a decision, and no default makes it.
func Draft(p *Plan) []Row {
	var rows []Row
	for _, pack := range p.Packs {
		for _, f := range pack.Files {
			var r Row
			r[FilePath], r[FileName], r[Modified] = f.Path, path.Base(f.Path), f.Modified.String()
			r[RecordDate], r[FormerReference] = f.Item.Until.String(), string(f.Item.Record)
			r[Description] = describe(f)
			r[NameClosed], r[DescriptionClosed], r[Language], r[Copyright] = "No", "No", "English", "Crown"
			rows = append(rows, r)
		}
	}
	return rows
}

// describe says what a file is. It begins with a word of ours, so that no cell
// is a formula to a spreadsheet.
func describe(f File) string {
	what := map[record.Kind]string{record.Email: "E-mail", record.ChatDay: "Chat of one day", record.Export: "Chat export, as it was made up"}[f.Item.Kind]
	if name := path.Base(f.Path); f.Item.Kind != record.Email && name != "chat.txt" {
		what += ", file " + name
	}
	text := what + ": " + f.Item.Display
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	return string([]rune(text)[:min(utf8.RuneCountInString(text), 8000)])
}

// WriteRows writes rows as a spreadsheet and TDR read them: UTF-8 with a byte
// order mark, lines ended as RFC 4180 has it.
func WriteRows(rows []Row) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	all := [][]string{Columns()}
	for _, r := range rows {
		all = append(all, r[:])
	}
	w.WriteAll(all) // to a buffer: it cannot fail
	return b.Bytes()
}

// maxMetadata bounds a metadata file, in octets.
const maxMetadata = 256 << 20

// ErrTable is returned for a file that is no metadata file at all.
var ErrTable = errors.New("not a metadata file")

// ReadRows reads a metadata file. Its columns may stand in another order, but
// all of them must be there, and no other. Errors wrap [ErrTable] or are the
// reader's own.
func ReadRows(r io.Reader) ([]Row, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxMetadata+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxMetadata {
		return nil, fmt.Errorf("%w: it is larger than %d octets", ErrTable, maxMetadata)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%w: it is not UTF-8; save it as “CSV UTF-8”", ErrTable)
	}
	table := csv.NewReader(bytes.NewReader(data))
	heading, err := table.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTable, err)
	}
	place, err := places(heading)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for {
		cells, err := table.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrTable, err)
		}
		var row Row
		for i, c := range cells {
			row[place[i]] = strings.TrimSpace(c)
		}
		if row != (Row{}) {
			rows = append(rows, row)
		}
	}
}

// places says which column each cell of a line is.
func places(heading []string) ([]Column, error) {
	names := Columns()
	place := make([]Column, len(heading))
	seen := make(map[int]bool)
	for i, h := range heading {
		at := slices.Index(names, strings.ToLower(strings.TrimSpace(h)))
		if at < 0 || seen[at] {
			return nil, fmt.Errorf("%w: column %d, %.40q, is none of its columns, or there twice", ErrTable, i+1, h)
		}
		place[i], seen[at] = Column(at), true
	}
	for at, name := range names {
		if !seen[at] {
			return nil, fmt.Errorf("%w: column %q is missing", ErrTable, name)
		}
	}
	return place, nil
}
