package main

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) chatReceiptVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "receipt EXPORT",
		Short: "Say what was captured of an export: counts, gaps, when the next one is due",
		Long: `Say what was captured of an export: counts, gaps, how many findings comparing it
had, when the next one is due. EXPORT is an export record's id, as chat list
shows it; upload and import print it too. The text says nothing that the chat says.
With receipts: smtp in the configuration it is sent to the custodian, if the export
came by e-mail from one of the custodian's own addresses to a source with
sender_is_custodian, or in any other way to a source with receipts: smtp.`,
		Example: example("closeroll chat receipt x7c2q", "closeroll chat receipt x7c2q --json"),
		Args:    takes("EXPORT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var r v1.Receipt
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/exports/"+url.PathEscape(args[0])+"/receipt", nil, &r); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(r)
			}
			e.print().receipt(r)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	e.completeExports(cmd, &d)
	return cmd
}

// receipt prints a receipt with how it was sent.
func (p *printer) receipt(r v1.Receipt) {
	p.line("  %s  %s", p.bold(clip(r.Title, 80)), p.dim(r.Chat))
	for line := range strings.Lines(r.Text) {
		p.line("%s", strings.TrimRight("  "+clip(line, 300), " "))
	}
	switch r.State {
	case "sent":
		p.line("  %s", p.dim("sent to the custodian "+moment(r.SentAt, london())))
	case "failed":
		p.line("  %s", p.mark("the mail server did not take it "+moment(r.SentAt, london())+"; it is tried again"))
	}
}

// exportLine is a captured export in a line of a list.
func exportLine(x v1.Export) string {
	line := "export " + x.Record.Short() + " captured " + moment(x.Captured, london()) + ", " + count(x.Messages, "message", "messages")
	if x.Custodian != "" {
		line += " of " + x.Custodian
	}
	if x.Receipt != "" {
		line += "; receipt " + x.Receipt
	}
	return line
}

// completeExports completes the first operand with the captured exports.
func (e *env) completeExports(cmd *cobra.Command, d *daemonFlags) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var list []v1.Chat
		if err := e.call(cmd.Context(), *d, http.MethodGet, "/v1/chats", nil, &list); err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var ids []string
		for _, c := range list {
			for _, x := range c.Exports {
				ids = append(ids, x.Record.Short()+"\t"+clip(c.Title, 60))
			}
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
}
