package certificate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/closeroll/closeroll/archive/journal"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
)

// A Bundle is a certificate with all that is needed to verify it without this
// program and without the archive. The archive's public key has to come by
// another way. It has the fields of a bundle of a certificate of disposal.
type Bundle struct {
	Format      string             `json:"format"`
	Certificate json.RawMessage    `json:"certificate"`
	Note        string             `json:"signature"`          // signed note of SignedText
	Manifest    string             `json:"manifest,omitempty"` // of the closed form: see Line
	Checkpoint  string             `json:"checkpoint"`         // signed head of the journal
	Entry       journal.EntryProof `json:"entry"`              // of the certificate in it
}

// BundleFormat is the version of a bundle's form.
const BundleFormat = "closeroll-search-bundle/1"

// The lists of a manifest.
const (
	ListFound  = "found"          // certainly met the query
	ListDating = "date-undecided" // would have, if its date did
	ListUnread = "not-searched"   // would have, if what nobody could read did
)

// Line is a line of the manifest: run, list and message. Of what could not be
// searched, what a person found stands behind, or - if nobody had to look.
func Line(run int, list, id string, more ...string) string {
	return fmt.Sprintf("S%d %s %s\n", run, list, strings.Join(append([]string{id}, more...), " "))
}

// ErrInvalid is returned for a bundle that does not verify.
var ErrInvalid = errors.New("the certificate does not verify")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
}

// Verify checks a bundle against the archive's public key: the signature, that
// the journal under its signed checkpoint has this very certificate, and of the
// closed form that the list of messages is the one that every run counts. It
// returns the certificate. Errors wrap [ErrInvalid].
func (b *Bundle) Verify(key note.Verifier) (*Certificate, error) {
	if b.Format != BundleFormat {
		return nil, invalid("its format is %q, where this program knows %q", b.Format, BundleFormat)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, b.Certificate); err != nil {
		return nil, invalid("%w", err)
	}
	canonical := compact.Bytes()
	c := &Certificate{}
	if err := json.Unmarshal(canonical, c); err != nil {
		return nil, invalid("%w", err)
	}
	n, err := note.Open([]byte(b.Note), note.VerifierList(key))
	switch {
	case err != nil:
		return nil, invalid("its signature: %w", err)
	case n.Text != SignedText(c, canonical):
		return nil, invalid("the signature is of another certificate")
	}
	if err := b.journalled(key, c, canonical); err != nil {
		return nil, err
	}
	return c, b.lists(c)
}

func (b *Bundle) journalled(key note.Verifier, c *Certificate, canonical []byte) error {
	cp, err := journal.ParseCheckpoint([]byte(b.Checkpoint), key)
	if err != nil {
		return invalid("the journal's checkpoint: %w", err)
	}
	e, err := b.Entry.Verify(cp)
	if err != nil {
		return invalid("the journal's entry: %w", err)
	}
	var body record.RequestCertified
	switch err := json.Unmarshal(e.Body, &body); {
	case err != nil:
		return invalid("the journal's entry: %w", err)
	case e.Type != record.EntryRequestCertified || !bytes.Equal(body.Certificate, canonical) || body.Form != c.Form || body.Request != c.Request:
		return invalid("the journal's entry %d is of something else", e.Index)
	}
	return nil
}

// lists checks the list of messages against what each run counts.
func (b *Bundle) lists(c *Certificate) error {
	if c.Form == Open {
		if b.Manifest != "" {
			return invalid("the open form has a list of messages")
		}
		return nil
	}
	if record.Sum([]byte(b.Manifest)) != c.Manifest {
		return invalid("the list of messages is not the one that the certificate names")
	}
	ids, err := b.Messages()
	if err != nil {
		return err
	}
	for _, r := range c.Runs {
		found := ids[r.Name+" "+ListFound]
		if len(found) != r.Total || foi.Digest(found) != r.Digest || len(ids[r.Name+" "+ListDating]) != r.Undated || len(ids[r.Name+" "+ListUnread]) != r.Unread {
			return invalid("the list of messages of %s is not what it counts", r.Name)
		}
	}
	return nil
}

// Messages returns the ids of the manifest's lines by run and list, "S1 found".
func (b *Bundle) Messages() (map[string][]string, error) {
	ids := make(map[string][]string)
	for line := range strings.Lines(b.Manifest) {
		words := strings.Fields(line)
		if len(words) < 3 {
			return nil, invalid("the list of messages has a line of %d words", len(words))
		}
		ids[words[0]+" "+words[1]] = append(ids[words[0]+" "+words[1]], words[2])
	}
	return ids, nil
}

// unread returns what the manifest says that people found in what could not be
// searched, each message once: id and result.
func (b *Bundle) unread() [][]string {
	var all [][]string
	seen := make(map[string]bool)
	for line := range strings.Lines(b.Manifest) {
		words := strings.Fields(line)
		if len(words) == 4 && words[1] == ListUnread && words[3] != "-" && !seen[words[2]] {
			seen[words[2]] = true
			all = append(all, words[2:])
		}
	}
	slices.SortFunc(all, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return all
}
