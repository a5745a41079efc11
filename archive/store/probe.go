package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// ProbeKey is the one object that [Probe] writes. It is deleted afterwards
// where that is possible, and used again where it is not.
const ProbeKey = "probe/closeroll-check"

// A Result is how a check came out.
type Result string

// The results.
const (
	Passed    Result = "ok"
	Failed    Result = "failed"
	Unchecked Result = "could not be checked"
)

// A Finding is one thing that was tried, and what came of it.
type Finding struct {
	Check  string `json:"check"` // what was tried, in a few words
	Result Result `json:"result"`
	Detail string `json:"detail,omitempty"` // for the operator; never content
	Must   bool   `json:"must"`             // an archive is not safe on a store that fails this
}

// An Inspector is a store that can try what is peculiar to its kind: versions,
// object lock, lifecycle rules, public access, the server's clock. It may write
// objects whose keys begin with [ProbeKey].
type Inspector interface {
	Inspect(ctx context.Context, now func() time.Time) []Finding
}

// Probe tries out whether a store keeps its contract, for real, since servers
// accept what they then ignore. It takes a few seconds and does no harm. If the
// store cannot be reached there is a single finding.
func Probe(ctx context.Context, s Store, now func() time.Time) []Finding {
	d, _ := s.(Deleter)
	if d != nil {
		purge(ctx, d) // what an earlier probe left; what cannot be deleted is used again
	}
	before, err := s.Stat(ctx, ProbeKey)
	if err != nil && !errors.Is(err, ErrNotExist) {
		return []Finding{{"reach the store", Failed, err.Error(), true}}
	}
	findings := []Finding{
		{Check: "reach the store", Result: Passed, Must: true},
		probeDigest(ctx, s, before),
		probeOnce(ctx, s, before),
		probeReplace(ctx, s),
	}
	if d != nil {
		findings = append(findings, probeDelete(ctx, s, d))
	} else {
		findings = append(findings, Finding{Check: "delete an object", Result: Unchecked, Detail: "this store cannot delete"})
	}
	if i, ok := s.(Inspector); ok {
		findings = append(findings, i.Inspect(ctx, now)...)
	}
	return findings
}

// outcome is a finding that passed unless there is a complaint.
func outcome(check string, complaint error) Finding {
	f := Finding{Check: check, Result: Passed, Must: true}
	if complaint != nil {
		f.Result, f.Detail = Failed, complaint.Error()
	}
	return f
}

func probePut(ctx context.Context, s Store, data []byte, sum record.Digest) error {
	return s.Put(ctx, ProbeKey, bytes.NewReader(data), int64(len(data)), sum, PutOptions{})
}

// probeDigest sends octets under a wrong digest.
func probeDigest(ctx context.Context, s Store, before Info) Finding {
	const check = "refuse damaged octets"
	if before.Key != "" {
		return Finding{check, Unchecked, "the probe of an earlier check cannot be deleted, so its key is not free", true}
	}
	err := probePut(ctx, s, []byte("closeroll probe"), record.Sum([]byte("something else")))
	switch {
	case errors.Is(err, ErrDigest):
		return outcome(check, nil)
	case err == nil:
		return outcome(check, errors.New("it stored octets that do not match their digest"))
	}
	return outcome(check, err)
}

// probeOnce lets several writers race for one key.
func probeOnce(ctx context.Context, s Store, before Info) Finding {
	const check, writers = "create an object once", 8
	var group sync.WaitGroup
	errs := make([]error, writers)
	for i := range writers {
		group.Go(func() {
			data := fmt.Appendf(nil, "closeroll probe, writer %d", i)
			errs[i] = probePut(ctx, s, data, record.Sum(data))
		})
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, ErrExist) {
			return outcome(check, err)
		}
	}
	// An undeletable probe may hold the octets of one of the writers.
	if won == 1 || won == 0 && before.Key != "" {
		return outcome(check, nil)
	}
	return outcome(check, fmt.Errorf("%d of %d writers of different octets were told that they had created it", won, writers))
}

// probeReplace replaces the probe by its tag, and then by a tag that is stale.
func probeReplace(ctx context.Context, s Store) Finding {
	const check = "replace only what is unchanged"
	info, err := s.Stat(ctx, ProbeKey)
	if err != nil {
		return outcome(check, err)
	}
	fresh := fmt.Appendf(nil, "closeroll probe, replacing %s", info.Tag)
	tag, err := s.Replace(ctx, ProbeKey, fresh, info.Tag)
	if err != nil {
		return outcome(check, err)
	}
	for _, stale := range []Tag{info.Tag, ""} {
		_, err := s.Replace(ctx, ProbeKey, []byte("closeroll probe, stale"), stale)
		if err == nil {
			return outcome(check, errors.New("it replaced an object that had changed meanwhile"))
		}
		if !errors.Is(err, ErrConflict) {
			return outcome(check, err)
		}
	}
	if now, err := s.Stat(ctx, ProbeKey); err != nil || now.Tag != tag {
		return outcome(check, errors.Join(errors.New("it does not show what was written last"), err))
	}
	return outcome(check, nil)
}

// probeDelete deletes the probe with all its versions.
func probeDelete(ctx context.Context, s Store, d Deleter) Finding {
	f := Finding{Check: "delete an object", Result: Passed, Detail: "disposal is possible with these credentials"}
	switch err := purge(ctx, d); {
	case errors.Is(err, ErrDenied) && keptByDefault(ctx, s):
		f.Result, f.Detail = Unchecked, "the bucket's default retention keeps what was to be deleted"
		return f
	case err != nil:
		f.Result, f.Detail = Failed, "disposal will not be possible with these credentials: "+err.Error()
		return f
	}
	if _, err := s.Stat(ctx, ProbeKey); !errors.Is(err, ErrNotExist) {
		f.Result, f.Detail, f.Must = Failed, "it said that it deleted an object, and did not", true
	}
	return f
}

// keptByDefault reports whether the bucket keeps everything for a while.
func keptByDefault(ctx context.Context, s Store) bool {
	p, ok := s.(Protector)
	if !ok {
		return false
	}
	l, err := p.BucketLock(ctx)
	return err == nil && l.Mode != ""
}

// purge deletes every version of the probe.
func purge(ctx context.Context, d Deleter) error {
	var all []Version
	for v, err := range d.Versions(ctx, ProbeKey) {
		if err != nil {
			return err
		}
		all = append(all, v)
	}
	for _, v := range all {
		if err := d.DeleteVersion(ctx, ProbeKey, v.ID); err != nil {
			return err
		}
	}
	return nil
}
