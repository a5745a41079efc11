package disposal

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// Manager is the role whose approval every batch needs that a person has to
// approve.
const Manager = "manager"

// Needs lists the roles whose approvals the batch needs, each of another
// person, none of whom proposed it. A batch of a class of auto approval needs
// none, unless it is unusual.
func (b *Batch) Needs() []string {
	var roles []string
	if b.Level != string(retention.ApprovalAuto) || b.Ground != record.GroundSchedule {
		roles = append(roles, Manager)
	}
	if b.Extra != "" {
		roles = append(roles, b.Extra)
	}
	if b.Unusual != "" {
		roles = append(roles, Manager)
	}
	return roles
}

// Missing lists the roles that still have to approve.
func (b *Batch) Missing() []string {
	missing := b.Needs()
	for i, a := range b.Approvals {
		if b.objection(b.Approvals[:i], a.By, a.Name, a.Key) != nil {
			continue
		}
		if at := slices.Index(missing, a.Role); at >= 0 {
			missing = slices.Delete(missing, at, at+1)
		}
	}
	return missing
}

// MayApprove says why this person cannot approve the batch in this role, or
// nil. A person is known by the caller, by the name that signs and by the key
// that signs: none may be used twice, or be the proposer's.
func (b *Batch) MayApprove(by, name, key, role string) error {
	switch {
	case b.Abandoned != nil:
		return fmt.Errorf("batch %s was abandoned", b.Batch)
	case len(b.Grants) > 0 || b.Certificate != nil:
		return fmt.Errorf("batch %s is being executed already", b.Batch)
	case len(b.Missing()) == 0:
		return fmt.Errorf("batch %s needs no further approval", b.Batch)
	case !slices.Contains(b.Missing(), role):
		return fmt.Errorf("batch %s waits for the approval of a %s, not of a %s", b.Batch, strings.Join(b.Missing(), " and a "), role)
	}
	return b.objection(b.Approvals, by, name, key)
}

func (b *Batch) objection(earlier []Approval, by, name, key string) error {
	if by == b.By {
		return fmt.Errorf("batch %s is approved by another person than proposed it", b.Batch)
	}
	for _, a := range earlier {
		if a.By == by || a.Name == name || a.Key == key {
			return fmt.Errorf("each approval of batch %s is another person's, and this person has approved it", b.Batch)
		}
	}
	return nil
}

// ListDigest is the SHA-256 of a list: for each record, in the order of their
// ids, a line of its id, a space and the indexes of the journal entries that
// brought the holdings, joined by commas.
func ListDigest(items []record.DisposalItem) record.Digest {
	sorted := slices.SortedFunc(slices.Values(items), func(a, b record.DisposalItem) int { return strings.Compare(string(a.Record), string(b.Record)) })
	h := sha256.New()
	for _, it := range sorted {
		entries := make([]string, len(it.Holdings))
		for i, n := range it.Holdings {
			entries[i] = strconv.FormatInt(n, 10)
		}
		fmt.Fprintf(h, "%s %s\n", it.Record, strings.Join(entries, ","))
	}
	return record.Digest(h.Sum(nil))
}

// An Archive names the archive in what people sign and are handed.
type Archive struct {
	ID        string `json:"id"`
	Authority string `json:"authority"`
}

// Statement is what a person signs to approve the batch in a role: plain text
// that says what is destroyed, of which list, and that holds still count.
// exclusions is how many of the batch's exclusions had been made.
//
// It can be signed and verified with stock tools:
//
//	ssh-keygen -Y sign -f KEY -n disposal@closeroll statement
//	ssh-keygen -Y verify -f allowed_signers -I NAME -n disposal@closeroll -s statement.sig < statement
func (b *Batch) Statement(of Archive, role, name string, exclusions int) string {
	var s strings.Builder
	line := func(key, format string, args ...any) {
		fmt.Fprintf(&s, "%s: %s\n", key, oneLine(fmt.Sprintf(format, args...)))
	}
	s.WriteString("closeroll disposal approval v1\n")
	line("archive", "%s", of.ID)
	line("authority", "%s", of.Authority)
	line("batch", "%s", b.Batch)
	line("ground", "%s", b.Ground)
	if b.Class != "" {
		line("class", "%s", b.Class)
	}
	if b.Source != "" {
		line("source", "%s", b.Source)
	}
	if b.Reason != "" {
		line("reason", "%s", b.Reason)
	}
	if b.Request != "" {
		line("request", "%s", b.Request)
	}
	if b.To != "" {
		line("to", "%s", b.To)
	}
	line("schedule", "%s sha256:%s", b.Schedule, b.Rules)
	items := b.itemsAfter(exclusions)
	line("list", "sha256:%s", ListDigest(items))
	line("records", "%d of %d proposed", len(items), len(b.Items))
	if len(b.Parts) > 0 {
		line("in part", "sha256:%s", PartsDigest(b.Parts))
		line("erased in part", "%d messages of %d records, of which successors keep the rest", b.ErasedMessages(), len(b.Parts))
	}
	line("messages", "%d proposed", b.Totals.Messages)
	line("octets", "%d proposed", b.Totals.Octets)
	line("content", "%s to %s", dateOr(b.Totals.From), dateOr(b.Totals.Until))
	line("due", "%s to %s", dateOr(b.Totals.DueFrom), dateOr(b.Totals.DueUntil))
	line("proposed", "%s by %s", b.At.UTC().Format("2006-01-02T15:04:05Z"), b.By)
	if b.Unusual != "" {
		line("unusual", "%s", b.Unusual)
	}
	line("approved by", "%s", name)
	line("as", "%s", role)
	s.WriteString(b.promise())
	return s.String()
}

// promise is what the signer agrees to.
func (b *Batch) promise() string {
	if b.Ground == record.GroundConfirmed {
		return "I approve that the records of this list are transferred, and that they are\n" +
			"destroyed here once the place of deposit has confirmed that it has them, except\n" +
			"those that are on hold, under an open request or no longer due when it is done.\n"
	}
	return "I approve that the records of this list are destroyed, except those that are on\n" +
		"hold, under an open request or no longer due when it is done.\n"
}

// itemsAfter is the list after so many exclusions.
func (b *Batch) itemsAfter(exclusions int) []record.DisposalItem {
	out := make(map[record.ID]bool)
	for _, x := range b.Exclusions[:min(max(exclusions, 0), len(b.Exclusions))] {
		for _, id := range x.Records {
			out[id] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(b.Items), func(it record.DisposalItem) bool { return out[it.Record] })
}

// oneLine keeps a text from adding lines to a statement.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 || r == 0x85 {
			return ' '
		}
		return r
	}, s)
}

func dateOr(d record.Date) string {
	if d.IsZero() {
		return "unknown"
	}
	return d.String()
}
