package daemon

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/alert"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/retention/assurance"
	"github.com/closeroll/closeroll/retention/report"
)

// checkDeliveries wants every report that is to be made by itself to be one.
func checkDeliveries(cfg *configs.Reports) error {
	for i, v := range cfg.Deliver {
		if _, ok := report.Find(v.Report); !ok {
			return fmt.Errorf("reports.deliver[%d].report: there is no report %q: closeroll report list lists them", i, v.Report)
		}
	}
	return nil
}

// deliveries makes the reports that the configuration asks for, when it says.
func (d *Daemon) deliveries(ctx context.Context) {
	var g errgroup.Group
	for _, v := range d.cfg.Reports.Deliver {
		g.Go(func() error { d.deliverWhenDue(ctx, v); return nil })
	}
	_ = g.Wait() // none returns an error
}

func (d *Daemon) deliverWhenDue(ctx context.Context, v configs.Delivery) {
	for ctx.Err() == nil {
		if pause(ctx, v.When.Next(d.now()).Sub(d.now())); ctx.Err() != nil {
			return
		}
		if err := d.deliver(ctx, v); err != nil && ctx.Err() == nil {
			d.lg.Error("a report could not be delivered", "report", v.Report, "error", err)
			d.alerts.Tell(ctx, alert.ReportNotMade, v.Report, "the daemon's log says why; closeroll report "+v.Report+" makes one by hand")
		}
	}
}

// deliver makes a report and takes it everywhere that it is to go. It names
// matters and people, so that nothing of it leaves unsealed.
func (d *Daemon) deliver(ctx context.Context, v configs.Delivery) error {
	k, _ := report.Find(v.Report)
	var period assurance.Span
	if k.When == report.Over {
		period = lastQuarter(d.now(), d.zone)
	}
	r, err := reporter{d}.gather(ctx, k, period)
	if err != nil {
		return err
	}
	b, err := d.sealReport(r)
	if err != nil {
		return err
	}
	b.Bucket, b.Folder, b.Mailed = v.Bucket, v.Dir != "", len(v.Mail)
	if err := d.keepBundle(ctx, daemonActor, b); err != nil {
		return err
	}
	if v.Dir != "" {
		if err := durable.WriteFile(filepath.Join(string(v.Dir), b.fileName()), b.octets, 0o600); err != nil {
			return err
		}
	}
	if len(v.Mail) > 0 {
		if err := d.mailBundle(ctx, v.Mail, k, r, b); err != nil {
			return fmt.Errorf("send it: %w", err)
		}
	}
	d.lg.Info("a report was delivered", "report", v.Report, "period", period.String())
	if v.Tell {
		d.alerts.Tell(ctx, alert.ReportMade, b.Name, summary(k, r))
	}
	return nil
}

// mailBundle sends a sealed report. What is said in the clear has no evidence.
func (d *Daemon) mailBundle(ctx context.Context, to []string, k report.Kind, r report.Report, b *bundle) error {
	mail, err := smtpSender(d.cfg.Alerts.SMTP, d.now)
	if err != nil {
		return err
	}
	mail.To = to
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	text := summary(k, r) + "\nThe attached file is sealed to the readers of the archive. Whoever is one opens it with\n  closeroll report open " + b.fileName() + "\n"
	return mail.SendFile(ctx, k.Title+", "+d.cfg.Archive.Name, text, alert.Attachment{Name: b.fileName(), Octets: b.octets})
}

// summary says what may be said of a report in the clear: of a pack how each
// recommendation stands, without evidence; of any other, which it is.
func summary(k report.Kind, r report.Report) string {
	h := r.About()
	p, ok := r.(*report.Pack)
	if !ok {
		return fmt.Sprintf("%s, as of %s\n", k.Title, record.DateOf(h.AsOf, time.UTC).Long())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s: %d red, %d amber, %d green, %d not rated\n\n", k.Title, h.Period, p.Count(report.RatedRed), p.Count(report.RatedAmber), p.Count(report.RatedGreen), p.Count(report.NotRated))
	for _, x := range p.Recommendations {
		fmt.Fprintf(&b, "%-4s %-10s %s\n", x.ID, x.Rating, x.Asks)
	}
	fmt.Fprintf(&b, "\nThe pack with its evidence: closeroll report assurance --period %s\n", p.Period)
	return b.String()
}
