package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/search/disclosure"
	"github.com/closeroll/closeroll/search/foi"
	"github.com/closeroll/closeroll/search/foi/production"
	"github.com/closeroll/closeroll/search/foi/redaction"
)

// A plan is what is to be produced of a set.
type plan struct {
	*lectern
	set     *requestSet
	in      map[string]v1.RedactionLine
	struck  map[string]bool // items in which, or in whose attachments, anything is redacted
	chosen  []int           // places in the set, of what is decided release or part
	copies  map[string]foi.Copied
	leftOut int
	done    int

	native       bool // e-mails that are released whole come as they were received too
	linter       *disclosure.Linter
	acknowledged []disclosure.Code
	passed       *passes
}

// maxFaults is how many reasons against a production are listed.
const maxFaults = 20

// planned chooses what is produced, and refuses where a decision is missing or
// contradicts what is redacted.
func (e *env) planned(ctx context.Context, r *reader.Reader, client *api.Client, f *exportFlags, ref string) (*plan, error) {
	set, err := fetchSet(ctx, client, ref, 0)
	if err != nil {
		return nil, fromDaemon(err)
	}
	in, err := fetchRedactions(ctx, client, ref)
	if err != nil {
		return nil, fromDaemon(err)
	}
	codes, err := acknowledgements(f.acknowledged)
	if err != nil {
		return nil, err
	}
	p := &plan{lectern: e.lectern(r, ref), set: set, in: in, struck: make(map[string]bool),
		native: f.native != "", linter: e.linter(), acknowledged: codes, passed: &passes{by: make(map[record.Digest]bool)}}
	var request v1.Request
	if err := client.Do(ctx, http.MethodGet, requestPath(ref, ""), nil, &request); err != nil {
		return nil, fromDaemon(err)
	}
	p.copies = request.Copies()
	for _, ids := range []iter.Seq[string]{maps.Keys(p.copies), struckItems(in)} {
		for id := range ids {
			whole, _, _ := strings.Cut(id, "+")
			p.struck[whole] = true
		}
	}
	if n := set.Summary.Undecided; n > 0 {
		if !f.leaveOut {
			return nil, advise(fmt.Errorf("%s of %s undecided", count(n, "item", "items"), ref), exitFailure,
				"closeroll foi set %s --undecided lists them; --leave-out-undecided produces the rest", ref)
		}
		p.leftOut = n
	}
	var faults []string
	for k := range set.Items {
		it := &set.Items[k].Item
		if it.Decision == nil || !released(it.Decision.Decision) {
			continue
		}
		if fault := p.fault(it); fault != "" {
			faults = append(faults, shortItem(it.Item)+": "+fault)
			continue
		}
		p.chosen = append(p.chosen, k)
	}
	if err := refuse(ref, faults); err != nil {
		return nil, err
	}
	if len(p.chosen) == 0 {
		return nil, advise(fmt.Errorf("nothing in %s is decided release or part", ref), exitNotFound, "decide first: closeroll foi decide %s ITEM --decision release", ref)
	}
	return p, nil
}

// struckItems yields the items and attachments in which anything is redacted.
func struckItems(in map[string]v1.RedactionLine) iter.Seq[string] {
	return func(yield func(string) bool) {
		for id, by := range in {
			if len(by.Spans) > 0 && !yield(id) {
				return
			}
		}
	}
}

func released(decision string) bool { return decision == "release" || decision == "part" }

func refuse(ref string, faults []string) error {
	if len(faults) == 0 {
		return nil
	}
	if n := len(faults); n > maxFaults {
		faults = append(faults[:maxFaults:maxFaults], fmt.Sprintf("and %s more", thousands(n-maxFaults)))
	}
	return advise(errors.New("decisions and redactions do not agree:\n  "+strings.Join(faults, "\n  ")), exitFailure,
		"nothing was produced; closeroll foi decide %s and closeroll foi redact %s settle them", ref, ref)
}

// fault says why an item cannot be produced as it is decided; empty if it can.
func (p *plan) fault(it *foi.Item) string {
	struck := slices.ContainsFunc(it.IDs(), func(id string) bool { return p.struck[id] })
	if it.Disposed != "" {
		return "it was disposed of, certificate " + it.Disposed
	}
	for _, id := range it.Copies {
		if len(p.in[id].Spans) > 0 {
			return fmt.Sprintf("its copy %s is redacted: closeroll foi redact %s %s --from %s carries that over, then --clear the copy", shortItem(id), p.ref, shortItem(it.Item), shortItem(id))
		}
	}
	switch {
	case struck && it.Decision.Decision == "release":
		return "it is decided release, and something in it is redacted: decide part, or take the redactions away"
	case !struck && it.Decision.Decision == "part" && len(it.Parts) == 0:
		return "it is decided part, and nothing in it is redacted or withheld"
	}
	return ""
}

// prepare opens what is released in part: everything that is redacted fits, and
// each attachment is decided about. It returns the redacted words.
func (p *plan) prepare(ctx context.Context, b *bar) (*production.Terms, error) {
	defer b.end()
	terms := production.NewTerms()
	var faults []string
	var items []*foi.Item
	for _, k := range p.chosen {
		if it := &p.set.Items[k].Item; it.Decision.Decision == "part" || p.natively(it) {
			items = append(items, it)
		}
	}
	n := 0
	for ready, err := range eachItem(ctx, p.lectern, items, p.ready) {
		if err != nil {
			return nil, err
		}
		b.set(int64(n), int64(len(items)))
		name := fmt.Sprintf("item %d", items[n].No)
		n++
		faults = append(faults, ready.faults...)
		for i, text := range ready.texts {
			if i > 0 {
				name = fmt.Sprintf("item %d, attachment %d", items[n-1].No, i)
			}
			terms.Add(name, text)
		}
	}
	return terms, refuse(p.ref, faults)
}

// A readiness is what prepare wants of an item: its texts with what is redacted
// in them, its own and then those of its attachments, and what keeps it from
// being produced.
type readiness struct {
	texts  []*production.Text
	faults []string
}

func (p *plan) ready(ctx context.Context, l *lectern, it *foi.Item) (r readiness, err error) {
	if p.natively(it) {
		fault, err := p.lint(ctx, l, it)
		if err != nil {
			return r, err
		}
		if fault != "" {
			r.faults = append(r.faults, fault)
		}
	}
	if it.Decision.Decision != "part" {
		return r, nil
	}
	item, undecided, err := p.item(ctx, l, it)
	if err != nil {
		return r, err
	}
	r.faults = append(r.faults, undecided...)
	r.texts = append(r.texts, &item.Whole)
	for i := range item.Parts {
		r.texts = append(r.texts, &item.Parts[i].Text)
	}
	return r, nil
}

// item opens an item with its attachments. undecided says which of those nobody
// has decided about, though the item is released only in part.
func (p *plan) item(ctx context.Context, l *lectern, it *foi.Item) (made *production.Item, undecided []string, err error) {
	m, err := l.open(ctx, it, true)
	if err != nil {
		return nil, nil, err
	}
	made = &production.Item{No: it.No, Group: it.Group, Chat: it.Kind == record.ChatDay, Decision: it.Decision.Decision, Exemptions: it.Decision.Exemptions, Copy: p.copy(ctx, it, 0)}
	if made.Whole, err = p.text(m, 0); err != nil {
		return nil, nil, err
	}
	for k := range m.Document.Attachments {
		part := production.Part{Copy: p.copy(ctx, it, k+1)}
		if part.Text, err = p.text(m, k+1); err != nil {
			return nil, nil, err
		}
		switch by := partRuling(it, k+1); {
		case by != nil && !released(by.Decision):
			part.Withheld, part.Exemptions = true, by.Exemptions
			if len(part.Exemptions) == 0 {
				part.Exemptions = []string{strings.ReplaceAll(by.Decision, "_", " ")}
			}
		case by == nil && it.Decision.Decision == "part" && len(part.Spans) == 0 && part.Copy == nil && !part.Wordless():
			undecided = append(undecided, fmt.Sprintf("%s+%d: it is released in part, and nobody has decided about this attachment", shortItem(it.Item), k+1))
		}
		made.Parts = append(made.Parts, part)
	}
	return made, undecided, nil
}

// partNumber is the number of an attachment, by its id.
func partNumber(id string) int {
	_, part, _ := strings.Cut(id, "+")
	n, _ := strconv.Atoi(part) // a set's own ids are well formed; of another there is no copy
	return n
}

// partRuling is the decision about the Kth attachment of an item, in any of its
// copies.
func partRuling(it *foi.Item, k int) *foi.Ruling {
	for _, r := range it.Parts {
		if strings.HasSuffix(r.Part, "+"+strconv.Itoa(k)) {
			return r.Ruling
		}
	}
	return nil
}

// items yields what is produced, in its order, and writes which record each
// number is to a file of this name.
func (p *plan) items(ctx context.Context, concordance string) iter.Seq2[*production.Item, error] {
	return func(yield func(*production.Item, error) bool) {
		file, err := os.OpenFile(concordance, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			yield(nil, err)
			return
		}
		items := make([]*foi.Item, len(p.chosen))
		for n, k := range p.chosen {
			items[n] = &p.set.Items[k].Item
		}
		w := csv.NewWriter(file)
		err = w.Write([]string{"no", "item", "rendering_sha256", "copies"})
		n := 0
		for made, failed := range eachItem(ctx, p.lectern, items, p.produced) {
			if err = errors.Join(err, failed); err == nil {
				it := items[n]
				n++
				err = w.Write([]string{strconv.Itoa(it.No), it.Item, made.Whole.Digest.String(), strings.Join(it.Copies, " ")})
			}
			if err != nil {
				break
			}
			if !yield(made, nil) {
				file.Close()
				return
			}
		}
		w.Flush()
		if err = errors.Join(err, w.Error(), file.Sync(), file.Close()); err != nil {
			yield(nil, err)
		}
	}
}

// produced is an item as it is produced.
func (p *plan) produced(ctx context.Context, l *lectern, it *foi.Item) (*production.Item, error) {
	made, _, err := p.item(ctx, l, it)
	if err == nil && p.natively(it) {
		made.Native, err = p.original(ctx, l, it)
	}
	return made, err
}

// notices are what a person should think of before sending.
func (p *plan) notices() []string {
	var all []string
	if n := p.set.Summary.Withheld; n > 0 {
		all = append(all, count(n, "message", "messages")+" found are in vaults that you may not read, and not in it")
	}
	for _, k := range p.chosen {
		it := &p.set.Items[k].Item
		for _, part := range it.Parts {
			n := partNumber(part.Part)
			if _, ok := it.Copied(p.copies, n); ok && part.Ruling != nil && !released(part.Ruling.Decision) {
				all = append(all, fmt.Sprintf("%s+%d has a redacted copy, and is decided %s: the copy is not in it", shortItem(it.Item), n, strings.ReplaceAll(part.Ruling.Decision, "_", " ")))
			}
		}
	}
	partly := 0
	for _, k := range p.chosen {
		if p.set.Items[k].Partly {
			partly++
		}
	}
	if partly > 0 {
		all = append(all, count(partly, "item was", "items were")+" not read whole when captured: the text here may not be all that is in it")
	}
	return all
}

// text is the rendering of a message, or of its Kth attachment, with what is
// redacted in it.
func (p *plan) text(m redaction.Message, k int) (production.Text, error) {
	r := redaction.Render(m)
	if k > 0 {
		var err error
		if r, err = redaction.Part(m, k); err != nil {
			return production.Text{}, err
		}
	}
	by := p.in[r.Item]
	if len(by.Spans) > 0 {
		if err := fits(&r, by); err != nil {
			return production.Text{}, err
		}
	}
	return production.Text{Rendering: r, Spans: by.Spans}, nil
}
