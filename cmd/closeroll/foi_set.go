package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/search/foi"
)

// A requestSet is a request's set as set prints it.
type requestSet struct {
	Summary foi.Summary `json:"summary"`
	Offset  int         `json:"offset"`
	Items   []setItem   `json:"items"`
}

// A setItem is an item with what only its content shows.
type setItem struct {
	foi.Item
	Attachments []string `json:"attachments,omitempty"`
	ContainedIn string   `json:"contained_in,omitempty"` // a later one of its thread says all of it
}

func (e *env) foiSetVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var around, limit, offset int
	var all, undecided, asJSON bool
	cmd := &cobra.Command{
		Use:   "set REF",
		Short: "List everything that the searches for a request found, as it is to be decided about",
		Long: `List the set of a request: what all its searches found, in threads and chats by
their first message. An item is an e-mail with its attachments or a chat message
with its media; more copies of the same are one item with every holding listed;
messages of a chat come with those around them. Nothing is ever dropped.

With your identity the e-mails are opened here, their attachments are listed,
and an earlier e-mail that a later one of its thread contains whole is marked.`,
		Example: example("closeroll foi set FOI-2026-014", "closeroll foi set FOI-2026-014 --undecided -i officer.key", "closeroll foi set FOI-2026-014 --all --json"),
		Args:    takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 || offset < 0 || around > 50 {
				return usage("--limit is at least 1, --offset is not negative, --around is at most 50")
			}
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			s, err := fetchSet(cmd.Context(), client, args[0], around)
			if err != nil {
				return fromDaemon(err)
			}
			if undecided {
				s.Items = slices.DeleteFunc(s.Items, func(it setItem) bool { return it.Decision != nil || it.Context })
			}
			whole := len(s.Items)
			if !all {
				s.Offset = min(offset, whole)
				s.Items = s.Items[s.Offset:min(s.Offset+limit, whole)]
			}
			opener, err := e.opener(i)
			if err != nil {
				return err
			}
			if opener != nil {
				b := e.progress("e-mails")
				l := &lectern{reader: reader.New(client, opener), ref: args[0], extract: reader.NoText{}}
				err = openSet(cmd.Context(), l, s.Items, b.set)
				if b.end(); err != nil {
					return err
				}
			}
			if asJSON {
				return e.writeJSON(s)
			}
			e.print().set(args[0], s, whole)
			return nil
		},
	}
	d.add(cmd)
	i.add(cmd)
	f := cmd.Flags()
	f.IntVar(&around, "around", 0, "messages of a chat to show before and after one that was found; -1 is none (as configured)")
	f.IntVar(&limit, "limit", 50, "items on a page")
	f.IntVar(&offset, "offset", 0, "items to pass over")
	f.BoolVar(&all, "all", false, "list every item")
	f.BoolVar(&undecided, "undecided", false, "only what is not decided yet")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

// fetchSet asks for a request's set.
func fetchSet(ctx context.Context, client *api.Client, ref string, around int) (*requestSet, error) {
	stream, err := client.Stream(ctx, http.MethodGet, requestPath(ref, fmt.Sprintf("/set?around=%d", around)), nil)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	s := &requestSet{Items: []setItem{}}
	for line, err := range api.Lines[v1.SetLine](stream) {
		switch {
		case err != nil:
			return nil, err
		case line.Summary != nil:
			s.Summary = *line.Summary
		case line.Item != nil:
			s.Items = append(s.Items, setItem{Item: *line.Item})
		}
	}
	return s, nil
}

// openSet opens the e-mails among the items here, and notes what their content
// shows.
func openSet(ctx context.Context, l *lectern, items []setItem, progress func(done, total int64)) error {
	var emails []*foi.Item
	var places []int
	for k := range items {
		if items[k].Kind == record.Email && items[k].Disposed == "" {
			emails, places = append(emails, &items[k].Item), append(places, k)
		}
	}
	var thread []int // places of the e-mails of one thread
	var texts []string
	mark := func() {
		for n, in := range foi.Contained(texts) {
			if in >= 0 {
				items[thread[n]].ContainedIn = items[thread[in]].Item.Item
			}
		}
		thread, texts = thread[:0], texts[:0]
	}
	n := 0
	for doc, err := range eachItem(ctx, l, emails, message) {
		if err != nil {
			return err
		}
		k := places[n]
		n++
		progress(int64(k), int64(len(items)))
		if len(thread) > 0 && items[thread[0]].Group != items[k].Group {
			mark()
		}
		thread, texts = append(thread, k), append(texts, doc.Body)
		for _, a := range doc.Attachments {
			items[k].Attachments = append(items[k].Attachments, a.Name)
		}
	}
	mark()
	return nil
}

// message is the message that an item is.
func message(ctx context.Context, l *lectern, it *foi.Item) (record.Document, error) {
	m, err := l.open(ctx, it, false)
	return m.Document, err
}

func (p *printer) set(ref string, s *requestSet, whole int) {
	p.summary(ref, &s.Summary)
	group := ""
	for _, it := range s.Items {
		if it.Group != group {
			group = it.Group
			p.line("")
			if it.Chat != "" {
				p.line("  %s", p.bold("chat "+clip(it.Chat, p.width-10)))
			}
		}
		p.item(it)
	}
	if last := s.Offset + len(s.Items); last < whole {
		p.line("  %s", p.dim(fmt.Sprintf("%s more: --offset %d, or --all", thousands(whole-last), last)))
	}
}

// item prints one item of a set.
func (p *printer) item(it setItem) {
	when := moment(it.Sent, london())
	if it.Dating {
		when += "?"
	}
	title := it.Display
	if it.Chat != "" {
		title = it.Sender
	}
	line := fmt.Sprintf("%4d  %-18s  %s", it.No, when, clip(title, max(p.width-28, 30)))
	if it.Context {
		p.line("%s", p.dim(line+"  (around)"))
		return
	}
	p.line("%s", line)
	p.line("      %s", p.dim(strings.Join(itemFacts(it), "   ")))
	for k, a := range it.Attachments {
		p.line("      +%d %s", k+1, clip(a, p.width-12))
	}
	if it.ContainedIn != "" {
		id, n, _ := strings.Cut(it.ContainedIn, "/")
		p.line("      %s", p.mark("wholly contained in "+record.ID(id).Short()+"/"+n))
	}
	if it.Decision != nil {
		p.line("      %s", rulingWords(it.Decision))
	}
}

// itemFacts says of an item where it is and what is to be known of it.
func itemFacts(it setItem) []string {
	var facts []string
	facts = append(facts, shortItem(it.Item.Item), runsOf(it.Runs), holdersOf(it.Holders))
	if len(it.Copies) > 0 {
		facts = append(facts, count(len(it.Copies), "more copy", "more copies"))
	}
	if it.Late {
		facts = append(facts, "captured late")
	}
	if it.Partly {
		facts = append(facts, "not searched whole")
	}
	if it.Dating {
		facts = append(facts, "its date is for you to decide")
	}
	if it.Disposed != "" {
		facts = append(facts, "disposed of, certificate "+it.Disposed)
	}
	if len(it.DisclosedIn) > 0 {
		facts = append(facts, "disclosed in "+strings.Join(it.DisclosedIn, ", "))
	}
	return facts
}

// rulingWords says a decision in a line.
func rulingWords(r *foi.Ruling) string {
	parts := []string{strings.ReplaceAll(r.Decision, "_", " ")}
	parts = append(parts, r.Exemptions...)
	s := strings.Join(parts, " ")
	if r.Note != "" {
		s += ": " + clip(r.Note, 80)
	}
	return s + " (" + r.By + ")"
}

func runsOf(runs []int) string {
	var names []string
	for _, r := range runs {
		names = append(names, fmt.Sprintf("S%d", r))
	}
	return strings.Join(names, " ")
}

func holdersOf(holders []foi.Holder) string {
	var names []string
	for _, h := range holders {
		if !slices.Contains(names, h.Custodian) {
			names = append(names, h.Custodian)
		}
	}
	return strings.Join(names, ", ")
}
