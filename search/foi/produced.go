package foi

import (
	"errors"
	"fmt"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// Produced is a production of what is disclosed.
type Produced struct {
	record.RequestProduced
	Entry int64     `json:"entry"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
}

// ErrChangedMeanwhile is returned for a production of a request that was
// decided about, redacted or searched for while it was made.
var ErrChangedMeanwhile = errors.New("the request has changed while it was produced")

func (r *Request) produce(e Entry, b record.RequestProduced) error {
	switch {
	case b.Production != len(r.Productions)+1:
		return fmt.Errorf("production P%d does not follow P%d: %w", b.Production, len(r.Productions), ErrChangedMeanwhile)
	case b.Known != r.Version:
		return ErrChangedMeanwhile
	case b.Digest.IsZero() || b.Items < 1:
		return errors.New("a production has items, and a digest")
	}
	r.Productions = append(r.Productions, Produced{b, e.Index, e.Time, e.Actor})
	return nil
}
