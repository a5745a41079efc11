//go:build unix

package connectortest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/closeroll/closeroll/archive/record"
)

// A Life is one user's mailbox on a Dovecot, lived at random as people and
// servers live it, and its truth: what any reader who looked at certain moments
// must have seen, and how many messages nobody can have seen.
//
// A look is complete, or it was cut short; what a cut one has seen is unknown.
// Every figure is therefore a pair of bounds, which are equal where no look
// since was cut short.
type Life struct {
	User string

	t       testing.TB
	d       *Dovecot
	r       *rand.Rand
	client  *imapclient.Client
	folders map[string]*lived
	serial  int // of messages
	made    int // of folders
	epoch   uint32

	Items   Bounds // distinct messages that were seen, by folder and UID
	Gone    Bounds // that came and went unseen in folders that were known
	Records map[record.Digest]*Bounds
	Present int // at the last look
}

// Bounds are the least and the most that something can be.
type Bounds struct{ Least, Most int }

// Holds reports whether n is within the bounds.
func (b Bounds) Holds(n int64) bool { return int64(b.Least) <= n && n <= int64(b.Most) }

// A lived is a folder, under whatever name.
type lived struct {
	validity uint32
	sure     map[uint32]bool // UIDs that a complete look has seen
	maybe    map[uint32]bool // UIDs that some look may have seen
	from     uint32          // UIDNEXT at the last complete look by which it is surely known; 0: there was none
	base     uint32          // UIDNEXT at the first look of any kind
	lost     map[uint32]bool // UIDs that may have come and gone
}

// The folders that every life has. Left out is what the configuration of its
// reader should exclude.
const (
	inbox   = "INBOX"
	LeftOut = "Junk"
)

// NewLife begins a life for a user who has none yet. seed decides everything.
func NewLife(t testing.TB, d *Dovecot, user string, seed uint64) *Life {
	t.Helper()
	l := &Life{User: user, t: t, d: d, r: rand.New(rand.NewPCG(seed, 11)), folders: map[string]*lived{inbox: newLived(0)},
		Records: make(map[record.Digest]*Bounds), epoch: 1_900_000_000}
	d.Maildir(t, user, inbox)
	l.do(l.connect().Create(LeftOut, nil).Wait())
	l.folders[LeftOut] = newLived(0)
	return l
}

func newLived(validity uint32) *lived {
	return &lived{validity: validity, sure: make(map[uint32]bool), maybe: make(map[uint32]bool), lost: make(map[uint32]bool)}
}

func (l *Life) do(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatalf("%s: %v", l.User, err)
	}
}

// connect returns a client that is logged in and has no folder open.
func (l *Life) connect() *imapclient.Client {
	l.t.Helper()
	if l.client == nil {
		c, err := imapclient.DialInsecure(l.d.Addr(), nil)
		l.do(err)
		l.do(c.Login(l.User, Password).Wait())
		l.client = c
	}
	return l.client
}

// Leave ends the client's connection.
func (l *Life) Leave() {
	if l.client != nil {
		l.client.Logout().Wait() // it ends whatever is answered
		l.client.Close()
		l.client = nil
	}
}

// Step lives a little, and says what happened.
func (l *Life) Step() string {
	l.t.Helper()
	switch n := l.r.IntN(20); {
	case n < 8:
		return l.deliver()
	case n < 11:
		return l.move()
	case n < 12:
		return l.flag()
	case n < 15:
		return l.expunge()
	case n < 16:
		return l.create()
	case n < 18:
		return l.rename()
	case n < 19:
		return l.remove()
	}
	return l.renumber()
}

// any chooses a folder; own: one that may be renamed and deleted.
func (l *Life) any(own bool) string {
	var names []string
	for name := range l.folders {
		if !own || name != inbox && name != LeftOut {
			names = append(names, name)
		}
	}
	if names == nil {
		return ""
	}
	slices.Sort(names)
	return names[l.r.IntN(len(names))]
}

func (l *Life) deliver() string {
	name, n := l.any(false), 1+l.r.IntN(4)
	for range n {
		serial := l.serial
		if l.serial++; serial > 0 && l.r.IntN(6) == 0 {
			serial = l.r.IntN(serial) // the same octets once more
		}
		octets := fmt.Appendf(nil, "From: a.field@env.example\r\nTo: %s@env.example\r\nMessage-ID: <%d.%s>\r\nDate: Thu, 14 May 2026 09:00:00 +0100\r\n"+
			"Subject: letter %d\r\n\r\n%s\r\n", l.User, serial, l.User, serial, strings.Repeat("The water is rising. ", serial%50))
		cmd := l.connect().Append(name, int64(len(octets)), nil)
		_, err := cmd.Write(octets)
		l.do(err)
		l.do(cmd.Close())
		_, err = cmd.Wait()
		l.do(err)
	}
	return fmt.Sprintf("%d delivered to %s", n, name)
}

// pick opens a folder and chooses one of its messages.
func (l *Life) pick() (name string, uid goimap.UIDSet) {
	name = l.any(false)
	c := l.connect()
	_, err := c.Select(name, nil).Wait()
	l.do(err)
	found, err := c.UIDSearch(&goimap.SearchCriteria{}, nil).Wait()
	l.do(err)
	if uids := found.AllUIDs(); len(uids) > 0 {
		uid = goimap.UIDSetNum(uids[l.r.IntN(len(uids))])
	}
	return name, uid
}

func (l *Life) move() string {
	from, uid := l.pick()
	to := l.any(false)
	if uid == nil || to == from {
		return "nothing moved"
	}
	_, err := l.connect().Move(uid, to).Wait()
	l.do(err)
	return fmt.Sprintf("%v moved from %s to %s", uid, from, to)
}

func (l *Life) flag() string {
	name, uid := l.pick()
	if uid != nil {
		l.do(l.connect().Store(uid, &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Flags: []goimap.Flag{goimap.FlagSeen, goimap.FlagFlagged}}, nil).Close())
	}
	return "flagged in " + name
}

func (l *Life) expunge() string {
	name, uid := l.pick()
	if uid == nil {
		return "nothing expunged"
	}
	l.do(l.connect().Store(uid, &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{goimap.FlagDeleted}}, nil).Close())
	l.do(l.connect().Expunge().Close())
	return fmt.Sprintf("%v expunged from %s", uid, name)
}

func (l *Life) create() string {
	l.made++
	name := fmt.Sprintf("Fälle %d", l.made)
	l.do(l.connect().Create(name, nil).Wait())
	l.folders[name] = newLived(0)
	return "created " + name
}

func (l *Life) rename() string {
	old := l.any(true)
	if old == "" {
		return l.create()
	}
	l.made++
	name := fmt.Sprintf("Umbenannt %d", l.made)
	c := l.connect()
	if c.State() == goimap.ConnStateSelected {
		l.do(c.Unselect().Wait())
	}
	// Only a message that was surely archived, and is still there, surely
	// proves that it is the same folder.
	f := l.folders[old]
	if !slices.ContainsFunc(l.uids(old), func(u uint32) bool { return f.sure[u] }) {
		f.from = 0
	}
	l.do(c.Rename(old, name, nil).Wait())
	delete(l.folders, old)
	l.folders[name] = f
	return fmt.Sprintf("renamed %s to %s", old, name)
}

func (l *Life) remove() string {
	name := l.any(true)
	if name == "" {
		return l.create()
	}
	c := l.connect()
	if c.State() == goimap.ConnStateSelected {
		l.do(c.Unselect().Wait())
	}
	l.do(c.Delete(name).Wait())
	delete(l.folders, name)
	return "deleted " + name
}

func (l *Life) renumber() string {
	l.epoch++
	l.Leave()
	l.d.Number(l.t, l.User, inbox, l.epoch)
	return "INBOX numbered anew"
}

// uids lists a folder without changing it.
func (l *Life) uids(name string) (out []uint32) {
	c := l.connect()
	_, err := c.Select(name, &goimap.SelectOptions{ReadOnly: true}).Wait()
	l.do(err)
	found, err := c.UIDSearch(&goimap.SearchCriteria{}, nil).Wait()
	l.do(err)
	for _, u := range found.AllUIDs() {
		out = append(out, uint32(u))
	}
	l.do(c.Unselect().Wait())
	return out
}

// Look notes what a reader who looks now sees: all of it, or, if the look is cut
// short, perhaps some. It leaves no connection behind.
func (l *Life) Look(complete bool) {
	l.t.Helper()
	l.Present = 0
	for name, f := range l.folders {
		c := l.connect()
		box, err := c.Select(name, &goimap.SelectOptions{ReadOnly: true}).Wait()
		l.do(err)
		if f.validity != box.UIDValidity {
			*f = *newLived(box.UIDValidity)
		}
		there := make(map[uint32]bool)
		if box.NumMessages > 0 {
			there = l.see(name, f, complete)
		}
		l.Present += len(there)
		f.count(&l.Gone, there, uint32(box.UIDNext), complete)
		l.do(c.Unselect().Wait())
	}
	l.Leave()
}

// see reads the open folder and notes what is there.
func (l *Life) see(name string, f *lived, complete bool) map[uint32]bool {
	there := make(map[uint32]bool)
	all := goimap.UIDSet{{Start: 1}}
	msgs, err := l.client.Fetch(all, &goimap.FetchOptions{UID: true, BodySection: []*goimap.FetchItemBodySection{{Peek: true}}}).Collect()
	l.do(err)
	for _, m := range msgs {
		uid := uint32(m.UID)
		there[uid] = true
		if !f.maybe[uid] {
			l.Items.Most++
			f.maybe[uid] = true
		}
		if complete && !f.sure[uid] {
			l.Items.Least++
			f.sure[uid] = true
		}
		if name == LeftOut {
			continue
		}
		sum := record.Sum(m.BodySection[0].Bytes)
		if l.Records[sum] == nil {
			l.Records[sum] = new(Bounds)
		}
		l.Records[sum].Most = 1
		if complete {
			l.Records[sum].Least = 1
		}
	}
	return there
}

// count adds the numbers that the folder gave out and that no look can have
// seen, or that none has seen for sure.
func (f *lived) count(gone *Bounds, there map[uint32]bool, next uint32, complete bool) {
	for uid := f.base; f.base > 0 && uid < next; uid++ {
		if !there[uid] && !f.sure[uid] && !f.lost[uid] {
			f.lost[uid] = true
			gone.Most++
		}
	}
	if f.base == 0 {
		f.base = next
	}
	if !complete {
		return
	}
	if f.from > 0 {
		for uid := f.from; uid < next; uid++ {
			if !there[uid] && !f.maybe[uid] {
				gone.Least++
			}
		}
	}
	f.from = max(f.from, next)
}
