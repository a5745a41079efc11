package disclosure

import "testing"

func TestWordProcessing(t *testing.T) {
	run := func(properties, text string) string {
		return `<w:p><w:r><w:rPr>` + properties + `</w:rPr><w:t>` + text + `</w:t></w:r></w:p>`
	}
	for _, c := range []struct {
		name string
		file []byte
		want []found
	}{
		{"nothing", wordDocument(run("", "plain"), entry{"docProps/app.xml", `<Properties><Pages>1</Pages></Properties>`}), nil},
		{"changes", wordDocument(`<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p><w:p><w:moveFrom/><w:pPr><w:pPrChange/></w:pPr></w:p>`),
			[]found{{TrackedChanges, "text", 4}}},
		{"hidden", wordDocument(run("<w:vanish/>", "a")+run(`<w:vanish w:val="0"/>`, "b")+run(`<w:rStyle w:val="H"/>`, "c")+`<w:p><w:pPr><w:pStyle w:val="H"/></w:pPr><w:r><w:t>d</w:t></w:r></w:p>`,
			entry{"word/styles.xml", `<w:styles><w:style w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>`}), []found{{HiddenText, "text", 3}}},
		{"white", wordDocument(run(`<w:color w:val="ffffff"/>`, "a") + run(`<w:color w:val="FFFFFF"/><w:shd w:fill="000080"/>`, "b") + run(`<w:sz w:val="2"/>`, "c") +
			`<w:tc><w:tcPr><w:shd w:fill="112233"/></w:tcPr>` + run(`<w:color w:val="FFFFFF"/>`, "d") + `</w:tc>`), []found{{InvisibleText, "text", 2}}},
		{"a deleted picture is not counted twice", wordDocument(`<w:drawing><a:srcRect l="1000"/><wp:docPr hidden="1"/></w:drawing><w:drawing><a:srcRect/></w:drawing>`),
			[]found{{HiddenObject, "word/document.xml", 1}, {CroppedImage, "word/document.xml", 1}}},
		{"around the text", wordDocument(run("", "x")+`<w:altChunk/>`,
			entry{"word/header1.xml", `<w:hdr><w:p><w:r><w:t>S:\cases\</w:t></w:r><w:r><w:t>Reply to A.docx</w:t></w:r></w:p></w:hdr>`},
			entry{"word/header2.xml", `<w:hdr>` + run("", "OFFICIAL") + `</w:hdr>`},
			entry{"word/footer1.xml", `<w:ftr><w:p><w:r><w:instrText> FILENAME \p </w:instrText></w:r></w:p></w:ftr>`},
			entry{"word/footnotes.xml", `<w:footnotes>` + run("<w:vanish/>", "n") + `</w:footnotes>`},
			entry{"word/comments.xml", `<w:comments><w:comment w:author="A"/></w:comments>`},
			entry{"word/people.xml", `<w15:people><w15:person/></w15:people>`},
			entry{"word/settings.xml", `<w:settings><w:docVars><w:docVar/></w:docVars><w:mailMerge/></w:settings>`},
			entry{"word/_rels/settings.xml.rels", `<Relationships><Relationship Type="x/attachedTemplate" Target="file:///C:/t.dotm" TargetMode="External"/></Relationships>`},
			entry{"docProps/core.xml", `<cp:coreProperties><dc:creator>A</dc:creator><cp:revision>2</cp:revision><dc:title> </dc:title></cp:coreProperties>`},
			entry{"docProps/custom.xml", `<Properties><property name="MSIP_Label"><vt:lpwstr>x</vt:lpwstr></property></Properties>`}),
			[]found{{DataConnection, "word/settings.xml", 1}, {HiddenText, "footnotes", 1}, {Comments, "word/comments.xml", 1}, {EmbeddedObject, "text", 1}, {CustomXML, "word/settings.xml", 1},
				{ExternalLink, "word/settings.xml", 1}, {FileNames, "header header1.xml", 0}, {FileNames, "footer footer1.xml", 0},
				{Properties, "word/people.xml", 0}, {Properties, "docProps/core.xml", 1}, {Properties, "docProps/custom.xml", 1}}},
		{"broken part", wordDocument(run("", "x"), entry{"word/footer1.xml", `<w:ftr><w:p>`}, entry{"word/x.bin", "\x00\x01"}),
			[]found{{CannotBeChecked, "word/footer1.xml", 0}, {CannotBeChecked, "word/x.bin", 0}}},
	} {
		expect(t, c.name, c.file, c.want...)
	}
}

func TestPresentations(t *testing.T) {
	shape := func(x, y, cx, cy string) string {
		return `<p:sp><p:spPr><a:xfrm><a:off x="` + x + `" y="` + y + `"/><a:ext cx="` + cx + `" cy="` + cy + `"/></a:xfrm></p:spPr></p:sp>`
	}
	presentation := func(more ...entry) []byte {
		return openXMLWith(entry{"ppt/presentation.xml", `<p:presentation><p:sldIdLst><p:sldId id="256" r:id="a"/><p:sldId id="257" r:id="b"/></p:sldIdLst><p:sldSz cx="1000" cy="800"/></p:presentation>`},
			`<Relationship Id="a" Target="slides/slide7.xml"/><Relationship Id="b" Target="slides/slide1.xml"/>`, more...)
	}
	expect(t, "slides.pptx", presentation(
		entry{"ppt/slides/slide7.xml", `<p:sld>` + shape("10", "10", "100", "100") + `<p:grpSp>` + shape("5000", "0", "1", "1") + `</p:grpSp></p:sld>`},
		entry{"ppt/slides/slide1.xml", `<p:sld show="0">` + shape("1000", "0", "10", "10") + shape("-50", "0", "40", "10") + `<p:cNvPr hidden="1"/><a:srcRect r="5"/></p:sld>`},
		entry{"ppt/slides/slide9.xml", `<p:sld/>`},
		entry{"ppt/notesSlides/notesSlide1.xml", `<p:notes><a:t>Do not say this</a:t><a:fld><a:t>2</a:t></a:fld></p:notes>`},
		entry{"ppt/notesSlides/notesSlide2.xml", `<p:notes><a:fld><a:t>1</a:t></a:fld></p:notes>`},
		entry{"ppt/slides/_rels/slide1.xml.rels", `<Relationships><Relationship Id="n" Target="../notesSlides/notesSlide1.xml"/></Relationships>`},
		entry{"ppt/tags/tag1.xml", `<p:tagLst/>`},
		entry{"ppt/comments/comment1.xml", `<p:cmLst><p:cm/></p:cmLst>`}),
		found{Comments, "ppt/comments/comment1.xml", 1}, found{CustomXML, "ppt/tags/tag1.xml", 0},
		found{HiddenSlide, "slide 2", 0}, found{HiddenSlide, "ppt/slides/slide9.xml", 0}, found{SpeakerNotes, "slide 2", 4},
		found{OffPage, "slide 2", 2}, found{HiddenObject, "slide 2", 1}, found{CroppedImage, "slide 2", 1})
}

func TestOpenDocument(t *testing.T) {
	cell := `<table:table-cell office:value="1"><text:p>1</text:p></table:table-cell>`
	expect(t, "figures.ods", openDocumentOf("spreadsheet",
		`<style:style style:name="ta1"><style:table-properties table:display="true"/></style:style><style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>`,
		`<table:table table:name="Shown" table:style-name="ta1"><table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>
			<table:table-row>`+cell+`</table:table-row><table:table-row table:visibility="collapse" table:number-rows-repeated="2">`+cell+`</table:table-row>
			<table:table-row><table:table-cell/><table:table-cell/><table:table-cell/>`+cell+`</table:table-row>
			<table:table-row table:visibility="collapse" table:number-rows-repeated="1000000"><table:table-cell/></table:table-row></table:table>
		<table:table table:name="Back" table:style-name="ta2"><table:table-row table:visibility="filter">`+cell+`</table:table-row></table:table>
		<table:data-pilot-tables><table:data-pilot-table/></table:data-pilot-tables>`,
		entry{"Thumbnails/thumbnail.png", "x"}, entry{"meta.xml", `<office:document-meta><dc:creator>A</dc:creator><meta:generator>L</meta:generator></office:document-meta>`}),
		found{HiddenSheet, "sheet Back", 0}, found{PivotCache, "text", 1}, found{HiddenRows, "sheet Shown, rows 2–3", 2}, found{HiddenColumns, "sheet Shown, columns D", 1},
		found{FilteredRows, "sheet Back, rows 1", 1}, found{Thumbnail, "Thumbnails/thumbnail.png", 0}, found{Properties, "meta.xml", 1})
	expect(t, "letter.odt", openDocumentOf("text",
		`<style:style style:name="H"><style:text-properties text:display="none"/></style:style><style:style style:name="W"><style:text-properties fo:color="#FFFFFF"/></style:style>`,
		`<text:tracked-changes><text:changed-region><text:deletion/></text:changed-region></text:tracked-changes><text:p>a<office:annotation/><text:span text:style-name="H">b</text:span></text:p>
		<text:p text:style-name="W">c</text:p><text:hidden-text/><draw:object-ole/><draw:image xlink:href="https://x.example/a.png"/>`,
		entry{"Object 1/content.xml", `<office:document-content/>`}, entry{"Versions/1", "x"}, entry{"Basic/Standard/Module1.xml", "<x/>"}, entry{"other.xml", "<x/>"}),
		found{TrackedChanges, "text", 1}, found{HiddenText, "text", 2}, found{InvisibleText, "text", 1}, found{Comments, "text", 1}, found{EmbeddedObject, "text", 1},
		found{EmbeddedObject, "Object 1", 0}, found{OldVersions, "Versions/1", 0}, found{CustomXML, "other.xml", 0}, found{ExternalLink, "text", 1}, found{Macros, "macros", 0})
	expect(t, "talk.odp", openDocumentOf("presentation", `<style:style style:name="d"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>`,
		`<draw:page draw:name="one" draw:style-name="d"><presentation:notes><text:p>for me alone</text:p></presentation:notes></draw:page>`),
		found{HiddenSlide, "slide one", 0}, found{SpeakerNotes, "slide one", 3})
	expect(t, "sealed.odt", zipped(entry{"mimetype", "x"}, entry{"content.xml", "\x01\x02"}, entry{"META-INF/manifest.xml", `<m:manifest><m:encryption-data/></m:manifest>`}),
		found{CannotBeChecked, "", 0})
}
