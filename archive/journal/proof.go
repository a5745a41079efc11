package journal

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// An EntryProof shows that an entry is in the log, without its body: its
// header, the hash that stands for its body, and the path from its leaf to the
// checkpoint's root (RFC 6962, section 2.1.1). It has a JSON form and needs no
// key to verify.
type EntryProof struct {
	Index   int64            `json:"index"`
	Header  []byte           `json:"header"`         // the exact octets
	Content tlog.Hash        `json:"content"`        // SHA-256(salt ‖ body)
	Salt    []byte           `json:"salt,omitempty"` // with Body: opens Content
	Body    []byte           `json:"body,omitempty"`
	Path    tlog.RecordProof `json:"path"`
}

// ProveEntry returns the proof for one entry under the reader's checkpoint.
// With disclose it holds the entry's body too, if that is still there.
func (r *Reader) ProveEntry(ctx context.Context, index int64, disclose bool) (EntryProof, error) {
	e, err := r.Entry(ctx, index)
	if err != nil {
		return EntryProof{}, err
	}
	path, err := tlog.ProveRecord(r.cp.Size, index, r.hashes(ctx))
	if err != nil {
		return EntryProof{}, fmt.Errorf("prove journal entry %d: %w", index, err)
	}
	p := EntryProof{Index: index, Header: e.sealed.header, Content: e.sealed.content, Path: path}
	if disclose {
		p.Salt, p.Body = e.sealed.salt, e.sealed.body
	}
	return p, nil
}

// Verify checks the proof against a verified checkpoint and returns the entry,
// with its body if the proof discloses it. Errors wrap [ErrCorrupt].
func (p EntryProof) Verify(cp Checkpoint) (Stored, error) {
	if p.Index < 0 || p.Index >= cp.Size {
		return Stored{}, fmt.Errorf("%w: the checkpoint has no entry %d", ErrCorrupt, p.Index)
	}
	s := sealed{header: p.Header, content: p.Content}
	if err := tlog.CheckRecord(p.Path, cp.Size, cp.Root, p.Index, s.leaf()); err != nil {
		return Stored{}, fmt.Errorf("%w: entry %d: %w", ErrCorrupt, p.Index, err)
	}
	if p.Body != nil {
		if len(p.Salt) != saltSize || contentHash(p.Salt, p.Body) != p.Content {
			return Stored{}, fmt.Errorf("%w: the body of entry %d differs from its hash", ErrCorrupt, p.Index)
		}
		s.salt, s.body = p.Salt, p.Body
	}
	return s.open(p.Index)
}

// An ExtensionProof shows that one checkpoint's log begins with all of an
// earlier one's (RFC 6962, section 2.1.2). It needs no key to verify.
type ExtensionProof struct {
	From int64          `json:"from"` // sizes
	To   int64          `json:"to"`
	Path tlog.TreeProof `json:"path"`
}

// ProveExtension returns the proof that the log continues an earlier
// checkpoint. A checkpoint of a longer log gives an error that wraps
// [ErrRolledBack]. The proof is made whether or not the checkpoint is of this
// log; only its Verify tells.
func (r *Reader) ProveExtension(ctx context.Context, earlier Checkpoint) (ExtensionProof, error) {
	p := ExtensionProof{From: earlier.Size, To: r.cp.Size}
	if earlier.Size < 0 || earlier.Size > r.cp.Size {
		return ExtensionProof{}, fmt.Errorf("%w: that has %d entries, the journal %d", ErrRolledBack, earlier.Size, r.cp.Size)
	}
	if earlier.Size == 0 || earlier.Size == r.cp.Size {
		return p, nil // nothing to prove but that the roots are equal
	}
	path, err := tlog.ProveTree(r.cp.Size, earlier.Size, r.hashes(ctx))
	if err != nil {
		return ExtensionProof{}, fmt.Errorf("prove extension of journal: %w", err)
	}
	p.Path = path
	return p, nil
}

// Verify checks that later continues earlier, two verified checkpoints. Errors
// wrap [ErrRolledBack].
func (p ExtensionProof) Verify(earlier, later Checkpoint) error {
	bad := func(why error) error { return fmt.Errorf("%w: %w", ErrRolledBack, why) }
	switch {
	case p.From != earlier.Size || p.To != later.Size || p.From > p.To:
		return bad(fmt.Errorf("the proof is for %d and %d entries", p.From, p.To))
	case earlier.Origin != later.Origin:
		return bad(fmt.Errorf("%q and %q are two logs", earlier.Origin, later.Origin))
	case p.From == 0 && earlier.Root != emptyRoot(),
		p.From == p.To && earlier.Root != later.Root:
		return bad(fmt.Errorf("the roots at %d entries differ", p.From))
	case p.From == 0 || p.From == p.To:
		return nil
	}
	if err := tlog.CheckTree(p.Path, later.Size, later.Root, earlier.Size, earlier.Root); err != nil {
		return bad(err)
	}
	return nil
}
