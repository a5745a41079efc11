package transfer_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention/transfer"
)

const id = record.ID("abcdefghijklmnopqrstuvwxyz234567")

func date(t testing.TB, s string) record.Date {
	t.Helper()
	d, err := record.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// letter is a record of one e-mail.
func letter(t testing.TB, id record.ID, day string, size int64) transfer.Item {
	return transfer.Item{Record: id, Kind: record.Email, Display: "=Ann → Bob  About the quay", From: date(t, day), Until: date(t, day), Captured: date(t, "2026-01-01"),
		Components: []record.Component{{Path: "data/message.eml", Size: size, Digest: record.Sum([]byte(id))}}}
}

// TestEveryRuleOfTheMetadata takes a row that is right and spoils it one way at
// a time.
func TestEveryRuleOfTheMetadata(t *testing.T) {
	plan := transfer.Divide("T-2026-001", []transfer.Item{letter(t, id, "2006-05-05", 10)}, transfer.TDR())
	open := transfer.Draft(plan)[0]
	open[transfer.ClosureStatus] = transfer.Open
	closed := open
	for c, v := range map[transfer.Column]string{transfer.ClosureStatus: transfer.Closed, transfer.ClosureStart: "2006-05-05", transfer.ClosurePeriod: "40;80",
		transfer.ExemptionCode: "27(1);EIR 12(5)(e)", transfer.ScheduleDate: "2025-03-01"} {
		closed[c] = v
	}
	type change struct {
		column transfer.Column
		value  string
		want   string // a part of the fault; "": none
	}
	long := func(n int) string { return strings.Repeat("ü", n) }
	for from, changes := range map[*transfer.Row][]change{
		&open: {
			{transfer.Note, "fine", ""},
			{transfer.RecordDate, "", ""},
			{transfer.FilePath, "elsewhere/message.eml", "no file of this transfer"},
			{transfer.FileName, "other.eml", "not the file's name"},
			{transfer.Modified, "2006-05-06", "not 2006-05-05, the file's own date"},
			{transfer.RecordDate, "05/05/2006", "write it as 2006-05-27"},
			{transfer.RecordDate, "2006-02-30", "not a day"},
			{transfer.RecordDate, "2026-11-23", "in the future"},
			{transfer.ClosureStatus, "", "nobody has said"},
			{transfer.ClosureStatus, "open", "neither Open nor Closed"},
			{transfer.ClosureStart, "2006-05-05", "empty for an open record"},
			{transfer.ClosurePeriod, "20", "empty for an open record"},
			{transfer.ExemptionCode, "40(2)", "empty for an open record"},
			{transfer.ScheduleDate, "2025-03-01", "empty for an open record"},
			{transfer.AlternateName, "x", "empty for an open record"},
			{transfer.AlternateDescription, "x", "empty for an open record"},
			{transfer.NameClosed, "Yes", "No for an open record"},
			{transfer.DescriptionClosed, "", "No for an open record"},
			{transfer.Description, long(8000), ""},
			{transfer.Description, long(8001), "more than 8000 characters"},
			{transfer.Note, long(1001), "more than 1000 characters"},
			{transfer.Restrictions, long(501), "more than 500 characters"},
			{transfer.FormerReference, long(256), "more than 255 characters"},
			{transfer.TranslatedName, "a\nb", "more than one line"},
			{transfer.Evidence, "a\nb", "more than one line"},
			{transfer.CopyrightDetails, "a\rb", "more than one line"},
			{transfer.Language, "", "it is missing: English"},
			{transfer.Copyright, "", "it is missing: Crown"},
			{transfer.Copyright, "crown", "none of Crown, Third party"},
			{transfer.Copyright, "Crown;Third party", ""},
			{transfer.Copyright, "Crown;Unknown", "Unknown stands alone"},
		},
		&closed: {
			{transfer.Note, "fine", ""},
			{transfer.ClosureStart, "2006-12-31", ""},
			{transfer.ClosureStart, "", "says from when"},
			{transfer.ClosureStart, "2006-05-06", "neither 2006-05-05"},
			{transfer.ClosurePeriod, "40", "one period for each exemption: 1 for 2"},
			{transfer.ClosurePeriod, "40;151", "from 1 to 150"},
			{transfer.ClosurePeriod, "40;0", "from 1 to 150"},
			{transfer.ClosurePeriod, "40;ten", "from 1 to 150"},
			{transfer.ExemptionCode, "27(1);21", `"21" is no exemption`},
			{transfer.ExemptionCode, "", "names an exemption"},
			{transfer.ScheduleDate, "", "gives the date of the closure schedule"},
			{transfer.ScheduleDate, "1999-12-31", "before 2000"},
			{transfer.ScheduleDate, "2006-05-05", "not the day from which it counts"},
			{transfer.NameClosed, "Yes", "nothing is given to show in its place"},
			{transfer.NameClosed, "yes", "Yes or No"},
			{transfer.AlternateName, "[title withheld]", "Yes where an alternate is given"},
			{transfer.DescriptionClosed, "Yes", "nothing is given to show in its place"},
		},
	} {
		for _, c := range changes {
			row := *from
			row[c.column] = c.value
			var texts []string
			for _, f := range transfer.Check([]transfer.Row{row}, plan.Packs[0].Files, nil, date(t, "2026-11-22")) {
				texts = append(texts, f.String())
			}
			got := strings.Join(texts, "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("%s, %s = %.20q: %q, want %q", from[transfer.ClosureStatus], c.column, c.value, got, c.want)
			}
		}
	}
	if faults := transfer.Check([]transfer.Row{open, open}, plan.Packs[0].Files, nil, date(t, "2026-11-22")); len(faults) != 1 || !strings.Contains(faults[0].Text, "twice") {
		t.Errorf("a row twice: %v", faults)
	}
	if faults := transfer.Check(nil, plan.Packs[0].Files, nil, date(t, "2026-11-22")); len(faults) != 1 || !strings.Contains(faults[0].Text, "no row for it") {
		t.Errorf("no row: %v", faults)
	}
	other := open
	other[transfer.FilePath] = "T-2026-001-1/2006-05-05_" + string(id[1:]) + "a/message.eml"
	if faults := transfer.Check([]transfer.Row{open, other}, plan.Packs[0].Files, []record.ID{id[1:] + "a"}, date(t, "2026-11-22")); faults != nil {
		t.Errorf("a row of what was left out since: %v", faults)
	}
}

func TestDraftIsNoFormulaAndReadsBack(t *testing.T) {
	plan := transfer.Divide("T-2026-001", []transfer.Item{letter(t, id, "2006-05-05", 10)}, transfer.TDR())
	rows := transfer.Draft(plan)
	for _, cell := range rows[0] {
		if cell != "" && strings.ContainsRune("=+-@\t", rune(cell[0])) {
			t.Errorf("%q is a formula", cell)
		}
	}
	back, err := transfer.ReadRows(bytes.NewReader(transfer.WriteRows(rows)))
	if err != nil || len(back) != 1 || back[0] != rows[0] {
		t.Errorf("%v, %v", back, err)
	}
	if r := back[0]; r[transfer.FormerReference] != string(id) || r[transfer.RecordDate] != "2006-05-05" || r[transfer.ClosureStatus] != "" {
		t.Errorf("%v", r)
	}
}

func TestTablesThatAreNone(t *testing.T) {
	whole := strings.Join(transfer.Columns(), ",")
	for text, want := range map[string]string{
		"": "EOF", "filepath,filename\n": `column "date last modified" is missing`, whole + ",filepath\n": "there twice",
		whole + ",salary\n": "none of its columns", whole + "\na,b\n": "wrong number of fields", "\xff\xfe": "not UTF-8",
	} {
		if _, err := transfer.ReadRows(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: %v, want %q", text, err, want)
		}
	}
	reversed := strings.Join([]string{"note", strings.TrimSuffix(whole, ",note")}, ",")
	rows, err := transfer.ReadRows(strings.NewReader("\ufeff" + reversed + "\r\nN,P" + strings.Repeat(",", 21) + "\r\n" + strings.Repeat(",", 22) + "\r\n"))
	if err != nil || len(rows) != 1 || rows[0][transfer.Note] != "N" || rows[0][transfer.FilePath] != "P" {
		t.Errorf("columns in another order: %v, %v", rows, err)
	}
}

func FuzzReadRows(f *testing.F) {
	f.Add(transfer.WriteRows([]transfer.Row{{"a", "b\nc", `"`}}))
	f.Add([]byte("filepath\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := transfer.ReadRows(bytes.NewReader(data))
		if err != nil {
			return
		}
		again, err := transfer.ReadRows(bytes.NewReader(transfer.WriteRows(rows)))
		if err != nil || len(again) != len(rows) {
			t.Fatalf("%d rows became %d: %v", len(rows), len(again), err)
		}
	})
}
