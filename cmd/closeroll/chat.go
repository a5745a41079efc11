package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
)

func (e *env) chatVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "chat",
		Short:   "Chats: list them, and get an export back as it was",
		Example: example("closeroll chat list"),
		Args:    cobra.NoArgs,
	}
	cmd.AddCommand(e.chatListVerb(), e.exportOriginalVerb())
	return cmd
}

func (e *env) chatListVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list [CHAT]",
		Short:   "List chats with their exports and notices",
		Example: example("closeroll chat list", `closeroll chat list "Flood response" --json`),
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			which := ""
			if len(args) > 0 {
				which = args[0]
			}
			var list []v1.Chat
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/chats?chat="+query(which), nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			if len(list) == 0 && which != "" {
				return advise(fmt.Errorf("there is no chat %q", which), exitNotFound, "closeroll chat list lists them")
			}
			p := e.print()
			for _, c := range list {
				p.line("  %s  %s", p.bold(clip(c.Title, 80)), p.dim(c.ID))
				p.line("      %s on %s, %s to %s; %s", count(c.Messages, "message", "messages"), count(c.Days, "day", "days"), c.From, c.Until, c.Platform)
				for _, x := range c.Exports {
					p.line("      export %s captured %s", x.Record.Short(), moment(x.Captured, london()))
				}
				for _, n := range c.Notices {
					p.line("      %s", p.mark(clip(n.Text, 300)))
				}
			}
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (e *env) exportOriginalVerb() *cobra.Command {
	var d daemonFlags
	var i identityFlags
	var out string
	cmd := &cobra.Command{
		Use:   "export-original EXPORT -o FILE",
		Short: "Write a captured export's transcript again, byte for byte",
		Long: `Write a captured export's transcript again, byte for byte, from the chat-day
records that it was taken apart into. EXPORT is an export record's id, as chat
list shows it. The result is compared with the digest that was recorded at
capture; if it differs nothing is left behind.`,
		Example: example("closeroll chat export-original x7c2q -o _chat.txt -i officer.key"),
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			r, client, err := e.reader(d, i)
			if err != nil {
				return err
			}
			defer client.Close()
			f, err := os.CreateTemp(filepath.Dir(out), durable.TempPrefix+"*")
			if err != nil {
				return err
			}
			defer os.Remove(f.Name())
			defer f.Close()
			if err := r.Original(cmd.Context(), recordPart(args[0]), f); err != nil {
				return opening(err)
			}
			if err := f.Close(); err != nil {
				return err
			}
			if err := os.Rename(f.Name(), out); err != nil {
				return err
			}
			e.print().line("  %s", out)
			return nil
		},
	}
	d.add(cmd)
	i.add(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write")
	cobra.CheckErr(cmd.MarkFlagRequired("output"))
	return cmd
}
