package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) statusVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	var source string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what the daemon has captured and how its sources are",
		Example: example("closeroll status",
			"closeroll status --source private-office --json"),
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s v1.Status
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/status", nil, &s); err != nil {
				return err
			}
			if source != "" {
				s.Sources = slices.DeleteFunc(s.Sources, func(v v1.Source) bool { return v.Name != source })
				if len(s.Sources) == 0 {
					return advise(fmt.Errorf("there is no source %q", source), exitNotFound, "closeroll status lists them")
				}
			}
			if asJSON && source == "" {
				return e.writeJSON(s)
			}
			p := e.print()
			if source == "" {
				p.status(s)
				return nil
			}
			var c v1.Completeness
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/sources/"+url.PathEscape(source)+"/statement", nil, &c); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(sourceStatus{s, c})
			}
			p.source(s.Sources[0])
			p.statement(c)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().StringVar(&source, "source", "", "show one source, with its statement of completeness")
	return cmd
}

// sourceStatus is what status --source prints for machines.
type sourceStatus struct {
	v1.Status
	Completeness v1.Completeness `json:"completeness"`
}

// statement prints what a source has shown and what became of it.
func (p *printer) statement(c v1.Completeness) {
	p.field("owed", "%s", count(c.Now.Owed, "item, tried again until it is archived", "items, tried again until they are archived"))
	p.field("lost", "%s that came and went before anyone could read them", count(c.Now.CameAndWent, "message", "messages"))
	if l := c.Now.Lag; l.Messages > 0 {
		p.field("lag", "today %s, half of them within %s, 95%% within %s, the slowest %s", count(l.Messages, "message", "messages"),
			seconds(l.Median), seconds(l.P95), seconds(l.Longest))
	}
	if !c.Now.Reconciled.IsZero() {
		words := "the source's own list agrees"
		if !c.Now.Agrees {
			words = p.mark("the source's own list differs: closeroll reconcile says how")
		}
		p.field("compared", "%s: %s", c.Now.Reconciled.UTC().Format("2 Jan 2006 15:04 MST"), words)
	}
	for i, s := range c.Daily {
		label := ""
		if i == 0 {
			label = "stated"
		}
		p.field(label, "%s  %s  journal entry %d", s.Day, accounting(s.Counts), s.Entry)
	}
}

// seconds writes a duration in whole seconds as people say it.
func seconds(n int64) string {
	d := time.Duration(n) * time.Second
	switch {
	case d >= 48*time.Hour:
		return count(int64(d/(24*time.Hour)), "day", "days")
	case d >= 2*time.Hour:
		return count(int64(d/time.Hour), "hour", "hours")
	case d >= 2*time.Minute:
		return count(int64(d/time.Minute), "minute", "minutes")
	}
	return count(n, "second", "seconds")
}

func (p *printer) status(s v1.Status) {
	p.field("archive", "%s   vault %s   schedule %s (%s)", s.Archive, s.Vault, s.Schedule.Version, s.Schedule.Status)
	for _, src := range s.Sources {
		p.source(src)
	}
	p.field("kept", "%s", totals(s.Totals))
	p.field("index", "%s", coverage(s.Coverage))
	if q := s.Quarantine; q.Records > 0 {
		p.field("aside", "%s in quarantine, of which %s a decision", count(q.Records, "record", "records"), count(q.Deciding, "awaits", "await"))
	}
	p.field("journal", "%s, tree head %s", count(s.Checkpoint.Entries, "entry", "entries"), shortHash(s.Checkpoint.Root))
	for _, n := range s.Notices {
		p.field("notice", "%s", clip(n.Text, 300))
	}
	for _, t := range s.Troubles {
		p.field("trouble", "%s", p.mark(clip(t, 300)))
	}
}

func (p *printer) source(src v1.Source) {
	p.field("source", "%s  %s %s", p.bold(src.Name), src.Kind, src.Where)
	p.field("", "%s", accounting(src.Counts))
	state := "never read to its end yet"
	if !src.LastSuccess.IsZero() {
		state = "last read to its end " + src.LastSuccess.UTC().Format("2 Jan 2006 15:04 MST")
	}
	if src.Running {
		state += ", reading now"
	}
	if src.LastError != "" {
		state += ", " + p.mark("failing: "+clip(src.LastError, 200))
	}
	p.field("", "%s", state)
	p.mailbox(src)
}

// mailbox says what is known of a mailbox besides its items.
func (p *printer) mailbox(src v1.Source) {
	var parts []string
	if src.CameAndWent > 0 {
		parts = append(parts, p.mark(count(src.CameAndWent, "message", "messages")+" came and went unread"))
	}
	if !src.Reconciled.IsZero() {
		found := "in agreement"
		if src.Disagreements > 0 {
			found = p.mark(count(src.Disagreements, "disagreement", "disagreements"))
		}
		parts = append(parts, "reconciled "+src.Reconciled.UTC().Format("2 Jan 2006 15:04 MST")+", "+found)
	}
	if src.AutoDelete != "" {
		parts = append(parts, "deletes by itself after "+src.AutoDelete)
	}
	if src.SecretExpires != (record.Date{}) {
		parts = append(parts, "its secret expires "+src.SecretExpires.String())
	}
	if parts != nil {
		p.field("", "%s", strings.Join(parts, "; "))
	}
}

// accounting writes the sum by which every item is accounted for.
func accounting(c record.Counts) string {
	return fmt.Sprintf("%s seen = %s captured + %s already archived + %s excluded%s + %s failed%s",
		thousands(c.Seen), thousands(c.Captured), thousands(c.AlreadyArchived),
		thousands(c.ExcludedTotal()), reasons(c.Excluded), thousands(c.FailedTotal()), reasons(c.Failed))
}

func reasons(by map[record.Reason]int64) string {
	var parts []string
	for r, n := range by {
		parts = append(parts, fmt.Sprintf("%s %s", strings.ReplaceAll(string(r), "_", " "), thousands(n)))
	}
	if parts == nil {
		return ""
	}
	slices.Sort(parts)
	return " (" + strings.Join(parts, ", ") + ")"
}

func totals(t v1.Totals) string {
	notes := ""
	if t.Notes > 0 {
		notes = " · " + count(t.Notes, "note", "notes")
	}
	return fmt.Sprintf("%s · %s · %s · %s · %s%s   %s sealed",
		count(t.Emails, "e-mail", "e-mails"), count(t.Chats, "chat", "chats"), count(t.ChatDays, "chat-day", "chat-days"),
		count(t.Messages, "chat message", "chat messages"), count(t.Media, "media file", "media files"), notes, octets(t.Sealed))
}

func coverage(c v1.Coverage) string {
	if c.Indexed == c.Messages {
		return "complete: " + count(c.Messages, "message", "messages")
	}
	return fmt.Sprintf("INCOMPLETE: %s of %s messages; run closeroll rebuild index --missing -i IDENTITY", thousands(c.Indexed), thousands(c.Messages))
}

func shortHash(h string) string {
	if len(h) < 12 {
		return h
	}
	return h[:4] + "…" + h[len(h)-4:]
}

func (e *env) captureVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "capture [SOURCE…]",
		Short: "Read sources now instead of at their next time",
		Example: example("closeroll capture",
			"closeroll capture private-office"),
		RunE: func(cmd *cobra.Command, args []string) error {
			start := e.now()
			var runs []v1.Run
			err := e.call(cmd.Context(), d, http.MethodPost, "/v1/capture", v1.Capture{Sources: args}, &runs)
			var said *api.Error
			if errors.As(err, &said) && said.Code == api.CodeTimeout {
				return advise(errors.New("the sources are still being read"), exitFailure, "the daemon goes on by itself; closeroll status says how far it is")
			}
			if err != nil {
				return err
			}
			p := e.print()
			if asJSON {
				return errors.Join(e.writeJSON(runs), brokenOff(runs))
			}
			var lines [][2]string
			for _, r := range runs {
				lines = append(lines, [2]string{r.Source, accounting(r.Counts)})
			}
			p.fields(append(lines, [2]string{"", fmt.Sprintf("%.1f s", e.now().Sub(start).Seconds())}))
			return brokenOff(runs)
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// brokenOff is an error if a run did not come to its source's end.
func brokenOff(runs []v1.Run) error {
	var errs []error
	for _, r := range runs {
		if r.Error != "" {
			errs = append(errs, fmt.Errorf("%s: %s", r.Source, strings.TrimPrefix(r.Error, "source "+r.Source+": ")))
		}
	}
	if errs == nil {
		return nil
	}
	return advise(errors.Join(errs...), exitFailure, "what was read before that is archived, and the rest is read as soon as it can be; see closeroll status")
}

func (e *env) failuresVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	var source string
	cmd := &cobra.Command{
		Use:     "failures",
		Short:   "List every item that is not archived, why, and what to do",
		Example: example("closeroll failures", "closeroll failures --source whatsapp --json"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list []v1.Failure
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/failures?source="+query(source), nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			p := e.print()
			if len(list) == 0 {
				p.line("  nothing has failed: every item seen is archived, or left out on purpose")
				return nil
			}
			for _, f := range list {
				p.line("  %s  %s", p.bold(f.Source), clip(f.Key, 100))
				p.line("      %s: %s", strings.ReplaceAll(string(f.Reason), "_", " "), clip(f.Detail, 300))
				p.line("      since %s, %s; %s", f.First.UTC().Format("2 Jan 2006 15:04 MST"), count(f.Tries, "try", "tries"), f.Advice)
			}
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	cmd.Flags().StringVar(&source, "source", "", "list one source's")
	return cmd
}

func (e *env) retryVerb() *cobra.Command {
	cmd := e.captureVerb()
	cmd.Use, cmd.Short = "retry [SOURCE…]", "Try the failed items of sources again now"
	cmd.Example = example("closeroll retry", "closeroll retry private-office")
	return cmd
}
