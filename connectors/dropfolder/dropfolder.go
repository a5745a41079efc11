// Package dropfolder captures what people put into a watched directory: chat
// exports (.zip, .txt, .jsonl), messages (.eml), mailbox files (.mbox) and
// Maildirs, and the folders that Signal exports.
//
// # What is taken
//
// A file is taken when its size and modification time have not changed for the
// settling time, as seen by this process. Hidden files and the names that
// programs give to unfinished ones (.part, .tmp, .crdownload, a trailing ~) are
// passed over, and so are .yaml files: the one called as an export with
// .select.yaml after it says what of the export is left out (package selection).
// It is to be there before the export, and the two are taken together. Directories are searched too; one with cur, new and tmp in it is
// a Maildir, whose messages keep their flags; one with a main.jsonl in it is an
// export, and is taken as a zip file of its files that says nothing but their
// names and octets, so that the same folder is known again. Symbolic links are never
// followed. Any other file is refused.
//
// # What happens to it
//
// The directory is the queue: what was captured is let go of, so that it does
// not lie about in the clear. [Folder.Dropped] lists the files whose every item
// is acknowledged, the pipeline journals their removal, and then
// [Folder.Acknowledge] removes them: it touches only what was listed. With a
// keeping time they first go to done/ for so long. Refused files go to
// refused/, with the reason beside them, and expire by a time of their own.
// Nothing outside the directory is ever touched, and no file that changed since
// it was read.
//
// # The cursor
//
// It lists fingerprints (of path, size and modification time) of the files that
// were yielded and are still there, and how far mailbox files were read. It
// stays short as long as the consumer acknowledges as it goes.
package dropfolder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
)

// The directories that the connector keeps for itself within the folder.
const (
	DoneDir    = "done"
	RefusedDir = "refused"
)

// Reasons why a file failed, beside those of package record.
const (
	ReasonSpecial record.Reason = "not_a_file" // a link, pipe or device
)

// Config describes one drop folder.
type Config struct {
	Name        string        // the source's name
	Dir         string        // must exist
	Settle      time.Duration // how long a file must not have changed; 0 takes it at once
	Keep        time.Duration // how long acknowledged files stay in done/; 0 removes them at once
	KeepRefused time.Duration // how long refused files stay in refused/; 0 for ever
	PollEvery   time.Duration // how often Wait looks; default 5 s
}

// A Folder is a drop folder. It implements [connectors.Connector],
// [connectors.Watcher], [connectors.Refuser], [connectors.Dropper] and
// [connectors.Positioner].
type Folder struct {
	lg    *slog.Logger
	cfg   Config
	spool connectors.Spooler
	now   func() time.Time
	root  *os.Root

	mu       sync.Mutex
	watched  map[string]sighting      // files not taken yet, by path
	digests  map[string]record.Digest // of files read whole, by fingerprint
	handled  map[string]bool          // fingerprints that the last sequence dealt with
	listed   map[string]bool          // paths that Dropped listed, with fingerprint
	position connectors.Cursor
}

// A sighting is how a file looked, and since when it has looked so.
type sighting struct {
	print string
	since time.Time
}

// New opens the folder. Close it when done.
func New(lg *slog.Logger, cfg Config, spool connectors.Spooler, now func() time.Time) (*Folder, error) {
	if cfg.PollEvery <= 0 {
		cfg.PollEvery = 5 * time.Second
	}
	root, err := os.OpenRoot(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("open drop folder: %w", err)
	}
	return &Folder{
		lg: lg.With("source", cfg.Name), cfg: cfg, spool: spool, now: now, root: root,
		watched: make(map[string]sighting), digests: make(map[string]record.Digest),
		handled: make(map[string]bool), listed: make(map[string]bool),
	}, nil
}

// Close lets go of the directory.
func (f *Folder) Close() error { return f.root.Close() }

// Position implements [connectors.Positioner].
func (f *Folder) Position() connectors.Cursor {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.position
}

// Wait implements [connectors.Watcher] by looking at intervals. It returns when
// a file has settled that the last sequence of items did not deal with.
func (f *Folder) Wait(ctx context.Context) error {
	tick := time.NewTicker(f.cfg.PollEvery)
	defer tick.Stop()
	for {
		files, err := f.scan(ctx)
		if err != nil {
			return err
		}
		f.mu.Lock()
		fresh := slices.ContainsFunc(files, func(c *candidate) bool { return !f.handled[c.print] })
		f.mu.Unlock()
		if fresh {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Check reports whether the folder can be used, for `closeroll check`: it can
// be listed, and files can be moved within it.
func (f *Folder) Check(ctx context.Context) error {
	if _, err := f.scan(ctx); err != nil {
		return err
	}
	name := ".closeroll-check"
	file, err := f.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return f.root.Remove(name) // an earlier check ended halfway
	} else if err != nil {
		return fmt.Errorf("acknowledged files could not be removed from the drop folder: %w", err)
	}
	return errors.Join(file.Close(), f.root.Remove(name))
}

// Refuse implements [connectors.Refuser]. Of a mailbox file one message is not
// a file that could be moved: the message is written to refused/ on its own.
func (f *Folder) Refuse(ctx context.Context, key string, reason record.Reason, detail string) error {
	name, offset, sum, err := parseKey(key)
	if err != nil {
		return err
	}
	c, err := f.look(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil // it was moved before a crash
	} else if err != nil {
		return fmt.Errorf("refuse: %w", err)
	}
	if c.kind == special {
		return nil
	}
	if offset >= 0 {
		return f.refuseEntry(name, c.size, offset, sum, reason, detail)
	}
	digest, err := f.digest(ctx, name)
	if err != nil {
		return err
	}
	if shortDigest(digest) != sum && c.print != sum {
		return nil // another file took its name meanwhile
	}
	return f.moveRefused(name, reason, detail)
}

func shortDigest(d record.Digest) string { return d.String()[:16] }

// makeKey is the key of an item: where it was and what it was. A mailbox file's
// messages have their offset in it.
func makeKey(name string, offset int64, digest string) string {
	if offset >= 0 {
		return fmt.Sprintf("%s#%d@%s", name, offset, digest)
	}
	return name + "@" + digest
}

func parseKey(key string) (name string, offset int64, digest string, err error) {
	i := strings.LastIndexByte(key, '@')
	if i < 0 || len(key)-i-1 != 16 {
		return "", 0, "", fmt.Errorf("%q is no key of a drop folder", path.Base(key))
	}
	name, digest, offset = key[:i], key[i+1:], -1
	if j := strings.LastIndexByte(name, '#'); j >= 0 && isMbox(name[:j]) {
		if n, err := strconv.ParseInt(name[j+1:], 10, 64); err == nil {
			name, offset = name[:j], n
		}
	}
	return name, offset, digest, nil
}

var _ interface {
	connectors.Connector
	connectors.Watcher
	connectors.Refuser
	connectors.Dropper
	connectors.Positioner
} = (*Folder)(nil)
