package production

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
)

// ErrLeak is returned for a production that its check has not passed. Nothing
// of it is left.
var ErrLeak = errors.New("what was written does not pass the check, and was removed")

// A Result is a production that was written and checked.
type Result struct {
	Digest     record.Digest `json:"sha256"` // of manifest-sha256.txt
	Items      int           `json:"items"`
	Rendered   int           `json:"attachments"`
	Withheld   int           `json:"attachments_withheld"`
	Unrendered int           `json:"attachments_not_rendered"`
	Redactions int           `json:"redactions"`
	Copies     int           `json:"redacted_copies,omitempty"` // files that were redacted with another tool
	Native     int           `json:"native,omitempty"`          // items whose original octets are in it
	Volumes    int           `json:"volumes"`
	Pages      int           `json:"pages,omitempty"` // of the PDF
	Check      Report        `json:"check"`
}

// A producer writes one production.
type producer struct {
	about    About
	terms    *Terms
	bag      *bag
	csv      *entry
	mbox     *entry
	json     *entry
	table    *csv.Writer
	rows     int
	volume   *volume
	ranges   []string // what each volume has, for the list of contents
	expected map[string]*expected
	own      map[int32]bool // terms that are not looked for in octets
	out      Result
}

// Produce writes the items, in the order of their numbers, as a bag in the new
// folder dir, and checks what it wrote. terms are all words that are redacted
// in any of them. An error that wraps [ErrLeak] comes with a result that says
// what was found; on any error the folder is gone again. Memory is bounded by
// a volume of each format and by the terms, not by how many items there are.
//
// progress is told of each item that was written.
func Produce(ctx context.Context, dir string, a About, terms *Terms, items iter.Seq2[*Item, error], progress func()) (Result, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return Result{}, err
	}
	p := &producer{about: a, terms: terms, bag: &bag{dir: dir}, expected: make(map[string]*expected)}
	terms.ready()
	err := p.write(ctx, items, progress)
	if err == nil {
		err = p.check(ctx)
	}
	if err != nil {
		return p.out, errors.Join(err, os.RemoveAll(dir))
	}
	return p.out, nil
}

func (p *producer) write(ctx context.Context, items iter.Seq2[*Item, error], progress func()) (err error) {
	if err := p.beginLists(); err != nil {
		return err
	}
	for it, err := range items {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && p.volume != nil && (p.volume.full() && (!it.Chat || it.Group != p.volume.group)) {
			err = p.flush()
		}
		if err != nil {
			return errors.Join(err, p.abandon())
		}
		if err := p.files(it); err != nil { // first: a copy's file is named as it was brought
			return errors.Join(err, p.abandon())
		}
		p.add(it)
		if it.Native != nil {
			if err := p.native(it); err != nil {
				return errors.Join(err, p.abandon())
			}
		}
		progress()
	}
	if err := p.flush(); err != nil {
		return errors.Join(err, p.abandon())
	}
	if err := p.endLists(); err != nil {
		return err
	}
	if err := p.bag.create("README.txt", p.readme); err != nil {
		return err
	}
	p.out.Digest, err = p.bag.finish(p.about)
	return err
}

// add adds an item to the volume that is being made.
func (p *producer) add(it *Item) {
	if p.volume == nil {
		p.out.Volumes++
		p.volume = p.begin(p.out.Volumes)
	}
	before := len(p.volume.doc.Blocks)
	p.volume.add(it)
	var b strings.Builder
	for _, block := range p.volume.doc.Blocks[before:] {
		if v, ok := block.(page.Verbatim); ok {
			b.WriteString(joined(v.Runs) + "\n")
		}
	}
	p.terms.notice(fmt.Sprintf("item %d", it.No), b.String())
	p.out.Items++
	if it.Copy == nil {
		p.out.Redactions += len(it.Whole.Spans)
	}
	for k := range it.Parts {
		switch it.Parts[k].How() {
		case HowWithheld:
			p.out.Withheld++
		case HowUnrendered:
			p.out.Unrendered++
		case HowCopied:
		default:
			p.out.Rendered++
			p.out.Redactions += len(it.Parts[k].Spans)
		}
	}
}

// files writes what is released in place of an item and of its attachments.
func (p *producer) files(it *Item) error {
	err := p.copied(strconv.Itoa(it.No), it.Copy)
	for k := range it.Parts {
		if part := &it.Parts[k]; part.How() == HowCopied {
			err = errors.Join(err, p.copied(fmt.Sprintf("%d.%d", it.No, k+1), part.Copy))
		}
		if err != nil {
			return err
		}
	}
	return err
}

// begin begins a volume.
func (p *producer) begin(number int) *volume {
	a := p.about
	v := &volume{number: number, doc: page.Document{Title: "Disclosure", Authority: a.Authority, Program: a.Program, Made: a.Made, Zone: a.Zone,
		Reference: fmt.Sprintf("%s P%d", a.Request, a.Number), Sheet: p.out.Pages + 1}}
	v.doc.Add(page.Paragraph{Soft: true, Text: "Items have the numbers of the list of documents. [REDACTED …] stands where words are not released, with the exemption that applies: " + a.Law + "."})
	return v
}

// flush writes the volume that is being made.
func (p *producer) flush() error {
	v := p.volume
	if v == nil {
		return nil
	}
	p.volume = nil
	span := fmt.Sprintf("items %d to %d", v.first, v.last)
	v.doc.Subtitle = fmt.Sprintf("%s, volume %d: %s", p.about.Request, v.number, span)
	p.ranges = append(p.ranges, fmt.Sprintf("volume-%03d: %s", v.number, span))
	var text strings.Builder
	if err := v.plain(&text); err != nil {
		return err
	}
	want := p.expect(text.String(), &v.doc)
	var sheets page.Sheets
	for _, f := range []struct {
		format, ext string
		write       func(io.Writer) error
	}{
		{"text", "txt", func(w io.Writer) error { _, err := io.WriteString(w, text.String()); return err }},
		{"html", "html", func(w io.Writer) error { return page.WriteHTML(w, &v.doc) }},
		{"pdf", "pdf", func(w io.Writer) (err error) { sheets, err = page.WriteSheets(w, &v.doc); return err }},
	} {
		if !slices.Contains(p.about.Formats, f.format) {
			continue
		}
		name := fmt.Sprintf("volume-%03d.%s", v.number, f.ext)
		if err := p.bag.create(name, f.write); err != nil {
			return err
		}
		p.expected["data/"+name] = want
	}
	p.out.Pages += sheets.Total
	for _, r := range v.rows {
		if r.block < len(sheets.Blocks) {
			r.Page = sheets.Blocks[r.block]
		}
		if err := p.listed(r); err != nil {
			return err
		}
	}
	return nil
}

// The list of what was produced, for machines.
func (p *producer) beginLists() (err error) {
	if p.csv, err = p.bag.open("data/items.csv"); err != nil {
		return err
	}
	if p.json, err = p.bag.open("data/items.json"); err != nil {
		_, closed := p.csv.end(err)
		return closed
	}
	p.table = csv.NewWriter(p.csv)
	p.table.UseCRLF = true
	fmt.Fprintf(p.json, "{\n \"request\": %q,\n \"production\": %d,\n \"items\": [", p.about.Request, p.about.Number)
	return p.table.Write(listColumns())
}

func listColumns() []string {
	return []string{"no", "parent_no", "type", "date_sent", "decision", "exemptions", "redaction_count", "result", "volume", "page", "characters", "sha256"}
}

func (p *producer) listed(r row) error {
	pageNo := ""
	if r.Page > 0 {
		pageNo = strconv.Itoa(r.Page)
	}
	if err := p.table.Write([]string{r.No, r.Parent, r.Type, r.Sent, r.Decision, strings.Join(r.Exemptions, "; "), strconv.Itoa(r.Redactions), r.Result,
		strconv.Itoa(r.Volume), pageNo, strconv.Itoa(r.Characters), r.Digest.String()}); err != nil {
		return err
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	sep := ",\n  "
	if p.rows == 0 {
		sep = "\n  "
	}
	p.rows++
	_, err = p.json.WriteString(sep + string(line))
	return err
}

func (p *producer) endLists() error {
	p.table.Flush()
	_, err := p.json.WriteString("\n ]\n}\n")
	c, cerr := p.csv.end(p.table.Error())
	j, jerr := p.json.end(err)
	p.bag.payload = append(p.bag.payload, c, j)
	if p.mbox == nil {
		return errors.Join(cerr, jerr)
	}
	m, merr := p.mbox.end(nil)
	p.bag.payload = append(p.bag.payload, m)
	return errors.Join(cerr, jerr, merr)
}

// abandon closes the lists of a production that is not finished.
func (p *producer) abandon() error {
	err := errors.Join(p.csv.out.Close(), p.json.out.Close())
	if p.mbox != nil {
		err = errors.Join(err, p.mbox.out.Close())
	}
	return err
}

func (p *producer) readme(w io.Writer) error {
	a := p.about
	all := []string{fmt.Sprintf("Disclosure for the request %s, production P%d.", a.Request, a.Number)}
	if a.Authority != "" {
		all = append(all, a.Authority)
	}
	all = append(all, "", fmt.Sprintf("%d items in %d volumes:", p.out.Items, p.out.Volumes))
	for _, r := range p.ranges {
		all = append(all, "  "+r)
	}
	if p.out.Native > 0 {
		all = append(all, "", fmt.Sprintf("%d e-mails are there as they were received too (%s).", p.out.Native, a.Native))
	}
	all = append(all, "", "Each volume is there as: "+strings.Join(a.Formats, ", ")+". They say the same.",
		"items.csv and items.json list the items. The folder is a BagIt bag (RFC 8493):",
		"manifest-sha256.txt has a digest of every file.")
	return lines(all...)(w)
}

// Folder is the name of a production's folder: that of the request and its
// number, without what a file system would take for another folder.
func Folder(a About) string {
	return filepath.Base(strings.ReplaceAll(fmt.Sprintf("%s-P%d", a.Request, a.Number), "/", "-"))
}
