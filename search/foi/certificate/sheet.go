package certificate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
)

// listed is how many messages that could not be searched a sheet lists; the
// bundle has all.
const listed = 500

// Sheet lays the certificate out for people: on a screen, on paper, as PDF. The
// JSON that it is made of is what is signed; the sheet prints its digest.
func (c *Certificate) Sheet(b *Bundle, zone *time.Location) (*page.Document, error) {
	canonical, err := c.Canonical()
	if err != nil {
		return nil, err
	}
	s := sheet{c, b, zone, &page.Document{Title: "Certificate of search", Subtitle: fmt.Sprintf("Request %s, certificate %d, %s form", c.Request, c.Number, c.Form),
		Authority: c.Archive.Authority, Reference: fmt.Sprintf("%s, certificate of search %d (%s)", c.Request, c.Number, c.Form), Program: "closeroll " + c.Program, Made: c.Made, Zone: zone}}
	s.request()
	s.sources()
	s.runs()
	s.unread()
	s.elsewhere()
	s.gone()
	s.work()
	s.questions()
	s.proof(record.Sum(canonical))
	return s.doc, nil
}

type sheet struct {
	*Certificate
	bundle *Bundle
	zone   *time.Location
	doc    *page.Document
}

func (s *sheet) moment(t time.Time) string { return t.In(s.zone).Format("2 January 2006 15:04") }

func (s *sheet) rfc(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return "never"
	}
	return s.moment(t)
}

func (s *sheet) request() {
	about := "It names nobody: people stand in it by their role, sources by number, and words of a query that are names or addresses are concealed."
	if s.Form == Closed {
		about = "This form is complete and may contain personal data. Send the open form to others."
	}
	s.doc.Add(page.Paragraph{Text: fmt.Sprintf("%s searched its archive of correspondence for what request %s asks for. Each search was complete: the whole of the archive was indexed, totals are exact, and what could not be searched is accounted for below. %s",
		s.Archive.Authority, s.Request, about)})
	due := "none runs"
	if !s.Deadline.IsZero() {
		due = s.Deadline.Long()
	}
	s.doc.Add(page.Facts{Caption: "The request", Pairs: nonEmpty(page.Pair{Label: "Reference", Value: s.Certificate.Request}, page.Pair{Label: "Under", Value: regime(string(s.Kind))},
		page.Pair{Label: "What is asked for", Value: s.Asked}, page.Pair{Label: "Received", Value: s.Received.Long()}, page.Pair{Label: "Deadline", Value: due},
		page.Pair{Label: "As held", Value: "before " + s.rfc(s.Cutoff) + " (" + s.Zone + ")"}, page.Pair{Label: "Scope", Value: cmp.Or(s.Scope, "everything: none was set")},
		page.Pair{Label: "Statement", Value: s.Statement})})
}

func regime(kind string) string {
	switch kind {
	case "foi":
		return "Freedom of Information Act 2000"
	case "eir":
		return "Environmental Information Regulations 2004"
	case "sar":
		return "UK GDPR, article 15"
	}
	return kind
}

func (s *sheet) sources() {
	t := page.Table{Name: "sources", Caption: "Sources", Columns: []page.Column{{Title: "No", Number: true}, {Title: "Source"}, {Title: "Custodian"}, {Title: "Messages", Number: true},
		{Title: "Of"}, {Title: "Last read before the search"}, {Title: "Not archived", Key: "failed", Number: true}}, Empty: "The archive has no source."}
	for _, src := range s.Sources {
		of := "no known date"
		if !src.From.IsZero() {
			of = src.From.Long() + " to " + src.Until.Long()
		}
		read := s.rfc(src.Read)
		if src.Kind == Former {
			read = "not read any more"
		}
		t.Rows = append(t.Rows, page.Row(page.Number(src.No), page.Text(sourceWords(src)), page.Text(cmp.Or(src.Custodian, roleWords(src.Role))),
			page.Number(src.Messages), page.Text(of), page.Text(read), page.Number(src.Failed)))
	}
	missed := page.Table{Name: "not_searched", Caption: "Not searched, and why", Columns: []page.Column{{Title: "What"}, {Title: "Why"}}, Empty: "Nothing that is known of was left out."}
	for _, m := range s.Missed {
		missed.Rows = append(missed.Rows, page.Row(page.Text(m.What), page.Text(m.Why)))
	}
	gaps := page.Table{Name: "gaps", Caption: "Gaps that sources and exports show of themselves", Columns: []page.Column{{Title: "Source"}, {Title: "What"}, {Title: "Notices", Number: true}}, Empty: "None was noticed."}
	for _, g := range s.Gaps {
		gaps.Rows = append(gaps.Rows, page.Row(page.Text(g.Source), page.Text(strings.ReplaceAll(g.Kind, "_", " ")), page.Number(g.Notices)))
	}
	s.doc.Add(page.Heading{Text: "What was searched"}, t, missed, gaps)
}

func sourceWords(s Source) string {
	parts := []string{s.Name}
	switch s.Kind {
	case "imap":
		parts = append(parts, "a mailbox")
	case "drop folder":
		parts = append(parts, "a folder for exports and files")
	}
	switch s.Channel {
	case "corporate":
		parts = append(parts, "corporate")
	case "nccc":
		parts = append(parts, "non-corporate")
	}
	return strings.Join(parts, ", ")
}

func (s *sheet) runs() {
	s.doc.Add(page.Heading{Text: "How it was searched"})
	for _, r := range s.Runs {
		s.doc.Add(page.Facts{Caption: fmt.Sprintf("%s: %s found", r.Name, messages(r.Total)), Pairs: nonEmpty(
			page.Pair{Label: "When", Value: s.moment(r.At) + ", by " + cmp.Or(r.By+map[bool]string{true: ", "}[r.By != ""], "an ") + r.Role},
			page.Pair{Label: "Query", Value: r.Query}, page.Pair{Label: "Understood as", Value: r.Parsed},
			page.Pair{Label: "In words", Value: inWords(r.Explained)}, page.Pair{Label: "Why these words", Value: r.Note},
			page.Pair{Label: "Of those", Value: s.ofThose(r)},
			page.Pair{Label: "Apart from those", Value: apart(r)},
			page.Pair{Label: "Decided", Value: fmt.Sprintf("%s, %d of them within the request and held", plural(r.Reviewed, "item"), r.Relevant)},
			page.Pair{Label: "Index", Value: r.Index + ", " + r.Coverage + ", with the journal at " + page.Thousands(r.Position) + " entries; " + r.Program},
			page.Pair{Label: "SHA-256 of the ids", Value: r.Digest.String(), Exact: true})})
	}
	s.doc.Add(page.Paragraph{Text: "How words are compared:"}, page.List{Items: s.Language}, page.Paragraph{Text: "Dates: " + s.DateField + "."})
	set := s.Set
	s.doc.Add(page.Facts{Caption: "All searches together", Pairs: []page.Pair{{Label: "Items", Value: fmt.Sprintf("%s in %s", page.Thousands(int64(set.Items)), conversations(set.Groups))},
		{Label: "More copies of them", Value: page.Thousands(int64(set.Copies))}, {Label: "Captured after the request", Value: page.Thousands(int64(set.Late)) + ", though sent before"},
		{Label: "Decided", Value: tally(set.Decided)}, {Label: "Not decided", Value: page.Thousands(int64(set.Undecided))}}})
}

// inWords writes an explanation, a line each and indented by its groups, as one
// sentence with the groups in parentheses.
func inWords(lines []string) string {
	var out strings.Builder
	depth, open, opened := 0, 0, true
	for _, line := range lines {
		text := strings.TrimLeft(line, " ")
		at := (len(line) - len(text)) / 2
		if at == 0 || text == "" {
			continue // what all of them are, and notices
		}
		if depth == 0 {
			depth = at
		}
		for ; depth > at; depth-- {
			if open > 0 {
				out.WriteString(")")
				open--
			}
		}
		if !opened {
			out.WriteString("; ")
		}
		opened, depth = strings.HasSuffix(text, ":"), at
		out.WriteString(text)
		if opened {
			out.WriteString(" (")
			open, depth = open+1, at+1
		}
	}
	return out.String() + strings.Repeat(")", open)
}

func (s *sheet) ofThose(r Run) string {
	var parts []string
	if r.AfterCutoff > 0 {
		parts = append(parts, fmt.Sprintf("%d sent after the request came: outside it", r.AfterCutoff))
	}
	if r.Late > 0 {
		parts = append(parts, fmt.Sprintf("%d captured after the request came, though sent before: within it", r.Late))
	}
	return strings.Join(parts, "; ")
}

func apart(r Run) string {
	var parts []string
	if r.Undated > 0 {
		parts = append(parts, fmt.Sprintf("%d without a date to rely on", r.Undated))
	}
	if r.Unread > 0 {
		parts = append(parts, fmt.Sprintf("%d that could not be searched whole", r.Unread))
	}
	return strings.Join(parts, "; ")
}

func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return page.Thousands(int64(n)) + " messages"
}

func (s *sheet) unread() {
	s.doc.Add(page.Heading{Text: "What could not be searched"})
	if s.Unread.Messages == 0 && s.Unread.Quarantine == 0 {
		s.doc.Add(page.Paragraph{Text: "Nothing: every message that might have been within the request was searched whole."})
		return
	}
	s.doc.Add(page.Facts{Pairs: nonEmpty(page.Pair{Label: "Messages", Value: page.Thousands(int64(s.Unread.Messages))}, page.Pair{Label: "Why", Value: tally(s.Unread.Reasons)},
		page.Pair{Label: "A person looked", Value: tally(s.Unread.Results)}, page.Pair{Label: "In quarantine", Value: page.Thousands(int64(s.Unread.Quarantine)) + ", which nobody may search"})})
	lines := s.bundle.unread()
	if len(lines) == 0 {
		return
	}
	t := page.Table{Name: "unsearchable", Caption: "Each of them", Columns: []page.Column{{Title: "Message"}, {Title: "What a person found", Key: "result"}}}
	for _, l := range lines[:min(len(lines), listed)] {
		t.Rows = append(t.Rows, page.Row(page.Exact(l[0]), page.Text(l[1])))
	}
	s.doc.Add(t)
	if len(lines) > listed {
		s.doc.Add(page.Paragraph{Soft: true, Text: fmt.Sprintf("%d more are listed in the certificate's file.", len(lines)-listed)})
	}
}

func (s *sheet) elsewhere() {
	t := page.Table{Name: "asks", Caption: "Who was asked for what is not in the archive", Columns: []page.Column{{Title: "No"}, {Title: "Of"}, {Title: "For"}, {Title: "Asked"}, {Title: "Replied"}, {Title: "Result"}},
		Empty: "Nobody was asked for what is not in the archive."}
	for _, a := range s.Asks {
		result := strings.ReplaceAll(a.Result, "_", " ")
		if a.Note != "" {
			result += ": " + a.Note
		}
		t.Rows = append(t.Rows, page.Row(page.Text(a.No), page.Text(a.Of), page.Text(a.What), page.Text(a.On.Long()), page.Text(a.Reply.Long()), page.Text(result)))
	}
	if s.Form == Open {
		t.Columns = slices.Delete(t.Columns, 2, 3)
		for i := range t.Rows {
			t.Rows[i] = slices.Delete(t.Rows[i], 2, 3)
		}
	}
	s.doc.Add(page.Heading{Text: "What is not in the archive"}, t)
}

func (s *sheet) gone() {
	t := page.Table{Name: "destroyed", Caption: "Destroyed or transferred, and perhaps within the request", Columns: []page.Column{{Title: "Certificate", Number: true}, {Title: "Batch"}, {Title: "On"}, {Title: "Ground"}, {Title: "Class"}, {Title: "Schedule"},
		{Title: "Records that meet it", Key: "records", Number: true}, {Title: "Cannot be ruled out", Key: "possible", Number: true}},
		Empty: fmt.Sprintf("None: %s of records that are no more were looked at.", plural(s.Looked, "stub"))}
	for _, g := range s.Gone {
		t.Rows = append(t.Rows, page.Row(page.Number(g.Certificate), page.Text(g.Batch), page.Text(g.On.Long()), page.Text(g.Ground), page.Text(g.Class), page.Text(g.Schedule), page.Number(g.Certain), page.Number(g.Perhaps)))
	}
	holds := page.Table{Name: "holds", Caption: "On hold for this request", Columns: []page.Column{{Title: "Hold"}, {Title: "Since"}, {Title: "Covers"}}, Empty: "Nothing."}
	for _, h := range s.Holds {
		holds.Rows = append(holds.Rows, page.Row(page.Text(h.Name), page.Text(s.moment(h.Placed)), page.Text(cmp.Or(h.Scope, "everything"))))
	}
	s.doc.Add(page.Heading{Text: "What is no more, and what is kept"}, t, holds)
}

func (s *sheet) work() {
	t := page.Table{Name: "work", Caption: "Time logged", Columns: []page.Column{{Title: "Activity"}, {Title: "Counts towards s.12"}, {Title: "Minutes", Number: true}}, Empty: "No time was logged."}
	for _, w := range s.Work {
		yes := "no"
		if w.Countable {
			yes = "yes"
		}
		t.Rows = append(t.Rows, page.Row(page.Text(w.Activity), page.Text(yes), page.Text(fmt.Sprintf("%g", w.Minutes))))
	}
	s.doc.Add(t)
	if len(s.Work) > 0 {
		s.doc.Add(page.Paragraph{Text: fmt.Sprintf("%.2f hours count towards the limit of s.12, %.2f hours in all.", s.Totals.Countable, s.Totals.Burden)})
	}
}

func (s *sheet) questions() {
	s.doc.Add(page.Heading{Text: "What is usually asked"})
	for _, q := range s.Questions {
		s.doc.Add(page.Heading{Level: 3, Text: q.Question}, page.Paragraph{Text: q.Answer})
	}
}

func (s *sheet) proof(sum record.Digest) {
	pairs := []page.Pair{{Label: "Certified by", Value: s.signatory()}, {Label: "SHA-256 of this certificate", Value: sum.String(), Exact: true}}
	if s.OpenForm != (record.Digest{}) {
		pairs = append(pairs, page.Pair{Label: "Of its open form", Value: s.OpenForm.String(), Exact: true})
	}
	pairs = append(pairs, page.Pair{Label: "Of the list of messages", Value: s.Certificate.Manifest.String(), Exact: true},
		page.Pair{Label: "Journal, entries", Value: page.Thousands(s.Head.Entries)}, page.Pair{Label: "Journal, tree head", Value: s.Head.Root, Exact: true},
		page.Pair{Label: "Entry of this certificate", Value: fmt.Sprint(s.bundle.Entry.Index)}, page.Pair{Label: "Signed by", Value: signer(s.bundle.Note), Exact: true})
	s.doc.Add(page.Heading{Text: "Proof"}, page.Facts{Pairs: pairs},
		page.Paragraph{Soft: true, Text: "This sheet is for reading. What is signed is the certificate's JSON. closeroll foi verify checks it, with the archive or without; docs/formats.md describes how to do so with none of this program."})
}

// signatory is who certifies; in the open form by role only.
func (s *sheet) signatory() string {
	if s.By.ID == "" {
		return "an " + s.By.Role + " of the authority; the journal's entry says who"
	}
	return s.By.Name + " as " + s.By.Role + ", " + s.By.ID
}

func tally(by map[string]int) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%s %s", strings.ReplaceAll(cmp.Or(k, "nobody yet"), "_", " "), page.Thousands(int64(by[k]))))
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

// nonEmpty leaves out what has no value.
func nonEmpty(pairs ...page.Pair) []page.Pair {
	return slices.DeleteFunc(pairs, func(p page.Pair) bool { return p.Value == "" })
}

// signer is the name of the key in a signed note.
func signer(note string) string {
	_, rest, found := strings.Cut(note, "\n— ")
	name, _, _ := strings.Cut(rest, " ")
	if !found {
		return "nobody"
	}
	return name
}

// conversations counts threads and chats.
func conversations(n int) string {
	if n == 1 {
		return "one thread or chat"
	}
	return page.Thousands(int64(n)) + " threads and chats"
}
