package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) fixityVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "fixity",
		Short:   "Check that every stored record still has the digest it was stored with",
		Example: example("closeroll fixity"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := e.client(d)
			if err != nil {
				return err
			}
			defer client.Close()
			stream, err := client.Stream(cmd.Context(), http.MethodPost, "/v1/fixity", nil)
			if err != nil {
				return fromDaemon(err)
			}
			defer stream.Close()
			bar := e.progress("records")
			var outcome *v1.Verification
			for line, err := range api.Lines[v1.Progress](stream) {
				if err != nil {
					return fromDaemon(err)
				}
				bar.set(line.Done, line.Total)
				outcome = line.Outcome
			}
			bar.end()
			if outcome == nil || outcome.Fixity == nil {
				return fmt.Errorf("the check broke off")
			}
			if asJSON {
				return errors.Join(e.writeJSON(outcome), notAsStored(outcome))
			}
			p := e.print()
			p.field("fixity", "%s compared, %s", count(outcome.Fixity.Checked, "record", "records"), octets(outcome.Fixity.Octets))
			for _, id := range outcome.Missing {
				p.field("missing", "%s", id)
			}
			for _, id := range outcome.Changed {
				p.field("changed", "%s", id)
			}
			return notAsStored(outcome)
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// notAsStored is an error if a record is missing or changed.
func notAsStored(v *v1.Verification) error {
	n := len(v.Missing) + len(v.Changed)
	if n == 0 {
		return nil
	}
	return advise(fmt.Errorf("%s not as stored", count(n, "record is", "records are")), exitUnverified,
		"restore them from another copy of the bucket; nothing was changed here")
}
