package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/index"
)

// A message is a message of a generated corpus with everything that index and
// catalog know of it.
type message struct {
	index.Document
	id           string
	custodian    string
	quarantined  bool
	class        string
	folder       string
	flags        []string
	indexed      bool
	live         bool
	unsearchable bool
	peers        corpus // it is one of these

	cut map[index.Field][]text // for the reference evaluator
}

func (m *message) undated() bool { return m.Sent.IsZero() || m.Suspect }

// A corpus is a catalog in memory.
type corpus []*message

func (c corpus) where(ok func(*message) bool) (*roaring64.Bitmap, error) {
	set := roaring64.New()
	for _, m := range c {
		if ok(m) {
			set.Add(uint64(m.No))
		}
	}
	return set, nil
}

func (c corpus) Live(context.Context) (*roaring64.Bitmap, error) {
	return c.where(func(m *message) bool { return m.live })
}

func (c corpus) Undated(context.Context) (*roaring64.Bitmap, error) {
	return c.where((*message).undated)
}

func (c corpus) Quarantined(context.Context) (*roaring64.Bitmap, error) {
	return c.where(func(m *message) bool { return m.quarantined })
}

func (c corpus) Unsearchable(context.Context) (*roaring64.Bitmap, error) {
	return c.where(func(m *message) bool { return m.unsearchable })
}

func (c corpus) Sent(_ context.Context, from, until time.Time) (*roaring64.Bitmap, error) {
	return c.where(func(m *message) bool { return !m.undated() && inRange(m.Sent, from, until) })
}

func inRange(t, from, until time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (until.IsZero() || t.Before(until))
}

func (c corpus) WithID(_ context.Context, prefix string) (*roaring64.Bitmap, error) {
	return c.where(func(m *message) bool { return strings.HasPrefix(m.id, prefix) })
}

func (c corpus) InThread(_ context.Context, prefix string) (*roaring64.Bitmap, error) {
	return c.where(func(m *message) bool { return strings.HasPrefix(m.id, prefix) })
}

// group is a message's copy group.
func (m *message) group() int { return len(m.Subject) % 7 }

func (m *message) copyOf(prefix string, n int) bool {
	at := 0
	for _, o := range m.peers {
		if strings.HasPrefix(o.id, prefix) {
			if at++; (n == 0 || n == at) && o.group() == m.group() {
				return true
			}
		}
	}
	return false
}

func (c corpus) CopiesOf(_ context.Context, prefix string, n int) (*roaring64.Bitmap, error) {
	return c.where(func(m *message) bool { return m.copyOf(prefix, n) })
}

func (c corpus) Group(_ context.Context, set *roaring64.Bitmap) (*roaring64.Bitmap, error) {
	seen := make(map[int]bool)
	return c.where(func(m *message) bool {
		first := set.Contains(uint64(m.No)) && !seen[m.group()]
		seen[m.group()] = seen[m.group()] || first
		return first
	})
}

func (m *message) values(property string) []string {
	switch property {
	case "custodian":
		return []string{m.custodian}
	case "class":
		return []string{m.class}
	case "in":
		return []string{m.folder}
	case "kind":
		return []string{string(m.Kind)}
	case "is":
		return m.flags
	case "day":
		if !m.undated() {
			return []string{m.Sent.UTC().Format(time.DateOnly)}
		}
	}
	return nil
}

func (c corpus) Match(_ context.Context, property, value string) (*roaring64.Bitmap, error) {
	return c.where(func(m *message) bool { return m.has(property, value) })
}

func (m *message) has(property, value string) bool {
	stem, prefix := strings.CutSuffix(strings.ToLower(value), "*")
	for _, v := range m.values(property) {
		if v = strings.ToLower(v); v == stem || prefix && strings.HasPrefix(v, stem) {
			return true
		}
	}
	return false
}

func (c corpus) Having(_ context.Context, property, value string) (*roaring64.Bitmap, error) {
	return c.where(func(m *message) bool { return slices.Contains(m.values(property), value) })
}

func (c corpus) Values(_ context.Context, property string) ([]string, error) {
	seen := make(map[string]bool)
	var all []string
	for _, m := range c {
		for _, v := range m.values(property) {
			if !seen[v] {
				seen[v], all = true, append(all, v)
			}
		}
	}
	slices.Sort(all)
	return all, nil
}

// words is the vocabulary: few enough that random queries meet random texts.
func vocabulary() []string {
	return strings.Fields(`flood flooding floods floodplain defence defences sandbag sandbags depot depots Gloucester
		Gloucestershire minister ministers ministerial plan plans planned planning café water l’eau 4,000 FOI-2026/0123 the
		of and near Upton O'Brien Привет 東京 👍 naïve review reviewed reviewing university universe universal`)
}

// generate makes a corpus of n messages.
func generate(r *rand.Rand, n int) corpus {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	text := func(most int) string {
		var words []string
		for range r.IntN(most + 1) {
			words = append(words, pick(vocabulary()...))
		}
		return strings.Join(words, pick(" ", " ", ", ", ". ", "\n"))
	}
	person := func() index.Address {
		name := pick("Anna Field", "Jane O'Brien", "Sam Planning", "Private Office")
		return index.Address{Name: name, Addr: strings.ToLower(strings.NewReplacer(" ", ".", "'", "").Replace(name)) + "@" + pick("ea", "dept") + ".example.gov.uk"}
	}
	var c corpus
	for i := range n {
		m := &message{custodian: pick("minister", "permanent secretary", "adviser"), class: pick("ADM-01", "ADM-02", "UNC-00"),
			folder: pick("INBOX", "INBOX/Floods", "Flood response"), indexed: r.IntN(12) > 0, live: r.IntN(12) > 0, unsearchable: r.IntN(8) == 0,
			id: fmt.Sprintf("%c%c", 'a'+rune(r.IntN(3)), 'a'+rune(r.IntN(3)))}
		m.Document = index.Document{No: record.MessageNo(i + 1), Kind: record.Kind(pick("email", "email", "chat-day")), Subject: text(4), Body: text(25),
			Suspect: r.IntN(10) == 0, Captured: time.Date(2026, 11, 1+r.IntN(20), r.IntN(24), 0, 0, 0, time.UTC), Size: int64(r.IntN(5000))}
		if r.IntN(10) > 0 {
			m.Sent = time.Date(2025+r.IntN(2), time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), r.IntN(60), 0, 0, time.UTC)
		}
		if !m.unsearchable || r.IntN(3) > 0 {
			m.From = []index.Address{person()}
			m.To = []index.Address{person(), person()}
		}
		if r.IntN(4) == 0 {
			m.Attachments = []index.Attachment{{Name: pick("plan.pdf", "flood map.docx"), MediaType: pick("application/pdf", "image/png"), Text: text(10)}}
		}
		if r.IntN(6) == 0 {
			m.flags = []string{pick("edited", "deleted")}
		}
		c = append(c, m)
	}
	for _, m := range c {
		m.peers = c
	}
	return c
}

// query writes a random query.
func query(r *rand.Rand, depth int) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	word := func() string { return pick(vocabulary()...) }
	if depth > 0 {
		switch r.IntN(8) {
		case 0, 1:
			return "(" + query(r, depth-1) + pick(" AND ", " ") + query(r, depth-1) + ")"
		case 2, 3:
			return "(" + query(r, depth-1) + " OR " + query(r, depth-1) + ")"
		case 4:
			return pick("NOT ", "-") + query(r, depth-1)
		}
	}
	field := pick("", "", "", "subject:", "body:", "attachment:", "participant:")
	switch r.IntN(14) {
	case 0:
		return pick("sent:", "captured:") + pick("2025", "2026-03..2026-09", "..2025-06", ">=2026-11-07", "2026-11-05", "<2026")
	case 1:
		return pick("custodian:minister", "custodian:perm*", "class:ADM-01", "in:inbox*", "kind:chat", "kind:email", "is:edited", "is:undated", "is:unsearchable", "id:a", "id:bc", "copygroup:ab", "copygroup:c/2")
	case 2:
		return pick("from:", "to:", "participant:") + pick("field", "jane.obrien@dept.example.gov.uk", "ea.example", `"Sam Planning"`, "planned", "O'Brien", "off*")
	case 3:
		return pick("has:attachment", "has:pdf", "has:image", "size:>2kB", "size:100..900")
	case 4, 5:
		return field + `"` + word() + " " + word() + `"` + pick("", "", "~1", "~4")
	case 6:
		return field + "=" + word()
	case 7:
		return field + pick("flood*", "plan*", "gl*ter", "def?nce*", "univers*", "*bags", "东*x", "wa??r")
	case 8:
		return field + pick("gloucster~1", "defense~2", "minster~1", "sandbgas~1")
	case 9, 10:
		near := pick("flood", `"flood plan"`, "(plan OR water)", "sand*", "minister") + pick(" NEAR/", " ONEAR/") + pick("0 ", "2 ", "6 ") + pick("depot", "review", `"the minister"`, "the")
		return strings.TrimSuffix(field, ":") + map[bool]string{true: ":(" + near + ")", false: "(" + near + ")"}[field != ""]
	}
	return field + word()
}
