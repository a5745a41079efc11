package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/retention/assurance"
	"github.com/closeroll/closeroll/retention/report"
)

func (e *env) reportVerb() *cobra.Command {
	verbs := []*cobra.Command{e.reportListVerb(), e.reportKeepVerb(), e.reportKeptVerb(), e.reportFetchVerb(), e.reportOpenVerb()}
	for _, k := range report.Kinds() {
		verbs = append(verbs, e.oneReportVerb(k))
	}
	return family(&cobra.Command{
		Use:   "report",
		Short: "What records managers and the senior owner of information risk read",
		Long: `What records managers and the senior owner of information risk read. Each report
is printed as a table for the terminal, or written as CSV, JSON, PDF, or one HTML
file that needs nothing else and can be printed. Each names the journal's
checkpoint and the schedule that it rests on.`,
		Example: example("closeroll report retention", "closeroll report holds --period 2026-Q3 -o holds.html"),
	}, verbs...)
}

func (e *env) reportListVerb() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the reports there are",
		Example: example("closeroll report list"),
		Args:    takes(),
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return e.writeJSON(report.Kinds())
			}
			var lines [][2]string
			for _, k := range report.Kinds() {
				lines = append(lines, [2]string{k.Name, k.Tells})
			}
			e.print().fields(lines)
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

// reportFlags say how a report is wanted.
type reportFlags struct {
	daemonFlags
	period string
	format string
	table  string
	out    string
	sign   string
	json   bool
}

// reportFormats are the formats that a report is written in.
var reportFormats = []string{"table", "csv", "json", "html", "pdf"}

func (e *env) oneReportVerb(k report.Kind) *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   k.Name,
		Short: k.Tells,
		Long: k.Tells + `.

Without --format, the ending of the file that -o names decides; without either,
it is printed for the terminal. CSV is one table: the first, or the one that
--table names.`,
		Example: example("closeroll report "+k.Name, "closeroll report "+k.Name+" -o "+k.Name+".html", "closeroll report "+k.Name+" --format csv"),
		Args:    takes(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return e.oneReport(cmd.Context(), k, f) },
	}
	f.daemonFlags.add(cmd)
	fl := cmd.Flags()
	if k.When != report.Now {
		fl.StringVar(&f.period, "period", "", "the month, quarter or year that it is about: 2026-09, 2026-Q3, 2026")
	}
	fl.StringVar(&f.format, "format", "", "table, csv, json, html or pdf")
	fl.StringVar(&f.table, "table", "", "the table to write as CSV (the first)")
	fl.StringVarP(&f.out, "output", "o", "", "write it to this file")
	if k.Signed {
		fl.StringVar(&f.sign, "sign", "", "sign the file that is written, beside it, with this SSH key: a private key's file, or the .pub file of one that ssh-agent has")
	}
	jsonFlag(cmd, &f.json)
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(reportFormats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// how decides the format.
func (f *reportFlags) how() (string, error) {
	byName := map[string]string{".txt": "table", ".csv": "csv", ".json": "json", ".html": "html", ".htm": "html", ".pdf": "pdf"}
	switch {
	case f.json && f.format != "" && f.format != "json":
		return "", usage("--json and --format %s contradict each other", f.format)
	case f.json:
		return "json", nil
	case f.format != "" && !slices.Contains(reportFormats, f.format):
		return "", usage("%q is no format: there are %s", f.format, strings.Join(reportFormats, ", "))
	case f.format != "":
		return f.format, nil
	case f.out == "":
		return "table", nil
	}
	format, ok := byName[strings.ToLower(filepath.Ext(f.out))]
	if !ok {
		return "", usage("%s says no format: give it with --format, or end the name with .html, .pdf, .csv, .json or .txt", f.out)
	}
	return format, nil
}

// oneReport asks for one report and writes it as it is wanted.
func (e *env) oneReport(ctx context.Context, k report.Kind, f reportFlags) error {
	format, err := f.how()
	if err != nil {
		return err
	}
	if format == "pdf" && f.out == "" && e.columns > 0 {
		return usage("a PDF is not for a terminal: name a file with -o")
	}
	if f.sign != "" && f.out == "" {
		return usage("what is signed is a file: name it with -o")
	}
	path := "/v1/reports/" + k.Name
	if f.period != "" {
		span, err := assurance.ParseSpan(f.period)
		if err != nil {
			return advise(err, exitUsage, "a month, a quarter or a year: 2026-09, 2026-Q3, 2026")
		}
		path += "?period=" + query(span.String())
	}
	var answer json.RawMessage
	if err := e.call(ctx, f.daemonFlags, http.MethodGet, path, nil, &answer); err != nil {
		return err
	}
	r, err := k.Decode(answer)
	if err != nil {
		return err
	}
	return e.deliver(report.Document(r), r, format, f)
}

// deliver writes a document to the file or to standard output.
func (e *env) deliver(d *page.Document, of any, format string, f reportFlags) error {
	var b bytes.Buffer
	if err := e.render(&b, d, of, format, f.table, f.out == ""); err != nil {
		return err
	}
	if f.out == "" {
		_, err := e.stdout.Write(b.Bytes())
		return err
	}
	signature, err := e.signature(f.sign, b.Bytes())
	if err != nil {
		return err
	}
	if err := durable.WriteFile(f.out, b.Bytes(), 0o600); err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "closeroll: written to %s\n", f.out)
	if signature == "" {
		return nil
	}
	if err := durable.WriteFile(f.out+".sig", []byte(signature), 0o600); err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "closeroll: signed in %s.sig; anyone verifies it with\n  ssh-keygen -Y verify -f ALLOWED_SIGNERS -I NAME -n %s -s %s.sig < %s\n", f.out, sshsig.Report, f.out, f.out)
	return nil
}

// signature signs a report's octets, if a key is named.
func (e *env) signature(key string, octets []byte) (string, error) {
	if key == "" {
		return "", nil
	}
	return e.sign(signFlags{key: key}, sshsig.Report, octets)
}

// render writes a document in a format; as JSON, what it is made of.
func (e *env) render(b *bytes.Buffer, d *page.Document, of any, format, table string, shown bool) error {
	switch format {
	case "json":
		enc := json.NewEncoder(b)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(of)
	case "html":
		return page.WriteHTML(b, d)
	case "pdf":
		return page.WritePDF(b, d)
	case "csv":
		t, err := chosen(d.Tables(), table)
		if err != nil {
			return err
		}
		return page.WriteCSV(b, t)
	}
	p := e.print()
	if !shown {
		p.plain = true
	}
	return page.WriteText(b, d, page.Screen{Width: p.width, Bold: p.bold, Dim: p.dim})
}

// chosen is the table of this name, or the first.
func chosen(tables []page.Table, name string) (page.Table, error) {
	if len(tables) == 0 {
		return page.Table{}, errors.New("the report has no table")
	}
	if name == "" {
		return tables[0], nil
	}
	var names []string
	for _, t := range tables {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return page.Table{}, usage("the report has no table %q: it has %s", name, strings.Join(names, ", "))
}
