package imap

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/connectors"
)

// The cursor of a mailbox is JSON: {"s":"…","f":{"INBOX":{"v":1700000000,"u":41,…}}}.
// Names are one letter because it is journalled often. s is a digest of the
// server and the account, so that a mailbox that has moved is noticed. A
// folder's entry says: every UID below max(u+1, n) is accounted for, namely
// yielded or known not to exist, except those in o, which were yielded as failed
// and are owed, or found missing by a reconciliation.

// A folderState is how far one folder was read.
type folderState struct {
	Validity uint32          `json:"v"`           // UIDVALIDITY that the rest belongs to
	Last     uint32          `json:"u,omitempty"` // highest UID up to which everything was yielded
	Next     uint32          `json:"n,omitempty"` // UIDs below it are accounted for; 0 until the folder was once read to its end
	Issued   int64           `json:"i,omitempty"` // UIDs given out that no Gap has told of yet
	Gone     int64           `json:"g,omitempty"` // of them: those that came and went
	Out      bool            `json:"x,omitempty"` // its messages were left out by the configuration
	Mod      uint64          `json:"m,omitempty"` // HIGHESTMODSEQ when it was last read to its end (RFC 7162), 0 if unknown
	Root     string          `json:"k,omitempty"` // what its items' keys begin with, where that is not the folder's name
	Owed     map[uint32]owed `json:"o,omitempty"`
}

// root is what the keys of the folder's items begin with: its name when it was
// first seen, and more where that would name items of another folder.
func (st *folderState) root(name string) string {
	if st.Root != "" {
		return st.Root
	}
	return name
}

// prefix is what is the same in the keys of all of a folder's items.
func prefix(root string, validity uint32) string { return fmt.Sprintf("%s/%d", root, validity) }

// key names an item in the accounting.
func key(root string, validity, uid uint32) string {
	return fmt.Sprintf("%s/%d", prefix(root, validity), uid)
}

// An owed is a message that could not be read yet: how often it was tried, and
// when last, in Unix seconds.
type owed [2]int64

// due reports whether an owed message should be tried again at t: at once the
// first time, then after ten minutes, doubling, at most a day.
func (o owed) due(t time.Time) bool {
	if o[0] <= 1 {
		return true
	}
	wait := min(10*time.Minute<<min(o[0]-2, 10), 24*time.Hour)
	return !t.Before(time.Unix(o[1], 0).Add(wait))
}

// A position is a cursor taken apart. The JSON of folders that did not change
// is kept, since a cursor is made for every item.
type position struct {
	server  string // digest of the server and the account that it was read from
	folders map[string]*folderState
	order   []string          // sorted names
	text    map[string]string // "name":{…}
}

func parsePosition(c connectors.Cursor) (*position, error) {
	p := &position{folders: make(map[string]*folderState), text: make(map[string]string)}
	if c == "" {
		return p, nil
	}
	var body struct {
		S string                  `json:"s"`
		F map[string]*folderState `json:"f"`
	}
	if err := json.Unmarshal([]byte(c), &body); err != nil {
		return nil, fmt.Errorf("the cursor of this mailbox cannot be read: %w", err)
	}
	p.server = body.S
	for name, st := range body.F {
		if st == nil {
			return nil, fmt.Errorf("the cursor of this mailbox has an empty entry")
		}
		p.folders[name] = st
		if err := p.changed(name); err != nil {
			return nil, err
		}
	}
	p.order = slices.Sorted(maps.Keys(p.folders))
	return p, nil
}

// state returns the entry of a folder, which is made if there is none.
func (p *position) state(name string) *folderState {
	st := p.folders[name]
	if st == nil {
		st = new(folderState)
		p.folders[name] = st
		i, _ := slices.BinarySearch(p.order, name)
		p.order = slices.Insert(p.order, i, name)
	}
	return st
}

// take makes st the entry of a folder, which other names it may have had.
func (p *position) take(name string, st *folderState) error {
	*p.state(name) = *st
	return p.changed(name)
}

// drop forgets a folder.
func (p *position) drop(name string) {
	delete(p.folders, name)
	delete(p.text, name)
	p.order = slices.DeleteFunc(p.order, func(s string) bool { return s == name })
}

// changed must be called after a folder's entry was changed and before the
// next cursor is made.
func (p *position) changed(name string) error {
	key, err := json.Marshal(name)
	if err != nil {
		return err
	}
	value, err := json.Marshal(p.folders[name])
	if err != nil {
		return err
	}
	p.text[name] = string(key) + ":" + string(value)
	return nil
}

// cursor puts the position together.
func (p *position) cursor() connectors.Cursor {
	var b strings.Builder
	b.WriteString("{")
	if p.server != "" {
		server, _ := json.Marshal(p.server) // a string
		fmt.Fprintf(&b, `"s":%s,`, server)
	}
	b.WriteString(`"f":{`)
	sep := ""
	for _, name := range p.order {
		if t := p.text[name]; t != "" {
			b.WriteString(sep)
			b.WriteString(t)
			sep = ","
		}
	}
	b.WriteString("}}")
	return connectors.Cursor(b.String())
}
