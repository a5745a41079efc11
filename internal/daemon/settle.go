package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/disposal"
)

type grantDone struct {
	Batch string `path:"batch" json:"-"`
	v1.GrantDone
}

// openGrant returns the batch's grant of this index, if it is open.
func (v *view) openGrant(name string, index int64) (*disposal.Batch, *disposal.Grant, error) {
	b := v.batch(name)
	if b == nil || b.Open() == nil || b.Open().Index != index {
		return nil, nil, conflict(fmt.Errorf("batch %s has no open grant %d", name, index))
	}
	return b, b.Open(), nil
}

// postSettlement makes a grant's records records no more, once their objects
// are gone: words, catalog rows and journal bodies follow, in that order, and
// each step can be repeated.
func (d *Daemon) postSettlement(ctx context.Context, c api.Caller, req grantDone) (_ none, err error) {
	w, leave, err := d.attend(ctx)
	if err != nil {
		return none{}, err
	}
	defer func() { leave(err) }()
	v, err := d.look(ctx, w.catalog)
	if err != nil {
		return none{}, err
	}
	_, g, err := v.openGrant(req.Batch, req.Grant)
	if err != nil || g.Settled != 0 {
		return none{}, err
	}
	if err := d.absent(ctx, g); err != nil {
		return none{}, err
	}
	disposed, numbers, err := d.remains(ctx, w.catalog, g)
	if err != nil {
		return none{}, err
	}
	if err := d.index.Remove(ctx, numbers); err != nil {
		return none{}, err
	}
	_, err = d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		if err := w.follow(ctx); err != nil {
			return nil, err
		}
		// What was seen of them meanwhile is mentioned in newer entries.
		if disposed, _, err = d.remains(ctx, w.catalog, g); err != nil {
			return nil, err
		}
		var about []string
		for _, s := range disposed.Records {
			about = append(about, string(s.Record))
		}
		e, err := journal.NewEntry(record.EntryDisposal, c.ID, disposed, about...)
		return []journal.Entry{e}, err
	})
	if err != nil {
		return none{}, err
	}
	// A sighting may have indexed one of them again before it was a stub.
	if err := d.unindex(ctx, numbers); err != nil {
		return none{}, err
	}
	return none{}, d.scrub(ctx)
}

// absent lists every object of a grant: it does not take the disposer's word.
func (d *Daemon) absent(ctx context.Context, g *disposal.Grant) error {
	for _, it := range g.Items {
		if it.Object == "" {
			continue
		}
		versions, err := d.versions(ctx, it.Object)
		if err != nil {
			return err
		}
		if len(versions) > 0 {
			return conflict(fmt.Errorf("%d versions of %s are still there", len(versions), it.Object))
		}
	}
	return nil
}

// unindex removes what the index has of these messages.
func (d *Daemon) unindex(ctx context.Context, numbers []record.MessageNo) error {
	r, err := d.index.Reader()
	if err != nil {
		return err
	}
	held, err := r.Numbers()
	r.Close() // an open reader keeps the files that are to go
	if err != nil {
		return err
	}
	if slices.ContainsFunc(numbers, func(n record.MessageNo) bool { return held.Contains(uint64(n)) }) {
		return d.index.Remove(ctx, numbers)
	}
	return nil
}

// scrub makes what was deleted leave the catalog's file. Searches that are at
// work may keep former pages for a moment.
func (d *Daemon) scrub(ctx context.Context) (err error) {
	for range 40 {
		if err = d.catalog.Scrub(ctx); err == nil || ctx.Err() != nil {
			return err
		}
		pause(ctx, 50*time.Millisecond)
	}
	return err
}

// remains is the disposal's entry: stubs of what is gone, and which entries
// lose their bodies. It is made from the witness.
func (d *Daemon) remains(ctx context.Context, c *catalog.Catalog, g *disposal.Grant) (record.Disposed, []record.MessageNo, error) {
	out := record.Disposed{Batch: g.Batch, Grant: g.Index, Records: []record.Stub{}, Objects: []record.DisposedVersion{}}
	var numbers []record.MessageNo
	for _, it := range g.Items {
		row, err := c.Record(ctx, it.Record)
		if err != nil {
			return out, nil, err
		}
		holdings, err := c.Holdings(ctx, it.Record)
		if err != nil {
			return out, nil, err
		}
		if it.Object == "" {
			retire(&out, row, holdings, it.DisposalItem)
			continue
		}
		s, err := d.stubOf(ctx, c, row, holdings)
		if err != nil {
			return out, nil, err
		}
		mentions, err := c.Mentions(ctx, it.Record)
		if err != nil {
			return out, nil, err
		}
		out.Records, out.Objects = append(out.Records, s), append(out.Objects, it.Versions...)
		out.Entries = append(append(out.Entries, row.Entry), mentions...)
		for i := range row.Count {
			numbers = append(numbers, row.First+record.MessageNo(i))
		}
	}
	slices.Sort(out.Entries)
	out.Entries = slices.Compact(out.Entries)
	return out, numbers, nil
}

// retire ends the possessions that the item names. The sighting that brought
// one loses its body; an ingestion keeps it, for it is the record's.
func retire(out *record.Disposed, row catalog.Row, holdings []catalog.HeldBy, item record.DisposalItem) {
	for _, h := range holdings {
		if !slices.Contains(item.Holdings, h.Entry) {
			continue
		}
		out.Retired = append(out.Retired, record.RetiredHolding{Record: row.ID, Entry: h.Entry, StubHolding: stubHolding(h)})
		if h.Entry != row.Entry {
			out.Entries = append(out.Entries, h.Entry)
		}
	}
}

func stubHolding(h catalog.HeldBy) record.StubHolding {
	return record.StubHolding{Source: h.Source, Custodian: h.Custodian, Role: h.Facts.Role, Channel: h.Channel, Class: h.Class}
}

func (d *Daemon) stubOf(ctx context.Context, c *catalog.Catalog, row catalog.Row, holdings []catalog.HeldBy) (record.Stub, error) {
	from, until, err := c.Days(ctx, row.ID)
	if err != nil {
		return record.Stub{}, err
	}
	on := days(from, until, d.zone)
	s := record.Stub{Record: row.ID, Kind: row.Kind, Vault: row.Vault, Entry: row.Entry, Captured: row.Captured, First: row.First,
		Count: row.Count, Size: row.Size, From: on.From, Until: on.Until, Chat: row.Chat}
	for _, h := range holdings {
		s.Holdings = append(s.Holdings, stubHolding(h))
	}
	retired, err := c.Retired(ctx, row.ID)
	if err != nil {
		return s, err
	}
	for _, r := range retired {
		s.Holdings = append(s.Holdings, r.StubHolding)
	}
	if s.Thread, err = c.ThreadRefs(ctx, row.ID); err != nil {
		return s, err
	}
	if s.Export, err = c.ExportDigest(ctx, row.ID); err != nil {
		return s, err
	}
	s.Items, err = c.ItemsOf(ctx, row.ID)
	return s, err
}

// postSweep verifies that of the journal's batches only the present versions
// are left, which settles the grant.
func (d *Daemon) postSweep(ctx context.Context, c api.Caller, req grantDone) (_ none, err error) {
	w, leave, err := d.attend(ctx)
	if err != nil {
		return none{}, err
	}
	defer func() { leave(err) }()
	v, err := d.look(ctx, w.catalog)
	if err != nil {
		return none{}, err
	}
	b, g, err := v.openGrant(req.Batch, req.Grant)
	if err != nil {
		return none{}, err
	}
	if g.Settled == 0 {
		return none{}, conflict(errors.New("the grant is not settled"))
	}
	keys, err := d.journal.Strip(ctx, g.Settled)
	if err != nil {
		return none{}, err
	}
	for _, key := range keys {
		versions, err := d.versions(ctx, key)
		if err != nil {
			return none{}, err
		}
		if len(versions) != 1 {
			return none{}, conflict(fmt.Errorf("%d versions of %s are there, where the present one alone may be", len(versions), key))
		}
	}
	for _, key := range g.Orphans {
		versions, err := d.versions(ctx, key)
		if err != nil {
			return none{}, err
		}
		if len(versions) > 0 {
			return none{}, conflict(fmt.Errorf("%d versions of %s are there, which is none of the journal's", len(versions), key))
		}
	}
	_, err = d.archive.Decide(ctx, func(context.Context) ([]journal.Entry, error) {
		e, err := journal.NewEntry(record.EntrySwept, c.ID, record.DisposalSwept{Batch: b.Batch, Grant: g.Index, Objects: keys})
		return []journal.Entry{e}, err
	})
	return none{}, err
}

// postCertificate issues a batch's certificate, or says which it has.
func (d *Daemon) postCertificate(ctx context.Context, c api.Caller, req byBatch) (_ v1.Certified, err error) {
	w, leave, err := d.attend(ctx)
	if err != nil {
		return v1.Certified{}, err
	}
	var number int
	_, err = d.archive.Decide(ctx, func(ctx context.Context) ([]journal.Entry, error) {
		if err := w.follow(ctx); err != nil {
			return nil, err
		}
		v, err := d.look(ctx, w.catalog)
		if err != nil {
			return nil, err
		}
		b := v.batch(req.Batch)
		if b == nil {
			_, err := d.findBatch(ctx, req.Batch)
			return nil, err
		}
		if b.Certificate != nil {
			number = b.Number
			return nil, nil
		}
		certified, err := d.certify(v, b)
		if err != nil {
			return nil, conflict(err)
		}
		number = certified.Number
		e, err := journal.NewEntry(record.EntryCertificate, c.ID, certified)
		return []journal.Entry{e}, err
	})
	leave(err)
	if err == nil {
		err = d.desk.close()
	}
	return v1.Certified{Number: number}, err
}

// certify words the certificate that comes after those that were issued.
func (d *Daemon) certify(v *view, b *disposal.Batch) (record.DisposalCertified, error) {
	out := record.DisposalCertified{Batch: b.Batch, Number: 1}
	cx := disposal.Context{Archive: d.archiveName(), Program: d.env.Version, Storage: storageWords(d.cfg.Store), Backups: "not known to this archive"}
	for _, other := range v.batches {
		if other.Number >= out.Number {
			out.Number, cx.Previous = other.Number+1, record.Sum(other.Certificate)
		}
	}
	cx.Number = out.Number
	if class := v.schedule.Class(b.Class); class != nil {
		cx.Rule, cx.Authority = class.String(), class.Authority
	}
	if p := d.cfg.Disposal.Backups; !p.IsZero() {
		cx.Backups = "others' copies of the bucket expire by " + p.After(record.DateOf(d.now(), d.zone)).String()
	}
	head := d.journal.Checkpoint()
	cx.Head = disposal.Head{Entries: head.Size, Root: fmt.Sprintf("%x", head.Root[:])}
	c, err := b.Certify(cx)
	if err != nil {
		return out, err
	}
	out.Certificate, err = c.Canonical()
	return out, err
}

// storageWords says where an archive's objects are.
func storageWords(s configs.Store) string {
	if s.S3 == nil {
		return "folder " + string(s.Dir.Path)
	}
	where := "bucket " + s.S3.Bucket + " at " + s.S3.Endpoint
	if s.S3.Prefix != "" {
		where += ", under " + s.S3.Prefix
	}
	return where
}

func (d *Daemon) getCertificates(ctx context.Context, _ api.Caller, _ none) ([]v1.CertificateLine, error) {
	batches, err := batchesOf(ctx, d.catalog)
	list := []v1.CertificateLine{}
	for _, b := range batches {
		if b.Certificate != nil {
			list = append(list, v1.CertificateLine{Number: b.Number, Batch: b.Batch, Ground: b.Ground, Class: b.Class, Issued: b.Certified,
				Records: len(b.Gone), SHA256: record.Sum(b.Certificate)})
		}
	}
	slices.SortFunc(list, func(a, b v1.CertificateLine) int { return a.Number - b.Number })
	return list, err
}

type byNumber struct {
	Number string `path:"number" json:"-"` // or the batch's name
}

// getCertificate gives a certificate with all that proves it.
func (d *Daemon) getCertificate(ctx context.Context, _ api.Caller, req byNumber) (disposal.Bundle, error) {
	batches, err := batchesOf(ctx, d.catalog)
	if err != nil {
		return disposal.Bundle{}, err
	}
	for _, b := range batches {
		if b.Certificate != nil && (fmt.Sprint(b.Number) == req.Number || b.Batch == req.Number) {
			return d.bundle(ctx, b)
		}
	}
	return disposal.Bundle{}, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("there is no certificate %q", req.Number), Hint: "closeroll certificate list lists them"}
}

func (d *Daemon) bundle(ctx context.Context, b *disposal.Batch) (disposal.Bundle, error) {
	out := disposal.Bundle{Format: disposal.BundleFormat, Certificate: b.Certificate, Manifest: b.ManifestOf()}
	var c disposal.Certificate
	if err := json.Unmarshal(b.Certificate, &c); err != nil {
		return out, err
	}
	signed, err := note.Sign(&note.Note{Text: disposal.SignedText(c.Archive.ID, c.Number, b.Certificate, c.Previous)}, d.keyring.Signer)
	if err != nil {
		return out, err
	}
	r := d.journal.Reader()
	out.Note, out.Checkpoint = string(signed), string(r.Checkpoint().Note)
	out.Entry, err = r.ProveEntry(ctx, b.CertEntry, true)
	return out, err
}
