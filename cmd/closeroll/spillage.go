package main

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) spillageVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "spillage",
		Short:   "Destroy material that this archive must not hold",
		Example: example(`closeroll spillage propose 7qk2m --reason "marked above this system"`),
	}, e.spillageProposeVerb())
}

func (e *env) spillageProposeVerb() *cobra.Command {
	var d daemonFlags
	var req v1.Spillage
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "propose ID…",
		Short: "Make a list of material that this archive must not hold",
		Long: `Make a list of material that this archive must not hold, such as what is
classified above its store. With --confirm it is journalled; another person then
approves it, and it is executed without cooling-off: closeroll dispose approve,
closeroll dispose execute. A hold blocks it, and then people are told: whoever owns
the hold has to decide. Say nothing in the reason that is itself classified.`,
		Example: example(`closeroll spillage propose 7qk2m --reason "marked above this system" --confirm`),
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("ID is missing")
			}
			var err error
			if req.Records, err = recordParts(args); err != nil {
				return err
			}
			return e.batchCall(cmd, d, asJSON, http.MethodPost, "/v1/spillages", req, func(p *printer, b v1.Batch) { p.proposal(b) })
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&req.Reason, "reason", "", "why it must not be held; name nobody")
	cmd.Flags().BoolVar(&req.Confirm, "confirm", false, "journal the list")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	return cmd
}
