package main

import (
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) keysVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "keys",
		Short:   "Say which keys there are and who can open them",
		Example: example("closeroll keys list"),
	}, e.keysListVerb(), e.keysVaultVerb())
}

func (e *env) keysListVerb() *cobra.Command {
	var d daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the keys in the bucket and to whom each is sealed",
		Example: example("closeroll keys list", "closeroll keys list --json"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var k v1.Keys
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/keys", nil, &k); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(k)
			}
			holders := map[string][]string{}
			var names []string
			for _, h := range k.Holders {
				if holders[h.Key] == nil {
					names = append(names, h.Key)
				}
				holders[h.Key] = append(holders[h.Key], h.Holder)
			}
			slices.Sort(names)
			p := e.print()
			var lines [][2]string
			for _, v := range k.Vaults {
				lines = append(lines, [2]string{"vault", p.vault(v)})
			}
			for _, n := range names {
				lines = append(lines, [2]string{n, "sealed to " + strings.Join(holders[n], ", ")})
			}
			p.fields(append(lines, [2]string{"verifier", k.Journal}))
			return nil
		},
	}
	d.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// vault says what a vault is for.
func (p *printer) vault(v v1.KeptVault) string {
	text := p.bold(v.Epoch) + ", " + v.Strength
	switch {
	case v.Kind == record.VaultQuarantine:
		text += ", quarantine"
	case v.Own:
		text += ", the archive's own"
	}
	if v.Ask != "" {
		text += "; others ask " + clip(v.Ask, 80)
	}
	return text
}
