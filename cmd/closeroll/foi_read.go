package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiReadVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var undecided, attachments, asJSON bool
	var sample, around int
	var activity string
	cmd := &cobra.Command{
		Use:   "read REF [ITEM…]",
		Short: "Read the set of a request, item after item, and decide",
		Long: `Read the set of a request, or some of its items: each record is opened here with
your identity, and each opening is journalled. Chat messages come with those
around them. What is redacted is shown in its place with its exemption, in reverse
at a terminal and as [[s.40(2): words]] elsewhere; below the text stand the
decision, the notes, and any redacted copy that is released in its place. What looks
like personal data (addresses, telephone numbers, e-mail addresses, National
Insurance numbers) is set off with « »: it helps you to find what to redact, and
decides nothing. Names it does not find.

At a terminal it waits after each item:

  Enter  the next        b  the one before        q  stop
  r  release             o  out of scope          n  not held
  w s.40(2) why…         withhold; p s.40(2) why…  release in part
  w 42 why… | how…       … with how the public interest was weighed
  +1                     read the first attachment; --attachments reads all

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
			desk := &desk{env: e, lectern: e.lectern(r, args[0]), client: client, set: s, sample: sample, activity: activity,
				attachments: attachments, finder: foi.NewFinder()}
			if err := desk.choose(cmd.Context(), args[1:], undecided); err != nil {
				return err
			}
			if desk.in, err = fetchRedactions(cmd.Context(), client, args[0]); err != nil {
				return fromDaemon(err)
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
	f.BoolVar(&attachments, "attachments", false, "read the words of attachments with their e-mail")
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
	*lectern
	client      *api.Client
	set         *requestSet
	chosen      []int                       // places in the set, of what is read
	in          map[string]v1.RedactionLine // what is redacted, by item
	copies      map[string]foi.Copied       // redacted copies in force, by item
	finder      *foi.Finder
	attachments bool // their words are read too
	sample      int
	activity    string
	timed       []record.RequestTime
}

// choose selects what is read: the items named, a sample, or all that was found.
func (k *desk) choose(ctx context.Context, items []string, undecided bool) error {
	var r v1.Request
	if err := k.client.Do(ctx, http.MethodGet, requestPath(k.ref, ""), nil, &r); err != nil {
		return fromDaemon(err)
	}
	k.copies = r.Copies()
	if k.sample > 0 {
		if k.sample > len(r.Samples) {
			return advise(fmt.Errorf("there is no sample %d", k.sample), exitNotFound, "closeroll foi sample %s draws one", k.ref)
		}
		items = r.Samples[k.sample-1].Items
	}
	var named []foi.Target
	if len(items) > 0 {
		var err error
		if named, err = targetsIn(k.set, k.ref, items); err != nil {
			return err
		}
	}
	for n, it := range k.set.Items {
		meant := slices.ContainsFunc(named, func(t foi.Target) bool { return t.Item.No == it.No })
		switch {
		case undecided && it.Decision != nil, it.Disposed != "":
		case meant, len(items) == 0 && !it.Context:
			k.chosen = append(k.chosen, n)
		}
	}
	if len(k.chosen) == 0 {
		return advise(fmt.Errorf("nothing in the set of %s is to be read", k.ref), exitNotFound, "closeroll foi set %s lists it", k.ref)
	}
	return nil
}

// messagePart is the number of a message in its record.
func messagePart(item string) (id string, n int) {
	id, rest, _ := strings.Cut(item, "/")
	if _, err := fmt.Sscanf(rest, "%d", &n); err != nil {
		return id, 0
	}
	return id, n
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
		said, err := k.ask(ctx, in, at)
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

// ask returns what is said about an item. Attachments that are asked for are
// shown before that.
func (k *desk) ask(ctx context.Context, in *bufio.Reader, at int) (string, error) {
	for {
		fmt.Fprint(k.stderr, "  [Enter, b, q, r, w, p, o, n, +1] ")
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return "q", nil
		}
		said := strings.TrimSpace(line)
		number, attachment := strings.CutPrefix(said, "+")
		if err != nil || !attachment {
			return said, err
		}
		n, err := strconv.Atoi(number)
		if err == nil {
			err = k.part(ctx, k.print(), &k.set.Items[k.chosen[at]].Item, n)
		}
		if err != nil {
			fmt.Fprintf(k.stderr, "  %v\n", err)
		}
	}
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
	it.Decision = &foi.Ruling{By: "you, now", RequestDecided: record.RequestDecided{Decision: r.Decision, Exemptions: r.Exemptions,
		PublicInterest: req.PublicInterest, Note: req.Note}}
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
