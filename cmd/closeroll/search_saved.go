package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search"
)

// parser reads queries as the daemon does, but for what is saved there: that is
// taken on trust, and the daemon looks it up.
func (e *env) parser() search.Parser {
	return search.Parser{Zone: london(), Now: e.now(), Saved: func(string) (string, bool) { return "*", true }}
}

// grouping is what the daemon is asked to group by: copies are grouped anyway.
func (f *searchFlags) grouping() string {
	if f.group == "copy" {
		return ""
	}
	return f.group
}

// group heads the hits of one thread or chat.
func (p *printer) group(rest []v1.Hit, first v1.Hit) {
	here := slices.IndexFunc(rest, func(h v1.Hit) bool { return h.Group.Key != first.Group.Key })
	if here < 0 {
		here = len(rest)
	}
	what := "thread"
	if first.Chat != "" {
		what = "chat"
	}
	p.line("")
	if first.Group.Total < 2 && first.Chat == "" {
		return // it stands alone
	}
	p.line("  %s  %s", p.bold(what+" "+clip(first.Group.Title, p.width-40)), p.dim(fmt.Sprintf("%s here, %s in all", thousands(here), thousands(first.Group.Total))))
}

func (e *env) searchSaveVerb() *cobra.Command {
	var d daemonFlags
	var req v1.SaveSearch
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "save NAME QUERY",
		Short: "Keep a query under a name, to be used as saved:NAME",
		Long: `Keep a query under a name. It is yours unless you give --shared; where both have a
name, yours is used. Saving is journalled, and so is the query itself wherever it is
used: a search for a request freezes what saved:NAME asked for at the time. A query
with saved:OTHER in it is kept as what OTHER asks for now.`,
		Example: example(`closeroll search save floods '"flood defences" OR sandbags OR levee*' --shared`,
			`closeroll search 'saved:floods AND sent:2026-05'`),
		Args: takes("NAME", "QUERY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Name, req.Query = args[0], args[1]
			if _, err := e.parser().Parse(req.Query); err != nil {
				return misspelt(err)
			}
			var saved v1.SavedSearch
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/saved-searches", req, &saved); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(saved)
			}
			e.print().line("  saved; use it as saved:%s", saved.Name)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().BoolVar(&req.Shared, "shared", false, "for everybody who may search")
	cmd.Flags().BoolVar(&req.Replace, "replace", false, "replace what is saved under the name")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (e *env) searchSavedVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "saved [NAME]",
		Short:   "List the searches that you have saved, and those that are shared",
		Example: example("closeroll search saved", "closeroll search saved floods"),
		Args:    mayTake("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var list []v1.SavedSearch
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/saved-searches", nil, &list); err != nil {
				return err
			}
			if len(args) > 0 {
				list = slices.DeleteFunc(list, func(s v1.SavedSearch) bool { return s.Name != args[0] })
				if len(list) == 0 {
					return advise(fmt.Errorf("no search was saved as %q", args[0]), exitNotFound, "closeroll search saved lists them")
				}
			}
			if asJSON {
				return e.writeJSON(list)
			}
			p := e.print()
			if len(list) == 0 {
				p.line("  no search is saved; closeroll search save NAME QUERY saves one")
				return nil
			}
			var rows [][]string
			for _, s := range list {
				whose := "yours"
				if s.Shared {
					whose = "shared"
				}
				rows = append(rows, []string{s.Name, whose, day(s.At, london()), clip(s.Query, max(p.width-40, 40))})
			}
			p.table([]string{"name", "whose", "saved", "query"}, rows)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	e.completeSaved(cmd, &d)
	return cmd
}

func (e *env) searchForgetVerb() *cobra.Command {
	var d daemonFlags
	var req v1.ForgetSearch
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "forget NAME",
		Short:   "Forget a saved search",
		Long:    "Forget a saved search. What was searched with it stays in the journal, in full.",
		Example: example("closeroll search forget floods", "closeroll search forget floods --shared"),
		Args:    takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var was v1.SavedSearch
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/saved-searches/"+url.PathEscape(args[0])+"/forget", req, &was); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(was)
			}
			e.print().line("  forgotten; it was %s", clip(was.Query, 200))
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().BoolVar(&req.Shared, "shared", false, "the shared one of this name, not yours")
	jsonFlag(cmd, &asJSON)
	e.completeSaved(cmd, &d)
	return cmd
}

// completeSaved completes the names of saved searches.
func (e *env) completeSaved(cmd *cobra.Command, d *daemonFlags) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		var list []v1.SavedSearch
		if len(args) > 0 || e.call(cmd.Context(), *d, http.MethodGet, "/v1/saved-searches", nil, &list) != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, s := range list {
			names = append(names, s.Name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
