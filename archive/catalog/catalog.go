// Package catalog answers every question whose answer can change: which
// records there are, who holds them under which class, what is on hold, how
// each source's items are accounted for, which messages the index covers.
//
// It is a SQLite file sealed with Adiantum, derived from the journal and from
// nothing else: [Catalog.Apply] folds entries in, in journal order, and the
// same entries always give the same rows. So it has no migrations and needs no
// backup: a file that is missing, of another schema version, or sealed to
// another key is made anew from the journal. It is never authority for
// disposal, which reads the verified journal itself.
//
// Properties that search filters by are kept as roaring bitmaps of message
// numbers, one a property and value, maintained as entries are applied; they
// join to a word query as its filter, so no changing fact is ever in the index.
//
// A Catalog may be used from any number of goroutines; Apply calls are
// serialised.
package catalog

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum" // registers the sealing VFS
)

// SchemaVersion changes whenever schema.sql or the meaning of a row does.
const SchemaVersion = 21

//go:embed schema.sql
var schema string

// ErrStale is returned by [Open] for a file that cannot be used as it is: of
// another schema version, of another archive, sealed to another key, or
// damaged. The caller removes it with [Remove] and applies the journal anew.
var ErrStale = errors.New("catalog: the file must be made anew from the journal")

// ErrNotFound is returned where a record, hold or source is not there.
var ErrNotFound = errors.New("catalog: not found")

// A Catalog is an open catalog.
type Catalog struct {
	write *sql.DB // one connection
	read  *sql.DB

	// Prepared, because they are asked once or more for every capture or hit.
	recordByID   *sql.Stmt
	messageByNo  *sql.Stmt
	displayByRow *sql.Stmt

	timeline timeline

	mu      sync.Mutex // held by Apply, and guards what follows
	next    int64      // the journal index that Apply expects
	lastNo  uint64
	bitmaps *bitmapCache
}

// Open opens the catalog file at path, or makes an empty one, sealed to key.
// The archive id ties the file to its journal.
func Open(ctx context.Context, path string, key [32]byte, archiveID string) (*Catalog, error) {
	c := &Catalog{bitmaps: newBitmapCache()}
	var err error
	if c.write, err = openFile(path, key, 1); err != nil {
		return nil, err
	}
	if c.read, err = openFile(path, key, 4); err != nil {
		c.write.Close()
		return nil, err
	}
	if err := c.load(ctx, archiveID); err != nil {
		c.Close()
		return nil, err
	}
	if err := c.prepare(ctx); err != nil {
		c.Close()
		return nil, staleUnless(ctx, err)
	}
	return c, nil
}

func (c *Catalog) prepare(ctx context.Context) (err error) {
	if c.recordByID, err = c.read.PrepareContext(ctx, `SELECT `+rowColumns+` FROM records WHERE id = ?`); err != nil {
		return err
	}
	if c.displayByRow, err = c.read.PrepareContext(ctx, `SELECT display FROM records WHERE seq = ?`); err != nil {
		return err
	}
	c.messageByNo, err = c.read.PrepareContext(ctx, `SELECT `+messageColumns+` WHERE m.no = ?`)
	return err
}

// Remove deletes the catalog file at path and its companions. The catalog must
// not be open.
func Remove(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// openFile opens a pool on the file. The key is set by PRAGMA on each new
// connection, so that it is in no file name.
func openFile(path string, key [32]byte, conns int) (*sql.DB, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?vfs=adiantum&_txlock=immediate"
	db, err := driver.Open(dsn, func(c *sqlite3.Conn) error {
		return c.Exec("PRAGMA hexkey='" + hex.EncodeToString(key[:]) + "';" + `
			PRAGMA busy_timeout = 10000;
			PRAGMA temp_store = memory;
			PRAGMA journal_mode = WAL;
			PRAGMA synchronous = NORMAL;
			PRAGMA cache_size = -16384;
			PRAGMA foreign_keys = ON;
			PRAGMA secure_delete = ON;`)
	})
	if err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// load reads or makes the meta rows. A WAL that NORMAL synchronisation loses
// at a power cut loses whole transactions from its end, and those are applied
// again from the journal: next is in the same transactions.
func (c *Catalog) load(ctx context.Context, archiveID string) error {
	var tables int
	if err := c.write.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return staleUnless(ctx, err)
	}
	if tables == 0 {
		return c.create(ctx, archiveID)
	}
	meta := map[string]string{}
	rows, err := c.write.QueryContext(ctx, `SELECT name, value FROM meta`)
	if err != nil {
		return staleUnless(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return staleUnless(ctx, err)
		}
		meta[name] = value
	}
	if err := rows.Err(); err != nil {
		return staleUnless(ctx, err)
	}
	if meta["schema"] != strconv.Itoa(SchemaVersion) || meta["archive"] != archiveID {
		return ErrStale
	}
	if c.next, err = strconv.ParseInt(meta["next"], 10, 64); err != nil {
		return ErrStale
	}
	if c.lastNo, err = strconv.ParseUint(meta["last_no"], 10, 64); err != nil {
		return ErrStale
	}
	return nil
}

// staleUnless turns whatever SQLite says of a file that it cannot read into
// ErrStale, but not the caller's own cancellation.
func staleUnless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrStale, err)
}

func (c *Catalog) create(ctx context.Context, archiveID string) error {
	tx, err := c.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO meta VALUES ('schema', ?), ('archive', ?), ('next', '0'), ('last_no', '0')`,
		strconv.Itoa(SchemaVersion), archiveID); err != nil {
		return err
	}
	return tx.Commit()
}

// Next returns the journal index of the first entry that is not applied yet.
func (c *Catalog) Next() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.next
}

// LastNo returns the highest message number given so far, 0 if none was.
func (c *Catalog) LastNo() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lastNo
}

// Close closes the file.
func (c *Catalog) Close() error {
	return errors.Join(c.read.Close(), c.write.Close())
}
