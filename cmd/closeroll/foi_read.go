package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/reader"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiReadVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var undecided, asJSON bool
	var sample, around int
	var activity string
	cmd := &cobra.Command{
		Use:   "read REF [ITEM…]",
		Short: "Read the set of a request, item after item, and decide",
		Long: `Read the set of a request, or some of its items: each record is opened here with
your identity, and each opening is journalled. Chat messages come with those
around them. What looks like personal data (addresses, telephone numbers, e-mail
addresses, National Insurance numbers) is set off with « »: it helps you to find
what to redact, and decides nothing. Names it does not find.

At a terminal it waits after each item:

  Enter  the next        b  the one before        q  stop
  r  release             o  out of scope          n  not held
  w s.40(2) why…         withhold; p s.40(2) why…  release in part
  w 42 why… | how…       … with how the public interest was weighed

With --sample and --activity the time that you take for each item of a sample is
measured, and logged at the end.`,
		Example: example("closeroll foi read FOI-2026-014 -i officer.key --undecided", "closeroll foi read FOI-2026-014 -i officer.key --sample 1 --activity extract"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return operands(cmd, args, []string{"REF"}, 1)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if (sample > 0) != (activity != "") {
				return usage("--sample and --activity go together")
			}
			r, client, err := e.reader(d, i)
			if err != nil {
				return err
			}
			defer client.Close()
			s, err := fetchSet(cmd.Context(), client, args[0], around)
			if err != nil {
				return fromDaemon(err)
			}
			desk := &desk{env: e, client: client, reader: r, ref: args[0], set: s, sample: sample, activity: activity,
				docs: map[string][]record.Document{}, finder: foi.NewFinder()}
			if err := desk.choose(cmd.Context(), args[1:], undecided); err != nil {
				return err
			}
			if asJSON {
				return desk.writeJSON(cmd.Context())
			}
			return desk.read(cmd.Context())
		},
	}
	d.add(cmd)
	i.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&undecided, "undecided", false, "only what is not decided yet")
	f.IntVar(&around, "around", 0, "messages of a chat before and after one that was found; -1 is none (as configured)")
	f.IntVar(&sample, "sample", 0, "read this sample, and time it")
	f.StringVar(&activity, "activity", "", "the activity that is timed: "+strings.Join(foi.Countable(), ", "))
	jsonFlag(cmd, &asJSON)
	completes(cmd, "activity", foi.Countable()...)
	e.completeRefs(cmd, &d)
	return cmd
}

// A desk is somebody reading a set.
type desk struct {
	*env
	client   *api.Client
	reader   *reader.Reader
	ref      string
	set      *requestSet
	chosen   []int // places in the set, of what is read
	finder   *foi.Finder
	docs     map[string][]record.Document // of the record that is open
	sample   int
	activity string
	timed    []record.RequestTime
}

// choose selects what is read: the items named, a sample, or all that was found.
func (k *desk) choose(ctx context.Context, items []string, undecided bool) error {
	if k.sample > 0 {
		var r v1.Request
		if err := k.client.Do(ctx, http.MethodGet, requestPath(k.ref, ""), nil, &r); err != nil {
			return fromDaemon(err)
		}
		if k.sample > len(r.Samples) {
			return advise(fmt.Errorf("there is no sample %d", k.sample), exitNotFound, "closeroll foi sample %s draws one", k.ref)
		}
		items = r.Samples[k.sample-1].Items
	}
	for n, it := range k.set.Items {
		named := slices.ContainsFunc(items, func(id string) bool {
			return slices.ContainsFunc(it.IDs(), func(own string) bool {
				return own == id || strings.HasPrefix(own, strings.TrimSuffix(id, "/")) && !strings.Contains(id, "/") || shortItem(own) == id
			})
		})
		switch {
		case undecided && it.Decision != nil, it.Disposed != "":
		case len(items) > 0 && named, len(items) == 0 && !it.Context:
			k.chosen = append(k.chosen, n)
		}
	}
	if len(k.chosen) == 0 {
		return advise(fmt.Errorf("nothing in the set of %s is to be read", k.ref), exitNotFound, "closeroll foi set %s lists it", k.ref)
	}
	return nil
}

// document opens the record of an item and returns its message.
func (k *desk) document(ctx context.Context, item string) (record.Document, error) {
	id, _, _ := strings.Cut(item, "/")
	docs, ok := k.docs[id]
	if !ok {
		var err error
		if docs, err = k.reader.Documents(ctx, id, k.ref, reader.NoText{}); err != nil {
			return record.Document{}, opening(err)
		}
		clear(k.docs) // one record at a time: some are large
		k.docs[id] = docs
	}
	_, n := messagePart(item)
	if n < 1 || n > len(docs) {
		return record.Document{}, fmt.Errorf("%s has no message %d", id, n)
	}
	return docs[n-1], nil
}

// messagePart is the number of a message in its record.
func messagePart(item string) (id string, n int) {
	id, rest, _ := strings.Cut(item, "/")
	if _, err := fmt.Sscanf(rest, "%d", &n); err != nil {
		return id, 0
	}
	return id, n
}

// A readItem is what read prints for machines.
type readItem struct {
	setItem
	Subject  string     `json:"subject,omitempty"`
	Text     string     `json:"text"`
	Personal []foi.Mark `json:"personal_data"` // spans of text, in octets
}

func (k *desk) writeJSON(ctx context.Context) error {
	all := []readItem{}
	for _, n := range k.chosen {
		doc, err := k.document(ctx, k.set.Items[n].Item.Item)
		if err != nil {
			return err
		}
		it := readItem{setItem: k.set.Items[n], Subject: doc.Subject, Text: doc.Body, Personal: k.finder.Find(doc.Body)}
		for _, a := range doc.Attachments {
			it.Attachments = append(it.Attachments, a.Name)
		}
		all = append(all, it)
	}
	return k.env.writeJSON(all)
}

// read prints one item after another, and at a terminal waits for what is said
// about each.
func (k *desk) read(ctx context.Context) error {
	in := bufio.NewReader(k.stdin)
	for at := 0; at >= 0 && at < len(k.chosen); {
		began := k.now()
		if err := k.show(ctx, at); err != nil {
			return err
		}
		if !k.interactive() {
			at++
			continue
		}
		said, err := k.ask(in)
		if err != nil {
			return err
		}
		k.time(k.set.Items[k.chosen[at]].Item.Item, k.now().Sub(began))
		switch said {
		case "q":
			at = len(k.chosen)
		case "b":
			at = max(at-1, 0)
		case "":
			at++
		default:
			if k.decided(ctx, at, said) {
				at++
			}
		}
	}
	return k.log(ctx)
}

func (k *desk) ask(in *bufio.Reader) (string, error) {
	fmt.Fprint(k.stderr, "  [Enter, b, q, r, w, p, o, n] ")
	line, err := in.ReadString('\n')
	if err == io.EOF {
		return "q", nil
	}
	return strings.TrimSpace(line), err
}

func (k *desk) time(item string, took time.Duration) {
	if k.sample > 0 {
		k.timed = append(k.timed, record.RequestTime{Activity: k.activity, Sample: k.sample, Item: item, Minutes: max(took.Minutes(), 0.01),
			On: record.DateOf(k.now(), london())})
	}
}

// log logs what reading a sample took.
func (k *desk) log(ctx context.Context) error {
	if len(k.timed) == 0 {
		return nil
	}
	var est foi.Estimate
	if err := k.client.Do(ctx, http.MethodPost, requestPath(k.ref, "/time"), v1.LogTime{Changing: v1.Changing{Ref: k.ref}, Times: k.timed}, &est); err != nil {
		return fromDaemon(err)
	}
	k.print().estimate(est)
	return nil
}

// decided decides about the item by what was typed, and reports whether that
// is done.
func (k *desk) decided(ctx context.Context, at int, said string) bool {
	req, ok := parseDecision(said)
	if !ok {
		fmt.Fprintln(k.stderr, "  r release; w EXEMPTION WHY withhold; p EXEMPTION WHY in part; o out of scope; n not held")
		return false
	}
	it := &k.set.Items[k.chosen[at]]
	req.Ref, req.Items = k.ref, []string{it.Item.Item}
	var r v1.Ruled
	if err := k.client.Do(ctx, http.MethodPost, requestPath(k.ref, "/decisions"), req, &r); err != nil {
		fmt.Fprintf(k.stderr, "  %v\n", err)
		return false
	}
	k.print().line("  %s; %s undecided", strings.Join(append([]string{strings.ReplaceAll(r.Decision, "_", " ")}, r.Exemptions...), " "), count(r.Left, "item is", "items are"))
	return true
}

// parseDecision reads "w s.40(2) why | how the public interest was weighed".
func parseDecision(said string) (v1.DecideItems, bool) {
	word, rest, _ := strings.Cut(said, " ")
	decision, ok := map[string]string{"r": "release", "w": "withhold", "p": "part", "o": "out_of_scope", "n": "not_held"}[word]
	req := v1.DecideItems{Decision: decision}
	if decision == "withhold" || decision == "part" {
		exemption, why, _ := strings.Cut(strings.TrimSpace(rest), " ")
		req.Exemptions, rest = []string{exemption}, why
		ok = exemption != ""
	}
	note, weighed, _ := strings.Cut(rest, "|")
	req.Note, req.PublicInterest = strings.TrimSpace(note), strings.TrimSpace(weighed)
	return req, ok
}

// show prints one item, a chat message with those around it.
func (k *desk) show(ctx context.Context, at int) error {
	p := k.print()
	n := k.chosen[at]
	it := k.set.Items[n]
	p.line("")
	p.line("  %s  %s", p.bold(fmt.Sprintf("%d of %d", at+1, len(k.chosen))), p.dim(strings.Join([]string{shortItem(it.Item.Item), runsOf(it.Runs), holdersOf(it.Holders)}, "   ")))
	if it.Chat != "" {
		p.field("chat", "%s", clip(it.Chat, 100))
		for m := range k.set.Items {
			if o := k.set.Items[m]; m == n || o.Context && o.Group == it.Group && near(m, n, k.set.Summary.Around) {
				if err := k.line(ctx, p, o, m == n); err != nil {
					return err
				}
			}
		}
	} else if err := k.mail(ctx, p, it); err != nil {
		return err
	}
	if it.Decision != nil {
		p.field("decided", "%s", rulingWords(it.Decision))
	}
	if len(it.DisclosedIn) > 0 {
		p.field("notice", "%s", p.mark("disclosed in "+strings.Join(it.DisclosedIn, ", ")))
	}
	return nil
}

func near(a, b, around int) bool { return a-b <= around && b-a <= around }

// mail prints an e-mail.
func (k *desk) mail(ctx context.Context, p *printer, it setItem) error {
	doc, err := k.document(ctx, it.Item.Item)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		label string
		who   []record.Address
	}{{"from", doc.From}, {"to", doc.To}, {"cc", doc.Cc}, {"bcc", doc.Bcc}} {
		if len(f.who) > 0 {
			p.field(f.label, "%s", clip(addresses(f.who), 300))
		}
	}
	p.field("sent", "%s", moment(it.Sent, london()))
	p.field("subject", "%s", p.bold(clip(doc.Subject, 200)))
	for n, a := range doc.Attachments {
		p.field("attached", "+%d %s", n+1, clip(a.Name, 100))
	}
	p.line("")
	k.text(p, doc.Body)
	return nil
}

// line prints a chat message.
func (k *desk) line(ctx context.Context, p *printer, it setItem, found bool) error {
	doc, err := k.document(ctx, it.Item.Item)
	if err != nil {
		return err
	}
	who := clip(it.Sender, 60)
	if found {
		who = p.bold(who)
	}
	p.line("  %s  %s", moment(it.Sent, london()), who)
	k.text(p, doc.Body)
	for n, a := range doc.Attachments {
		p.line("      +%d %s", n+1, clip(a.Name, 100))
	}
	return nil
}

// text prints a message's text with what looks like personal data set off.
func (k *desk) text(p *printer, body string) {
	marked := foi.Marked(body, k.finder.Find(body), "«", "»")
	for line := range strings.Lines(strings.TrimRight(marked, "\n")) {
		line = strings.NewReplacer("«", p.markStart(), "»", p.markEnd()).Replace(clip(line, maxQuoted))
		p.line("      %s", strings.TrimRight(line, " "))
	}
}

func addresses(list []record.Address) string {
	var all []string
	for _, a := range list {
		switch {
		case a.Name != "" && a.Addr != "":
			all = append(all, a.Name+" <"+a.Addr+">")
		default:
			all = append(all, a.Name+a.Addr)
		}
	}
	return strings.Join(all, ", ")
}
