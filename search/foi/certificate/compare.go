package certificate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/search"
)

// A Cause is why a search finds now what it did not find then, or the other way
// round.
type Cause string

// The causes.
const (
	Disposal   Cause = "disposal"      // the record was destroyed, and a certificate says so
	Later      Cause = "later_capture" // it was captured after the search
	Reindexed  Cause = "index_change"  // index, analysis or query language are of another version
	Readable   Cause = "made_readable" // it was listed then as what could not be dated or read, and now can be
	Changed    Cause = "changed"       // what the query asks has been changed since: its class, who has it, a hold
	Restricted Cause = "restricted"    // it is in a vault that whoever searched was not allowed to read
	Unknown    Cause = "unattributed"  // nothing explains it
)

// A Message is one that only one of two runs of a search found, with what may
// explain it.
type Message struct {
	ID          string
	Gone        bool // its record was disposed of
	Batch       string
	Certificate int   // of the batch; 0: it has none yet
	Entry       int64 // of the journal: its ingestion
	WasOpen     bool  // the earlier run listed it as undecided
	Withheld    bool  // in a vault that not everybody may read
	Hangs       bool  // whether it meets the query hangs on what can change about it
}

// A Rerun is a run of a search, made again.
type Rerun struct {
	Then    Run
	Index   string // as it is now
	Program string
	Parsed  string
	Missing []Message // found then, and not now
	Added   []Message // found now, and not then
}

// A Difference is a number of messages that differ for one cause.
type Difference struct {
	Cause    Cause    `json:"cause"`
	Added    bool     `json:"added"` // found now and not then; else the other way round
	Messages int      `json:"messages"`
	Text     string   `json:"text"`
	First    []string `json:"first"` // ids, some
}

// someIDs is how many messages a difference names.
const someIDs = 20

// Compare gives every difference a cause. Pure. A cause has to be borne out by
// what is known of the message itself; only where index, analysis or language
// are of another version does that stand for all.
func Compare(r Rerun) []Difference {
	var all []Difference
	note := func(m Message, added bool, cause Cause, text string) {
		i := slices.IndexFunc(all, func(d Difference) bool { return d.Cause == cause && d.Added == added && d.Text == text })
		if i < 0 {
			i = len(all)
			all = append(all, Difference{Cause: cause, Added: added, Text: text})
		}
		if all[i].Messages++; len(all[i].First) < someIDs {
			all[i].First = append(all[i].First, m.ID)
		}
	}
	for _, m := range r.Missing {
		cause, text := r.missing(m)
		note(m, false, cause, text)
	}
	restricted := r.Then.Withheld
	for _, m := range r.Added {
		cause, text := r.added(m)
		if cause == Unknown && m.Withheld && restricted > 0 {
			restricted--
			cause, text = Restricted, "in a vault that whoever searched was not allowed to read, and counted then"
		}
		note(m, true, cause, text)
	}
	return all
}

func (r *Rerun) missing(m Message) (Cause, string) {
	switch {
	case m.Gone && m.Certificate > 0:
		return Disposal, fmt.Sprintf("destroyed, certificate %d of batch %s", m.Certificate, m.Batch)
	case m.Gone && m.Batch != "":
		return Disposal, fmt.Sprintf("destroyed in batch %s, which is not finished and has no certificate yet", m.Batch)
	case r.reindexed() != "":
		return Reindexed, r.reindexed()
	case m.Hangs:
		return Changed, "what the query asks of it was changed since: its class, who has it, or a hold"
	}
	return Unknown, "nothing that the journal has explains it"
}

func (r *Rerun) added(m Message) (Cause, string) {
	switch {
	case m.Entry >= r.Then.Position:
		return Later, "captured after the search"
	case m.WasOpen:
		return Readable, "listed then as what could not be dated or read; its date or words are known now"
	case r.reindexed() != "":
		return Reindexed, r.reindexed()
	case m.Hangs:
		return Changed, "what the query asks of it was changed since: its class, who has it, or a hold"
	}
	return Unknown, "nothing that the journal has explains it"
}

// reindexed says what of index, analysis and language differs.
func (r *Rerun) reindexed() string {
	var parts []string
	for _, c := range []struct{ what, then, now string }{{"the index", r.Then.Index, r.Index}, {"the program", r.Then.Program, r.Program}, {"how the query is understood", r.Then.Parsed, r.Parsed}} {
		if c.then != c.now {
			parts = append(parts, fmt.Sprintf("%s was %s and is %s", c.what, c.then, c.now))
		}
	}
	return strings.Join(parts, "; ")
}

// Unexplained counts the messages that differ for no known cause.
func Unexplained(list []Difference) (n int) {
	for _, d := range list {
		if d.Cause == Unknown {
			n += d.Messages
		}
	}
	return n
}

// Loosen returns the query with every condition on what can change about a
// message taken as met, or as not met: between the two lies what hangs on it.
func Loosen(n search.Node, met bool) search.Node {
	switch n := n.(type) {
	case search.And:
		return search.And(loosenAll(n, met))
	case search.Or:
		return search.Or(loosenAll(n, met))
	case search.Not:
		return search.Not{Node: Loosen(n.Node, !met)}
	case search.Property:
		if !slices.Contains([]string{"class", "is", "thread", "custodian", "source", "channel", "in"}, n.Name) {
			return n
		}
	case search.Copies:
	default:
		return n
	}
	if met {
		return search.All{}
	}
	return search.Not{Node: search.All{}}
}

func loosenAll(nodes []search.Node, met bool) []search.Node {
	all := make([]search.Node, len(nodes))
	for i, n := range nodes {
		all[i] = Loosen(n, met)
	}
	return all
}
