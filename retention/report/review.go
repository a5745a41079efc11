package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention"
)

// Review says which retention schedule is in force and how it stands: a policy
// that nobody has looked at for long is no policy (section 46 Code of
// Practice).
type Review struct {
	Head       `json:"head"`
	DRO        string          `json:"dro"`
	ApprovedBy string          `json:"approved_by,omitempty"`
	ApprovedOn record.Date     `json:"approved_on,omitzero"`
	ReviewBy   record.Date     `json:"review_by"`
	Overdue    bool            `json:"review_overdue"`
	Notices    []string        `json:"notices"`
	Versions   []VersionLine   `json:"versions"` // newest first
	Classes    []ScheduleClass `json:"classes"`
}

// A VersionLine is a schedule that was adopted.
type VersionLine struct {
	Entry   int64         `json:"entry"` // of the journal
	At      time.Time     `json:"at"`
	By      string        `json:"by"`
	Version string        `json:"version"`
	Status  string        `json:"status"`
	Digest  record.Digest `json:"sha256"`
}

// A ScheduleClass is a class in a line.
type ScheduleClass struct {
	Class     string                  `json:"class"`
	Title     string                  `json:"title"`
	Says      string                  `json:"says"`
	Approval  retention.ApprovalLevel `json:"approval"`
	Authority []string                `json:"authority"`
}

// NewReview says how a schedule stands as of the head's day.
func NewReview(head Head, s *retention.Schedule, versions []VersionLine) *Review {
	r := &Review{Head: head, DRO: s.Authority.DRO, ApprovedBy: s.ApprovedBy, ApprovedOn: s.ApprovedOn, ReviewBy: s.ReviewBy,
		Overdue: head.today().After(s.ReviewBy), Notices: []string{}, Versions: versions}
	r.Notices = append(r.Notices, s.Notices()...)
	if n, _ := s.ReviewNotice(head.AsOf); n != "" {
		r.Notices = append(r.Notices, n)
	}
	for _, c := range s.Classes {
		r.Classes = append(r.Classes, ScheduleClass{Class: c.ID, Title: c.Title, Approval: c.Approval.Level, Authority: c.Authority,
			Says: fmt.Sprintf("%s %s after %s", actionWords(c.Action), c.Period.Words(), c.Trigger)})
	}
	return r
}

func (r *Review) lay(d *page.Document) {
	switch {
	case r.Overdue:
		d.Add(page.Notice{Tone: page.Red, Label: "Review overdue", Text: "The schedule should have been reviewed by " + r.ReviewBy.Long() + "."})
	case r.Schedule.Status != string(retention.Approved):
		d.Add(page.Notice{Tone: page.Amber, Label: "Sample", Text: "The schedule in force is a sample that no departmental records officer has approved. Nothing is disposed of under it."})
	default:
		d.Add(page.Notice{Tone: page.Green, Label: "In force", Text: "The schedule is approved, and is to be reviewed by " + r.ReviewBy.Long() + "."})
	}
	facts := []page.Pair{{Label: "Version", Value: r.Schedule.Version}, {Label: "Status", Value: r.Schedule.Status}, {Label: "Departmental records officer", Value: r.DRO}}
	if r.ApprovedBy != "" {
		facts = append(facts, page.Pair{Label: "Approved by", Value: r.ApprovedBy})
	}
	if !r.ApprovedOn.IsZero() {
		facts = append(facts, page.Pair{Label: "Approved on", Value: r.ApprovedOn.Long()})
	}
	d.Add(page.Facts{Pairs: append(facts, page.Pair{Label: "To be reviewed by", Value: r.ReviewBy.Long()})})
	if len(r.Notices) > 0 {
		d.Add(page.Heading{Text: "To know about it"}, page.List{Items: r.Notices})
	}
	versions := page.Table{Name: "versions", Caption: "Schedules that were adopted, newest first", Empty: "None was adopted.",
		Columns: []page.Column{{Title: "Journal entry", Key: "entry"}, {Title: "Adopted", Key: "at"}, {Title: "By"}, {Title: "Version"}, {Title: "Status"}, {Title: "SHA-256"}}}
	for _, v := range r.Versions {
		versions.Rows = append(versions.Rows, page.Row(page.Number(v.Entry), timeCell(&r.Head, v.At), page.Text(v.By), page.Text(v.Version), page.Text(v.Status), page.Exact(v.Digest.String()[:16]+"…")))
	}
	classes := page.Table{Name: "classes", Caption: "What the schedule says of each class", Columns: []page.Column{{Title: "Class"}, {Title: "Title"}, {Title: "Rule", Key: "says"}, {Title: "Approval"}, {Title: "Authority"}}}
	for _, c := range r.Classes {
		classes.Rows = append(classes.Rows, page.Row(page.Text(c.Class), page.Text(c.Title), page.Text(c.Says), page.Text(string(c.Approval)), page.Text(strings.Join(c.Authority, "; "))))
	}
	d.Add(page.Heading{Text: "Versions"}, versions, page.Heading{Text: "Classes"}, classes)
}
