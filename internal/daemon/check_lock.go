package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/archive/store"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/retention"
)

// lock looks whether what the configuration asks the storage to keep, what the
// bucket does of its own accord and what the schedule says go together.
func (c *checker) lock(ctx context.Context, st store.Store) {
	p, ok := st.(store.Protector)
	if !ok {
		return // a folder: that locks are asked for in vain was said when the configuration was read
	}
	l, err := p.BucketLock(ctx)
	if err != nil {
		c.add("lock", "read the bucket's object lock", err, "", c.cfg.Lock.Asks())
		return
	}
	const has = "the bucket has what lock asks for"
	switch {
	case c.cfg.Lock.Asks() && !l.Enabled:
		c.add("lock", has, errors.New("records are to be locked, and the bucket has no object lock, which it gets when it is made"), "", true)
	case !l.Enabled:
		c.add("lock", has, nil, "nothing is asked for, and the bucket has no object lock: holds are not mirrored to it", false)
	case !c.cfg.Lock.Asks():
		c.add("lock", has, nil, "the bucket has object lock and lock.mode is none: holds are mirrored as legal holds, and nothing is retained", false)
	default:
		c.add("lock", has, nil, "object lock is on", true)
	}
	c.defaultRetention(l)
	c.classLocks(l)
}

// defaultRetention says what a bucket's own default retention would do: it binds
// what nobody asked to be kept, such as former versions of the journal's batches.
func (c *checker) defaultRetention(l store.BucketLock) {
	if l.Mode == "" {
		return
	}
	days := int(l.For.Hours() / 24)
	err := fmt.Errorf("the bucket keeps every object for %d days (governance): disposal needs a credential that may bypass governance", days)
	if l.Mode == store.Compliance {
		err = fmt.Errorf("the bucket keeps every object for %d days (compliance), former versions of the journal's batches too: every disposal waits so long before it is finished", days)
	}
	c.add("lock", "the bucket has no default retention", err, "", false)
}

// classLocks compares the periods of the schedule with what is locked.
func (c *checker) classLocks(l store.BucketLock) {
	text, err := os.ReadFile(string(c.cfg.Schedule))
	if err != nil {
		return // the schedule's own check has said so
	}
	s, err := retention.Load(text)
	if err != nil {
		return
	}
	var unknown, shorter, longer, firm []string
	for _, named := range c.cfg.Lock.Classes {
		if s.Class(named.Class) == nil {
			unknown = append(unknown, named.Class)
		}
	}
	policy, today := lockPolicy(&c.cfg.Lock), record.DateOf(c.env.Now(), time.UTC)
	for _, class := range s.Classes {
		period := class.Period.After(today)
		if l.Mode != "" && class.Action == retention.Destroy && period.Start(time.UTC).Before(today.Start(time.UTC).Add(l.For)) {
			shorter = append(shorter, class.ID)
		}
		r := policy.Of(class.ID)
		if r.Mode != "" && r.Floor.After(today).After(period) {
			longer = append(longer, class.ID)
		}
		if r.Mode == store.Compliance {
			firm = append(firm, class.ID)
		}
	}
	c.warn("every class under lock is in the schedule", unknown, "the schedule's file has no class %s")
	c.warn("no class is shorter than the bucket's default retention", shorter, "the bucket would keep records longer than the schedule allows: %s")
	c.warn("no class is shorter than its lock's floor", longer, "the floor of the lock is longer than the period: %s")
	c.warn("lawful erasure stays possible", firm, "under "+configs.LockCompliance+" nobody can erase a record before it is due, not for a court either: %s")
}

// warn adds a finding if there are names that it is about.
func (c *checker) warn(check string, names []string, format string) {
	if len(names) > 0 {
		c.add("lock", check, fmt.Errorf(format, strings.Join(names, ", ")), "", false)
	}
}
