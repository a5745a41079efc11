package page

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	pdfreader "github.com/ledongthuc/pdf"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	if err := WriteText(&b, sample(), Screen{Width: 80}); err != nil {
		t.Fatal(err)
	}
	golden(t, "sample.txt", b.Bytes())
	for line := range strings.Lines(b.String()) {
		if n := visible(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e") {
		t.Error("text has escapes that nobody asked for")
	}
}

func TestTextIsStyledWhereAsked(t *testing.T) {
	bold := func(s string) string { return "\x1b[1m" + s + "\x1b[0m" }
	var b bytes.Buffer
	d := &Document{Title: "A", Blocks: []Block{Notice{Label: "Note", Text: strings.Repeat("word ", 30)}}}
	if err := WriteText(&b, d, Screen{Width: 40, Bold: bold}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\x1b[1mNote\x1b[0m  word") {
		t.Errorf("%q", b.String())
	}
	for line := range strings.Lines(b.String()) {
		if visible(strings.TrimRight(line, "\n")) > 40 {
			t.Errorf("too wide: %q", line)
		}
	}
}

func TestCSVIsDataForPrograms(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, sample().Tables()[0]); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\r\n")
	if lines[0] != "class,title,records,overdue,state" || !strings.HasSuffix(lines[1], ",12033,0,Green") {
		t.Errorf("%q", lines)
	}
	if lines[3] != `FIN-01,"'=HYPERLINK(""http://x"")",4410,3,Red` {
		t.Errorf("a formula is one still: %s", lines[3])
	}
	if len(lines) != 5 {
		t.Errorf("the total is among the data: %q", lines)
	}
}

func makePDF(t *testing.T, d *Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WritePDF(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPDFSaysWhatTheDocumentSays(t *testing.T) {
	file := makePDF(t, sample())
	if !bytes.Equal(file, makePDF(t, sample())) {
		t.Error("the same document makes different files")
	}
	for _, want := range []string{"/Lang (en-GB)", "/Title ", "/Outlines "} {
		if !bytes.Contains(file, []byte(want)) {
			t.Errorf("the file lacks %s", want)
		}
	}
	r, err := pdfreader.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := r.GetPlainText()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(plain); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(b.String()), "")
	for _, want := range []string{"RetentionreportQuarter3of2026", "OFFICIAL", "31,220", "Seniorinformationriskowner", "1of3", "3of3", "thatthetypeofthisdocumentlacks"} {
		if !strings.Contains(text, want) {
			t.Errorf("the pages lack %s:\n%s", want, text)
		}
	}
}

func TestPDFReplacesWhatItsTypeLacks(t *testing.T) {
	p := newPDF(sample())
	p.use(sans, bodyType, ink)
	if got := p.show("Κέρκυρα, Łódź, ■"); got != "Κέρκυρα, Łódź, ■" || p.lacking {
		t.Errorf("%q was changed", got)
	}
	if got := p.show("記録 🌊"); got != "□□ □" || !p.lacking {
		t.Errorf("%q is not replaced", got)
	}
}

// TestPDFLosesNoRow sets a table whose rows fill many sheets, one of them
// higher than a sheet.
func TestPDFLosesNoRow(t *testing.T) {
	d := &Document{Title: "Long"}
	tab := Table{Caption: "Rows", Columns: []Column{{Title: "No", Number: true}, {Title: "Text"}}}
	for i := range 200 {
		tab.Rows = append(tab.Rows, Row(Number(i), Text("row")))
	}
	tab.Rows = append(tab.Rows, Row(Number(200), Text(strings.Repeat("tall ", 2500)+"last")), Row(Number(201), Text(strings.Repeat("x", 500))))
	d.Add(tab)
	file := makePDF(t, d)
	r, err := pdfreader.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	rows, tall, last, x := 0, 0, 0, 0
	for n := 1; n <= r.NumPage(); n++ {
		text, err := r.Page(n).GetPlainText(nil)
		if err != nil {
			t.Fatal(err)
		}
		rows, tall, last = rows+strings.Count(text, "row"), tall+strings.Count(text, "tall"), last+strings.Count(text, "last")
		x += strings.Count(text, "x") - strings.Count(text, "Text")
		if !strings.Contains(text, "No") {
			t.Errorf("sheet %d does not repeat the heading", n)
		}
	}
	if rows != 200 || tall != 2500 || last != 1 || x != 500 {
		t.Errorf("%d rows, %d parts of the tall one, %d ends, %d letters", rows, tall, last, x)
	}
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := Thousands(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1500: "1.5 kB", 2_000_000_000: "2.0 GB"} {
		if got := Octets(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
