package daemon

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/seal"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/report"
)

// A bundle is a report in every form in which it is read, sealed to the readers
// of the archive's own vault: age( zstd( tar( NAME.json NAME.html NAME.pdf ) ) ).
type bundle struct {
	record.ReportSealed
	octets []byte
}

func (b *bundle) fileName() string { return b.Name + ".tar.zst.age" }

// sealReport lays a report out and seals it.
func (d *Daemon) sealReport(r report.Report) (*bundle, error) {
	h := r.About()
	b := &bundle{ReportSealed: record.ReportSealed{Report: h.Report, AsOf: h.AsOf, Name: h.Report + "-" + record.DateOf(h.AsOf, d.zone).String()}}
	if !h.Period.IsZero() {
		b.Period = h.Period.String()
		b.Name = h.Report + "-" + b.Period
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	var html, pdf bytes.Buffer
	if err := page.WriteHTML(&html, report.Document(r)); err != nil {
		return nil, err
	}
	if err := page.WritePDF(&pdf, report.Document(r)); err != nil {
		return nil, err
	}
	return b, d.sealBundle(b, [][]byte{data, html.Bytes(), pdf.Bytes()})
}

func (d *Daemon) sealBundle(b *bundle, files [][]byte) error {
	vault, err := d.archive.VaultNamed("")
	if err != nil {
		return err
	}
	sealer, err := seal.NewSealer(vault.Recipient)
	if err != nil {
		return err
	}
	var sealed bytes.Buffer
	w, err := sealer.Seal(&sealed)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(w)
	for i, ending := range []string{".json", ".html", ".pdf"} {
		f := record.ReportFile{Name: b.Name + ending, Size: int64(len(files[i])), SHA256: record.Sum(files[i])}
		b.Files = append(b.Files, f)
		if err := tw.WriteHeader(&tar.Header{Name: f.Name, Mode: 0o600, Size: f.Size, ModTime: b.AsOf}); err != nil {
			return err
		}
		if _, err := tw.Write(files[i]); err != nil {
			return err
		}
	}
	if err := tw.Close(); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	b.octets = sealed.Bytes()
	b.Epoch, b.Sealed, b.Size = vault.Epoch, record.Sum(b.octets), int64(len(b.octets))
	return nil
}

// keepBundle puts a bundle into the bucket, if it is to go there, and journals
// it. As with records, the object is durable before the journal names it: one
// that a crash left unnamed is sealed and no part of the archive.
func (d *Daemon) keepBundle(ctx context.Context, actor string, b *bundle) error {
	if b.Bucket {
		opts := d.reportLock()
		if err := d.store.Put(ctx, b.Key(), bytes.NewReader(b.octets), b.Size, b.Sealed, opts); err != nil {
			return err
		}
		if opts.Locked() {
			b.Lock = &record.StorageLock{Mode: string(opts.Mode), Until: opts.RetainUntil}
		}
	}
	return d.archive.JournalOne(ctx, record.EntryReport, actor, b.ReportSealed)
}

// reportLock asks the storage to keep a report as firmly as records of a class
// that nothing else is said of, for the floor: it has no day on which it is due.
func (d *Daemon) reportLock() store.PutOptions {
	if d.warden == nil {
		return store.PutOptions{}
	}
	l := d.warden.policy.Want([]retention.Standing{{}}, d.now(), d.now(), d.zone)
	return store.PutOptions{Mode: store.LockMode(l.Mode), RetainUntil: l.Until}
}
