package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiUnsearchedVerb() *cobra.Command {
	var d daemonFlags
	var v versionFlag
	var req v1.Look
	var open, asJSON bool
	cmd := &cobra.Command{
		Use:   "unsearched REF [ITEM…]",
		Short: "List what the searches for a request could not read, and say what you found in it",
		Long: `List what the searches for a request could not read and what may be within it: an
encrypted attachment, a photograph, a recording, what is not indexed. No search can
find anything there, so a person looks (closeroll get, closeroll show) and says:

  within      it belongs to what is asked for: it joins the request's set
  outside     it does not
  unreadable  nobody could read it; --note says why, and it stands in the certificate

Name items by their ids, or give --all for every one of which nobody has said
anything yet. Nothing is dropped: the newest word on an item holds, and all of them
are in the journal.`,
		Example: example("closeroll foi unsearched FOI-2026-014 --open",
			"closeroll foi unsearched FOI-2026-014 7qk2m/1 --result within --note 'opened with the password from the sender'",
			"closeroll foi unsearched FOI-2026-014 --all --result outside --note 'photographs of a retirement party'"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("REF is missing")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Ref, req.Items, req.Version = args[0], args[1:], v.version
			var list v1.Unsearched
			says := len(req.Items) > 0 || req.All
			switch {
			case says && req.Result == "":
				return usage("say what you found with --result: %s", strings.Join(foi.LookResults(), ", "))
			case !says && req.Result != "":
				return usage("name the items that are %s, or give --all", req.Result)
			case len(req.Items) > 0 && req.All:
				return usage("give items or --all, not both")
			}
			method, body := http.MethodGet, any(nil)
			if says {
				method, body = http.MethodPost, req
			}
			if err := e.call(cmd.Context(), d, method, requestPath(req.Ref, "/unsearched"), body, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			e.print().unsearched(list, open || says)
			return nil
		},
	}
	d.add(cmd)
	v.add(cmd)
	f := cmd.Flags()
	f.StringVar(&req.Result, "result", "", "what you found: "+strings.Join(foi.LookResults(), ", "))
	f.StringVar(&req.Note, "note", "", "how you looked, or why nobody could")
	f.BoolVar(&req.All, "all", false, "every item of which nobody has said anything yet")
	f.BoolVar(&open, "open", false, "list only those")
	jsonFlag(cmd, &asJSON)
	completes(cmd, "result", foi.LookResults()...)
	e.completeRefs(cmd, &d)
	return cmd
}

func (p *printer) unsearched(list v1.Unsearched, open bool) {
	p.line("  %s could not be searched and may be within %s, %s to be looked at", p.bold(count(len(list.Items), "message", "messages")), list.Ref, thousands(list.Open))
	for _, it := range list.Items {
		if open && it.Looked != nil {
			continue
		}
		title := it.Display
		if it.Chat != "" {
			title = it.Chat + ", " + it.Sender
		}
		id, n, _ := strings.Cut(it.Item, "/")
		p.line("  %s/%s  %-18s  %s", record.ID(id).Short(), n, moment(it.Sent, london()), clip(title, max(p.width-40, 30)))
		said := ""
		if it.Looked != nil {
			said = fmt.Sprintf("   %s: %s (%s)", it.Looked.Result, it.Looked.Note, it.Looked.By)
		}
		p.line("      %s", p.dim(strings.ReplaceAll(it.Reason, "_", " ")+"   "+runsOf(it.Runs)+said))
	}
}
