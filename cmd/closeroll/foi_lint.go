package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/search/disclosure"
)

// lintVerb is what the binary is started as to check one file.
const lintVerb = "lint-child"

// linter checks files in children of this binary.
func (e *env) linter() *disclosure.Linter { return disclosure.NewLinter([]string{e.exe, lintVerb}) }

// lintChildVerb is the child's side. Its input is hostile.
func (e *env) lintChildVerb() *cobra.Command {
	return &cobra.Command{
		Use:                lintVerb,
		Short:              "Check one file from standard input (for closeroll foi lint)",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			return disclosure.Child(e.stdin, e.stdout, args)
		},
	}
}

func (e *env) foiLintVerb() *cobra.Command {
	var acknowledged []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "lint FILE…",
		Short: "Say what a file holds and does not show, before it is released",
		Long: `Say what files hold and do not show: hidden sheets, rows and columns, the data
behind pivot tables, tracked changes, comments, speaker notes, text under black
boxes, files within files, where a photograph was taken, blind copies, and who
wrote it. It takes spreadsheets, documents and presentations (Open XML and
OpenDocument), PDF, pictures, e-mail and zip files, needs no daemon, and sends
nothing anywhere.

Whatever is found is listed with its place and what to do; the exit status is 4
unless every finding is acknowledged by its code with --acknowledge. What cannot
be checked is a finding too. No findings means that none of these were found: a
new, plain rendering is safer than any file that was cleaned.`,
		Example: example("closeroll foi lint staff-numbers.xlsx",
			"closeroll foi lint released/*.pdf --json",
			"closeroll foi lint photo.jpg --acknowledge properties"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return operands(cmd, args, []string{"FILE"}, 1)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			codes, err := acknowledgements(acknowledged)
			if err != nil {
				return err
			}
			return e.lint(cmd.Context(), args, codes, asJSON)
		},
	}
	acknowledgeFlag(cmd, &acknowledged)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// acknowledgeFlag is the flag of the verbs that pass files through the linter.
func acknowledgeFlag(cmd *cobra.Command, codes *[]string) {
	cmd.Flags().StringSliceVar(codes, "acknowledge", nil, "accept findings of this code; may be repeated")
	var all []string
	for _, c := range disclosure.Codes() {
		all = append(all, string(c))
	}
	completes(cmd, "acknowledge", all...)
}

func acknowledgements(typed []string) ([]disclosure.Code, error) {
	codes, err := disclosure.ParseCodes(typed)
	if err != nil {
		return nil, advise(err, exitUsage, "closeroll foi lint prints the codes of what it finds")
	}
	return codes, nil
}

// lint checks files and says what it found in each.
func (e *env) lint(ctx context.Context, paths []string, acknowledged []disclosure.Code, asJSON bool) error {
	reports := []disclosure.Report{}
	refused := 0
	for i, path := range paths {
		r, err := e.lintFile(ctx, path, acknowledged)
		var refusal *disclosure.RefusedError
		if errors.As(err, &refusal) {
			refused++
		} else if err != nil {
			return err
		}
		if reports = append(reports, r); asJSON {
			continue
		}
		if i > 0 {
			e.print().line("")
		}
		e.print().lintReport(r, acknowledged)
	}
	if asJSON {
		if err := e.writeJSON(reports); err != nil {
			return err
		}
	}
	if refused == 0 {
		return nil
	}
	return advise(fmt.Errorf("%s not fit to be released as it is", isOrAre(refused, len(paths))), exitUnverified,
		"do what is said with each finding and check again, or accept it with --acknowledge CODE")
}

func isOrAre(n, of int) string {
	if of == 1 {
		return "the file is"
	}
	if n == 1 {
		return fmt.Sprintf("1 of %d files is", of)
	}
	return fmt.Sprintf("%d of %d files are", n, of)
}

// lintFile checks one file.
func (e *env) lintFile(ctx context.Context, path string, acknowledged []disclosure.Code) (disclosure.Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return disclosure.Report{}, advise(err, exitUsage, "name a file")
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return disclosure.Report{}, advise(fmt.Errorf("%s is no file", path), exitUsage, "name one file or several")
	}
	return e.linter().Enforce(ctx, filepath.Base(path), f, acknowledged)
}

// maxListed is how many findings of one code are listed by their places.
const maxListed = 12

// lintReport prints a report: what was found, where, and what to do.
func (p *printer) lintReport(r disclosure.Report, acknowledged []disclosure.Code) {
	p.line("  %s  %s", p.bold(clip(r.File, 80)), p.dim(strings.Join([]string{r.Format, octets(r.Size)}, ", ")))
	if len(r.Findings) == 0 {
		p.line("  nothing was found that it holds and does not show")
		return
	}
	for _, c := range r.Codes() {
		var of []disclosure.Finding
		for _, f := range r.Findings {
			if f.Code == c {
				of = append(of, f)
			}
		}
		accepted := ""
		for _, a := range acknowledged {
			if a == c {
				accepted = "  acknowledged"
			}
		}
		p.line("")
		p.line("  %s  %s%s", p.mark(string(c)), of[0].Severity, p.dim(accepted))
		for i, f := range of {
			if i == maxListed {
				p.line("      %s", p.dim(fmt.Sprintf("and %s more", thousands(len(of)-i))))
				break
			}
			p.lintFinding(f, i > 0 && f.What == of[i-1].What)
		}
		for _, line := range wrap("→ "+of[0].Do, p.width-6) {
			p.line("    %s", line)
		}
	}
}

// lintFinding prints one finding: where it is, and what, unless that was just said.
func (p *printer) lintFinding(f disclosure.Finding, said bool) {
	place := f.Place
	if place == "" {
		place = "the file"
	}
	if f.Count > 0 {
		place += fmt.Sprintf(" (%s)", thousands(f.Count))
	}
	if said {
		p.line("    %s", clip(place, p.width-4))
		return
	}
	for _, line := range wrap(clip(place, p.width)+": "+f.What, p.width-4) {
		p.line("    %s", line)
	}
}
