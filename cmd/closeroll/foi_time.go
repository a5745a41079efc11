package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiTimeVerb() *cobra.Command {
	var d daemonFlags
	var v versionFlag
	var on, file string
	var one record.RequestTime
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "time REF",
		Short: "Log work on a request, by activity",
		Long: `Log work on a request. The activities determine, locate, retrieve and extract
count towards the cost limit of section 12; redact, exempt (considering
exemptions) and admin do not, and are logged for the burden of section 14.

With --sample and --file the times of a sample's items are logged: the file is
CSV with the columns item and minutes, as closeroll foi sample prints it.`,
		Example: example("closeroll foi time FOI-2026-014 --activity locate --minutes 45 --who 'FOI officer'",
			"closeroll foi time FOI-2026-014 --activity extract --sample 1 --file times.csv"),
		Args: takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			req := v1.LogTime{Changing: v1.Changing{Ref: args[0], Version: v.version}}
			if one.On, err = e.orToday(on); err != nil {
				return err
			}
			if req.Times, err = e.times(one, file); err != nil {
				return err
			}
			var est foi.Estimate
			if err := e.call(cmd.Context(), d, http.MethodPost, requestPath(req.Ref, "/time"), req, &est); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(est)
			}
			e.print().estimate(est)
			return nil
		},
	}
	d.add(cmd)
	v.add(cmd)
	f := cmd.Flags()
	f.StringVar(&one.Activity, "activity", "", strings.Join(foi.Activities(), ", "))
	f.Float64Var(&one.Minutes, "minutes", 0, "how long it took")
	f.StringVar(&one.Who, "who", "", "whose time: a role, not a name")
	f.StringVar(&on, "on", "", "when (today)")
	f.StringVar(&one.Note, "note", "", "more about it")
	f.IntVar(&one.Sample, "sample", 0, "the times are of items of this sample")
	f.StringVar(&file, "file", "", "CSV of items and minutes; - is standard input")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "activity")
	completes(cmd, "activity", foi.Activities()...)
	e.completeRefs(cmd, &d)
	return cmd
}

// times returns what is to be logged: one time, or those of a sample's items.
func (e *env) times(one record.RequestTime, file string) ([]record.RequestTime, error) {
	if (one.Sample > 0) != (file != "") {
		return nil, usage("--sample and --file go together")
	}
	if file == "" {
		return []record.RequestTime{one}, nil
	}
	r := e.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, advise(err, exitUsage, "name a CSV file with the columns item and minutes")
		}
		defer f.Close()
		r = f
	}
	rows, err := readTable(r, "item", "minutes")
	if err != nil {
		return nil, advise(fmt.Errorf("%s: %w", file, err), exitUsage, "closeroll foi sample prints a file to fill in")
	}
	var all []record.RequestTime
	for n, row := range rows {
		if row["minutes"] == "" {
			continue
		}
		t := one
		t.Item = row["item"]
		if t.Minutes, err = strconv.ParseFloat(row["minutes"], 64); err != nil {
			return nil, advise(fmt.Errorf("%s, row %d: %q is no number of minutes", file, n+2, row["minutes"]), exitUsage, "write minutes as 2 or 0.5")
		}
		all = append(all, t)
	}
	if all == nil {
		return nil, advise(errors.New(file+" has no minutes"), exitUsage, "write into the column minutes how long each item took")
	}
	return all, nil
}

// maxTable bounds a CSV file that is read in, in octets.
const maxTable = 64 << 20

// readTable reads a CSV file with a heading, as spreadsheets write it: with a
// byte order mark or none, with commas or semicolons. Each row is a map by the
// heading's names in lower case. The columns named must be there.
func readTable(r io.Reader, columns ...string) ([]map[string]string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxTable {
		return nil, errors.New("it is larger than 64 MiB")
	}
	text := strings.TrimPrefix(string(b), "\ufeff")
	c := csv.NewReader(strings.NewReader(text))
	heading, _, _ := strings.Cut(text, "\n")
	if strings.Count(heading, ";") > strings.Count(heading, ",") {
		c.Comma = ';'
	}
	c.FieldsPerRecord = -1
	lines, err := c.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, errors.New("it is empty")
	}
	place := make(map[string]int)
	for i, name := range lines[0] {
		place[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range columns {
		if _, ok := place[name]; !ok {
			return nil, fmt.Errorf("it has no column %s", name)
		}
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for name, i := range place {
			if i < len(line) {
				row[name] = strings.TrimSpace(disarm(line[i]))
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// arm writes a cell so that no spreadsheet takes it for a formula, and disarm
// reads it back (OWASP, CSV injection).
func arm(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r'", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func disarm(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@\t\r'", rune(cell[1])) {
		return cell[1:]
	}
	return cell
}

func (e *env) foiSampleVerb() *cobra.Command {
	var d daemonFlags
	var v versionFlag
	var req v1.DrawSample
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sample REF",
		Short: "Draw a random sample of a request's set, to time",
		Long: `Draw a random sample of a request's set. The seed is recorded, so that anyone can
draw the same sample again. What is printed is CSV: fill in the minutes that each
item took for one activity, and log them with closeroll foi time --sample.`,
		Example: example("closeroll foi sample FOI-2026-014 --size 50 > times.csv", "closeroll foi time FOI-2026-014 --activity extract --sample 1 --file times.csv"),
		Args:    takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Ref, req.Version = args[0], v.version
			var s foi.Sample
			if err := e.call(cmd.Context(), d, http.MethodPost, requestPath(req.Ref, "/samples"), req, &s); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(s)
			}
			fmt.Fprintf(e.stderr, "closeroll: notice: sample %d: %s of %s, seed %d\n", s.Sample, thousands(len(s.Items)), thousands(s.Population), s.Seed)
			w := csv.NewWriter(e.stdout)
			rows := [][]string{{"item", "minutes"}}
			for _, item := range s.Items {
				rows = append(rows, []string{item, ""})
			}
			return w.WriteAll(rows)
		},
	}
	d.add(cmd)
	v.add(cmd)
	cmd.Flags().IntVar(&req.Size, "size", 50, "how many items")
	cmd.Flags().Uint64Var(&req.Seed, "seed", 0, "draw with this seed (a random one)")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

func (e *env) foiEstimateVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "estimate REF",
		Short: "Estimate what a request takes, against the cost limit",
		Long: `Estimate what a request takes: the time logged, and what the timed samples say of
the whole set, with an interval of 95 % confidence. Two totals: the activities
that section 12 counts (regulation 4(3) of the 2004 Regulations), against the
appropriate limit; and all of them, the burden that section 14 may weigh.`,
		Example: example("closeroll foi estimate FOI-2026-014", "closeroll foi estimate FOI-2026-014 --json"),
		Args:    takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var est foi.Estimate
			if err := e.call(cmd.Context(), d, http.MethodGet, requestPath(args[0], "/estimate"), nil, &est); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(est)
			}
			e.print().estimate(est)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

func (p *printer) estimate(e foi.Estimate) {
	if len(e.Parts) == 0 {
		p.line("  no time is logged yet: closeroll foi time and foi sample")
		return
	}
	var rows [][]string
	for _, part := range e.Parts {
		from := "logged"
		if part.Timed > 0 {
			from = fmt.Sprintf("sample %d: %s timed, %.2f minutes each", part.Sample, thousands(part.Timed), part.PerItem)
		}
		counts := "no"
		if part.Countable {
			counts = "yes"
		}
		rows = append(rows, []string{part.Activity, counts, hours(part.Minutes, 1/60.0), from})
	}
	p.table([]string{"ACTIVITY", "COUNTS", "HOURS", "FROM"}, rows)
	p.line("")
	p.line("  %s  %s hours over %s", p.bold("counts for s.12"), hours(e.Countable, 1), count(e.Items, "item", "items"))
	if e.LimitPounds > 0 {
		words := map[string]string{"within": "within the limit", "over": p.mark("over the limit"), "unclear": p.mark("the interval has the limit in it: time more items")}[e.Verdict]
		p.line("  %s  £%.0f (£%.0f to £%.0f) of £%d: %s", p.bold("cost"), e.Cost.Best, e.Cost.Low, e.Cost.High, e.LimitPounds, words)
	}
	p.line("  %s  %s hours", p.bold("burden in all"), hours(e.Burden, 1))
	for _, s := range e.Related {
		within := "outside the window"
		if s.Within {
			within = "within the window"
		}
		p.line("  related %s: %.1f hours, %s apart, %s", s.Ref, s.Hours, count(s.WorkingDays, "working day", "working days"), within)
	}
	for _, n := range e.Notices {
		p.line("  %s", p.mark(n))
	}
}

// hours writes a figure with its interval.
func hours(s foi.Span, unit float64) string {
	if s.Low == s.High {
		return fmt.Sprintf("%.1f", s.Best*unit)
	}
	return fmt.Sprintf("%.1f (%.1f to %.1f)", s.Best*unit, s.Low*unit, s.High*unit)
}
