package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) eventVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:   "event",
		Short: "Record what starts the clock of a class: a case closed, a tenure ended",
		Long: `Record what starts the clock of a class: a case closed, a tenure ended. A class
whose trigger is such an event is never due until it is recorded; closeroll
retention due --missing-triggers lists what waits for one.`,
		Example: example("closeroll event record tenure_end --custodian minister --date 2026-07-05 --reason 'left office'"),
	}, e.eventRecordVerb(), e.eventListVerb(), e.eventCorrectVerb())
}

// aboutFlags say what an event is about.
type aboutFlags struct{ custodian, aggregation, id string }

func (a *aboutFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&a.custodian, "custodian", "", "of everything that is this custodian's")
	f.StringVar(&a.aggregation, "aggregation", "", "of a chat, folder or thread: chat:ID, folder:SOURCE/FOLDER, thread:RECORD")
	f.StringVar(&a.id, "record", "", "of one record")
}

// about returns what the flags name, with the record's id in full.
func (e *env) about(cmd *cobra.Command, d daemonFlags, a aboutFlags) (record.About, error) {
	switch {
	case a.custodian != "" && a.aggregation == "" && a.id == "":
		return record.About(record.AboutCustodian + ":" + a.custodian), nil
	case a.id != "" && a.custodian == "" && a.aggregation == "":
		return e.aboutRecord(cmd, d, record.AboutRecord, a.id)
	case a.aggregation != "" && a.custodian == "" && a.id == "":
		return e.aggregation(cmd, d, a.aggregation)
	}
	return "", usage("say what it is about with one of --custodian, --aggregation and --record")
}

// aggregation reads the name of one as people write it.
func (e *env) aggregation(cmd *cobra.Command, d daemonFlags, name string) (record.About, error) {
	kind, rest, _ := strings.Cut(name, ":")
	if kind == record.AboutThread {
		return e.aboutRecord(cmd, d, kind, rest)
	}
	about, err := record.ParseAbout(name)
	if err != nil || !about.IsAggregation() {
		return "", usage("%q is no aggregation: write it as chat:ID, folder:SOURCE/FOLDER or thread:RECORD", name)
	}
	return about, nil
}

func (e *env) aboutRecord(cmd *cobra.Command, d daemonFlags, kind, prefix string) (record.About, error) {
	r, err := e.getRecord(cmd.Context(), d, prefix)
	if err != nil {
		return "", err
	}
	return record.About(kind + ":" + string(r.ID)), nil
}

func (e *env) eventRecordVerb() *cobra.Command {
	var d daemonFlags
	var about aboutFlags
	var on, reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "record NAME",
		Short: "Record that an event happened",
		Long: `Record that an event happened, on a day, to a custodian, an aggregation or one
record. The schedule in force says which events its classes wait for. Where
several dates of one event concern a holding, the latest counts; an event starts
no clock before the holding's own date.`,
		Example: example("closeroll event record case_closed --aggregation thread:k3yq7m --date 2026-10-01 --reason 'judgment given'",
			"closeroll event record tenure_end --custodian minister --date 2026-07-05 --reason 'left office'"),
		Args: takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := calendarDay(on)
			if err != nil {
				return err
			}
			a, err := e.about(cmd, d, about)
			if err != nil {
				return err
			}
			return e.recordEvent(cmd, d, v1.EventRecord{Event: args[0], About: a, Date: day, Reason: reason}, asJSON)
		},
	}
	d.add(cmd)
	about.add(cmd)
	cmd.Flags().StringVar(&on, "date", "", "the day on which it happened")
	cmd.Flags().StringVar(&reason, "reason", "", "how it is known")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "date", "reason")
	return cmd
}

// calendarDay reads a day that has to be given.
func calendarDay(s string) (record.Date, error) {
	d, err := record.ParseDate(s)
	if err != nil {
		return d, advise(err, exitUsage, "a day is written as 2026-05-27")
	}
	return d, nil
}

// recordEvent has an event journalled, and says what it concerns.
func (e *env) recordEvent(cmd *cobra.Command, d daemonFlags, req v1.EventRecord, asJSON bool) error {
	var out v1.Event
	if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/retention/events", req, &out); err != nil {
		return err
	}
	if asJSON {
		return e.writeJSON(out)
	}
	p := e.print()
	what := fmt.Sprintf("%s of %s", eventWords(out.Event.Event), out.About)
	if out.Date.IsZero() {
		p.line("  %s is withdrawn (journal entry %d)", what, out.Entry)
		return nil
	}
	p.line("  %s on %s is recorded (journal entry %d)", what, p.bold(out.Date.Long()), out.Entry)
	p.line("  it concerns %s; closeroll retention due says what follows", count(out.Holdings, "holding", "holdings"))
	return nil
}

// eventWords names an event in a sentence.
func eventWords(name string) string {
	if name == record.EventClosed {
		return "the closing"
	}
	return "the event " + name
}

func (e *env) eventCorrectVerb() *cobra.Command {
	var d daemonFlags
	var on, reason string
	var withdraw, asJSON bool
	cmd := &cobra.Command{
		Use:     "correct ENTRY",
		Short:   "Correct the date of a recorded event, or withdraw it",
		Long:    "Correct the date of a recorded event, or withdraw it. Both stay in the journal.\nENTRY is the number that event list shows.",
		Example: example("closeroll event correct 4182 --date 2026-07-06 --reason 'the letter says the sixth'", "closeroll event correct 4182 --withdraw --reason 'another case'"),
		Args:    takes("ENTRY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			entry, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || entry <= 0 {
				return usage("%q is no entry: closeroll event list shows their numbers", args[0])
			}
			req := v1.EventRecord{Corrects: entry, Reason: reason}
			if withdraw == (on != "") {
				return usage("give either the right date with --date, or --withdraw")
			}
			if on != "" {
				if req.Date, err = calendarDay(on); err != nil {
					return err
				}
			}
			return e.recordEvent(cmd, d, req, asJSON)
		},
	}
	d.add(cmd)
	f := cmd.Flags()
	f.StringVar(&on, "date", "", "the right day")
	f.BoolVar(&withdraw, "withdraw", false, "it did not happen")
	f.StringVar(&reason, "reason", "", "what was wrong")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	return cmd
}

func (e *env) eventListVerb() *cobra.Command {
	var d daemonFlags
	var all, asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the events and closings that are recorded",
		Example: example("closeroll event list", "closeroll event list --all --json"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list []v1.Event
			if err := e.call(cmd.Context(), d, http.MethodGet, fmt.Sprintf("/v1/retention/events?all=%t", all), nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			p := e.print()
			if len(list) == 0 {
				p.line("  no event is recorded")
				return nil
			}
			var rows [][]string
			for _, ev := range list {
				on := ev.Date.Long()
				if ev.Date.IsZero() {
					on = "withdrawn"
				}
				if ev.Corrected != 0 {
					on += fmt.Sprintf(" (corrected by %d)", ev.Corrected)
				}
				rows = append(rows, []string{fmt.Sprint(ev.Entry), on, ev.Event.Event, clip(string(ev.About), 48), clip(ev.Reason, 48)})
			}
			p.table([]string{"entry", "date", "event", "of", "reason"}, rows)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "those that were corrected or withdrawn too")
	jsonFlag(cmd, &asJSON)
	return cmd
}
