package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/alert"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/assurance"
)

// How receipts are sent.
const (
	receiptTries  = 5
	receiptAgain  = time.Hour      // between tries
	receiptWithin = 48 * time.Hour // of capture: nobody gets receipts for long ago when they are turned on
	receiptTime   = time.Minute    // for one
)

// receipt says what was captured of an export.
func (d *Daemon) receipt(ctx context.Context, row catalog.Row) (v1.Receipt, error) {
	brought, err := d.catalog.Brought(ctx, row.ID)
	if err != nil {
		return v1.Receipt{}, err
	}
	mail, err := d.coveringMail(ctx, row)
	if err != nil {
		return v1.Receipt{}, err
	}
	r := v1.Receipt{Export: row.ID, Chat: row.Chat, Captured: row.Captured, Covering: mail, Messages: brought.Messages, New: brought.New,
		Days: brought.Days, Media: brought.Media, First: brought.First, Last: brought.Last, Gaps: append([]string{}, brought.Gaps...)}
	holdings, err := d.catalog.Holdings(ctx, row.ID)
	if err != nil {
		return r, err
	}
	if len(holdings) > 0 {
		r.Custodian = holdings[0].Custodian
	}
	notices, err := d.catalog.ChatNotices(ctx, row.Chat)
	if err != nil {
		return r, err
	}
	for _, n := range notices {
		if n.Record == row.ID && n.Finding != nil {
			r.Findings++
		}
	}
	if err := d.nextExport(ctx, &r); err != nil {
		return r, err
	}
	switch sent, err := d.catalog.Receipt(ctx, row.ID); {
	case err == nil:
		r.State, r.SentAt = sent.State, sent.At
	case !errors.Is(err, catalog.ErrNotFound):
		return r, err
	}
	r.Text = receiptText(r)
	return r, nil
}

// receiptsFor returns the receipts for exports that were just captured.
func (d *Daemon) receiptsFor(ctx context.Context, exports []record.ID) ([]v1.Receipt, error) {
	var all []v1.Receipt
	for _, id := range exports {
		row, err := d.catalog.Record(ctx, id)
		if err != nil {
			return nil, err
		}
		r, err := d.receipt(ctx, row)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// coveringMail returns the e-mail that an export came by, "" if it did not. What
// one of several chats of a file came in is the file's record, and that may have
// come by e-mail.
func (d *Daemon) coveringMail(ctx context.Context, row catalog.Row) (record.ID, error) {
	for range 3 {
		if row.Covering == "" {
			return "", nil
		}
		above, err := d.catalog.Record(ctx, row.Covering)
		switch {
		case errors.Is(err, catalog.ErrNotFound):
			return "", nil
		case err != nil || above.Kind == record.Email:
			return above.ID, err
		}
		row = above
	}
	return "", nil
}

// nextExport finds the chat's title and when its next export is expected of
// the custodian.
func (d *Daemon) nextExport(ctx context.Context, r *v1.Receipt) error {
	chats, err := d.catalog.Chats(ctx, "")
	if err != nil {
		return err
	}
	for _, c := range chats {
		if c.ID == r.Chat {
			r.Title = c.Title
		}
	}
	cfg := d.custodianConfig(r.Custodian)
	if cfg.ID == "" {
		return nil // a custodian of former times owes nothing
	}
	joined, err := d.unions(ctx)
	if err != nil {
		return err
	}
	c, err := d.custodian(ctx, cfg)
	for _, t := range c.Tasks {
		if t.Kind == assurance.KindExport && t.Chat == joined.root(r.Chat) && t.State != assurance.Done {
			r.NextDue = t.Due
			break
		}
	}
	return err
}

// receiptText words a receipt. It says nothing that the chat says, nor what the
// chat is called: it leaves the archive's protection.
func receiptText(r v1.Receipt) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	how := "A chat export of custodian " + r.Custodian
	if r.Covering != "" {
		how = "A chat export that custodian " + r.Custodian + " sent by e-mail"
	}
	line("%s was captured on %s as record %s.", how, r.Captured.UTC().Format("2 January 2006 at 15:04 MST"), r.Export.Short())
	line("")
	dates := "undated"
	if r.First != "" {
		dates = "printed from " + r.First + " to " + r.Last
	}
	if r.First != "" && r.First == r.Last {
		dates = "printed on " + r.First
	}
	line("It has %s, %s; %d of them %s not archived before.", plural(r.Messages, "message"), dates, r.New, was(r.New))
	line("%s of the chat %s added, or %s a new version, with %s.", plural(r.Days, "day"), was(r.Days), has(r.Days), plural(r.Media, "media file"))
	if len(r.Gaps) == 0 {
		line("The export shows no gap.")
	} else {
		line("What the export shows to be missing or in doubt:")
		for _, gap := range r.Gaps {
			line("  - %s", gap)
		}
	}
	switch r.Findings {
	case 0:
		line("Comparing it with earlier exports found nothing that needs a person.")
	default:
		line("Comparing it with earlier exports found %s that the records team will look at.", plural(r.Findings, "thing"))
	}
	if !r.NextDue.IsZero() {
		line("The next export of this chat is expected by %s.", r.NextDue.Long())
	}
	return b.String()
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func was(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func has(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

type byExport struct {
	ID string `path:"id" json:"-"`
}

func (d *Daemon) getReceipt(ctx context.Context, _ api.Caller, req byExport) (v1.Receipt, error) {
	row, err := d.archive.Find(ctx, req.ID)
	if err != nil {
		return v1.Receipt{}, err
	}
	if row.Kind != record.Export || row.Disposed != "" {
		return v1.Receipt{}, &api.Error{Code: api.CodeUsage, Message: "record " + row.ID.Short() + " is no captured export", Hint: "closeroll chat list shows the exports that were captured"}
	}
	return d.receipt(ctx, row)
}

// receipts sends the receipts that are due, when a source has brought something
// and at times for what could not be sent before, until ctx ends.
func (d *Daemon) receipts(ctx context.Context) {
	if d.cfg.Receipts != configs.ReceiptsSMTP {
		return
	}
	for ctx.Err() == nil {
		if err := d.sendReceipts(ctx); err != nil && ctx.Err() == nil {
			d.lg.Error("receipts could not be sent", "error", err)
		}
		wait, cancel := context.WithTimeout(ctx, receiptAgain)
		select {
		case <-d.brought:
		case <-wait.Done():
		}
		cancel()
	}
}

// sendReceipts sends a receipt for each export that came lately: by e-mail, from
// a custodian's own address, to a source whose configuration says that the sender
// is the custodian; or otherwise, to a source whose configuration says that
// receipts are sent.
func (d *Daemon) sendReceipts(ctx context.Context) error {
	exports, err := d.catalog.Arrived(ctx, d.now().Add(-receiptWithin))
	if err != nil {
		return err
	}
	for _, id := range exports {
		switch sent, err := d.catalog.Receipt(ctx, id); {
		case errors.Is(err, catalog.ErrNotFound):
		case err != nil:
			return err
		case sent.State == record.ReceiptSent || sent.Tries >= receiptTries || d.now().Sub(sent.At) < receiptAgain:
			continue
		}
		row, err := d.catalog.Record(ctx, id)
		if err != nil {
			return err
		}
		r, err := d.receipt(ctx, row)
		if err != nil {
			return err
		}
		to, err := d.receiver(ctx, r)
		if err != nil {
			return err
		}
		if to != "" {
			if err := d.sendReceipt(ctx, r, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// receiver returns the address that a receipt may go to, "" if none: of an export
// that came by e-mail one that the configuration lists for the export's custodian
// and that the covering message names as its author, as its source allows; of
// another the first that is listed, where its source says so. What is returned is
// the configuration's spelling, not the message's.
func (d *Daemon) receiver(ctx context.Context, r v1.Receipt) (string, error) {
	listed := d.custodianConfig(r.Custodian).Addresses
	if len(listed) == 0 {
		return "", nil
	}
	if r.Covering == "" {
		holdings, err := d.catalog.Holdings(ctx, r.Export)
		if err != nil || len(holdings) == 0 {
			return "", err
		}
		if s := d.source(holdings[0].Source); s != nil && s.cfg.Receipts == configs.ReceiptsSMTP {
			return listed[0], nil
		}
		return "", nil
	}
	holdings, err := d.catalog.Holdings(ctx, r.Covering)
	if err != nil {
		return "", err
	}
	for _, h := range holdings {
		s := d.source(h.Source)
		if s == nil || s.Senders == nil {
			continue
		}
		for _, a := range listed {
			if slices.Contains(h.Facts.From, record.FoldAddress(a)) {
				return a, nil
			}
		}
	}
	return "", nil
}

// sendReceipt journals a receipt and then sends it: one that is lost between
// the two is not sent twice.
func (d *Daemon) sendReceipt(ctx context.Context, r v1.Receipt, to string) error {
	entry := record.Receipt{Export: r.Export, Custodian: r.Custodian, To: to, State: record.ReceiptSent}
	if err := d.archive.JournalOne(ctx, record.EntryReceipt, daemonActor, entry); err != nil {
		return err
	}
	sending, cancel := context.WithTimeout(ctx, receiptTime)
	defer cancel()
	mail, err := smtpSender(d.cfg.Alerts.SMTP, d.now)
	if err == nil {
		mail.To = []string{to}
		err = mail.Send(sending, "Receipt for a chat export, "+d.cfg.Archive.Name, r.Text)
	}
	if err == nil {
		d.alerts.Clear(ctx, alert.ReceiptUnsent, r.Custodian)
		return nil
	}
	d.alerts.Raise(ctx, alert.ReceiptUnsent, r.Custodian, "the mail server did not take it; it is tried again")
	d.lg.Warn("a receipt could not be sent", "custodian", r.Custodian, "error", err)
	entry.State = record.ReceiptFailed
	return d.archive.JournalOne(context.WithoutCancel(ctx), record.EntryReceipt, daemonActor, entry)
}
