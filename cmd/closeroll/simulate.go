package main

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) diffVerb() *cobra.Command {
	return e.simulationVerb(&cobra.Command{
		Use:   "diff [OLD] NEW",
		Short: "Say what another schedule would change for the records that are archived",
		Long: `Say for how many of the archived records another schedule would decide
otherwise, by class, and list them. OLD is the schedule in force unless a file is
given. Nothing changes.`,
		Example: example("closeroll retention diff schedule-2027.yaml", "closeroll retention diff schedule-2026.yaml schedule-2027.yaml --list 1000 --json"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return nil
			}
			return takes("OLD", "NEW")(cmd, args)
		},
	}, func(args []string, req *v1.Simulation) (err error) {
		if len(args) == 2 {
			if req.Old, err = scheduleText(args[0]); err != nil {
				return err
			}
		}
		req.From = req.At
		req.New, err = scheduleText(args[len(args)-1])
		return err
	})
}

func (e *env) simulateVerb() *cobra.Command {
	var schedule string
	cmd := e.simulationVerb(&cobra.Command{
		Use:   "simulate --at DAY",
		Short: "Say what will have become due by a day, under this schedule or another",
		Long: `Say what a later day makes of the archived records, compared with today: how many
fall due, by class, and which. Nothing changes, nothing else is assumed to happen
until then.`,
		Example: example("closeroll retention simulate --at 2030-01-01", "closeroll retention simulate --at 2030-01-01 --schedule schedule-2027.yaml --list 100"),
		Args:    takes(),
	}, func(_ []string, req *v1.Simulation) (err error) {
		if schedule != "" {
			req.New, err = scheduleText(schedule)
		}
		return err
	})
	cmd.Flags().StringVar(&schedule, "schedule", "", "the schedule for that day (the one in force)")
	needs(cmd, "at")
	return cmd
}

func scheduleText(name string) (string, error) {
	text, err := readSchedule(name)
	return string(text), err
}

// simulationVerb is what diff and simulate have in common.
func (e *env) simulationVerb(cmd *cobra.Command, fill func(args []string, req *v1.Simulation) error) *cobra.Command {
	var d daemonFlags
	var at string
	var list int
	var asJSON bool
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		req := v1.Simulation{List: list}
		if at != "" {
			if req.At, err = calendarDay(at); err != nil {
				return err
			}
		}
		if list < 0 {
			return usage("--list is negative")
		}
		if err := fill(args, &req); err != nil {
			return err
		}
		var out v1.Simulated
		if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/retention/simulation", req, &out); err != nil {
			return err
		}
		if asJSON {
			return e.writeJSON(out)
		}
		e.print().simulated(out)
		return nil
	}
	d.add(cmd)
	cmd.Flags().StringVar(&at, "at", "", "the day to decide for (today)")
	cmd.Flags().IntVar(&list, "list", 20, "records to list")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *printer) simulated(s v1.Simulated) {
	p.line("  %s: %s of %s %s another fate", p.bold(versionAt(s.Old, s.From)+" → "+versionAt(s.New, s.At)), thousands(s.Changed),
		count(s.Records, "record", "records"), map[bool]string{true: "has", false: "have"}[s.Changed == 1])
	p.line("  due: %s before, %s after", thousands(s.DueBefore), thousands(s.DueAfter))
	var rows [][]string
	for _, m := range s.Moves {
		rows = append(rows, []string{m.From, m.To, thousands(m.Records), thousands(m.Less)})
	}
	if rows != nil {
		p.table([]string{"from", "to", "records", "less protected"}, rows)
	}
	rows = nil
	for _, t := range s.Tallies {
		earliest := "–"
		if !t.Earliest.IsZero() {
			earliest = t.Earliest.Long()
		}
		rows = append(rows, []string{t.Class, thousands(t.Holdings), thousands(t.Due), thousands(t.Within), thousands(t.OnHold),
			thousands(t.UnknownTrigger), earliest, clip(t.Title, 40)})
	}
	if rows != nil {
		p.table([]string{"class", "holdings", "due", "in a year", "on hold", "no trigger", "first due", ""}, rows)
	}
	p.affected(s.Listed, s.Changed)
	if s.Less > 0 {
		p.line("  %s", p.mark(count(s.Less, "record is", "records are")+" less protected than before"))
	}
	for _, n := range s.Notices {
		p.line("  %s", p.mark(n))
	}
}

func versionAt(version string, at record.Date) string {
	return fmt.Sprintf("schedule %s on %s", version, at.Long())
}
