package daemon

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// readerOf is the role of those who may see what a vault keeps.
func readerOf(vault string) api.Role { return api.Role("reader of vault " + vault) }

// mayRead reports whether a caller may see what a vault keeps. Where the
// configuration says nothing of a vault every officer and manager may, except
// of a quarantine vault, which nobody then may.
func (d *Daemon) mayRead(c api.Caller, vault string) bool {
	if d.cfg.Vault(vault) != nil {
		return c.Is(api.For(readerOf(vault)))
	}
	v, err := d.archive.VaultNamed(vault)
	return err == nil && v.Kind != record.VaultQuarantine
}

// whoToAsk names whom a caller asks for what a vault keeps.
func (d *Daemon) whoToAsk(vault string) string {
	if v := d.cfg.Vault(vault); v != nil {
		return v.Ask
	}
	return "the archive's manager"
}

// guard refuses a caller what a vault keeps, and journals that it did.
func (d *Daemon) guard(ctx context.Context, c api.Caller, row catalog.Row) error {
	if d.mayRead(c, row.Vault) {
		return nil
	}
	if err := d.deny(ctx, c, "read record "+string(row.ID), string(readerOf(row.Vault))); err != nil {
		return err
	}
	return &api.Error{Code: api.CodeDenied, Message: fmt.Sprintf("record %s is in vault %s, which you may not read", row.ID.Short(), row.Vault),
		Hint: "ask " + d.whoToAsk(row.Vault)}
}

// find returns a record that the caller may see.
func (d *Daemon) find(ctx context.Context, c api.Caller, id string) (catalog.Row, error) {
	row, err := d.archive.Find(ctx, id)
	if err == nil {
		err = d.guard(ctx, c, row)
	}
	return row, err
}

// hiddenVaults lists the vaults that have records which the caller may not see.
func (d *Daemon) hiddenVaults(ctx context.Context, c api.Caller) ([]string, error) {
	names, err := d.catalog.Values(ctx, catalog.PropVault)
	var hidden []string
	for _, name := range names {
		if !d.mayRead(c, name) {
			hidden = append(hidden, name)
		}
	}
	return hidden, err
}

// A line is what an answer says of a record.
type line struct {
	id      record.ID
	display *string
}

// veil leaves of the lines about records that the caller may not read only the
// name of their vault.
func (d *Daemon) veil(ctx context.Context, c api.Caller, lines []line) error {
	hidden, err := d.hiddenVaults(ctx, c)
	if err != nil || len(hidden) == 0 {
		return err
	}
	for _, l := range lines {
		row, err := d.catalog.Record(ctx, l.id)
		if err != nil {
			return err
		}
		if !d.mayRead(c, row.Vault) {
			*l.display = "a record of vault " + row.Vault
		}
	}
	return nil
}

// affectedLines are the lines about records before and after.
func affectedLines(list []v1.AffectedRecord) []line {
	lines := make([]line, len(list))
	for i := range list {
		lines[i] = line{list[i].ID, &list[i].Display}
	}
	return lines
}

// withheld returns the messages that the caller may not see.
func (d *Daemon) withheld(ctx context.Context, c api.Caller) (*roaring64.Bitmap, error) {
	hidden, err := d.hiddenVaults(ctx, c)
	if err != nil {
		return nil, err
	}
	set := roaring64.New()
	for _, name := range hidden {
		in, err := d.catalog.Match(ctx, catalog.PropVault, name)
		if err != nil {
			return nil, err
		}
		set.Or(in)
	}
	return set, nil
}

// elsewhere says how many messages of an answer are in which vaults that the
// caller may not read, and whom to ask for them.
func (d *Daemon) elsewhere(ctx context.Context, hidden *roaring64.Bitmap) ([]v1.Elsewhere, error) {
	if hidden.IsEmpty() {
		return nil, nil
	}
	names, err := d.catalog.Values(ctx, catalog.PropVault)
	if err != nil {
		return nil, err
	}
	var all []v1.Elsewhere
	for _, name := range names {
		in, err := d.catalog.Match(ctx, catalog.PropVault, name)
		if err != nil {
			return nil, err
		}
		if n := hidden.AndCardinality(in); n > 0 {
			all = append(all, v1.Elsewhere{Vault: name, Messages: int(n), Ask: d.whoToAsk(name)})
		}
	}
	return all, nil
}

// readable keeps of some records those that the caller may see.
func readable[T any](ctx context.Context, d *Daemon, c api.Caller, all []T, id func(T) record.ID) ([]T, error) {
	hidden, err := d.hiddenVaults(ctx, c)
	if err != nil || len(hidden) == 0 {
		return all, err
	}
	var seen []T
	for _, x := range all {
		row, err := d.catalog.Record(ctx, id(x))
		if err != nil {
			return nil, err
		}
		if d.mayRead(c, row.Vault) {
			seen = append(seen, x)
		}
	}
	return seen, nil
}

// postVault founds another vault, whose keys were made on the caller's machine.
func (d *Daemon) postVault(ctx context.Context, c api.Caller, req v1.NewVault) (v1.KeptVault, error) {
	recipient, err := parseRecipient(req.Recipient)
	if err != nil {
		return v1.KeptVault{}, err
	}
	vault, err := d.archive.AddVault(ctx, c.ID, archive.NewVault{Name: req.Name, Kind: req.Kind, Recipient: recipient, Wrapped: req.Wrapped})
	if err != nil {
		return v1.KeptVault{}, err
	}
	return d.keptVault(vault), nil
}

func (d *Daemon) keptVault(v *archive.Vault) v1.KeptVault {
	out := v1.KeptVault{Name: v.Name, Kind: v.Kind, Epoch: v.Epoch, Strength: string(v.Recipient.Strength()), Recipient: v.Recipient.String(), Readers: v.Readers,
		Own: v.Name == d.cfg.Archive.Vault}
	if cfg := d.cfg.Vault(v.Name); cfg != nil {
		out.Ask = cfg.Ask
	}
	return out
}
