package index

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/blevesearch/bleve/v2/index/scorch"
	bleveindex "github.com/blevesearch/bleve_index_api"
	bolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sync/errgroup"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/language"
)

// A generation is one Bleve index in a directory of its own.
type generation struct {
	lg      *slog.Logger
	dir     string
	bleve   *scorch.Scorch
	queue   *bleveindex.AnalysisQueue
	release func()
	writing sync.Mutex // one batch or removal at a time
	tables  tables

	detector *language.Detector
}

// Names of Bleve's internal values. Bleve keeps the names in clear and seals
// the values.
const (
	internalMapping  = "mapping"
	internalComplete = "complete" // the generation may be live
	internalPurged   = "purged"   // written only so that a snapshot is
)

// lockTimeout is how long a second opener of a directory waits.
const lockTimeout = "2s"

// openGeneration opens the generation in dir, or makes it if there is nothing.
func openGeneration(lg *slog.Logger, dir string, key []byte) (_ *generation, err error) {
	fresh, err := isFresh(dir)
	if err != nil {
		return nil, err
	}
	release, err := install(lg, dir, key)
	if err != nil {
		return nil, err
	}
	g := &generation{lg: lg, dir: dir, release: release, queue: bleveindex.NewAnalysisQueue(1), detector: language.NewDetector()}
	defer func() {
		if err != nil {
			g.queue.Close()
			release()
		}
	}()
	if g.bleve, err = openBleve(dir, fresh, g.queue); err != nil {
		return nil, err
	}
	if err := g.checkMapping(fresh); err != nil {
		return nil, errors.Join(err, g.bleve.Close())
	}
	return g, nil
}

func openBleve(dir string, fresh bool, queue *bleveindex.AnalysisQueue) (*scorch.Scorch, error) {
	var want []string
	if !fresh {
		var err error
		if want, err = recorded(dir); err != nil {
			return nil, err
		}
		if err := dropEmptySets(dir); err != nil {
			return nil, err
		}
	}
	ix, err := scorch.NewScorch(scorch.Name, settings(dir), queue)
	if err != nil {
		return nil, err
	}
	b := ix.(*scorch.Scorch)
	if err := b.OpenMeta(); errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrInUse
	} else if err != nil {
		return nil, &DamagedError{Dir: dir, Err: err}
	}
	if !fresh {
		if err := checkLoaded(dir, b, want); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	if err := b.Open(); err != nil {
		return nil, &DamagedError{Dir: dir, Err: err}
	}
	return b, nil
}

// floorSegment is how many documents a segment has before Bleve's merge plan
// counts its size.
const floorSegment = 1000

func settings(dir string) map[string]any {
	return map[string]any{
		"path":                   dir,
		"bolt_timeout":           lockTimeout,
		"numSnapshotsToKeep":     1, // an older snapshot would keep what was removed
		"asyncErrorCallbackName": asyncErrors,
		// A segment of one full batch is not small: merging it at once, as
		// Bleve would below 2,000 documents, only has it written again.
		"scorchMergePlanOptions": map[string]any{"FloorSegmentSize": floorSegment},
	}
}

// isFresh reports whether nothing was ever written to dir.
func isFresh(dir string) (bool, error) {
	names, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	return len(names) == 0, err
}

// checkMapping writes the mapping's version into a fresh generation and
// compares it in another. Bleve opens an index whose segments it cannot read
// as an empty one; the missing version tells.
func (g *generation) checkMapping(fresh bool) error {
	if fresh {
		return g.setInternal(internalMapping, Mapping)
	}
	have, err := g.internal(internalMapping)
	switch {
	case err != nil:
		return &DamagedError{Dir: g.dir, Err: err}
	case have == "":
		return &DamagedError{Dir: g.dir, Err: errors.New("no snapshot could be read")}
	case have != Mapping:
		return &MappingError{Dir: g.dir, Have: have}
	}
	return nil
}

func (g *generation) setInternal(name, value string) error {
	b := bleveindex.NewBatch()
	b.SetInternal([]byte(name), []byte(value))
	return g.bleve.Batch(b)
}

func (g *generation) internal(name string) (string, error) {
	r, err := g.bleve.Reader()
	if err != nil {
		return "", err
	}
	defer r.Close()
	value, err := r.GetInternal([]byte(name))
	return string(value), err
}

// close waits for what is being written and lets go of the directory.
func (g *generation) close() error {
	g.writing.Lock()
	defer g.writing.Unlock()
	err := g.bleve.Close()
	g.queue.Close()
	g.release()
	return err
}

// name is the generation's directory without the path.
func (g *generation) name() string { return filepath.Base(g.dir) }

// A batch takes in this much text, or this many documents. Memory is in
// proportion to it, some forty times the text; smaller batches cost more
// merging: 9,000 e-mails in batches of 256 take 1.8 times the processor time
// that they take in batches of 1,024.
const (
	batchBytes = 2 << 20
	batchDocs  = 4000
)

// add writes the documents in batches by size. Each batch is durable when the
// next begins.
func (g *generation) add(ctx context.Context, docs []*Document) error {
	g.writing.Lock()
	defer g.writing.Unlock()
	for len(docs) > 0 {
		n, size := 0, 0
		for n < len(docs) && n < batchDocs && (n == 0 || size+Bytes(docs[n]) <= batchBytes) {
			size += Bytes(docs[n])
			n++
		}
		if err := g.addBatch(ctx, docs[:n]); err != nil {
			return err
		}
		docs = docs[n:]
	}
	return nil
}

func (g *generation) addBatch(ctx context.Context, docs []*Document) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	stale, err := g.partsOf(docs)
	if err != nil {
		return err
	}
	batch := bleveindex.NewBatch()
	for _, id := range stale {
		batch.Delete(id)
	}
	for _, parts := range g.composeAll(docs) {
		for _, p := range parts {
			batch.Update(p)
		}
	}
	if err := g.bleve.Batch(batch); err != nil {
		return fmt.Errorf("index batch: %w", err)
	}
	return nil
}

// composeAll analyzes documents on all processors.
func (g *generation) composeAll(docs []*Document) [][]*part {
	out := make([][]*part, len(docs))
	workers := min(runtime.GOMAXPROCS(0), len(docs))
	var group errgroup.Group
	for w := range workers {
		group.Go(func() error {
			c := composer{detector: g.detector}
			for i := len(docs) * w / workers; i < len(docs)*(w+1)/workers; i++ {
				out[i] = c.compose(docs[i])
			}
			return nil
		})
	}
	group.Wait()
	return out
}

// partsOf returns the ids that are in the index already for these documents'
// numbers, so that a message written again leaves no part of its former text.
func (g *generation) partsOf(docs []*Document) ([]string, error) {
	view, err := g.reader()
	if err != nil {
		return nil, err
	}
	defer view.Close()
	present, err := view.Numbers()
	if err != nil {
		return nil, err
	}
	var numbers []record.MessageNo
	for _, d := range docs {
		if present.Contains(uint64(d.No)) {
			numbers = append(numbers, d.No)
		}
	}
	return view.ids(numbers)
}
