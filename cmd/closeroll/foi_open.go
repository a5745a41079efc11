package main

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) foiOpenVerb() *cobra.Command {
	var d daemonFlags
	var received, textFile string
	var req v1.OpenRequest
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "open REF",
		Short: "Enter a request in the register, with its deadline and a hold on what it asks for",
		Long: `Enter a request in the register. Its deadline is reckoned by the rules of its
kind, and what its scope finds is put on hold at once, with whatever is captured
later that the scope finds too. Without --scope nothing in the whole archive is
disposed of until closeroll foi scope says what the request covers.

The text is what is asked for. Leave out who asked: closeroll keeps no requester.`,
		Example: example(`closeroll foi open FOI-2026-014 --received 2026-05-22 --kind foi --text-file request.txt --scope 'sandbags sent:2026'`,
			"closeroll foi open SAR-2026-003 --received 2026-06-01 --kind sar --text-file -"),
		Args: takes("REF"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			req.Ref = args[0]
			if req.Received, err = parseDate(received); err != nil {
				return err
			}
			if req.Text, err = e.textOf(textFile); err != nil {
				return err
			}
			var r v1.Request
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/requests", req, &r); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(r)
			}
			p := e.print()
			p.line("  request %s is open: reply by %s", p.bold(r.Ref), p.bold(longDay(r.Standing.Due)))
			p.onHold(r)
			p.disposed(r)
			p.steps(r)
			p.alike(r.Ref, r.Alike)
			return nil
		},
	}
	d.add(cmd)
	f := cmd.Flags()
	f.StringVar(&received, "received", "", "the day on which it was received, working day or not")
	f.StringVar(&req.Kind, "kind", "foi", "foi, eir or sar")
	f.StringVar(&textFile, "text-file", "", "file with what is asked for; - is standard input")
	f.StringVar(&req.Query, "scope", "", "query for what it covers")
	f.StringSliceVar(&req.Related, "related", nil, "earlier requests of the same person or campaign, for the cost limit")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "received", "text-file")
	completes(cmd, "kind", "foi", "eir", "sar")
	return cmd
}

// completes offers these values of a flag to the shell.
func completes(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic("closeroll: " + err.Error()) // a flag that is not there is a slip of ours
	}
}

// parseDate reads a day; empty is no date.
func parseDate(s string) (record.Date, error) {
	if s == "" {
		return record.Date{}, nil
	}
	d, err := record.ParseDate(s)
	if err != nil {
		return d, advise(err, exitUsage, "a day is written as 2026-05-27")
	}
	return d, nil
}

// orToday reads a day; empty is today.
func (e *env) orToday(s string) (record.Date, error) {
	if s == "" {
		return record.DateOf(e.now(), london()), nil
	}
	return parseDate(s)
}

// longDay writes a day as people do.
func longDay(d record.Date) string {
	if d.IsZero() {
		return "no date"
	}
	return d.Long()
}

// maxText bounds a request's text, in octets.
const maxText = 1 << 20

// textOf reads a file of text, or standard input for -.
func (e *env) textOf(name string) (string, error) {
	r := e.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", advise(err, exitUsage, "name a file of plain text")
		}
		defer f.Close()
		r = f
	}
	b, err := io.ReadAll(io.LimitReader(r, maxText+1))
	text := strings.TrimSpace(strings.TrimPrefix(string(b), "\ufeff"))
	switch {
	case err != nil:
		return "", err
	case len(b) > maxText || !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return "", advise(errors.New(name+" is not plain text of less than a mebibyte"), exitUsage, "save what is asked for as plain text")
	case text == "":
		return "", advise(errors.New(name+" is empty"), exitUsage, "write what is asked for into it")
	}
	return text, nil
}

// requestPath is the path of a call about a request.
func requestPath(ref, more string) string { return "/v1/requests/" + url.PathEscape(ref) + more }

func (e *env) foiScopeVerb() *cobra.Command {
	var d daemonFlags
	var v versionFlag
	var req v1.ScopeRequest
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "scope REF QUERY",
		Short: "Say what a request covers, and put that on hold",
		Long: `Say what a request covers. What the query finds is put on hold, now and as it is
captured. If the request had no scope, disposal of everything else goes on from
now. An earlier scope stays on hold until a manager releases it.`,
		Example: example(`closeroll foi scope FOI-2026-014 'sandbags AND custodian:minister sent:2026-05'`),
		Args:    takes("REF", "QUERY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Ref, req.Query, req.Version = args[0], args[1], v.version
			var r v1.Request
			if err := e.call(cmd.Context(), d, http.MethodPost, requestPath(req.Ref, "/scope"), req, &r); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(r)
			}
			e.print().onHold(r)
			return nil
		},
	}
	d.add(cmd)
	v.add(cmd)
	cmd.Flags().StringVar(&req.Note, "note", "", "why")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

// versionFlag guards a change against what somebody else changed meanwhile.
type versionFlag struct{ version int64 }

func (v *versionFlag) add(cmd *cobra.Command) {
	cmd.Flags().Int64Var(&v.version, "if-version", 0, "only if the request is still at this version, which foi show prints")
}

// completeRefs completes the first operand with the references in the register.
func (e *env) completeRefs(cmd *cobra.Command, d *daemonFlags) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var list []v1.Request
		if err := e.call(cmd.Context(), *d, http.MethodGet, "/v1/requests", nil, &list); err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var refs []string
		for _, r := range list {
			refs = append(refs, r.Ref+"\t"+clip(r.Text, 60))
		}
		return refs, cobra.ShellCompDirectiveNoFileComp
	}
}

// onHold says what a request keeps from disposal.
func (p *printer) onHold(r v1.Request) {
	if r.Scope == "" {
		p.line("  %s", p.mark("nothing in the whole archive is disposed of until you say what it covers: closeroll foi scope "+r.Ref+" QUERY"))
		return
	}
	p.line("  hold %s: %s on hold now, and what is captured later within %s", r.Holds[len(r.Holds)-1],
		count(r.OnHold, "record", "records"), clip(r.Scope, 100))
	if r.OnHold == 0 {
		p.line("  %s", p.mark("nothing that is archived now is within it: is the query right?"))
	}
}

// disposed lists what went since the request came.
func (p *printer) disposed(r v1.Request) {
	if len(r.Disposed) == 0 {
		return
	}
	p.line("  %s", p.mark(count(len(r.Disposed), "record was", "records were")+" disposed of since "+r.Received.Long()+": look whether any is within the request"))
	for _, x := range r.Disposed {
		p.line("      %s  %s  %s", x.ID.Short(), clip(x.Display, 60), p.dim("certificate "+x.Certificate))
	}
}

// steps lists what is to be done about a request.
func (p *printer) steps(r v1.Request) {
	for i, s := range r.Standing.Steps {
		label := ""
		if i == 0 {
			label = "to do"
		}
		for j, line := range wrap(s, max(p.width-16, 40)) {
			if j > 0 {
				label, line = "", "  "+line
			}
			p.field(label, "%s", line)
		}
	}
	for _, n := range r.Standing.Notices {
		p.field("notice", "%s", p.mark(n))
	}
}
