package foi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// An EventType is something that happened to a request and bears on its clock.
type EventType string

// The event types.
const (
	ClarificationSought   EventType = "clarification_sought"   // we asked what is wanted
	ClarificationReceived EventType = "clarification_received" // we were told
	FeesNotice            EventType = "fees_notice"            // we asked for a fee
	FeePaid               EventType = "fee_paid"               // it was paid
	Extension             EventType = "extension"              // public interest (FOI), complex and voluminous (EIR), complex (SAR)
	TransferredRecord     EventType = "transferred_record"     // it is a public record transferred to an archive
	IdentityConfirmed     EventType = "identity_confirmed"     // what confirms the requester's identity arrived
	InternalReview        EventType = "internal_review"        // a review was asked for; the deadline is then the review's
)

// An Event is one thing that happened on a day.
type Event struct {
	Type EventType
	On   record.Date
}

// needs returns the rule that gives the event its effect.
func (t EventType) needs() string {
	switch t {
	case ClarificationSought, ClarificationReceived:
		return ruleClarification
	case FeesNotice, FeePaid:
		return ruleFees
	case Extension:
		return ruleExtension
	case TransferredRecord:
		return ruleTransferred
	case IdentityConfirmed:
		return ruleIdentity
	}
	return ruleReview
}

func eventTypes() []string {
	return []string{string(ClarificationSought), string(ClarificationReceived), string(FeesNotice), string(FeePaid),
		string(Extension), string(TransferredRecord), string(IdentityConfirmed), string(InternalReview)}
}

// ParseEvent reads TYPE=DATE, as clarification_received=2026-05-27. Hyphens do
// for underscores; clarification is short for clarification_received, and
// public_interest another name for extension.
func ParseEvent(s string) (Event, error) {
	name, date, ok := strings.Cut(s, "=")
	if !ok {
		return Event{}, fmt.Errorf("%q is no event: write it as TYPE=DATE, as fees_notice=2026-05-27", s)
	}
	name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "-", "_")
	switch name {
	case "clarification":
		name = string(ClarificationReceived)
	case "public_interest":
		name = string(Extension)
	}
	if !slices.Contains(eventTypes(), name) {
		if near := strictyaml.Nearest(name, eventTypes()); near != "" {
			return Event{}, fmt.Errorf("there is no event %s; did you mean %s?", name, near)
		}
		return Event{}, fmt.Errorf("there is no event %s; known: %s", name, strings.Join(eventTypes(), ", "))
	}
	day, err := record.ParseDate(strings.TrimSpace(date))
	return Event{EventType(name), day}, err
}
