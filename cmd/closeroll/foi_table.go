package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/search/foi"
)

// decisionColumns are the columns of a table of decisions. Those that a person
// fills in are decision to note; known says what the row was made from.
var decisionColumns = []string{"no", "item", "sent", "from", "title", "custodians", "found_by", "remarks",
	"decision", "exemptions", "public_interest", "note", "known"}

func (e *env) foiDecisionsVerb() *cobra.Command {
	var d daemonFlags
	var out string
	var context, asJSON bool
	cmd := &cobra.Command{
		Use:   "decisions REF",
		Short: "Write the set with its decisions as a table, to decide in a spreadsheet",
		Long: `Write the set of a request with its decisions as CSV, for Excel or any other
spreadsheet. Fill in the columns decision, exemptions (several with ;),
public_interest and note, save it as CSV, and give it back:

  closeroll foi decide REF --file decisions.csv

Leave the columns item and known as they are. The table holds names and subjects:
keep it as you keep the request.`,
		Example: example("closeroll foi decisions FOI-2026-014 -o decisions.csv"),
		Args:    takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			s, err := fetchSet(cmd.Context(), client, args[0], 0)
			if err != nil {
				return fromDaemon(err)
			}
			if !context {
				s.Items = slices.DeleteFunc(s.Items, func(it setItem) bool { return it.Context && it.Decision == nil })
			}
			if asJSON {
				return e.writeJSON(s)
			}
			table := decisionTable(s)
			if out == "" || out == "-" {
				_, err := e.stdout.Write(table)
				return err
			}
			if err := durable.Create(out, table, 0o600); errors.Is(err, fs.ErrExist) {
				return advise(fmt.Errorf("%s is there already", out), exitUsage, "name another file with -o")
			} else if err != nil {
				return err
			}
			e.print().line("  %s: %s", out, count(len(s.Items), "item", "items"))
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write (standard output)")
	cmd.Flags().BoolVar(&context, "context", false, "of chats, the messages around too")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

// decisionTable writes the set as a spreadsheet opens it: with a byte order
// mark, so that Excel reads it as UTF-8, and with no cell that is a formula.
func decisionTable(s *requestSet) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows := [][]string{decisionColumns}
	for _, it := range s.Items {
		decision := rowOf(it.Decision)
		title := it.Display
		if it.Chat != "" {
			title = it.Chat
		}
		row := []string{strconv.Itoa(it.No), it.Item.Item, "", it.Sender, title, holdersOf(it.Holders), runsOf(it.Runs), remarks(it),
			decision.Decision, strings.Join(decision.Exemptions, "; "), decision.PublicInterest, decision.Note, knownOf(decision)}
		if !it.Sent.IsZero() {
			row[2] = it.Sent.In(london()).Format("2006-01-02 15:04")
		}
		for i := range row {
			row[i] = arm(strings.Map(func(r rune) rune {
				if r < ' ' && r != '\n' {
					return ' '
				}
				return r
			}, row[i]))
		}
		rows = append(rows, row)
	}
	w.WriteAll(rows) // to a buffer: it cannot fail
	return b.Bytes()
}

// remarks says what else a person should know of an item.
func remarks(it setItem) string {
	var all []string
	for _, r := range []struct {
		is   bool
		text string
	}{{it.Context, "around what was found"}, {it.Late, "captured late"}, {it.Dating, "date to be decided"}, {it.Partly, "not searched whole"},
		{len(it.Copies) > 0, count(len(it.Copies), "more copy", "more copies")}, {len(it.DisclosedIn) > 0, "disclosed in " + strings.Join(it.DisclosedIn, ", ")},
		{it.Disposed != "", "disposed of"}} {
		if r.is {
			all = append(all, r.text)
		}
	}
	return strings.Join(all, "; ")
}

// rowOf is a decision in force as a row has it.
func rowOf(r *foi.Ruling) v1.DecisionRow {
	if r == nil {
		return v1.DecisionRow{}
	}
	return v1.DecisionRow{Known: r.Entry, Decision: r.Decision, Exemptions: r.Exemptions, PublicInterest: r.PublicInterest, Note: r.Note}
}

// knownOf is what the column known holds: the journal entry of the decision and
// a digest of what the row said, by which a changed row is told from others.
func knownOf(r v1.DecisionRow) string {
	h := sha256.New()
	for _, field := range []string{r.Decision, strings.Join(r.Exemptions, ";"), r.PublicInterest, r.Note} {
		field = strings.Join(strings.Fields(field), " ")
		fmt.Fprintf(h, "%d %s\n", len(field), field)
	}
	return fmt.Sprintf("j%d-%s", r.Known, hex.EncodeToString(h.Sum(nil)[:6]))
}

// decideFile decides by a table.
func (e *env) decideFile(ctx context.Context, client *api.Client, f *decideFlags) error {
	if f.req.Decision != "" || len(f.req.Items) > 0 || f.req.Query != "" || f.req.Thread != "" || f.req.CopyGroup != "" {
		return usage("--file says what is decided about what: give nothing besides")
	}
	changed, err := readDecisions(f.file)
	if err != nil {
		return err
	}
	if len(changed) == 0 {
		return e.notDone(f.json, v1.Ruled{Items: []v1.RuledItem{}, DryRun: true}, "no row was changed: nothing to decide")
	}
	req := v1.DecideRows{Changing: f.req.Changing, Rows: changed, DryRun: true}
	var r v1.Ruled
	path := requestPath(f.req.Ref, "/decisions/rows")
	if err := client.Do(ctx, http.MethodPost, path, req, &r); err != nil {
		return fromDaemon(err)
	}
	if !f.json {
		p := e.print()
		p.line("  %s changed", p.bold(count(len(changed), "row", "rows")))
		p.ruled(r)
	}
	sure, err := e.confirm(f.yes, "Decide this?")
	if err != nil {
		return err
	}
	if !sure {
		return e.notDone(f.json, r, "nothing was decided; --yes decides it")
	}
	req.DryRun = false
	if err := client.Do(ctx, http.MethodPost, path, req, &r); err != nil {
		return fromDaemon(err)
	}
	if f.json {
		return e.writeJSON(r)
	}
	e.print().line("  decided; %s undecided", count(r.Left, "item is", "items are"))
	return nil
}

// readDecisions returns the rows of a table that a person has changed.
func readDecisions(name string) ([]v1.DecisionRow, error) {
	wrong := func(err error) error {
		return advise(fmt.Errorf("%s: %w", name, err), exitUsage, "closeroll foi decisions writes such a table; keep its columns item and known")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, advise(err, exitUsage, "name the table that closeroll foi decisions wrote")
	}
	defer file.Close()
	rows, err := readTable(file, "item", "decision", "exemptions", "public_interest", "note", "known")
	if err != nil {
		return nil, wrong(err)
	}
	var changed []v1.DecisionRow
	for n, row := range rows {
		if row["item"] == "" {
			continue
		}
		r := v1.DecisionRow{Item: row["item"], Decision: strings.ToLower(strings.ReplaceAll(row["decision"], " ", "_")), PublicInterest: row["public_interest"], Note: row["note"]}
		for e := range strings.SplitSeq(row["exemptions"], ";") {
			if e = strings.TrimSpace(e); e != "" {
				r.Exemptions = append(r.Exemptions, e)
			}
		}
		entry, _, ok := strings.Cut(strings.TrimPrefix(row["known"], "j"), "-")
		if r.Known, err = strconv.ParseInt(entry, 10, 64); err != nil || !ok {
			return nil, wrong(fmt.Errorf("row %d: the column known was changed", n+2))
		}
		if knownOf(r) == row["known"] {
			continue
		}
		if r.Decision == "" {
			return nil, wrong(fmt.Errorf("row %d: a decision is taken back with closeroll foi undo, not by emptying it; or it is missing", n+2))
		}
		changed = append(changed, r)
	}
	return changed, nil
}
