package catalog

import (
	"context"
	"encoding/json"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

func (f *fold) keyChange(e Entry, k record.KeyChange) error {
	if k.Change != record.ChangeVault {
		return nil
	}
	readers, err := jsonText(k.Readers)
	if err != nil {
		return err
	}
	return f.exec(`INSERT INTO vaults (epoch, vault, kind, recipient, readers, at, actor) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		k.Epoch, k.Vault, string(k.Kind), k.Recipient, readers, e.Time.UnixMilli(), e.Actor)
}

// A VaultRow is an epoch of a vault as it was journalled.
type VaultRow struct {
	Vault     string
	Epoch     string
	Kind      record.VaultKind
	Recipient string
	Readers   []string
	At        time.Time
	Actor     string
}

// Vaults lists the epochs of every vault, by name.
func (c *Catalog) Vaults(ctx context.Context) ([]VaultRow, error) {
	return collect(ctx, c.read, func(s scanner) (VaultRow, error) {
		var v VaultRow
		var at int64
		var readers string
		if err := s.Scan(&v.Vault, &v.Epoch, &v.Kind, &v.Recipient, &readers, &at, &v.Actor); err != nil {
			return v, err
		}
		v.At = time.UnixMilli(at).UTC()
		return v, json.Unmarshal([]byte(readers), &v.Readers)
	}, `SELECT vault, epoch, kind, recipient, readers, at, actor FROM vaults ORDER BY epoch`)
}
