// Package record is closeroll's vocabulary: the names that every other room
// speaks. It holds pure data and the few rules that belong to the data itself;
// it imports the standard library only, and every other package may import it.
//
// The words are those of ISO 15489 and MoReq2010 as docs/architecture.md lists
// them: an item that a connector yields becomes a [Record] when its capture is
// journalled; a record is made of [Component] files; each custodian's
// possession of it is a [Holding]; a [MessageNo] names one message in it.
package record

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"
)

// Format is the version of record.json that this package describes.
const Format = "closeroll-record/1"

// Kind says what a record is a record of.
type Kind string

// The kinds of record.
const (
	Email   Kind = "email"    // one e-mail message
	ChatDay Kind = "chat-day" // a chat's messages of one printed date, with their media
	Export  Kind = "export"   // how one chat export was made up
)

// Channel distinguishes the department's own systems from the rest
// (Cabinet Office guidance on non-corporate communication channels, 2023).
type Channel string

// The channels.
const (
	Corporate    Channel = "corporate" // departmental e-mail
	NonCorporate Channel = "nccc"      // WhatsApp, private e-mail and their like
)

// A Digest is a SHA-256 digest. Its text form is lower-case hexadecimal.
type Digest [sha256.Size]byte

// Sum returns the digest of b.
func Sum(b []byte) Digest { return sha256.Sum256(b) }

// SumReader returns the digest and the length of everything in r.
func SumReader(r io.Reader) (Digest, int64, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return Digest(h.Sum(nil)), n, err
}

// IsZero reports whether d is no digest at all.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns d in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (d Digest) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, d[:]), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts 64
// hexadecimal digits and nothing else.
func (d *Digest) UnmarshalText(b []byte) error {
	if len(b) != hex.EncodedLen(len(d)) {
		return fmt.Errorf("a SHA-256 digest has %d hexadecimal digits, not %d", hex.EncodedLen(len(d)), len(b))
	}
	_, err := hex.Decode(d[:], b)
	return err
}

// A MessageNo names one message in an archive. It is given once, when the
// message's capture is journalled, counts up from 1, is never reused, and is
// the message's document id in the index.
type MessageNo uint64

// A Record is the unit of storage and of disposal. This struct is record.json
// inside the sealed bag: what never changes. Who holds the record, under which
// class, is in the journal.
type Record struct {
	Format     string      `json:"format"`
	ID         ID          `json:"id"`
	Kind       Kind        `json:"kind"`
	Vault      string      `json:"vault"`
	Components []Component `json:"components"`
	Chat       *Day        `json:"chat,omitempty"`
}

// A Day describes the printed date that a chat-day record covers.
type Day struct {
	Date     string `json:"date"`               // 2006-01-02 by the calendar of the export, or "undated"
	Zone     string `json:"zone"`               // the zone that the source's configuration assumes
	Platform string `json:"platform"`           // ios, android, web, …
	Order    string `json:"order"`              // in which its dates were read: DMY, MDY, YMD
	Calendar string `json:"calendar,omitempty"` // that its dates were printed in, if not the Gregorian: persian, islamic-umalqura …
	App      string `json:"app,omitempty"`      // the messenger: whatsapp, signal; empty for WhatsApp in the oldest records

	// Spans are the lengths in octets of its messages and events, in order;
	// together they are the whole of data/chat.txt.
	Spans []int64 `json:"spans"`

	// Excluded is how many messages of the day a selection left out, by reason.
	Excluded map[Reason]int `json:"excluded,omitempty"`

	// Erased marks the places where messages were erased from the day.
	Erased []Erased `json:"erased,omitempty"`
}

// A Component is one file inside a record, byte for byte as the source gave it.
type Component struct {
	Path      string `json:"path"`           // inside the bag, "data/…", slash-separated
	Name      string `json:"name,omitempty"` // as the source printed it, if it had a name
	Size      int64  `json:"size"`           // octets
	Digest    Digest `json:"sha256"`
	MediaType string `json:"media_type,omitempty"`
}

// ManifestDigest is the digest of the payload: of the lines "HEX  PATH\n" of
// its components, sorted by path. It equals the digest of the bag's
// manifest-sha256.txt (RFC 8493, section 2.1.3) written in that order.
func ManifestDigest(components []Component) Digest {
	sorted := slices.Clone(components)
	slices.SortFunc(sorted, func(a, b Component) int {
		if a.Path < b.Path {
			return -1
		}
		return 1
	})
	h := sha256.New()
	for _, c := range sorted {
		fmt.Fprintf(h, "%s  %s\n", c.Digest, c.Path)
	}
	return Digest(h.Sum(nil))
}

// A Holding is one custodian's possession of a record. The same octets in two
// mailboxes are one record with two holdings.
type Holding struct {
	Source      string    `json:"source"`
	Custodian   string    `json:"custodian"`
	Channel     Channel   `json:"channel,omitempty"`
	Folder      string    `json:"folder,omitempty"`
	Aggregation string    `json:"aggregation,omitempty"` // id of the thread, folder or chat it belongs to
	Class       string    `json:"class,omitempty"`       // retention class
	Rule        string    `json:"rule,omitempty"`        // the rule or default that chose the class
	Since       time.Time `json:"since"`                 // when we captured it
}

// SameAs reports whether h and o are the same possession, whatever their class.
func (h Holding) SameAs(o Holding) bool {
	return h.Source == o.Source && h.Custodian == o.Custodian &&
		h.Folder == o.Folder && h.Aggregation == o.Aggregation
}
