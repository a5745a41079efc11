package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiAskVerb() *cobra.Command {
	var d daemonFlags
	var v versionFlag
	var on string
	var req v1.AskRequest
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ask REF WHOM WHAT",
		Short: "Note an ask for what is not in the archive: a custodian's own phone, a shared drive",
		Long: `Note that somebody was asked to look for what is not in this archive, or that a
source was not searched. The ask is numbered A1, A2 and so on; note the reply,
or why there was no search, with closeroll foi answer.`,
		Example: example(`closeroll foi ask FOI-2026-014 minister 'WhatsApp on the private phone, May 2026'`,
			`closeroll foi answer FOI-2026-014 A1 nothing --note 'searched for sandbags and flood; no hits'`),
		Args: takes("REF", "WHOM", "WHAT"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			req.Ref, req.Of, req.What, req.Version = args[0], args[1], args[2], v.version
			if req.On, err = e.orToday(on); err != nil {
				return err
			}
			var r v1.Request
			if err := e.call(cmd.Context(), d, http.MethodPost, requestPath(req.Ref, "/asks"), req, &r); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(r)
			}
			e.print().line("  A%d is noted; when there is a reply: closeroll foi answer %s A%[1]d RESULT", len(r.Asks), req.Ref)
			return nil
		},
	}
	d.add(cmd)
	v.add(cmd)
	cmd.Flags().StringVar(&on, "on", "", "when (today)")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	return cmd
}

func (e *env) foiAnswerVerb() *cobra.Command {
	var d daemonFlags
	var v versionFlag
	var on string
	var req v1.AnswerRequest
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "answer REF ASK RESULT",
		Short: "Note the reply to an ask: found, nothing, refused or not_searched",
		Long: `Note the reply to an ask. RESULT is found, nothing (a nil return is a reply too),
refused, or not_searched with a note that says why.`,
		Example: example(`closeroll foi answer FOI-2026-014 A1 nothing --on 2026-06-02`,
			`closeroll foi answer FOI-2026-014 A2 not_searched --note 'the laptop was returned and wiped in 2024'`),
		Args: takes("REF", "ASK", "RESULT"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			req.Ref, req.Result, req.Version = args[0], args[2], v.version
			if req.Ask, err = strconv.Atoi(strings.TrimPrefix(strings.ToUpper(args[1]), "A")); err != nil {
				return usage("%q is no ask: they are A1, A2, …", args[1])
			}
			if req.On, err = e.orToday(on); err != nil {
				return err
			}
			var r v1.Request
			if err := e.call(cmd.Context(), d, http.MethodPost, requestPath(req.Ref, "/answers"), req, &r); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(r)
			}
			waiting := 0
			for _, a := range r.Asks {
				if a.Open() {
					waiting++
				}
			}
			e.print().line("  A%d is answered; %s", req.Ask, fmt.Sprintf("%s without a reply", count(waiting, "ask", "asks")))
			return nil
		},
	}
	d.add(cmd)
	v.add(cmd)
	cmd.Flags().StringVar(&on, "on", "", "when (today)")
	cmd.Flags().StringVar(&req.Note, "note", "", "what was searched and how, or why not")
	jsonFlag(cmd, &asJSON)
	e.completeRefs(cmd, &d)
	refs := cmd.ValidArgsFunction
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 2 {
			return foi.AskResults(), cobra.ShellCompDirectiveNoFileComp
		}
		return refs(cmd, args, begun)
	}
	return cmd
}
