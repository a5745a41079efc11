package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) reconcileVerb() *cobra.Command {
	var d daemonFlags
	var asJSON, all bool
	req := v1.Reconcile{Samples: 100}
	cmd := &cobra.Command{
		Use:   "reconcile [MAILBOX…]",
		Short: "Compare mailboxes' own lists with what was accounted for",
		Long: `Compare mailboxes' own lists with what was accounted for, now instead of at the
next time that the configuration names. Every message that a mailbox lists must
be archived, left out on purpose, or listed among the failures. Some archived
messages are read again and their octets compared. What is missing or differs is
journalled, fetched at once, and makes this verb fail. The mailbox is not changed.`,
		Example: example("closeroll reconcile", "closeroll reconcile private-office --all"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if req.Sources = args; all {
				req.Samples = -1
			} else if req.Samples < 0 {
				return usage("--samples: %d is negative; --all reads every message again", req.Samples)
			}
			var list []v1.Reconciled
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/reconcile", req, &list); err != nil {
				return err
			}
			if asJSON {
				return errors.Join(e.writeJSON(list), disagreements(list))
			}
			p := e.print()
			if len(list) == 0 {
				p.line("  there is no mailbox among the sources")
			}
			for _, r := range list {
				p.reconciled(r)
			}
			return disagreements(list)
		},
	}
	d.add(cmd)
	cmd.Flags().IntVar(&req.Samples, "samples", req.Samples, "archived messages to read again in each mailbox")
	cmd.Flags().BoolVar(&all, "all", false, "read every archived message again")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *printer) reconciled(r v1.Reconciled) {
	p.field("mailbox", "%s  %s in %s", p.bold(r.Source), count(r.Listed, "message", "messages"), count(int64(r.Folders), "folder", "folders"))
	if r.Error != "" {
		p.field("", "%s", p.mark("not compared: "+clip(r.Error, 200)))
		return
	}
	p.field("", "%s accounted for, %s of them owed; %s newer than the last reading; %s archived and no longer there",
		thousands(r.Matched), thousands(r.Owed), thousands(r.Unread), thousands(r.Gone))
	p.field("", "%s read again", count(r.Checked, "message", "messages"))
	if r.Clean() {
		p.field("", "they agree")
		return
	}
	for _, diff := range r.Differences {
		p.field("", "%s", p.mark(map[record.DifferenceKind]string{
			record.DifferenceMissing: "never accounted for, fetched now: ", record.DifferenceOctets: "has other octets now, captured too: ",
		}[diff.Kind]+clip(diff.Key, 200)))
	}
	if more := r.Missing + r.Differs - int64(len(r.Differences)); more > 0 {
		p.field("", "%s", p.mark(fmt.Sprintf("and %s more", thousands(more))))
	}
	for _, folder := range r.Refused {
		p.field("", "%s", p.mark("cannot be opened: folder "+clip(folder, 200)))
	}
}

// disagreements is an error if a mailbox and the archive disagree.
func disagreements(list []v1.Reconciled) error {
	var errs []error
	for _, r := range list {
		switch {
		case r.Error != "":
			errs = append(errs, fmt.Errorf("%s: %s", r.Source, strings.TrimPrefix(r.Error, "source "+r.Source+": ")))
		case !r.Clean():
			errs = append(errs, fmt.Errorf("%s: the mailbox and the archive disagreed on %s", r.Source,
				count(r.Missing+r.Differs+int64(len(r.Refused)), "point", "points")))
		}
	}
	if errs == nil {
		return nil
	}
	return advise(errors.Join(errs...), exitFailure, "what was missing was fetched if the mailbox could be read; run it again, and see closeroll failures")
}

func (e *env) gapsVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	var from string
	cmd := &cobra.Command{
		Use:   "gaps MAILBOX",
		Short: "Count the messages that came and went unread, by folder and day",
		Long: `Count the messages that came and went unread, by folder and day. A mail server
numbers every message that it puts into a folder and uses no number twice, so
the numbers that it gave out tell how many messages there were; those that were
gone before the mailbox was read are the difference. Their content is unknown.`,
		Example: example("closeroll gaps private-office", "closeroll gaps private-office --from 2026-11-01 --json"),
		Args:    takes("MAILBOX"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := parseDay(from); err != nil {
				return err
			}
			var days []v1.Gap
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/sources/"+url.PathEscape(args[0])+"/gaps?from="+query(from), nil, &days); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(days)
			}
			p := e.print()
			var issued, gone int64
			for _, day := range days {
				issued, gone = issued+day.Issued, gone+day.CameAndWent
				if day.CameAndWent > 0 {
					p.line("  %s  %s came and went of %s given out  %s", day.Day, p.mark(thousands(day.CameAndWent)), thousands(day.Issued), clip(day.Folder, 80))
				}
			}
			p.line("  %s of %s given out since the folders were first read came and went unread", thousands(gone), count(issued, "number", "numbers"))
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&from, "from", "", "only from this UTC day on, as 2026-11-01")
	jsonFlag(cmd, &asJSON)
	return cmd
}
