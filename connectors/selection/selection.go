// Package selection says what of a chat export is left out of an archive.
// Exports mix official with private, party-political and constituency messages;
// the one who made an export, or a private office, marks what is not to be kept,
// and of that only a number and a reason remain.
//
// A selection is a small YAML file beside the export, called as the export with
// .select.yaml after it. It names the export's octets, so that it can never be
// applied to another file:
//
//	format: closeroll-selection/1
//	sha256: 3f0c…
//	exclude:
//	  - {messages: 12-40, reason: personal}
//	  - {from: 2026-05-01, until: 2026-05-03, reason: constituency}
//
// Messages are counted from 1 as closeroll inspect counts them; days are the
// printed ones, both included. Of a file that has several chats, such as Signal's
// or a zip file that several exports were packed into, a rule names the chat by its
// place in the file, as closeroll inspect lists them, and messages are counted in it; a
// rule that names nothing else leaves out the whole chat, and one of days alone is
// about every chat:
//
//   - {chat: 2, reason: personal}
//   - {chat: 3, messages: 12-40, reason: party_political}
//
// People write the file by marking a tick-list
// ([WriteTicks]) in any editor; [ParseTicks] reads it back, and takes nothing
// for granted: what an editor may have done to the list is a fault with its line.
package selection

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// Suffix is what a selection's file name has after the export's.
const Suffix = ".select.yaml"

// format is the version of the file.
const format = "closeroll-selection/1"

// MaxSize bounds a selection, in octets.
const MaxSize = 1 << 20

// Reasons are why messages may be left out.
func Reasons() []record.Reason {
	return []record.Reason{"personal", "party_political", "constituency", "out_of_scope"}
}

// A Selection is what is left out of one file of exports.
type Selection struct {
	Export  record.Digest // of the file that it is about
	By      string        // who selected, as a role; may be empty
	Exclude []Rule
}

// A Rule leaves out messages by number or by printed day, or a whole chat.
type Rule struct {
	Chat        int // by its place in the file, counted from 1; 0: the only one, or every one
	Messages    []Range
	From, Until string // 2006-01-02, both included; one may be empty
	Reason      record.Reason
}

// A Range is messages by number, counted from 1, both included.
type Range struct{ First, Last int }

func (r Range) String() string {
	if r.First == r.Last {
		return strconv.Itoa(r.First)
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}

// file is the YAML of a selection.
type file struct {
	Format  string `yaml:"format"`
	Digest  string `yaml:"sha256"`
	By      string `yaml:"by"`
	Exclude []rule `yaml:"exclude"`
}

type rule struct {
	Chat     int    `yaml:"chat"`
	Messages string `yaml:"messages"`
	From     string `yaml:"from"`
	Until    string `yaml:"until"`
	Reason   string `yaml:"reason"`
}

// Parse reads a selection. What is wrong with it is reported whole, each fault
// with its place; none repeats more of the file than a key's value.
func Parse(data []byte) (*Selection, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("a selection has at most %d octets", MaxSize)
	}
	var f file
	report := strictyaml.Decode(data, &f)
	if report.Unread() {
		return nil, report.Err()
	}
	if f.Format != format {
		report.Add("format", "is not %s", format)
	}
	s := &Selection{By: f.By}
	if err := s.Export.UnmarshalText([]byte(strings.TrimSpace(f.Digest))); err != nil {
		report.Add("sha256", "is not the digest of an export: %v", err)
	}
	for i, r := range f.Exclude {
		path := fmt.Sprintf("exclude[%d]", i)
		one := Rule{Chat: r.Chat, From: r.From, Until: r.Until, Reason: record.Reason(r.Reason)}
		if !slices.Contains(Reasons(), one.Reason) {
			report.Add(path+".reason", "%q is none of %s", r.Reason, reasonList())
		}
		var err error
		if one.Messages, err = parseRanges(r.Messages); err != nil {
			report.Add(path+".messages", "%v", err)
		}
		for key, day := range map[string]string{"from": r.From, "until": r.Until} {
			if _, err := record.ParseDate(day); day != "" && err != nil {
				report.Add(path+"."+key, "%q is no day: write it as 2026-05-27", day)
			}
		}
		switch dated := r.From != "" || r.Until != ""; {
		case r.Chat < 0:
			report.Add(path+".chat", "is the place of a chat in the file, counted from 1")
		case dated && r.Messages != "", !dated && r.Messages == "" && r.Chat == 0:
			report.Add(path, "names either messages, or days with from and until, or a whole chat")
		case dated && r.Until != "" && r.Until < r.From:
			report.Add(path, "ends before it begins")
		}
		s.Exclude = append(s.Exclude, one)
	}
	return s, report.Err()
}

func reasonList() string {
	var all []string
	for _, r := range Reasons() {
		all = append(all, string(r))
	}
	return strings.Join(all, ", ")
}

// parseRanges reads numbers and ranges: 3, 7-9.
func parseRanges(s string) ([]Range, error) {
	if s == "" {
		return nil, nil
	}
	var all []Range
	for part := range strings.SplitSeq(s, ",") {
		first, last, is := strings.Cut(strings.TrimSpace(part), "-")
		if !is {
			last = first
		}
		r := Range{}
		var errs [2]error
		r.First, errs[0] = strconv.Atoi(strings.TrimSpace(first))
		r.Last, errs[1] = strconv.Atoi(strings.TrimSpace(last))
		if errs[0] != nil || errs[1] != nil || r.First < 1 || r.Last < r.First {
			return nil, fmt.Errorf("%q is no number or range of messages: write 12 or 12-40", clip(part))
		}
		all = append(all, r)
	}
	return all, nil
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

// YAML writes the selection as [Parse] reads it.
func (s *Selection) YAML() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "format: %s\nsha256: %s\n", format, s.Export)
	if s.By != "" {
		fmt.Fprintf(&b, "by: %s\n", strconv.Quote(s.By))
	}
	if len(s.Exclude) == 0 {
		b.WriteString("# Nothing is left out.\n")
		return []byte(b.String())
	}
	b.WriteString("exclude:\n")
	for _, r := range s.Exclude {
		b.WriteString("  - {")
		if r.Chat > 0 {
			fmt.Fprintf(&b, "chat: %d, ", r.Chat)
		}
		switch {
		case len(r.Messages) > 0:
			parts := make([]string, len(r.Messages))
			for i, m := range r.Messages {
				parts[i] = m.String()
			}
			fmt.Fprintf(&b, "messages: %q, ", strings.Join(parts, ", "))
		case r.From != "" || r.Until != "":
			fmt.Fprintf(&b, "from: %q, until: %q, ", r.From, r.Until)
		}
		fmt.Fprintf(&b, "reason: %s}\n", r.Reason)
	}
	return []byte(b.String())
}

// Apply returns, for each message of each export of a file, the reason for which
// it is left out, "" for those that are kept. The first rule that names a message
// decides. It refuses a selection that is of another file, or that names chats or
// messages that there are not.
func (s *Selection) Apply(exports []*chat.Export, of record.Digest) ([][]record.Reason, error) {
	if s.Export != of {
		return nil, fmt.Errorf("the selection is of a file with the digest %s…, and this one's is %s…", s.Export.String()[:12], of.String()[:12])
	}
	out := make([][]record.Reason, len(exports))
	for i, e := range exports {
		out[i] = make([]record.Reason, e.Count())
	}
	for i, r := range s.Exclude {
		switch {
		case r.Chat > len(exports):
			return nil, fmt.Errorf("exclude[%d] names chat %d, and the file has %d", i, r.Chat, len(exports))
		case r.Chat == 0 && len(exports) > 1 && len(r.Messages) > 0:
			return nil, fmt.Errorf("exclude[%d] does not say which of %d chats its messages are of", i, len(exports))
		}
		for k, e := range exports {
			if r.Chat > 0 && r.Chat != k+1 {
				continue
			}
			if err := r.apply(e, out[k]); err != nil {
				return nil, fmt.Errorf("exclude[%d] %w", i, err)
			}
		}
	}
	return out, nil
}

// apply marks what a rule leaves out of one chat.
func (r Rule) apply(e *chat.Export, out []record.Reason) error {
	for _, m := range r.Messages {
		if m.Last > len(out) {
			return fmt.Errorf("names message %d, and the chat has %d", m.Last, len(out))
		}
		for k := m.First - 1; k < m.Last; k++ {
			set(&out[k], r.Reason)
		}
	}
	if len(r.Messages) > 0 {
		return nil
	}
	whole := r.From == "" && r.Until == ""
	for k, m := range e.All() {
		if day := m.Date(); whole || day != chat.Undated && day >= r.From && (r.Until == "" || day <= r.Until) {
			set(&out[k], r.Reason)
		}
	}
	return e.Err()
}

func set(r *record.Reason, to record.Reason) {
	if *r == "" {
		*r = to
	}
}
