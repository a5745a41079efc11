package retention

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// A When is a moment as people write one in a file: 2026-05-27 or
// 2026-05-27T09:30:00Z (RFC 3339). A day by itself begins when the legal zone
// says it does.
type When string

// ParseWhen reads a moment; a day by itself is its first instant in the zone.
func ParseWhen(s string, zone *time.Location) (time.Time, error) {
	if d, err := record.ParseDate(s); err == nil {
		return d.Start(zone), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no date: write it as 2026-05-27 or 2026-05-27T09:30:00Z", s)
	}
	return t, nil
}

// factsFile is a holding described in a file: the facts under their JSON names
// and, besides, what the catalog would know of it.
type factsFile struct {
	Record       record.ID       `json:"record"`
	Kind         record.Kind     `json:"kind"`
	Source       string          `json:"source"`
	Custodian    string          `json:"custodian"`
	Role         string          `json:"custodian_role"`
	Grade        string          `json:"custodian_grade"`
	Channel      record.Channel  `json:"channel"`
	Mailbox      string          `json:"mailbox"`
	Folder       string          `json:"folder"`
	From         []string        `json:"from"`
	To           []string        `json:"to"`
	Subject      string          `json:"subject"`
	Chat         string          `json:"chat"`
	Significance string          `json:"significance"`
	Sent         When            `json:"sent"`
	Received     When            `json:"received"`
	Captured     When            `json:"captured"`
	LastModified When            `json:"last_modified"`
	DateSuspect  bool            `json:"date_suspect"`
	LastActivity When            `json:"last_activity"`
	Closed       When            `json:"aggregation_closed"`
	Events       map[string]When `json:"events"`
	Manual       string          `json:"manual_class"`
	ManualReason string          `json:"manual_reason"`
	Unsearchable bool            `json:"unsearchable"`
	Holds        []holdFile      `json:"holds"`
}

type holdFile struct {
	Hold      string `json:"hold"`
	Type      string `json:"type"`
	Matter    string `json:"matter"`
	Authority string `json:"authority"`
	Owner     string `json:"owner"`
	Review    When   `json:"review"`
	Scope     struct {
		Records    []record.ID `json:"records"`
		Custodians []string    `json:"custodians"`
		Sources    []string    `json:"sources"`
		Classes    []string    `json:"classes"`
		From       When        `json:"from"`
		Until      When        `json:"until"`
		Query      string      `json:"query"`
	} `json:"scope"`
}

// factsKeys are the keys of a facts file, for a hint.
func factsKeys() []string {
	return []string{"aggregation_closed", "captured", "channel", "chat", "custodian", "custodian_grade", "custodian_role",
		"date_suspect", "events", "folder", "from", "holds", "kind", "last_activity", "last_modified", "mailbox", "manual_class",
		"manual_reason", "received", "record", "sent", "significance", "source", "subject", "to", "unsearchable"}
}

// DecideFile decides for a holding described in a JSON file, as
// "closeroll retention decide" does: without a daemon and without an archive.
// Dates may be days or RFC 3339 times; at is one of them. A schedule with
// faults gives [Faults]. A hold with a query covers what its other bounds take
// in, for there is no index to ask.
func DecideFile(schedule, facts []byte, at string) (Decision, error) {
	s, err := Load(schedule)
	if err != nil {
		return Decision{}, fmt.Errorf("schedule: %w", err)
	}
	now, err := ParseWhen(at, s.zone)
	if err != nil {
		return Decision{}, err
	}
	c, holds, err := ParseFacts(facts, s.zone)
	if err != nil {
		return Decision{}, fmt.Errorf("facts: %w", err)
	}
	if id := c.Manual.Class; id != "" && s.Class(id) == nil {
		return Decision{}, fmt.Errorf("facts: manual_class: schedule %s has no class %s", s.Version, id)
	}
	return s.DecideCandidate(c, holds, now), nil
}

// ParseFacts reads a facts file: a candidate and the holds in force. An unknown
// key is an error with a hint.
func ParseFacts(data []byte, zone *time.Location) (*Candidate, []Hold, error) {
	if len(data) > strictyaml.MaxSize {
		return nil, nil, fmt.Errorf("larger than %d bytes", strictyaml.MaxSize)
	}
	if err := knownKeys(data); err != nil {
		return nil, nil, err
	}
	var f factsFile
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return nil, nil, plainJSON(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("there is more after the first JSON object")
	}
	p := dates{zone: zone}
	c := f.candidate(&p)
	var holds []Hold
	for i, h := range f.Holds {
		if h.Hold == "" {
			return nil, nil, fmt.Errorf("holds[%d].hold: is missing: the hold's name", i)
		}
		holds = append(holds, h.hold(&p, fmt.Sprintf("holds[%d]", i)))
	}
	return c, holds, errors.Join(p.errs...)
}

// knownKeys looks for keys that a facts file does not have, all at once.
func knownKeys(data []byte) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(data, &keys); err != nil {
		return plainJSON(err)
	}
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if slices.Contains(factsKeys(), key) {
			continue
		}
		if near := strictyaml.Nearest(key, factsKeys()); near != "" {
			errs = append(errs, fmt.Errorf("%s: there is no such fact; did you mean %s?", key, near))
			continue
		}
		errs = append(errs, fmt.Errorf("%s: there is no such fact; known: %s", key, strings.Join(factsKeys(), ", ")))
	}
	return errors.Join(errs...)
}

// plainJSON words a decoder's error without Go's type names.
func plainJSON(err error) error {
	var typed *json.UnmarshalTypeError
	if errors.As(err, &typed) {
		if typed.Field == "" {
			return errors.New("not a JSON object")
		}
		return fmt.Errorf("%s: a %s is not what belongs here", typed.Field, typed.Value)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("not JSON, at byte %d", syntax.Offset)
	}
	if text, ok := strings.CutPrefix(err.Error(), "json: "); ok {
		return errors.New(text)
	}
	return errors.New("not a JSON object")
}

// dates reads the moments of a file and gathers what is wrong with them.
type dates struct {
	zone *time.Location
	errs []error
}

func (p *dates) at(key string, w When) time.Time {
	if w == "" {
		return time.Time{}
	}
	t, err := ParseWhen(string(w), p.zone)
	if err != nil {
		p.errs = append(p.errs, fmt.Errorf("%s: %w", key, err))
	}
	return t
}

func (f *factsFile) candidate(p *dates) *Candidate {
	c := &Candidate{Record: f.Record, Manual: Manual{f.Manual, f.ManualReason}, Unsearchable: f.Unsearchable}
	c.Facts = record.Facts{
		Kind: f.Kind, Source: f.Source, Custodian: f.Custodian, Role: f.Role, Grade: f.Grade, Channel: f.Channel,
		Mailbox: record.FoldAddress(f.Mailbox), Folder: f.Folder, From: f.From, To: f.To, Subject: f.Subject,
		Chat: f.Chat, Significance: f.Significance, DateSuspect: f.DateSuspect,
		Sent: p.at("sent", f.Sent), Received: p.at("received", f.Received), Captured: p.at("captured", f.Captured),
		LastModified: p.at("last_modified", f.LastModified), LastActivity: p.at("last_activity", f.LastActivity),
		Closed: p.at("aggregation_closed", f.Closed),
	}
	for _, name := range slices.Sorted(maps.Keys(f.Events)) {
		if c.Facts.Events == nil {
			c.Facts.Events = make(map[string]time.Time)
		}
		c.Facts.Events[name] = p.at("events."+name, f.Events[name])
	}
	return c
}

func (h *holdFile) hold(p *dates, key string) Hold {
	return Hold{
		Hold: h.Hold, Type: h.Type, Matter: h.Matter, Authority: h.Authority, Owner: h.Owner,
		Review: p.at(key+".review", h.Review),
		Scope: record.Scope{
			Records: h.Scope.Records, Custodians: h.Scope.Custodians, Sources: h.Scope.Sources, Classes: h.Scope.Classes,
			From: p.at(key+".scope.from", h.Scope.From), Until: p.at(key+".scope.until", h.Scope.Until), Query: h.Scope.Query,
		},
	}
}
