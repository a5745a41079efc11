package main

import (
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/sshsig"
)

func holdPath(name, what string) string { return "/v1/holds/" + url.PathEscape(name) + "/" + what }

func (e *env) holdReleaseVerb() *cobra.Command {
	var d daemonFlags
	var s signFlags
	var reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "release NAME",
		Short: "Agree to the end of a hold that another person placed; this deletes nothing",
		Long: `Agree to the end of a hold that another person placed. It stays in force while the
agreement cools off (approvals.release_after in the configuration), in which time
closeroll hold withdraw keeps it. Nothing is deleted by this.

What is signed with --sign is the statement "I agree to the release of the hold
“NAME”." with the reason, for the purpose hold-release@closeroll.`,
		Example: example(`closeroll hold release FOI-2026-014 --reason "closed, six months passed" --sign ~/.ssh/id_ed25519`),
		Args:    takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			signature, err := e.sign(s, sshsig.HoldRelease, record.ReleaseStatement(args[0], reason))
			if err != nil {
				return err
			}
			var out v1.Agreement
			if err := e.call(cmd.Context(), d, http.MethodPost, holdPath(args[0], "release"), v1.Release{Reason: reason, Signature: signature}, &out); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(out)
			}
			if out.After.IsZero() {
				e.print().line("  hold %s is released; nothing was deleted", args[0])
				return nil
			}
			p := e.print()
			p.line("  the release of hold %s is agreed; it is in force until %s is over", p.bold(args[0]), out.After.Long())
			p.line("  %s", p.dim("closeroll hold withdraw keeps it"))
			return nil
		},
	}
	d.add(cmd)
	s.add(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	return cmd
}

// A withdrawn release is what withdraw prints for machines.
type withdrawn struct {
	Hold   string `json:"hold"`
	Reason string `json:"reason"`
}

func (e *env) holdWithdrawVerb() *cobra.Command {
	var d daemonFlags
	var reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "withdraw NAME",
		Short:   "Take back the agreement to a hold's release while it cools off",
		Example: example(`closeroll hold withdraw inquiry-7 --reason "the chair has asked for more"`),
		Args:    takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := e.call(cmd.Context(), d, http.MethodPost, holdPath(args[0], "withdrawal"), v1.Release{Reason: reason}, nil); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(withdrawn{args[0], reason})
			}
			e.print().line("  hold %s stays in force", args[0])
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	return cmd
}
