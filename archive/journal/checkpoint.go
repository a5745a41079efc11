package journal

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	checkpointKey = "journal/checkpoint"
	maxCheckpoint = 16 << 10 // octets; room for many signatures
	maxSize       = 1 << 48  // entries; keeps tile arithmetic far from overflow
)

// A Checkpoint is the signed head of the log: it commits to every entry
// before it (C2SP tlog-checkpoint). Keep its Note somewhere else to be able to
// prove later that nothing before it was changed.
type Checkpoint struct {
	Origin string    // the log's name: the name of its signing key
	Size   int64     // entries
	Root   tlog.Hash // RFC 6962 Merkle tree head of those entries
	Note   []byte    // the signed note itself
}

// ParseCheckpoint verifies a signed note and returns the checkpoint in it. One
// of the verifiers has to have signed it, and its name is the log's origin.
// Errors wrap [ErrCorrupt].
func ParseCheckpoint(signed []byte, verifiers ...note.Verifier) (Checkpoint, error) {
	bad := func(err error) (Checkpoint, error) {
		return Checkpoint{}, fmt.Errorf("%w: checkpoint: %w", ErrCorrupt, err)
	}
	if len(signed) > maxCheckpoint {
		return bad(fmt.Errorf("%d octets", len(signed)))
	}
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil {
		return bad(err)
	}
	lines := strings.SplitAfterN(n.Text, "\n", 4)
	if len(lines) != 4 || lines[3] != "" {
		return bad(fmt.Errorf("%d lines instead of three", strings.Count(n.Text, "\n")))
	}
	cp := Checkpoint{Origin: lines[0][:len(lines[0])-1], Note: signed}
	cp.Size, err = strconv.ParseInt(strings.TrimSuffix(lines[1], "\n"), 10, 64)
	if err != nil || cp.Size < 0 || cp.Size > maxSize {
		return bad(fmt.Errorf("size %q", lines[1]))
	}
	root, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSuffix(lines[2], "\n"))
	if err != nil || len(root) != tlog.HashSize {
		return bad(fmt.Errorf("root hash %q", lines[2]))
	}
	cp.Root = tlog.Hash(root)
	if cp.text() != n.Text || n.Sigs[0].Name != cp.Origin {
		return bad(fmt.Errorf("not in canonical form, or signed for another log than %q", cp.Origin))
	}
	return cp, nil
}

// sign returns the checkpoint of a tree of this size and root.
func sign(signer note.Signer, size int64, root tlog.Hash) (Checkpoint, error) {
	cp := Checkpoint{Origin: signer.Name(), Size: size, Root: root}
	signed, err := note.Sign(&note.Note{Text: cp.text()}, signer)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("sign checkpoint: %w", err)
	}
	cp.Note = signed
	return cp, nil
}

// text is the part of the note that is signed.
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

func (c Checkpoint) tree() tlog.Tree { return tlog.Tree{N: c.Size, Hash: c.Root} }
