package main

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
)

func (e *env) retentionVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "retention",
		Short:   "What is due, and what a schedule would decide",
		Example: example("closeroll retention due --within P1Y"),
	}, e.dueVerb(), e.decideVerb(), e.scheduleVerb(), e.adoptVerb(), e.diffVerb(), e.simulateVerb())
}

func (e *env) dueVerb() *cobra.Command {
	var d daemonFlags
	var asJSON, missing bool
	var within string
	var limit int
	cmd := &cobra.Command{
		Use:     "due",
		Short:   "List the records that fall due, soonest first",
		Example: example("closeroll retention due", "closeroll retention due --within P1Y --json", "closeroll retention due --missing-triggers"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			path := fmt.Sprintf("/v1/retention/due?missing=%t", missing)
			if within != "" {
				if _, err := retention.ParsePeriod(within); err != nil {
					return advise(err, exitUsage, "a period is written as ISO 8601 does; without --within, what is due by today is listed")
				}
				path += "&within=" + query(within)
			}
			if limit < 0 {
				return usage("--limit is negative")
			}
			var due v1.Due
			if err := e.call(cmd.Context(), d, http.MethodGet, path, nil, &due); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(due)
			}
			if missing {
				e.print().missingTriggers(due, limit)
				return nil
			}
			e.print().due(due, limit)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().IntVar(&limit, "limit", 50, "records to list; the count is always of all")
	cmd.Flags().StringVar(&within, "within", "", "how far ahead to look, as an ISO 8601 period: P90D, P1Y")
	cmd.Flags().BoolVar(&missing, "missing-triggers", false, "list instead what can never fall due, because nothing says when its clock started")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *printer) due(d v1.Due, limit int) {
	p.line("  %s", p.bold(dueSummary(d)))
	var rows [][]string
	for _, r := range d.Records[:min(limit, len(d.Records))] {
		display := clip(r.Display, 60)
		if r.OnHold {
			display = "ON HOLD  " + display
		}
		rows = append(rows, []string{r.Due.Long(), string(r.Action), r.Class, r.ID.Short(), display})
	}
	if rows != nil {
		p.table([]string{"due", "action", "class", "record", ""}, rows)
	}
	if n := len(d.Records) - len(rows); n > 0 {
		p.line("  %s", p.dim(count(n, "more", "more")+": --limit"))
	}
	if d.Unknown > 0 {
		p.line("  %s never fall due until their trigger is recorded", count(d.Unknown, "record", "records"))
	}
	if d.Sample {
		p.line("  %s", p.mark("schedule "+d.Schedule+" is a sample: nothing is ever disposed of under it"))
	}
}

// missingTriggers lists what waits for an event, a closing or a date.
func (p *printer) missingTriggers(d v1.Due, limit int) {
	p.line("  %s for want of a trigger", p.bold(count(d.Unknown, "record never falls due", "records never fall due")))
	var rows [][]string
	for _, m := range d.Missing[:min(limit, len(d.Missing))] {
		waits := strings.ReplaceAll(string(m.Trigger), "_", " ")
		if m.Event != "" {
			waits = "event " + m.Event
		}
		rows = append(rows, []string{waits, m.Class, m.Custodian, m.ID.Short(), clip(m.Display, 48)})
	}
	if rows == nil {
		return
	}
	p.table([]string{"waits for", "class", "custodian", "record", ""}, rows)
	if n := len(d.Missing) - len(rows); n > 0 {
		p.line("  %s", p.dim(count(n, "more", "more")+": --limit"))
	}
	p.line("  %s", p.dim("closeroll event record and closeroll aggregation close start their clocks"))
}

// dueSummary says how much is due, by class.
func dueSummary(d v1.Due) string {
	var classes []string
	for class, n := range d.Classes {
		classes = append(classes, fmt.Sprintf("%s %s", class, thousands(n)))
	}
	slices.Sort(classes)
	s := count(len(d.Records), "record", "records") + " due by " + d.Until.Long() + " under schedule " + d.Schedule
	if classes != nil {
		s += ": " + strings.Join(classes, " · ")
	}
	if d.Now == 0 {
		return s + "; nothing is due now"
	}
	return s + "; " + count(d.Now, "record", "records") + " due now"
}

func (e *env) decideVerb() *cobra.Command {
	var schedule, facts, at string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "decide --schedule FILE --facts FILE",
		Short: "Say what a schedule decides for a holding described in a file",
		Long: `Say what a schedule decides for a holding described in a JSON file, without a
daemon: class, rule, trigger, due date, action and every reason. The facts are
those that a schedule's rules can test (source, custodian, custodian_role, sent,
captured, …), with manual_class, events and holds.`,
		Example: example("closeroll retention decide --schedule schedule.yaml --facts holding.json --at 2030-01-01 --json"),
		Args:    takes(),
		RunE: func(*cobra.Command, []string) error {
			s, err := os.ReadFile(schedule)
			if err != nil {
				return advise(err, exitUsage, "name the schedule's file with --schedule")
			}
			f, err := os.ReadFile(facts)
			if err != nil {
				return advise(err, exitUsage, "name the facts' file with --facts")
			}
			if at == "" {
				at = e.now().Format("2006-01-02")
			}
			d, err := retention.DecideFile(s, f, at)
			if err != nil {
				return advise(err, exitUsage, "closeroll retention decide --help says what the files hold")
			}
			if asJSON {
				return e.writeJSON(d)
			}
			p := e.print()
			p.line("  %s", p.bold(d.Class+" "+d.Words()))
			for _, r := range d.Reasons {
				p.line("    %s", r)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&schedule, "schedule", "", "the retention schedule, YAML")
	cmd.Flags().StringVar(&facts, "facts", "", "the holding's facts, JSON")
	cmd.Flags().StringVar(&at, "at", "", "the day to decide for (today)")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "schedule", "facts")
	return cmd
}
