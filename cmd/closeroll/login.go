package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) loginVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "login SOURCE",
		Short: "Open a mailbox to the daemon, by a code entered on any device",
		Long: `Open a mailbox to the daemon, by a code that the mailbox's owner enters in a
browser on any device (RFC 8628). It waits until that person has agreed. The
daemon then keeps a refresh token, sealed in its state folder; the password is
never seen here. It is for mailboxes whose configuration says grant: device_code.`,
		Example: example("closeroll login private-office"),
		Args:    takes("SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			stream, err := client.Stream(cmd.Context(), http.MethodPost, "/v1/sources/"+url.PathEscape(args[0])+"/login", nil)
			if err != nil {
				return fromDaemon(err)
			}
			defer stream.Close()
			var last v1.LoginStep
			for step, err := range api.Lines[v1.LoginStep](stream) {
				if err != nil {
					return fromDaemon(err)
				}
				if last = step; !step.Done {
					e.promptLogin(step)
				}
			}
			if !last.Done {
				return advise(errors.New("the log-in broke off"), exitFailure, "begin again with closeroll login %s", args[0])
			}
			if asJSON {
				return e.writeJSON(last)
			}
			e.print().line("  %s is open to the daemon; closeroll capture %s reads it now", last.Source, last.Source)
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// promptLogin tells a person what to do. It is talk, not data.
func (e *env) promptLogin(step v1.LoginStep) {
	until := ""
	if !step.Expires.IsZero() {
		until = ", until " + step.Expires.UTC().Format("15:04 MST")
	}
	fmt.Fprintf(e.stderr, "  open    %s\n  enter   %s\n  waiting for the mailbox's owner%s\n", clip(step.URL, 500), clip(step.Code, 100), until)
}
