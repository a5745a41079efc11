package disclosure

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// An entry is one of a zip file that a test makes.
type entry struct{ name, content string }

func zipped(entries ...entry) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate})
		if err == nil {
			_, err = w.Write([]byte(e.content))
		}
		if err != nil {
			panic(err)
		}
	}
	z.Close()
	return b.Bytes()
}

// openXMLWith is an Open XML document whose main part is main, with more parts
// and relationships of the main part.
func openXMLWith(main entry, rels string, more ...entry) []byte {
	i := strings.LastIndexByte(main.name, '/')
	return zipped(slices.Concat([]entry{
		{"[Content_Types].xml", `<Types/>`},
		{"_rels/.rels", `<Relationships><Relationship Id="r0" Type="x/officeDocument" Target="` + main.name + `"/></Relationships>`},
		main,
		{main.name[:i] + "/_rels" + main.name[i:] + ".rels", `<Relationships>` + rels + `</Relationships>`},
	}, more)...)
}

// workbook is a spreadsheet with these <sheet> elements and parts. Sheet k is
// the part xl/worksheets/sheetK.xml.
func workbook(sheets []string, names string, more ...entry) []byte {
	list, rels := "", ""
	for i, s := range sheets {
		list += fmt.Sprintf(`<sheet %s sheetId="%d" r:id="r%d"/>`, s, i+1, i+1)
		rels += fmt.Sprintf(`<Relationship Id="r%d" Type="x/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, i+1)
	}
	main := entry{"xl/workbook.xml", `<workbook><sheets>` + list + `</sheets><definedNames>` + names + `</definedNames></workbook>`}
	return openXMLWith(main, rels, more...)
}

// rowsOf is a worksheet with this before, within and after its rows.
func rowsOf(before, rows, after string) string {
	return `<worksheet>` + before + `<sheetData>` + rows + `</sheetData>` + after + `</worksheet>`
}

// plainSheet has one cell.
var plainSheet = rowsOf("", `<row r="1"><c r="A1"><v>1</v></c></row>`, "")

// wordDocument is a word-processing document with this body.
func wordDocument(body string, more ...entry) []byte {
	return openXMLWith(entry{"word/document.xml", `<w:document><w:body>` + body + `</w:body></w:document>`}, "", more...)
}

// openDocumentOf is an OpenDocument file of a kind with these styles and body.
func openDocumentOf(kind, styles, body string, more ...entry) []byte {
	return zipped(slices.Concat([]entry{
		{"mimetype", "application/vnd.oasis.opendocument." + kind},
		{"content.xml", `<office:document-content><office:automatic-styles>` + styles + `</office:automatic-styles><office:body>` + body + `</office:body></office:document-content>`},
		{"META-INF/manifest.xml", `<manifest:manifest/>`},
	}, more)...)
}

// pdfOf is a PDF of one page with this content; page and catalog are more
// entries of those dictionaries, and more are objects from number 10 on.
func pdfOf(content, page, catalog string, more ...string) []byte {
	objects := []string{
		`<</Type/Catalog/Pages 2 0 R ` + catalog + `>>`,
		`<</Type/Pages/Kids[3 0 R]/Count 1>>`,
		`<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 5 0 R>>/ExtGState<</Half<</ca .5>>/Times<</BM/Multiply>>>>/XObject<</Im 6 0 R/Fm 7 0 R>>>>/Contents 4 0 R ` + page + `>>`,
		stream("", content),
		`<</Type/Font/Subtype/Type1/BaseFont/Courier/FirstChar 32/LastChar 126/Widths[` + strings.Repeat("600 ", 95) + `]>>`,
		stream("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", "\x00"),
		stream("/Type/XObject/Subtype/Form/BBox[0 0 600 800]", "0 g 90 690 300 30 re f"),
		`<<>>`,
		`<</Producer(a test)>>`,
	}
	return assemble(append(objects, more...))
}

func stream(dict, content string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(content), content)
}

func assemble(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R/Info 9 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}

// A found is a finding as a test expects it: code, place and count.
type found struct {
	code  Code
	place string
	count int
}

func (f found) String() string { return fmt.Sprintf("%s at %q (%d)", f.code, f.place, f.count) }

// expect compares the findings in a file with what they should be.
func expect(t *testing.T, name string, octets []byte, want ...found) {
	t.Helper()
	r := Check(name, octets)
	var got []found
	for _, f := range r.Findings {
		got = append(got, found{f.Code, f.Place, f.Count})
		if f.What == "" || f.Do == "" || f.Severity == "" {
			t.Errorf("%s: %s does not say what it is, how grave, and what to do", name, f.Code)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", name, got, want)
		for _, f := range r.Findings {
			t.Logf("  %s: %s", f.Place, f.What)
		}
	}
}
