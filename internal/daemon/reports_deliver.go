package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/internal/alert"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention/report"
)

// packs makes the assurance pack of the quarter that ended last whenever the
// configuration says.
func (d *Daemon) packs(ctx context.Context) {
	for ctx.Err() == nil {
		next := d.cfg.Reports.Pack.When.Next(d.now())
		if next.IsZero() {
			return
		}
		if pause(ctx, next.Sub(d.now())); ctx.Err() != nil {
			return
		}
		if err := d.makePack(ctx); err != nil && ctx.Err() == nil {
			d.lg.Error("the assurance pack could not be made", "error", err)
			d.alerts.Tell(ctx, alert.PackNotMade, lastQuarter(d.now(), d.zone).String(), "the daemon's log says why; closeroll report assurance makes one by hand")
		}
	}
}

// makePack puts the pack into its folder. It names matters and people, so that
// it is sealed to the vault's readers: nothing of the archive is readable on
// the daemon's host.
func (d *Daemon) makePack(ctx context.Context) error {
	k, _ := report.Find("assurance")
	r, err := reporter{d}.gather(ctx, k, lastQuarter(d.now(), d.zone))
	if err != nil {
		return err
	}
	pack, ok := r.(*report.Pack)
	if !ok {
		return fmt.Errorf("%T is no assurance pack", r)
	}
	data, err := json.MarshalIndent(pack, "", "  ")
	if err != nil {
		return err
	}
	var html bytes.Buffer
	if err := page.WriteHTML(&html, report.Document(pack)); err != nil {
		return err
	}
	name := filepath.Join(string(d.cfg.Reports.Pack.Dir), "assurance-"+pack.Period.String())
	for ending, octets := range map[string][]byte{".json": data, ".html": html.Bytes()} {
		if err := d.writeSealed(name+ending+".zst.age", octets); err != nil {
			return err
		}
	}
	d.lg.Info("the assurance pack was made", "period", pack.Period.String())
	if d.cfg.Reports.Pack.Tell {
		d.alerts.Tell(ctx, alert.PackMade, pack.Period.String(), packLines(pack))
	}
	return nil
}

func (d *Daemon) writeSealed(name string, octets []byte) error {
	sealer, err := seal.NewSealer(d.keyring.Vault)
	if err != nil {
		return err
	}
	var sealed bytes.Buffer
	w, err := sealer.Seal(&sealed)
	if err != nil {
		return err
	}
	if _, err := w.Write(octets); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return durable.WriteFile(name, sealed.Bytes(), 0o600)
}

// packLines says how each recommendation stands, and nothing of the evidence.
func packLines(p *report.Pack) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d red, %d amber, %d green, %d not rated\n\n", p.Count(report.RatedRed), p.Count(report.RatedAmber), p.Count(report.RatedGreen), p.Count(report.NotRated))
	for _, r := range p.Recommendations {
		fmt.Fprintf(&b, "%-4s %-10s %s\n", r.ID, r.Rating, r.Asks)
	}
	fmt.Fprintf(&b, "\nThe pack with its evidence: closeroll report assurance --period %s\n", p.Period)
	return b.String()
}
