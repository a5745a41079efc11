package disclosure

import (
	"strings"
	"testing"
)

func TestPDF(t *testing.T) {
	line := "BT /F1 10 Tf 100 700 Td (Name: A. Invented) Tj ET "
	for _, c := range []struct {
		name                   string
		content, page, catalog string
		more                   []string
		want                   []found
	}{
		{name: "plain", content: line},
		{name: "black box", content: line + "0 g 136 695 200 14 re f", want: []found{{BlackBox, "page 1", 10}}},
		{name: "white box", content: line + "1 g 136 695 200 14 re f", want: []found{{BlackBox, "page 1", 10}}},
		{name: "box of lines", content: line + "136 695 m 336 695 l 336 709 l 136 709 l h f*", want: []found{{BlackBox, "page 1", 10}}},
		{name: "box beneath", content: ".9 g 90 690 300 30 re f 0 g " + line},
		{name: "underlined", content: line + "100 697 200 1 re f 100 703 200 1 re f"},
		{name: "marker", content: line + "14 w 136 702 m 336 702 l S", want: []found{{BlackBox, "page 1", 10}}},
		{name: "highlighter", content: line + "/Times gs 1 1 0 rg 136 695 200 14 re f /Half gs 136 695 200 14 re f"},
		{name: "a state that is put back", content: line + "q /Half gs Q 136 695 200 14 re f", want: []found{{BlackBox, "page 1", 10}}},
		{name: "moved by a matrix", content: "q .5 0 0 .5 50 350 cm " + line + "Q 118 697 100 7 re f", want: []found{{BlackBox, "page 1", 10}}},
		{name: "picture", content: line + "q 300 0 0 30 90 690 cm /Im Do Q", want: []found{{BlackBox, "page 1", 15}}},
		{name: "picture within the stream", content: line + "q 300 0 0 30 90 690 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x00(EI EI Q", want: []found{{BlackBox, "page 1", 15}}},
		{name: "form", content: line + "/Fm Do", want: []found{{BlackBox, "page 1", 15}}},
		{name: "clipped away", content: line + "q 500 0 10 10 re W n 90 690 300 30 re f Q"},
		{name: "pieces", content: "BT /F1 10 Tf 12 TL 100 712 Td [(A) -500 (B)] TJ T* <43 44> Tj (E\\)) ' ET 0 g 90 695 300 12 re f", want: []found{{BlackBox, "page 1", 2}}},
		{name: "invisible", content: "BT 3 Tr /F1 10 Tf 100 700 Td (scanned) Tj ET", want: []found{{InvisibleText, "page 1", 7}}},
		{name: "white", content: "1 g " + line + "1 1 1 rg " + line, want: []found{{InvisibleText, "page 1", 30}}},
		{name: "white on dark", content: "0 0 .5 rg 90 690 300 30 re f 1 g " + line},
		{name: "tiny", content: "BT /F1 .1 Tf 100 700 Td (abc) Tj ET", want: []found{{InvisibleText, "page 1", 3}}},
		{name: "off the page", content: "BT /F1 10 Tf -500 700 Td (abc) Tj ET", want: []found{{OffPage, "page 1", 3}}},
		{name: "cropped", content: line, page: "/CropBox[0 0 600 500]", want: []found{{OffPage, "page 1", 15}}},
		{name: "square annotation", content: line, page: "/Annots[<</Subtype/Square/Rect[136 695 336 709]/IC[0 0 0]>>]", want: []found{{BlackBox, "page 1", 10}, {Annotations, "page 1", 1}}},
		{name: "annotations", content: line, page: "/Annots[<</Subtype/Redact/Rect[0 0 1 1]>><</Subtype/Link>><</Subtype/Text>><</Subtype/Widget>><</Subtype/FileAttachment>>]",
			want: []found{{EmbeddedObject, "page 1", 1}, {Redactions, "page 1", 1}, {Annotations, "page 1", 1}, {FormData, "page 1", 1}}},
		{name: "catalog", content: line, catalog: "/Names<</EmbeddedFiles<<>>/JavaScript<<>>>>/AcroForm<</Fields[1 0 R]>>/OCProperties<</OCGs[8 0 R]/D<</OFF[8 0 R]>>>>/Metadata 10 0 R",
			more: []string{stream("", "<x><dc:creator/></x>")},
			want: []found{{EmbeddedObject, "attached files", 0}, {Macros, "document", 0}, {Properties, "XMP metadata", 0}, {Layers, "", 1}, {FormData, "form", 1}}},
		{name: "broken content", content: line + "<< /a", want: []found{{CannotBeChecked, "page 1", 0}}},
	} {
		expect(t, c.name, pdfOf(c.content, c.page, c.catalog, c.more...), c.want...)
	}
}

func TestPDFFiles(t *testing.T) {
	plain := string(pdfOf("", "", ""))
	expect(t, "author", []byte(strings.Replace(plain, "/Producer(a test)", "/Author(A)/Title()", 1)+"\n"), found{Properties, "document information", 1})
	grown := plain + "10 0 obj\n<<>>\nendobj\n" + plain[strings.Index(plain, "xref"):]
	expect(t, "added to", []byte(grown), found{OldVersions, "", 1})
	expect(t, "more at the end", []byte(plain+"PK\x03\x04"), found{CannotBeChecked, "", 0}, found{TrailingData, "", 0})
	expect(t, "no trailer", []byte(plain[:strings.Index(plain, "xref")]), found{CannotBeChecked, "", 0})
	expect(t, "no pages", []byte(strings.Replace(plain, "/Pages 2 0 R", "/Pages 9 0 R", 1)), found{CannotBeChecked, "pages", 0})
}

// TestWidths finds characters by the widths of fonts of two octets, without
// which a box over the end of a line would be missed.
func TestWidths(t *testing.T) {
	file := string(pdfOf("BT /F2 10 Tf 100 700 Td <000100010001000200030004> Tj ET 175 695 100 14 re f", "", "",
		`<</Type/Font/Subtype/Type0/DescendantFonts[<</DW 500/W[1[2500] 3 4 1000]>>]>>`))
	expect(t, "wide", []byte(strings.Replace(file, "/F1 5 0 R", "/F2 10 0 R", 1)), found{BlackBox, "page 1", 3})
}
