package transfer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/closeroll/closeroll/archive/record"
)

// The words that TDR takes, in this very spelling.
const (
	Open   = "Open"
	Closed = "Closed"
	yes    = "Yes"
	no     = "No"
)

// exemptions are the codes for which a record may be closed: exemptions of the
// Freedom of Information Act 2000 and exceptions of the Environmental
// Information Regulations 2004. Sections 21, 22 and 22A are not among them.
var exemptions = set("23", "24", "26", "27(1)", "27(2)", "28", "29", "30(1)", "30(2)", "31", "32", "33", "34",
	"35(1)(a)", "35(1)(b)", "35(1)(c)", "35(1)(d)", "36", "37(1)(a)", "37(1)(aa)", "37(1)(ab)", "37(1)(ac)", "37(1)(ad)", "37(1)(b)",
	"38", "39", "40(2)", "41", "42", "43(1)", "43(2)", "44",
	"EIR 12(5)(a)", "EIR 12(5)(b)", "EIR 12(5)(c)", "EIR 12(5)(d)", "EIR 12(5)(e)", "EIR 12(5)(f)", "EIR 12(5)(g)")

// copyrights are the holders that TDR knows.
var copyrights = []string{"Crown", "Third party", "UK Parliament", "Open Parliament Licence", "Unknown"}

// lengths are the most characters of a column, and whether it is one line.
var lengths = map[Column]struct {
	most int
	line bool
}{
	Description: {8000, false}, FormerReference: {255, true}, AlternateName: {255, true}, AlternateDescription: {8000, false},
	TranslatedName: {255, true}, CopyrightDetails: {255, true}, Related: {255, false}, Restrictions: {500, false}, Evidence: {255, true}, Note: {1000, false},
}

// Check says everything that is wrong with the metadata of these files. No
// fault means that TDR takes it, as far as that can be known without TDR: which
// languages it knows is not published. Rows of records that were left out since
// the metadata were written are passed over. today is the day by the legal zone.
func Check(rows []Row, files []File, leftOut []record.ID, today record.Date) []Fault {
	want := make(map[string]File, len(files))
	for _, f := range files {
		want[f.Path] = f
	}
	var faults []Fault
	seen := make(map[string]bool, len(rows))
	for i, r := range rows {
		c := &checking{row: r, today: today, number: i + 2}
		f, known := want[r[FilePath]]
		switch {
		case !known && slices.ContainsFunc(leftOut, func(id record.ID) bool { return strings.Contains(r[FilePath], "_"+string(id)+"/") }):
		case !known:
			c.fault(FilePath, "%q is no file of this transfer", clip(r[FilePath]))
		case seen[r[FilePath]]:
			c.fault(FilePath, "%q is there twice", clip(r[FilePath]))
		default:
			c.record = f.Item.Record
			c.intrinsic(f)
			c.all()
		}
		seen[r[FilePath]] = true
		faults = append(faults, c.faults...)
	}
	for _, f := range files {
		if !seen[f.Path] {
			faults = append(faults, Fault{Record: f.Item.Record, Path: f.Path, Text: "the metadata have no row for it"})
		}
	}
	return faults
}

// A checking is one row being checked.
type checking struct {
	row    Row
	number int
	record record.ID
	today  record.Date
	faults []Fault
}

func (c *checking) fault(of Column, format string, args ...any) {
	c.faults = append(c.faults, Fault{Record: c.record, Row: c.number, Column: of.String(), Path: c.row[FilePath], Text: fmt.Sprintf(format, args...)})
}

// intrinsic: what the file says of itself is not for people to change.
func (c *checking) intrinsic(f File) {
	if c.row[FileName] != f.Path[strings.LastIndexByte(f.Path, '/')+1:] {
		c.fault(FileName, "it is not the file's name")
	}
	if c.row[Modified] != f.Modified.String() {
		c.fault(Modified, "it is not %s, the file's own date", f.Modified)
	}
}

func (c *checking) all() {
	for _, of := range []Column{RecordDate, ClosureStart, ScheduleDate} {
		c.date(of)
	}
	for of := range Column(columns) {
		l, ok := lengths[of]
		if ok && utf8.RuneCountInString(c.row[of]) > l.most {
			c.fault(of, "it has more than %d characters", l.most)
		}
		if l.line && strings.ContainsAny(c.row[of], "\r\n") {
			c.fault(of, "it has more than one line")
		}
	}
	switch c.row[ClosureStatus] {
	case Open:
		c.open()
	case Closed:
		c.closed()
	case "":
		c.fault(ClosureStatus, "nobody has said whether it is Open or Closed")
	default:
		c.fault(ClosureStatus, "%q is neither Open nor Closed", clip(c.row[ClosureStatus]))
	}
	if c.row[Language] == "" {
		c.fault(Language, "it is missing: English, unless it is in another")
	}
	c.rights()
	if c.row[AlternateDescription] != "" && c.row[Description] == "" {
		c.fault(Description, "there is an alternate description of it, and none")
	}
}

// date returns a column's day; a day that is none or is to come is a fault.
func (c *checking) date(of Column) record.Date {
	if c.row[of] == "" {
		return record.Date{}
	}
	d, err := record.ParseDate(c.row[of])
	switch {
	case err != nil:
		c.fault(of, "%q is not a day: write it as 2006-05-27", clip(c.row[of]))
	case d.After(c.today):
		c.fault(of, "%s is in the future", d)
	}
	return d
}

// open: nothing of closure is said of an open record.
func (c *checking) open() {
	for _, of := range []Column{ClosureStart, ClosurePeriod, ExemptionCode, ScheduleDate, AlternateName, AlternateDescription} {
		if c.row[of] != "" {
			c.fault(of, "it is empty for an open record")
		}
	}
	for _, of := range []Column{NameClosed, DescriptionClosed} {
		if c.row[of] != no {
			c.fault(of, "it is No for an open record")
		}
	}
}

func (c *checking) closed() {
	c.closedFrom()
	codes, periods := list(c.row[ExemptionCode]), list(c.row[ClosurePeriod])
	if len(codes) == 0 {
		c.fault(ExemptionCode, "a closed record names an exemption")
	}
	for _, code := range codes {
		if !exemptions[code] {
			c.fault(ExemptionCode, "%q is no exemption for which a record may be closed", clip(code))
		}
	}
	if len(periods) != len(codes) {
		c.fault(ClosurePeriod, "there is one period for each exemption: %d for %d", len(periods), len(codes))
	}
	for _, p := range periods {
		if years, err := strconv.Atoi(p); err != nil || years < 1 || years > 150 {
			c.fault(ClosurePeriod, "%q is not a number of years from 1 to 150", clip(p))
		}
	}
	c.alternate(NameClosed, AlternateName)
	c.alternate(DescriptionClosed, AlternateDescription)
}

// closedFrom: closure counts from the record's own date, or from the end of its
// year, and was agreed to on another day.
func (c *checking) closedFrom() {
	own := c.row[RecordDate]
	if own == "" {
		own = c.row[Modified]
	}
	start, agreed := c.row[ClosureStart], c.row[ScheduleDate]
	switch {
	case start == "":
		c.fault(ClosureStart, "a closed record says from when")
	case start != own && (len(own) < 4 || start != own[:4]+"-12-31"):
		c.fault(ClosureStart, "it is neither %s, the record's date, nor the end of that year", own)
	}
	switch {
	case agreed == "":
		c.fault(ScheduleDate, "a closed record gives the date of the closure schedule")
	case agreed < "2000":
		c.fault(ScheduleDate, "it is before 2000")
	case agreed == start:
		c.fault(ScheduleDate, "it is the date of the schedule that confirms the closure, not the day from which it counts")
	}
}

// alternate: what is closed has something to show in its place, and only that.
func (c *checking) alternate(closed, instead Column) {
	switch c.row[closed] {
	case yes:
		if c.row[instead] == "" {
			c.fault(instead, "it is closed, and nothing is given to show in its place")
		}
	case no:
		if c.row[instead] != "" {
			c.fault(closed, "it is Yes where an alternate is given")
		}
	default:
		c.fault(closed, "it is Yes or No")
	}
}

func (c *checking) rights() {
	holders := list(c.row[Copyright])
	if len(holders) == 0 {
		c.fault(Copyright, "it is missing: Crown, unless it is another's")
	}
	for _, h := range holders {
		if !slices.Contains(copyrights, h) {
			c.fault(Copyright, "%q is none of %s", clip(h), strings.Join(copyrights, ", "))
		}
	}
	if unknown := slices.Contains(holders, "Unknown"); unknown && len(holders) > 1 {
		c.fault(Copyright, "Unknown stands alone")
	} else if unknown && c.row[CopyrightDetails] != "" {
		c.fault(CopyrightDetails, "it is empty where the copyright is Unknown")
	}
}

// list splits several values.
func list(s string) []string {
	var all []string
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}
