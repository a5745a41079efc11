package configs

import (
	"fmt"

	"github.com/closeroll/closeroll/retention"
)

// Lock says how firmly the storage itself keeps records: S3 Object Lock.
type Lock struct {
	Mode    string           `yaml:"mode" doc:"none; governance, which a disposer with the permission can lift; or compliance, which nobody can, so that it binds lawful erasure too (none)"`
	Floor   retention.Period `yaml:"floor" doc:"how long from capture, where it is not known when a record is due (P90D)"`
	Classes []ClassLock      `yaml:"classes" doc:"classes of the schedule that are locked otherwise"`
}

// A ClassLock is how one class is locked.
type ClassLock struct {
	Class string           `yaml:"class" doc:"id of the class"`
	Mode  string           `yaml:"mode" doc:"none, governance or compliance"`
	Floor retention.Period `yaml:"floor" doc:"(lock.floor)"`
}

// The modes of a lock.
const (
	LockNone       = "none"
	LockGovernance = "governance"
	LockCompliance = "compliance"
)

// Asks reports whether any record is to be locked.
func (l *Lock) Asks() bool {
	if l.Mode != LockNone {
		return true
	}
	for _, c := range l.Classes {
		if c.Mode != LockNone {
			return true
		}
	}
	return false
}

func (l *Lock) setDefaults() {
	set(&l.Mode, LockNone)
	set(&l.Floor, retention.Period{Days: 90})
	for i := range l.Classes {
		set(&l.Classes[i].Floor, l.Floor)
	}
}

func (v check) lock(c *Config) {
	l := &c.Lock
	v.lockMode("lock.mode", l.Mode)
	seen := make(map[string]bool)
	for i, class := range l.Classes {
		path := fmt.Sprintf("lock.classes[%d]", i)
		v.need(path+".class", class.Class)
		v.lockMode(path+".mode", class.Mode)
		if seen[class.Class] && class.Class != "" {
			v.add(path+".class", "%q is given already", class.Class)
		}
		seen[class.Class] = true
	}
	if l.Asks() && c.Store.S3 == nil {
		v.add("lock.mode", "a folder has no object lock: only store.s3 has")
	}
}

func (v check) lockMode(path, mode string) {
	switch mode {
	case LockNone, LockGovernance, LockCompliance:
	case "":
		v.add(path, "is missing")
	default:
		v.add(path, "%q is none of none, governance and compliance", mode)
	}
}
