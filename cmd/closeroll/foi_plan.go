package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
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
	passed       map[record.Digest]bool // by the linter
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
		native: f.native != "", linter: e.linter(), acknowledged: codes, passed: make(map[record.Digest]bool)}
	var request v1.Request
	if err := client.Do(ctx, http.MethodGet, requestPath(ref, ""), nil, &request); err != nil {
		return nil, fromDaemon(err)
	}
	p.copies = request.Copies()
	for id := range p.copies {
		whole, _, _ := strings.Cut(id, "+")
		p.struck[whole] = true
	}
	for id, by := range in {
		if whole, _, _ := strings.Cut(id, "+"); len(by.Spans) > 0 {
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
	struck := p.struck[it.Item]
	switch {
	case it.Disposed != "":
		return "it was disposed of, certificate " + it.Disposed
	case struck && it.Decision.Decision == "release":
		return "it is decided release, and something in it is redacted: decide part, or take the redactions away"
	case !struck && it.Decision.Decision == "part" && len(it.Parts) == 0:
		return "it is decided part, and nothing in it is redacted or withheld"
	}
	for _, id := range it.Copies {
		if len(p.in[id].Spans) > 0 {
			return fmt.Sprintf("its copy %s is redacted: closeroll foi redact %s %s --from %s carries that over, then --clear the copy", shortItem(id), p.ref, shortItem(it.Item), shortItem(id))
		}
	}
	return ""
}

// prepare opens what is released in part: everything that is redacted fits, and
// each attachment is decided about. It returns the redacted words.
func (p *plan) prepare(ctx context.Context, b *bar) (*production.Terms, error) {
	defer b.end()
	terms := production.NewTerms()
	var faults []string
	for n, k := range p.chosen {
		it := &p.set.Items[k].Item
		b.set(int64(n), int64(len(p.chosen)))
		if p.natively(it) {
			fault, err := p.lint(ctx, it)
			if err != nil {
				return nil, err
			}
			if fault != "" {
				faults = append(faults, fault)
			}
		}
		if it.Decision.Decision != "part" {
			continue
		}
		made, undecided, err := p.item(ctx, it)
		if err != nil {
			return nil, err
		}
		faults = append(faults, undecided...)
		name := fmt.Sprintf("item %d", it.No)
		terms.Add(name, &made.Whole)
		for i := range made.Parts {
			terms.Add(fmt.Sprintf("%s, attachment %d", name, i+1), &made.Parts[i].Text)
		}
	}
	return terms, refuse(p.ref, faults)
}

// item opens an item with its attachments. undecided says which of those nobody
// has decided about, though the item is released only in part.
func (p *plan) item(ctx context.Context, it *foi.Item) (made *production.Item, undecided []string, err error) {
	m, err := p.open(ctx, it, false)
	if err == nil && len(m.Document.Attachments) > 0 {
		m, err = p.open(ctx, it, true)
	}
	if err != nil {
		return nil, nil, err
	}
	made = &production.Item{No: it.No, Group: it.Group, Chat: it.Kind == record.ChatDay, Decision: it.Decision.Decision, Exemptions: it.Decision.Exemptions}
	if made.Whole, err = p.text(m, 0); err != nil {
		return nil, nil, err
	}
	if made.Copy, err = p.copy(ctx, it.Item); err != nil {
		return nil, nil, err
	}
	for k := range m.Document.Attachments {
		part := production.Part{}
		if part.Text, err = p.text(m, k+1); err != nil {
			return nil, nil, err
		}
		if part.Copy, err = p.copy(ctx, part.Item); err != nil {
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

// items yields what is produced, opened one after another, and writes which
// record each number is to a file of this name.
func (p *plan) items(ctx context.Context, concordance string) iter.Seq2[*production.Item, error] {
	return func(yield func(*production.Item, error) bool) {
		file, err := os.OpenFile(concordance, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			yield(nil, err)
			return
		}
		w := csv.NewWriter(file)
		err = w.Write([]string{"no", "item", "rendering_sha256", "copies"})
		for _, k := range p.chosen {
			it := &p.set.Items[k].Item
			var made *production.Item
			if err == nil {
				made, _, err = p.item(ctx, it)
			}
			if err == nil && p.natively(it) {
				made.Native, err = p.original(ctx, it)
			}
			if err == nil {
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

// notices are what a person should think of before sending.
func (p *plan) notices() []string {
	var all []string
	if n := p.set.Summary.Withheld; n > 0 {
		all = append(all, count(n, "message", "messages")+" found are in vaults that you may not read, and not in it")
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

// natively reports whether an item comes as it was received too: an e-mail that
// is released whole, with each of its attachments.
func (p *plan) natively(it *foi.Item) bool {
	return p.native && it.Kind == record.Email && it.Decision.Decision == "release" &&
		!slices.ContainsFunc(it.Parts, func(r foi.PartRuling) bool { return r.Ruling != nil && r.Ruling.Decision != "release" })
}

// original returns the octets of an e-mail; nil if Outlook saved it, whose files
// are no e-mails.
func (p *plan) original(ctx context.Context, it *foi.Item) ([]byte, error) {
	id, _ := messagePart(it.Item)
	_, opened, err := p.reader.Open(ctx, id, p.ref)
	if err != nil {
		return nil, opening(err)
	}
	c, ok := opened["data/message.eml"]
	if !ok {
		return nil, nil
	}
	octets, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size))
	if digest := record.Sum(octets); err == nil && !p.passed[digest] {
		_, err = p.linter.Enforce(ctx, fmt.Sprintf("%d.eml", it.No), bytes.NewReader(octets), p.acknowledged)
		p.passed[digest] = err == nil
	}
	return octets, err
}

// lint says which findings of the disclosure linter keep an e-mail from being
// produced as it was received.
func (p *plan) lint(ctx context.Context, it *foi.Item) (string, error) {
	_, err := p.original(ctx, it)
	if refused := (*disclosure.RefusedError)(nil); errors.As(err, &refused) {
		var codes []string
		for _, c := range refused.Codes {
			codes = append(codes, string(c))
		}
		return fmt.Sprintf("%s: as it was received it has %s: look with closeroll foi lint, then --acknowledge", shortItem(it.Item), strings.Join(codes, ", ")), nil
	}
	return "", err
}

// copy opens the redacted copy that is released in place of an item or an
// attachment; nil if there is none.
func (p *plan) copy(ctx context.Context, item string) (*production.Copy, error) {
	by, ok := p.copies[item]
	if !ok {
		return nil, nil
	}
	_, opened, err := p.reader.Open(ctx, string(by.Record), p.ref)
	if err != nil {
		return nil, opening(err)
	}
	for _, c := range opened {
		octets, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size))
		if err != nil {
			return nil, err
		}
		if record.Sum(octets) == by.Digest {
			if err := p.admit(ctx, by, octets); err != nil {
				return nil, err
			}
			return &production.Copy{Name: c.Name, Octets: octets}, nil
		}
	}
	return nil, advise(fmt.Errorf("the redacted copy of %s is not the file that was attached", shortItem(item)), exitUnverified, "attach it again: closeroll foi attach %s %s FILE", p.ref, shortItem(item))
}

// admit has a redacted copy pass the linter once more before it leaves: what was
// acknowledged when it was attached is acknowledged. A later version of this
// program may find more.
func (p *plan) admit(ctx context.Context, by foi.Copied, octets []byte) error {
	if p.passed[by.Digest] {
		return nil
	}
	codes, err := disclosure.ParseCodes(by.Acknowledged)
	if err != nil {
		return err
	}
	_, err = p.linter.Enforce(ctx, "the redacted copy of "+shortItem(by.Item), bytes.NewReader(octets), append(codes, p.acknowledged...))
	var refused *disclosure.RefusedError
	if errors.As(err, &refused) {
		return advise(err, exitUnverified, "nothing was produced; closeroll get %s, look at it with closeroll foi lint, and attach another", by.Record.Short())
	}
	p.passed[by.Digest] = err == nil
	return err
}
