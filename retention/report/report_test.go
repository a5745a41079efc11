package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/assurance"
)

var update = flag.Bool("update", false, "write the golden files anew")

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func day(s string) record.Date { return must(record.ParseDate(s)) }

func at(s string) time.Time { return day(s).Start(time.UTC).Add(9 * time.Hour) }

func testHead(name string) Head {
	k, _ := Find(name)
	h := Head{Report: name, Title: k.Title, Authority: "Department for Floods", Marking: "OFFICIAL", AsOf: at("2026-11-22"), Zone: "Europe/London",
		Program: "closeroll test", Checkpoint: Checkpoint{Origin: "closeroll-test", Entries: 1204, Root: strings.Repeat("ab", 32)},
		Schedule: Adopted{Version: "2026.1", Status: "sample", Digest: record.Sum(configs.ExampleSchedule())}}
	if k.When != Now {
		h.Period = must(assurance.ParseSpan("2026-Q3"))
	}
	return h
}

// fixtures is every report, of facts that never change.
func fixtures(t *testing.T) []Report {
	t.Helper()
	s := must(retention.Load(configs.ExampleSchedule()))
	notices := []NoticeLine{
		{Entry: 900, Source: "whatsapp", Chat: "c1", Kind: "disappearing_in_effect", Text: "chat “Floods”: messages disappear after 7 days.", At: at("2026-09-20")},
		{Entry: 800, Source: "whatsapp", Chat: "c2", Kind: "disappearing_off", Text: "chat “Depots”: Ann turned disappearing messages off.", At: at("2026-08-20")},
		{Entry: 700, Source: "whatsapp", Chat: "c2", Kind: "disappearing_on", Text: "chat “Depots”: Ann set messages to disappear after 1 day.", At: at("2026-08-10")},
		{Entry: 650, Source: "whatsapp", Chat: "c3", Kind: "advanced_privacy_on", Text: "chat “Board”: Bob turned on advanced chat privacy.", At: at("2026-01-10")},
		{Entry: 600, Source: "office", Kind: "came_and_went", Text: "3 messages came and went in INBOX before they were seen.", At: at("2026-07-02")},
		{Entry: 500, Source: "office", Kind: "came_and_went", Text: "1 message came and went in INBOX before it was seen.", At: at("2026-02-02")},
	}
	all := []Report{
		countFixture(s),
		NewHolds(testHead("holds"), []HoldLine{
			{Hold: "FOI-2026-014", Type: "foi", Matter: "sandbags at Upton", Owner: "FOI team", Placed: at("2026-05-02"), PlacedBy: "ann", Review: at("2026-11-01"), Records: 41},
			{Hold: "inquiry-7", Type: "inquiry", Matter: "Upton Flood Inquiry", Placed: at("2025-05-02"), PlacedBy: "ann", Review: at("2027-11-01"), Records: 9000,
				Told: 3, Acknowledged: 2, Silent: []Silence{{"official", at("2026-11-15")}}},
			{Hold: "old", Type: "audit", Matter: "NAO", Placed: at("2025-01-02"), PlacedBy: "ann", Released: at("2026-07-09"), Releaser: "bob", Reason: "the audit has ended"},
			{Hold: "older", Type: "audit", Matter: "NAO", Placed: at("2024-01-02"), PlacedBy: "ann", Released: at("2025-07-09"), Releaser: "bob", Reason: "the audit has ended"}}),
		&Coverage{Head: testHead("coverage"), Messages: 4000, Indexed: 3990, Undated: 4, ByText: map[record.TextStatus]int64{record.TextOK: 900, record.TextEncrypted: 2},
			Sources: []SourceLine{{Source: "office", Kind: "imap", Custodian: "minister", Channel: record.Corporate, Configured: true, LastRead: at("2026-11-21"),
				Counts: record.Counts{Seen: 1000, Captured: 900, AlreadyArchived: 60, Excluded: map[record.Reason]int64{record.ReasonFolder: 37}, Failed: map[record.Reason]int64{record.ReasonUnreadable: 3}}},
				{Source: "gone", Counts: record.Counts{Seen: 2, Captured: 2}}}},
		NewFailures(testHead("failures"), []Failure{{"office", record.ReasonUnreadable, "look at it", at("2026-10-01")}, {"office", record.ReasonUnreadable, "look at it", at("2026-09-01")},
			{"phone", record.ReasonNotAChat, "export it again", at("2026-10-01")}}, notices),
		NewEphemeral(testHead("ephemeral"), []ChatExport{{"c1", "Floods", "whatsapp", at("2026-09-20")}, {"c2", "Depots", "whatsapp", at("2026-08-21")}, {"c3", "Board", "whatsapp", at("2026-01-11")}}, notices),
		&Channels{Head: testHead("channels"), Volumes: []VolumeLine{{"minister", record.Corporate, 900}, {"minister", record.NonCorporate, 3000}, {"official", record.Corporate, 100}},
			Register: []RegisterLine{
				{"minister", assurance.Channel{App: "whatsapp", Channel: record.NonCorporate, Device: "private", Reason: "the group exists there", Approver: "Permanent Secretary", Until: day("2026-10-01")}},
				{"minister", assurance.Channel{App: "signal", Channel: record.NonCorporate, Device: "private", Reason: "x", Approver: "Permanent Secretary", Until: day("2026-10-01"), Closed: day("2026-09-01")}},
				{"official", assurance.Channel{App: "email", Channel: record.Corporate}}}},
		NewDisposals(testHead("disposals"), []BatchLine{
			{Batch: "D-0003", Ground: "schedule", Class: "ADM-01", State: "proposed", Proposed: at("2026-11-01"), ProposedBy: "ann", Records: 40},
			{Batch: "D-0002", Ground: "schedule", Class: "ADM-01", State: "certified", Proposed: at("2026-07-05"), ProposedBy: "ann", ApprovedAs: []string{"manager", "dro"}, Records: 90, Excluded: 3, Refused: 2, Destroyed: 85, Certificate: 2, Issued: at("2026-08-01")},
			{Batch: "D-0001", Ground: "spillage", State: "certified", Proposed: at("2026-01-05"), Certificate: 1, Issued: at("2026-01-06"), Records: 1, Destroyed: 1}}),
		&Access{Head: testHead("access"), People: []AccessLine{{"uid:1001", 40, 12, 0, 3, 0, at("2026-09-28")}, {"uid:1002", 2, 0, 1, 0, 2, at("2026-07-28")}}, Custodians: []ReadLine{{"", 1, 1}, {"minister", 11, 1}}},
		&Fixity{Head: testHead("fixity"), Checks: []FixityLine{{1100, at("2026-10-01"), "uid:1003", 900, 12_000_000, 0, 0}, {400, at("2026-04-01"), "uid:1003", 800, 10_000_000, 1, 0}}},
		&Keys{Head: testHead("keys"), Vaults: []VaultLine{{"main", "records", "main-2026", "hybrid", []string{"deputy", "officer"}}, {"press", "records", "press-2026", "hybrid", []string{"officer"}}},
			Holders: []HolderLine{{"state", []string{"daemon", "deputy", "officer"}}}},
		&Formats{Head: testHead("formats"), Files: []FormatLine{{"message/rfc822", 900, 12_000_000}, {"text/plain", 18, 40_000}, {"", 2, 100}}},
		NewReview(testHead("schedule"), s, []VersionLine{{Entry: 3, At: at("2026-05-01"), By: "daemon", Version: "2026.1", Status: "sample", Digest: record.Sum(configs.ExampleSchedule())}}),
		&Lag{Head: testHead("transfer-lag"), Lines: []LagLine{
			{"minister", record.NonCorporate, assurance.Lag{Messages: 1000, Undated: 2, Median: 40000, P95: 400_000, Max: 900_000, Target: retention.Period{Days: 7}, Within: 960}},
			{"official", record.Corporate, assurance.Lag{Messages: 90, Median: 50, P95: 70, Max: 90}}}},
		NewAttestations(testHead("attestations"), []assurance.Task{
			{ID: "attestation/2026-Q3", Custodian: "minister", Kind: assurance.KindAttestation, Due: day("2026-10-14"), State: assurance.Overdue, Text: "The attestation for 2026-Q3."},
			{ID: "leaver/2026-12-04/export/c1", Custodian: "minister", Kind: assurance.KindExport, Due: day("2026-12-04"), State: assurance.Due, Text: "The final export of a chat."},
			{ID: "attestation/2026-Q2", Custodian: "minister", Kind: assurance.KindAttestation, Due: day("2026-07-14"), State: assurance.Done, Text: "The attestation for 2026-Q2."}},
			[]AttestedLine{{"minister", assurance.Attestation{Period: must(assurance.ParseSpan("2026-Q2")), Statement: "All was handed over.", On: day("2026-07-10"), By: "po"}},
				{"deputy", assurance.Attestation{Period: must(assurance.ParseSpan("2026-Q3")), Nil: true, Statement: "There was none.", On: day("2026-10-10"), By: "po"}}}, []string{"minister", "deputy"}, []string{}),
		NewProcessing(Processing{Head: testHead("article30"), Controller: "Department for Floods", Purposes: []string{"keeping the official record"}, Transfers: "none", DPIA: DPIA{"DPIA-12", day("2026-02-01")},
			Sources: []SourceLine{{Source: "office", Kind: "imap", Custodian: "minister", Channel: record.Corporate}}}, s, []Fact{{"officer", "searches, reads, answers requests"}}),
	}
	e := Evidence{Requests: Requests{Open: 3, Closed: 9, Late: 1, Searched: 12, Asked: 4, OnHold: 3}, DPIA: DPIA{"DPIA-12", day("2026-02-01")}, Quarantine: Quarantine{true, 2, 1}}
	for _, r := range all {
		e.Add(r)
	}
	return append(all, NewPack(testHead("assurance"), e))
}

// countFixture counts holdings of several kinds.
func countFixture(s *retention.Schedule) *Retention {
	lines, holds := countedLines(s)
	c := NewCounter(testHead("retention"), s)
	for _, l := range lines {
		c.Add(l)
	}
	return c.Report(holds)
}

// countedLines judges the holdings that are counted.
func countedLines(s *retention.Schedule) (lines []Line, holds []retention.Hold) {
	holds = []retention.Hold{{Hold: "inquiry-7", Type: "inquiry", Matter: "Upton Flood Inquiry", Scope: record.Scope{Custodians: []string{"minister"}}}}
	j := s.Judge(holds, at("2026-11-22"))
	no := int64(0)
	add := func(another bool, f record.Facts) {
		if another {
			no++
		}
		standing := j.Judge(&retention.Candidate{Facts: f})
		standing.Holds = slices.Clone(standing.Holds)
		lines = append(lines, Line{Record: no, Source: f.Source, Custodian: f.Custodian, Dated: record.DateOf(f.ClockTime(), time.UTC),
			Captured: record.DateOf(f.Captured, time.UTC), Standing: standing})
	}
	for i := range 60 {
		sent := at("2017-01-15").AddDate(0, 2*i, 0)
		captured := at("2025-01-20").AddDate(0, 0, 11*i)
		f := record.Facts{Kind: record.Email, Source: "office", Custodian: "official", Role: "official", Sent: sent, Captured: captured}
		if i%4 == 0 {
			f.Custodian, f.Role, f.Source = "minister", "minister", "private-office"
		}
		if i%7 == 0 {
			f.Role = ""
		}
		add(true, f)
		if i%10 == 0 {
			f.Custodian, f.Source = "deputy", "deputy"
			add(false, f)
		}
	}
	add(true, record.Facts{Kind: record.Email, Source: "office", Custodian: "official", Role: "official", Captured: at("2026-11-01")})
	return lines, holds
}

func TestGolden(t *testing.T) {
	for _, r := range fixtures(t) {
		name := r.About().Report
		data := must(json.MarshalIndent(r, "", "  "))
		var text bytes.Buffer
		if err := page.WriteText(&text, Document(r), page.Screen{Width: 100}); err != nil {
			t.Fatal(err)
		}
		for suffix, got := range map[string][]byte{".json": append(data, '\n'), ".txt": text.Bytes()} {
			path := filepath.Join("testdata", name+suffix)
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(must(os.ReadFile(path))), string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
	}
}

func TestEveryKindHasAFixtureAndReadsItselfBack(t *testing.T) {
	all := fixtures(t)
	for _, k := range Kinds() {
		i := slices.IndexFunc(all, func(r Report) bool { return r.About().Report == k.Name })
		if i < 0 {
			t.Errorf("%s has no fixture", k.Name)
			continue
		}
		data := must(json.Marshal(all[i]))
		back, err := k.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if again := must(json.Marshal(back)); !bytes.Equal(data, again) {
			t.Errorf("%s reads back as\n%s\nnot\n%s", k.Name, again, data)
		}
		if _, err := k.Decode([]byte("{")); err == nil {
			t.Errorf("%s reads what is no JSON", k.Name)
		}
	}
}

// TestEveryTableIsWhole looks for rows that do not fit their columns, tables
// of one name, and tables that say nothing when they are empty.
func TestEveryTableIsWhole(t *testing.T) {
	for _, r := range fixtures(t) {
		seen := map[string]bool{}
		for _, tab := range Document(r).Tables() {
			where := r.About().Report + " " + tab.Name
			if tab.Name == "" || tab.Caption == "" || seen[tab.Name] || len(tab.Rows) == 0 && tab.Empty == "" {
				t.Errorf("%s: no name or caption of its own, or empty without a word", where)
			}
			seen[tab.Name] = true
			for _, row := range tab.Rows {
				if len(row) != len(tab.Columns) {
					t.Errorf("%s: %d cells in %d columns", where, len(row), len(tab.Columns))
				}
			}
		}
	}
}

func TestEveryReportIsWritten(t *testing.T) {
	for _, r := range fixtures(t) {
		d := Document(r)
		var out bytes.Buffer
		if err := page.WriteHTML(&out, d); err != nil {
			t.Fatal(err)
		}
		root := must(html.Parse(&out))
		last := 0
		for n := range root.Descendants() {
			if n.Type != html.ElementNode || len(n.Data) != 2 || n.Data[0] != 'h' || n.Data[1] > '3' {
				continue
			}
			level := int(n.Data[1] - '0')
			if level > last+1 {
				t.Errorf("%s: a heading of level %d follows one of level %d", d.Title, level, last)
			}
			last = level
		}
		out.Reset()
		if err := page.WritePDF(&out, d); err != nil {
			t.Errorf("%s: %v", d.Title, err)
		}
	}
}
