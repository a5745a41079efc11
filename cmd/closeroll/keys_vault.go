package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) keysVaultVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "vault",
		Short:   "Vaults besides the archive's own",
		Example: example("closeroll keys vault add hr --reader hr-head=hr.pub --reader records=age1pq1…"),
	}, e.keysVaultAddVerb())
}

// newVault is what keys vault add is told.
type newVault struct {
	daemonFlags
	name                string
	readers             []string
	quarantine, classic bool
	asJSON              bool
}

func (e *env) keysVaultAddVerb() *cobra.Command {
	var f newVault
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Found another vault, sealed to its own readers",
		Long: `Found another vault, sealed to its own readers. Its keys are made on this
machine; the identity is sealed to the readers here and then exists nowhere else,
and the daemon is given the public half. At least two readers are needed. A key
is NAME=KEY, where KEY is age1pq1…, age1…, an SSH public key, or a file that holds
one; NAME is seen by whoever lists the bucket, so use a role.

A source goes into it with vault: NAME in the configuration, which says under
vaults: who may see what it keeps and whom others ask. With --quarantine it is
the vault for what must not be searched before a person has released it; its
readers are the departmental records officer and a deputy.`,
		Example: example("closeroll keys vault add hr --reader hr-head=hr.pub --reader records=age1pq1…",
			"closeroll keys vault add quarantine --quarantine --reader dro=dro.pub --reader deputy=deputy.pub"),
		Args: takes("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.name = args[0]
			return e.addVault(cmd.Context(), f)
		},
	}
	f.add(cmd)
	cmd.Flags().StringArrayVar(&f.readers, "reader", nil, "who may read the vault, NAME=KEY; at least two")
	cmd.Flags().BoolVar(&f.quarantine, "quarantine", false, "make it the quarantine vault")
	cmd.Flags().BoolVar(&f.classic, "classic", false, "make its keys X25519 alone instead of the post-quantum hybrid")
	jsonFlag(cmd, &f.asJSON)
	return cmd
}

func (e *env) addVault(ctx context.Context, f newVault) error {
	readers, err := holders("--reader", f.readers)
	if err != nil {
		return err
	}
	different := make(map[string]bool)
	named := make(map[string]bool)
	for _, r := range readers {
		different[r.Key.String()], named[r.Name] = true, true
	}
	if len(different) < archive.MinReaders || len(named) < len(readers) {
		return advise(fmt.Errorf("a vault needs at least %d different readers of different names, and %d are given", archive.MinReaders, min(len(different), len(named))),
			exitUsage, "give each with --reader NAME=KEY")
	}
	strength := seal.PostQuantum
	if f.classic {
		strength = seal.Classic
	}
	pair, err := seal.GenerateKeyPair(strength)
	if err != nil {
		return err
	}
	req := v1.NewVault{Name: f.name, Kind: record.VaultRecords, Recipient: pair.Recipient().String(), Wrapped: make(map[string][]byte)}
	if f.quarantine {
		req.Kind = record.VaultQuarantine
	}
	for _, r := range readers {
		if req.Wrapped[r.Name], err = pair.Wrap(r.Key); err != nil {
			return err
		}
	}
	var made v1.KeptVault
	if err := e.call(ctx, f.daemonFlags, http.MethodPost, "/v1/vaults", req, &made); err != nil {
		return err
	}
	if f.asJSON {
		return e.writeJSON(made)
	}
	p := e.print()
	p.field("vault", "%s founded, sealed to %s", p.bold(made.Epoch), strings.Join(made.Readers, ", "))
	if made.Ask == "" {
		p.line("  say under vaults: in the configuration who may see what it keeps and whom others ask, and restart the daemon")
	}
	return nil
}
