package page

import (
	"strings"
	"time"
)

// sample is a document with every block, and with text that means harm.
func sample() *Document {
	d := &Document{Title: "Retention report", Subtitle: "Quarter 3 of 2026", Authority: "Department for Rivers and Coasts", Reference: "REP-2026-0007",
		Marking: "OFFICIAL", Program: "closeroll 1.0", Made: time.Date(2026, 10, 1, 8, 30, 0, 0, time.UTC), Contents: true}
	d.Add(
		Notice{Tone: Amber, Label: "Incomplete", Text: "41 messages could not be searched; they are listed under “Failures”."},
		Heading{Text: "What is kept"},
		Paragraph{Text: "The archive keeps 48,210 records of 14 custodians. 1,204 are due within 90 days."},
		Facts{Caption: "Where these figures come from", Pairs: []Pair{
			{Label: "Journal checkpoint", Value: "entry 51,022"},
			{Label: "Root", Value: strings.Repeat("9f86d081884c7d65", 4), Exact: true},
			{Label: "Schedule", Value: "DRC-2026.2, approved by the Departmental Records Officer on 14 May 2026"}}},
		Bars{Title: "Records by class", Unit: "records", Bars: []Bar{{"MIN-01 Ministerial papers", 12033}, {"ADM-02 Routine business correspondence", 31220}, {"FIN-01 Finance", 4410}, {"UNCLASSIFIED", 12}}},
		Table{Name: "classes", Caption: "Records by class", Columns: []Column{{Title: "Class"}, {Title: "Title"}, {Title: "Records", Number: true}, {Title: "Overdue", Number: true}, {Title: "State"}},
			Rows: [][]Cell{
				Row(Text("MIN-01"), Text("Ministerial papers <script>alert(1)</script>"), Number(12033), Number(0), Rated(Green, "Green")),
				Row(Text("ADM-02"), Text("Routine business correspondence that nobody needs to keep for longer than it is in use"), Number(31220), Number(1204), Rated(Amber, "Amber")),
				Row(Text("FIN-01"), Text("=HYPERLINK(\"http://x\")"), Number(4410), Number(3), Rated(Red, "Red"))},
			Total: Row(Text("All"), Text(""), Number(47663), Number(1207))},
		Table{Name: "none", Caption: "Records without a trigger date", Columns: []Column{{Title: "Class"}}, Empty: "Every record has the date that its class asks for."},
		Heading{Level: 3, Text: "What falls due"},
		Stack{Title: "Falling due, by class", Unit: "records", Parts: []string{"within 30 days", "31 to 90 days", "91 to 365 days", "overdue"}, Rows: []StackRow{
			{"MIN-01", []int64{0, 12, 400, 0}}, {"ADM-02", []int64{800, 2200, 4100, 1204}}, {"FIN-01 Finance, procurement and grants", []int64{1, 2, 900, 3}}}},
		Heading{Text: "How it grows"},
		Line{Title: "Records kept at the end of each quarter", Unit: "records", Points: []Bar{{"2025 Q1", 9000}, {"2025 Q2", 14100}, {"2025 Q3", 19900}, {"2025 Q4", 27020}, {"2026 Q1", 33111}, {"2026 Q2", 41002}, {"2026 Q3", 48210}},
			Forecast: []Estimate{{"2026 Q4", 55000, 53000, 57000}, {"2027 Q1", 61900, 58000, 65800}, {"2027 Q2", 68800, 63000, 74600}}},
		Histogram{Title: "Records by age in years", Unit: "records", Bins: []Bar{{"under 1", 20111}, {"1", 14000}, {"2", 9000}, {"3", 3000}, {"4", 900}, {"5 to 9", 150}, {"10 to 17", 0}, {"18 and more", 2}}},
		List{Items: []string{"The schedule is to be reviewed by 31 December 2026.", "Nothing was destroyed in this period."}},
		List{Numbered: true, Items: []string{"First.", "Second, Κέρκυρα, Łódź, \u202eevil\u202c, 記録 and 🌊."}},
		Notice{Tone: Green, Label: "Verified", Text: "Every object that was compared has the digest it was stored with."},
		Notice{Tone: Red, Label: "Overdue", Text: "3 records should have been reviewed by 1 August 2026."},
		Signatures{Statement: "I have read this report.", People: []string{"Senior information risk owner", "Departmental records officer"}},
	)
	return d
}
