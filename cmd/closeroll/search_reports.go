package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search"
)

// addReports are the flags for what is said of hits as a whole.
func (f *searchFlags) addReports(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.sort, "sort", "", "order of the hits: newest, oldest, custodian, or relevance, which is how many of the query's words a message has (newest)")
	fl.StringSliceVar(&f.facets, "facet", nil, "divide the hits by these: "+strings.Join(search.FacetNames(), ", "))
	fl.BoolVar(&f.histogram, "histogram", false, "show how many hits each month has")
	fl.BoolVar(&f.terms, "terms", false, "count what each term and each group of them finds")
	fl.StringVar(&f.termsFile, "terms-file", "", "file with one term or query a line, any of which is to be found; with QUERY, within it")
	fl.StringVar(&f.group, "group", "", "put the hits of a page together by thread, chat, or copy (copy: each message once, as without this)")
	fl.StringVar(&f.saved, "saved", "", "search with what was saved under this name; with QUERY, within it")
	fl.IntVar(&f.context, "context", 0, "show so many messages before and after each chat message; takes an identity")
	values := func(all []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp)
	}
	var orders []string
	for _, o := range search.Orders() {
		orders = append(orders, string(o))
	}
	for flag, words := range map[string][]string{"sort": orders, "facet": search.FacetNames()} {
		if err := cmd.RegisterFlagCompletionFunc(flag, values(words)); err != nil {
			panic(err) // the flag is defined above
		}
	}
}

// check refuses what no daemon needs to be asked about.
func (f *searchFlags) check() error {
	if f.limit < 1 || f.offset < 0 || f.context < 0 {
		return usage("--limit is at least 1, and --offset and --context are not negative")
	}
	if !slices.Contains([]string{"", "thread", "chat", "copy"}, f.group) || f.group == "copy" && f.copies {
		return usage("--group takes thread, chat or copy, and --copies is the opposite of the last")
	}
	if f.json && f.csv {
		return usage("--json and --csv are two ways to print one answer")
	}
	if _, err := search.ParseOrder(f.sort); err != nil {
		return usage("--sort: %w", err)
	}
	if err := search.CheckFacets(f.facets); err != nil {
		return usage("--facet: %w", err)
	}
	return nil
}

// divided is what the daemon is asked to divide the hits by.
func (f *searchFlags) divided() []string {
	if f.histogram && !slices.Contains(f.facets, "month") {
		return append(slices.Clone(f.facets), "month")
	}
	return f.facets
}

// maxTermsFile bounds a file of terms, in octets.
const maxTermsFile = 1 << 20

// query joins the query with a saved one, and with the terms of a file, any of
// which is to be found.
func (f *searchFlags) query(args []string) (string, error) {
	if f.saved != "" {
		if !search.ValidName(f.saved) {
			return "", usage("%q is no name of a saved search", f.saved)
		}
		saved := "saved:" + f.saved
		if len(args) > 0 {
			saved = "(" + args[0] + ") AND " + saved
		}
		args = []string{saved}
	}
	if f.termsFile == "" {
		if len(args) == 0 {
			return "", advise(errors.New("QUERY is missing"), exitUsage, "closeroll search QUERY; one that begins with - is written NOT …, or after --")
		}
		return args[0], nil
	}
	in, err := os.Open(f.termsFile)
	if err != nil {
		return "", advise(err, exitUsage, "--terms-file names a text file with one term a line")
	}
	defer in.Close()
	if info, err := in.Stat(); err != nil || info.Size() > maxTermsFile {
		return "", advise(fmt.Errorf("%s is larger than a list of terms", f.termsFile), exitUsage, "one term a line, 1 MiB at most")
	}
	terms, err := readTerms(in)
	if err != nil {
		return "", err
	}
	if len(terms) == 0 {
		return "", advise(fmt.Errorf("%s has no terms", f.termsFile), exitUsage, "one term a line; lines that begin with # are passed over")
	}
	any := strings.Join(terms, " OR ")
	if len(args) == 0 {
		return any, nil
	}
	return "(" + args[0] + ") AND (" + any + ")", nil
}

// readTerms reads a file of terms. Each line is a query of its own, so that what
// one leaves open does not run into the next.
func readTerms(in io.Reader) (terms []string, err error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxTermsFile+1)
	for n := 1; lines.Scan(); n++ {
		term := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if term == "" || strings.HasPrefix(term, "#") {
			continue
		}
		known := search.Parser{Saved: func(string) (string, bool) { return "*", true }}
		if _, err := known.Parse(term); err != nil {
			return nil, misspelt(fmt.Errorf("line %d: %w", n, err))
		}
		terms = append(terms, "("+term+")")
	}
	return terms, lines.Err()
}

// around is what was said before and after a message, as far as its day has it.
func around(texts []string, n, width int) (before, after []string) {
	return texts[max(0, n-1-width):min(n-1, len(texts))], texts[min(n, len(texts)):min(n+width, len(texts))]
}

// reports prints what is said of the hits as a whole.
func (p *printer) reports(a *v1.Answer, f searchFlags) {
	if len(a.Terms) > 0 {
		p.terms(a.Terms)
	}
	for _, facet := range a.Facets {
		if slices.Contains(f.facets, facet.Name) {
			p.facet(facet)
		}
		if f.histogram && facet.Name == "month" {
			p.histogram(facet)
		}
	}
}

// terms prints the table of terms. Without alternatives nothing stands alone.
func (p *printer) terms(counts []search.TermCount) {
	var rows [][]string
	for _, c := range counts {
		rows = append(rows, []string{thousands(c.Hits), thousands(c.Kept), thousands(c.Alone), strings.Repeat("  ", c.Depth) + clip(c.Term, 80)})
	}
	p.table([]string{"finds", "kept", "alone", "term"}, rows)
}

func (p *printer) facet(f search.Facet) {
	p.line("  %s", p.bold("by "+f.Name))
	for _, v := range f.Values {
		p.line("  %9s  %s", thousands(v.Hits), clip(v.Value, p.width-13))
	}
}

// histogram draws a bar for each month.
func (p *printer) histogram(months search.Facet) {
	most := 1
	for _, v := range months.Values {
		most = max(most, v.Hits)
	}
	room := max(p.width-24, 10)
	for _, v := range months.Values {
		bar := strings.Repeat("█", v.Hits*room/most)
		if bar == "" {
			bar = "▏"
		}
		p.line("  %-8s %s %s", v.Value, p.dim(bar), thousands(v.Hits))
	}
}
