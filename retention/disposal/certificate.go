package disposal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
)

// CertificateFormat is the version of a certificate's form.
const CertificateFormat = "closeroll-disposal-certificate/1"

// A Certificate is what remains of a batch for those who ask: what went, by
// whose authority, how, and that it is gone. It holds no personal data: people
// stand in it by role and key, records by id, class, source and day.
type Certificate struct {
	Format     string                `json:"format"`
	Number     int                   `json:"number"`          // of the archive's certificates, from 1, without a gap
	Previous   record.Digest         `json:"previous_sha256"` // of the one before; zeros for the first
	Archive    Archive               `json:"archive"`
	Program    string                `json:"program"` // closeroll's version
	Batch      string                `json:"batch"`
	Ground     record.DisposalGround `json:"ground"`
	Reason     string                `json:"reason,omitempty"`
	Request    string                `json:"request,omitempty"`
	Schedule   ScheduleCited         `json:"schedule"`
	Rule       string                `json:"rule,omitempty"` // the class in plain English
	Class      string                `json:"class,omitempty"`
	Authority  []string              `json:"authority,omitempty"` // the law or policy that the period rests on
	Source     string                `json:"source,omitempty"`    // the list was narrowed to it
	Due        Days                  `json:"due"`
	Content    Days                  `json:"content"`           // days of the messages that went
	Records    int                   `json:"records"`           // destroyed
	Retired    int                   `json:"possessions_ended"` // of records that others still have
	Messages   int                   `json:"messages"`
	Successors int                   `json:"successors,omitempty"`              // records of which only some messages were erased: the rest goes on in as many others
	InPart     int                   `json:"messages_erased_in_part,omitempty"` // of those
	Octets     int64                 `json:"octets"`
	Kinds      map[record.Kind]int   `json:"by_kind"`
	Sources    map[string]int        `json:"by_source"`
	Roles      map[string]int        `json:"by_custodian_role"`
	ListSHA256 record.Digest         `json:"list_sha256"`     // of the list as proposed
	Manifest   record.Digest         `json:"manifest_sha256"` // of what went: Bundle.Manifest
	Proposed   Act                   `json:"proposed"`
	Reviewed   []Act                 `json:"reviewed,omitempty"` // who took records off the list
	Approved   []Signed              `json:"approved"`
	Begun      time.Time             `json:"begun"`
	Finished   time.Time             `json:"finished"`
	Checks     Checks                `json:"checks"`
	Method     []string              `json:"method"`
	Storage    string                `json:"storage,omitempty"` // where the objects were
	Deleted    int                   `json:"versions_deleted"`
	Absence    Absence               `json:"absence"`
	Exceptions []Exception           `json:"exceptions"`
	Backups    string                `json:"backups"` // when copies elsewhere expire, as the configuration says
	Checkpoint Head                  `json:"checkpoint"`
	To         string                `json:"transferred_to,omitempty"` // the place of deposit
	Transfers  []Deposited           `json:"transfers,omitempty"`      // what it confirmed to have, package by package
}

// Deposited is a package that a place of deposit has confirmed to have.
type Deposited struct {
	Package   int           `json:"package"`
	Records   int           `json:"records"`
	Bag       record.Digest `json:"bag_sha256"` // of the bag's tagmanifest-sha256.txt
	Reference string        `json:"reference"`  // the place of deposit's own
	On        record.Date   `json:"confirmed"`
	By        string        `json:"confirmed_by"`
	File      record.Digest `json:"confirmation_sha256"`
	Entry     int64         `json:"entry"` // of the journal that has the confirmation
}

// ScheduleCited names the schedule that was in force.
type ScheduleCited struct {
	Version string        `json:"version"`
	Digest  record.Digest `json:"sha256"`
}

// Days are a range of days, both included; null if unknown.
type Days struct {
	From  record.Date `json:"from"`
	Until record.Date `json:"until"`
}

// An Act is what somebody did, and when.
type Act struct {
	By      string    `json:"by"` // pseudonymous id in the journal
	At      time.Time `json:"at"`
	Entry   int64     `json:"entry,omitempty"`
	Records int       `json:"records,omitempty"`
	Reason  string    `json:"reason,omitempty"`
}

// Signed is an approval with the digest of what was signed.
type Signed struct {
	By        string        `json:"by"`
	Role      string        `json:"role"`
	Key       string        `json:"key"`
	At        time.Time     `json:"at"`
	Statement record.Digest `json:"statement_sha256"`
}

// Checks says when each record was checked before it was freed to be deleted.
type Checks struct {
	Last    time.Time `json:"last"`
	What    []string  `json:"what"`
	Refused int       `json:"refused"`
}

// Absence is the outcome of listing what was deleted once more.
type Absence struct {
	Listed int `json:"objects_listed"`
	Absent int `json:"absent"`
}

// An Exception is a number of records of the list that were not destroyed.
type Exception struct {
	Reason  string `json:"reason"`
	Records int    `json:"records"`
}

// A Head is a head of the journal.
type Head struct {
	Entries int64  `json:"entries"`
	Root    string `json:"root"` // hexadecimal
}

// Canonical returns the octets of the certificate that are signed: its JSON
// without white space.
func (c *Certificate) Canonical() ([]byte, error) { return json.Marshal(c) }

// SignedText is what the archive's key signs of a certificate.
func SignedText(archive string, number int, certificate []byte, previous record.Digest) string {
	return fmt.Sprintf("closeroll disposal certificate v1\narchive %s\nnumber %d\nsha256 %s\nprevious %s\n", archive, number, record.Sum(certificate), previous)
}

// ManifestOf lists what went, a line for each record in the order of ids: id,
// kind, class or classes, first and last day of its messages, source and
// custodian's role, and whether the record or only a possession went.
func (b *Batch) ManifestOf() string {
	var lines []string
	for _, s := range b.Gone {
		lines = append(lines, manifestLine(s.Record, string(s.Kind), s.Holdings, Days{s.From, s.Until}, "destroyed"))
	}
	for _, r := range b.Retired {
		lines = append(lines, manifestLine(r.Record, "-", []record.StubHolding{r.StubHolding}, Days{}, "possession-ended"))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func manifestLine(id record.ID, kind string, holdings []record.StubHolding, d Days, what string) string {
	var classes, sources, roles []string
	for _, h := range holdings {
		classes, sources, roles = append(classes, word(h.Class)), append(sources, word(h.Source)), append(roles, word(h.Role))
	}
	set := func(list []string) string {
		slices.Sort(list)
		return strings.Join(slices.Compact(list), ",")
	}
	return fmt.Sprintf("%s %s %s %s %s %s %s %s\n", id, kind, set(classes), dateOr(d.From), dateOr(d.Until), set(sources), set(roles), what)
}

// word is a name as one word of a line.
func word(s string) string {
	return cmp.Or(strings.Join(strings.Fields(oneLine(s)), "_"), "-")
}

// A Context is what a certificate says besides its batch.
type Context struct {
	Archive   Archive
	Program   string
	Number    int
	Previous  record.Digest
	Rule      string
	Authority []string
	Storage   string
	Backups   string
	Head      Head
}

// Certificate words the certificate of a batch of which nothing is left to be
// deleted.
func (b *Batch) Certify(c Context) (*Certificate, error) {
	if b.Abandoned != nil && len(b.Grants) == 0 {
		return nil, fmt.Errorf("batch %s was abandoned before anything of it was destroyed: %s", b.Batch, b.Abandoned.Reason)
	}
	if b.Open() != nil || b.Abandoned == nil && len(b.Remaining()) > 0 {
		return nil, fmt.Errorf("batch %s is not finished: a certificate is of all of it", b.Batch)
	}
	out := &Certificate{Format: CertificateFormat, Number: c.Number, Previous: c.Previous, Archive: c.Archive, Program: c.Program,
		Batch: b.Batch, Ground: b.Ground, Reason: b.Reason, Request: b.Request, Schedule: ScheduleCited{b.Schedule, b.Rules},
		Rule: c.Rule, Class: b.Class, Authority: c.Authority, Source: b.Source, Due: Days{b.Totals.DueFrom, b.Totals.DueUntil},
		Records: len(b.Gone), Retired: len(b.Retired), Kinds: map[record.Kind]int{}, Sources: map[string]int{}, Roles: map[string]int{},
		ListSHA256: b.List, Manifest: record.Sum([]byte(b.ManifestOf())), Proposed: Act{By: b.By, At: b.At, Entry: b.Entry, Records: len(b.Items)},
		Approved: []Signed{}, Exceptions: []Exception{}, Finished: b.Finished, Storage: c.Storage, Backups: c.Backups, Checkpoint: c.Head,
		Checks: Checks{What: []string{"holds, live query holds failing closed", "open requests", "trigger, period and class", "version and status of the schedule",
			"object lock and legal hold of the storage", "approvals and cooling-off"}, Refused: len(b.Refusals)},
		Method: []string{"every version and deletion marker of each object deleted from the storage", "words removed from the index and the segments that held them written anew",
			"catalog rows removed, bodies of journal entries removed from the stored batches, former versions of those deleted"}}
	for _, s := range b.Gone {
		out.add(s)
	}
	for _, g := range b.Grants {
		out.granted(g)
	}
	for _, p := range b.Parts {
		if _, gone := b.Gone[p.Record]; gone {
			out.Successors++
			out.InPart += len(p.Messages)
		}
	}
	for _, x := range b.Exclusions {
		out.Reviewed = append(out.Reviewed, Act{By: x.By, At: x.At, Records: len(x.Records), Reason: x.Reason})
	}
	for _, a := range b.Approvals {
		out.Approved = append(out.Approved, Signed{By: a.By, Role: a.Role, Key: a.Key, At: a.At, Statement: record.Sum([]byte(a.Text))})
	}
	out.exceptions(b)
	out.transferred(b)
	return out, nil
}

func (c *Certificate) add(s record.Stub) {
	c.Messages += s.Count
	c.Octets += s.Size
	c.Kinds[s.Kind]++
	sources, roles := map[string]bool{}, map[string]bool{}
	for _, h := range s.Holdings {
		sources[h.Source], roles[cmp.Or(h.Role, "unspecified")] = true, true
	}
	for source := range sources {
		c.Sources[source]++
	}
	for role := range roles {
		c.Roles[role]++
	}
	if d := s.From; !d.IsZero() && (c.Content.From.IsZero() || d.Before(c.Content.From)) {
		c.Content.From = d
	}
	if s.Until.After(c.Content.Until) {
		c.Content.Until = s.Until
	}
}

func (c *Certificate) granted(g *Grant) {
	if c.Begun.IsZero() {
		c.Begun = g.At
	}
	c.Checks.Last = g.At
	c.Deleted += len(g.Objects)
	for _, it := range g.Items {
		if it.Object != "" {
			c.Absence.Listed++
			c.Absence.Absent++ // or the grant would not be settled
		}
	}
}

// transferred says of a transfer which packages were confirmed, and that this
// was checked.
func (c *Certificate) transferred(b *Batch) {
	if !b.Transfers() {
		return
	}
	c.To = b.To
	c.Checks.What = append(c.Checks.What, "that a package which the place of deposit has confirmed has the record")
	for _, p := range b.Packages {
		if x := p.Confirmation; x != nil {
			c.Transfers = append(c.Transfers, Deposited{Package: p.Package, Records: len(p.Records), Bag: p.Manifest,
				Reference: x.Reference, On: x.On, By: x.By, File: x.File, Entry: x.Entry})
		}
	}
}

func (c *Certificate) exceptions(b *Batch) {
	counts := make(map[string]int)
	for _, r := range b.Refusals {
		counts[r.Reason]++
	}
	excluded := make(map[record.ID]bool)
	for _, x := range b.Exclusions {
		for _, id := range x.Records {
			excluded[id] = true
		}
	}
	if len(excluded) > 0 {
		counts["excluded"] = len(excluded)
	}
	if n := len(b.Remaining()); n > 0 && b.Abandoned != nil {
		counts["abandoned"] = n
	}
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		c.Exceptions = append(c.Exceptions, Exception{reason, counts[reason]})
	}
}

// A Bundle is a certificate with all that is needed to verify it without this
// program and without the archive: the archive's signature, and the proof that
// the journal has it. The archive's public key has to come by another way.
type Bundle struct {
	Format      string             `json:"format"`
	Certificate json.RawMessage    `json:"certificate"`
	Note        string             `json:"signature"`  // signed note of SignedText
	Manifest    string             `json:"manifest"`   // what went, as ManifestOf has it
	Checkpoint  string             `json:"checkpoint"` // signed head of the journal
	Entry       journal.EntryProof `json:"entry"`      // of the certificate in it
}

// BundleFormat is the version of a bundle's form.
const BundleFormat = "closeroll-disposal-bundle/1"

// ErrInvalid is returned for a bundle that does not verify.
var ErrInvalid = errors.New("the certificate does not verify")

// Verify checks a bundle against the archive's public key: the signature, the
// manifest, and that the journal under its signed checkpoint has this very
// certificate. It returns the certificate. Errors wrap ErrInvalid.
func (b *Bundle) Verify(key note.Verifier) (*Certificate, error) {
	bad := func(format string, args ...any) (*Certificate, error) {
		return nil, fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
	}
	if b.Format != BundleFormat {
		return bad("its format is %q, where this program knows %q", b.Format, BundleFormat)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, b.Certificate); err != nil {
		return bad("%w", err)
	}
	canonical := compact.Bytes()
	var c Certificate
	if err := json.Unmarshal(canonical, &c); err != nil {
		return bad("%w", err)
	}
	n, err := note.Open([]byte(b.Note), note.VerifierList(key))
	if err != nil {
		return bad("its signature: %w", err)
	}
	switch {
	case n.Text != SignedText(c.Archive.ID, c.Number, canonical, c.Previous):
		return bad("the signature is of another certificate")
	case record.Sum([]byte(b.Manifest)) != c.Manifest:
		return bad("the manifest is not the one that the certificate names")
	case strings.Count(b.Manifest, "\n") != c.Records+c.Retired:
		return bad("the manifest has %d lines for %d records", strings.Count(b.Manifest, "\n"), c.Records+c.Retired)
	}
	cp, err := journal.ParseCheckpoint([]byte(b.Checkpoint), key)
	if err != nil {
		return bad("the journal's checkpoint: %w", err)
	}
	e, err := b.Entry.Verify(cp)
	if err != nil {
		return bad("the journal's entry: %w", err)
	}
	var body record.DisposalCertified
	switch err := json.Unmarshal(e.Body, &body); {
	case err != nil:
		return bad("the journal's entry: %w", err)
	case e.Type != record.EntryCertificate || !bytes.Equal(body.Certificate, canonical):
		return bad("the journal's entry %s is of another certificate", strconv.FormatInt(e.Index, 10))
	}
	return &c, nil
}

// Follows checks that a certificate is the one after another: no certificate
// can be left out of a series.
func (c *Certificate) Follows(previous *Certificate) error {
	canonical, err := previous.Canonical()
	if err != nil {
		return err
	}
	if c.Number != previous.Number+1 || c.Previous != record.Sum(canonical) || c.Archive.ID != previous.Archive.ID {
		return fmt.Errorf("%w: certificate %d does not follow certificate %d", ErrInvalid, c.Number, previous.Number)
	}
	return nil
}
