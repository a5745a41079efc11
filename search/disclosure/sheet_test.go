package disclosure

import (
	"strings"
	"testing"
)

// TestThePoliceSpreadsheet is the file that this package exists for, made again
// with invented people: a pivot table that answers the question, the sheet that
// it was made from hidden behind it, and all of that once more in the cache.
func TestThePoliceSpreadsheet(t *testing.T) {
	staff := rowsOf("", `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
		<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c></row>
		<row r="3"><c r="A3" t="s"><v>4</v></c><c r="B3" t="s"><v>3</v></c></row>`, "")
	file := workbook([]string{`name="Summary"`, `name="Data" state="hidden"`}, `<definedName name="staff">Data!$A$1:$B$3</definedName>`,
		entry{"xl/worksheets/sheet1.xml", rowsOf("", `<row r="1"><c r="A1" t="s"><v>3</v></c><c r="B1"><v>2</v></c></row>`, "")},
		entry{"xl/worksheets/sheet2.xml", staff},
		entry{"xl/sharedStrings.xml", `<sst><si><t>Name</t></si><si><t>Rank</t></si><si><t>A. Invented</t></si><si><t>Constable</t></si><si><t>B. Invented</t></si></sst>`},
		entry{"xl/pivotTables/pivotTable1.xml", `<pivotTableDefinition cacheId="1"/>`},
		entry{"xl/pivotCache/pivotCacheDefinition1.xml", `<pivotCacheDefinition><cacheSource type="worksheet"><worksheetSource ref="A1:B3" sheet="Data"/></cacheSource>
			<cacheFields count="2"><cacheField name="Name"/><cacheField name="Rank"/></cacheFields></pivotCacheDefinition>`},
		entry{"xl/pivotCache/pivotCacheRecords1.xml", `<pivotCacheRecords count="2"><r><x v="0"/></r><r><x v="1"/></r></pivotCacheRecords>`},
		entry{"docProps/app.xml", `<Properties><Application>Microsoft Excel</Application><Company>Police</Company><TitlesOfParts><vector><lpstr>Data</lpstr></vector></TitlesOfParts></Properties>`})
	expect(t, "staff.xlsx", file,
		found{HiddenSheet, "sheet Data", 6},
		found{PivotCache, "xl/pivotCache/pivotCacheDefinition1.xml", 2},
		found{PivotCache, "xl/pivotCache/pivotCacheRecords1.xml", 2},
		found{HiddenName, "names of the workbook", 1},
		found{Properties, "docProps/app.xml", 2})
	r := Check("staff.xlsx", file)
	if r.Format != "spreadsheet" {
		t.Errorf("it is taken for a %s", r.Format)
	}
	for _, f := range r.Findings {
		if strings.Contains(f.What+f.Place, "Invented") {
			t.Errorf("a finding quotes what is hidden: %q", f.What)
		}
	}
	if what := r.Findings[1].What; !strings.Contains(what, "made from sheet Data A1:B3") {
		t.Errorf("it does not say where the cache is from: %q", what)
	}
}

func TestSheets(t *testing.T) {
	two := []string{`name="Shown"`, `name="Other" state="veryHidden"`}
	hidden := func(before, rows, after string) []byte {
		return workbook([]string{`name="S"`}, "", entry{"xl/worksheets/sheet1.xml", rowsOf(before, rows, after)})
	}
	cells := `<row r="1"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c r="A2"><v>2</v></c></row><row r="3" hidden="true"><c r="A3"><f>A2</f></c></row><row r="9" ht="0"><c><v>4</v></c></row>`
	white := entry{"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode=";;;"/></numFmts>
		<fonts><font/><font><color rgb="FFFFFFFF"/></font></fonts><fills><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="solid"/></fill></fills>
		<cellStyleXfs><xf fontId="1"/></cellStyleXfs><cellXfs><xf fontId="0" fillId="0"/><xf fontId="1" fillId="0"/><xf fontId="1" fillId="1"/><xf fontId="0" fillId="0" numFmtId="164"/></cellXfs></styleSheet>`}
	for _, c := range []struct {
		name string
		file []byte
		want []found
	}{
		{"nothing", workbook([]string{`name="S"`}, "", entry{"xl/worksheets/sheet1.xml", plainSheet}), nil},
		{"very hidden", workbook(two, "", entry{"xl/worksheets/sheet1.xml", plainSheet}, entry{"xl/worksheets/sheet2.xml", plainSheet}), []found{{VeryHiddenSheet, "sheet Other", 1}}},
		{"not listed", workbook([]string{`name="S"`}, "", entry{"xl/worksheets/sheet1.xml", plainSheet}, entry{"other/place.xml", plainSheet}),
			[]found{{VeryHiddenSheet, "sheet other/place.xml", 1}}},
		{"rows", hidden("", cells, ""), []found{{HiddenRows, "sheet S, rows 2–3, 9", 3}}},
		{"rows by default", hidden(`<sheetFormatPr zeroHeight="1"/>`, `<row r="1" hidden="0"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>`, ""), []found{{HiddenRows, "sheet S, rows 2", 1}}},
		{"filtered", hidden("", cells, `<autoFilter ref="A1:A9"><filterColumn/></autoFilter>`), []found{{FilteredRows, "sheet S, rows 2–3, 9", 3}}},
		{"empty hidden rows", hidden("", `<row r="2" hidden="1"><c r="A2" s="1"/></row>`, ""), nil},
		{"columns", hidden(`<cols><col min="2" max="3" hidden="1"/><col min="28" max="28" width="0"/></cols>`, `<row><c><v>1</v></c><c t="inlineStr"><is><t>x</t></is></c><c r="AB1"><v>1</v></c></row>`, ""),
			[]found{{HiddenColumns, "sheet S, columns B, AB", 2}}},
		{"empty hidden columns", hidden(`<cols><col min="2" max="16384" hidden="1"/></cols>`, `<row r="1"><c r="A1"><v>1</v></c></row>`, ""), nil},
		{"white", workbook([]string{`name="S"`}, "", white, entry{"xl/worksheets/sheet1.xml", rowsOf("", `<row r="1"><c r="A1" s="0"><v>1</v></c><c r="B1" s="1"><v>2</v></c><c r="C1" s="2"><v>2</v></c><c r="D1" s="3"><v>2</v></c></row>`, "")}),
			[]found{{InvisibleText, "sheet S, from cell B1", 2}}},
		{"orphaned string", workbook([]string{`name="S"`}, "", entry{"xl/sharedStrings.xml", `<sst><si><t>a</t></si><si><t>gone</t></si><si><t/></si></sst>`},
			entry{"xl/worksheets/sheet1.xml", rowsOf("", `<row><c t="s"><v>0</v></c></row>`, "")}), []found{{HiddenText, "xl/sharedStrings.xml", 1}}},
		{"links", workbook([]string{`name="S"`}, `<definedName name="x" hidden="1">1</definedName><definedName name="_xlnm._FilterDatabase" hidden="1">S!$A$1</definedName>`,
			entry{"xl/worksheets/sheet1.xml", plainSheet}, entry{"xl/externalLinks/externalLink1.xml", `<externalLink><externalBook><sheetDataSet><sheetData><row><cell r="A1"><v>7</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>`},
			entry{"xl/externalLinks/_rels/externalLink1.xml.rels", `<Relationships><Relationship Type="x/externalLinkPath" Target="file:///S:/staff.xlsx" TargetMode="External"/></Relationships>`},
			entry{"xl/connections.xml", `<connections/>`}, entry{"xl/worksheets/_rels/sheet1.xml.rels", `<Relationships><Relationship Type="x/hyperlink" Target="https://gov.example/" TargetMode="External"/>
				<Relationship Type="x/hyperlink" Target="file:///C:/secret.docx" TargetMode="External"/><Relationship Id="r9" Type="x/comments" Target="../comments1.xml"/></Relationships>`},
			entry{"xl/comments1.xml", `<comments><commentList><comment ref="A1"/><comment ref="A2"/></commentList></comments>`},
			entry{"xl/threadedComments/threadedComment1.xml", `<ThreadedComments><threadedComment/></ThreadedComments>`}),
			[]found{{HiddenName, "names of the workbook", 1}, {DataConnection, "xl/connections.xml", 0}, {Comments, "sheet S", 2}, {Comments, "xl/threadedComments/threadedComment1.xml", 1},
				{ExternalLink, "xl/externalLinks/externalLink1.xml", 1}, {ExternalLink, "xl/externalLinks/externalLink1.xml", 1}, {ExternalLink, "sheet S", 1}}},
		{"macros and more", workbook([]string{`name="S"`}, "", entry{"xl/worksheets/sheet1.xml", plainSheet}, entry{"xl/vbaProject.bin", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
			entry{"customXml/item1.xml", `<secret/>`}, entry{"xl/embeddings/oleObject1.bin", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, entry{"docProps/thumbnail.jpeg", "\xff\xd8\xff"},
			entry{"xl/printerSettings/printerSettings1.bin", "\x00\x01"}, entry{"xl/media/image1.emf", "\x01\x00\x00\x00\x02"}),
			[]found{{CannotBeChecked, "xl/media/image1.emf", 0}, {EmbeddedObject, "xl/embeddings/oleObject1.bin", 0}, {CustomXML, "customXml/item1.xml", 0}, {Macros, "xl/vbaProject.bin", 0},
				{Thumbnail, "docProps/thumbnail.jpeg", 0}, {Properties, "xl/printerSettings/printerSettings1.bin", 0}}},
		{"a workbook in the workbook", workbook([]string{`name="S"`}, "", entry{"xl/worksheets/sheet1.xml", plainSheet},
			entry{"xl/embeddings/Book1.xlsx", string(workbook(two, "", entry{"xl/worksheets/sheet1.xml", plainSheet}))}),
			[]found{{VeryHiddenSheet, "xl/embeddings/Book1.xlsx > sheet Other", 0}, {EmbeddedObject, "xl/embeddings/Book1.xlsx", 0}}},
	} {
		expect(t, c.name, c.file, c.want...)
	}
}

// TestPlacesOfCells checks the names of columns and the runs of rows.
func TestPlacesOfCells(t *testing.T) {
	for n, want := range map[int]string{1: "A", 26: "Z", 27: "AA", 702: "ZZ", 703: "AAA", 16384: "XFD"} {
		got, ok := columnOf(want + "7")
		if columnName(n) != want || got != n || !ok {
			t.Errorf("column %d is %s, and %s is %d", n, columnName(n), want, got)
		}
	}
	g := grid{}
	for _, n := range []int{5, 1, 2, 3, 9, 11, 13, 15, 17, 19} {
		g.fill(n)
	}
	if got, want := g.place(columnName), "A–C, E, I, K, M, O, and others"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
