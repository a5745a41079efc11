// Package note is a note of substance: what was said or agreed where nothing
// can be captured, as a person wrote it down. Cabinet Office guidance (2023)
// lets an official record the substance of an exchange in a note instead of
// copying it, and asks private offices for the decisions that were made by
// telephone.
//
// A note is brought to the archive as one JSON document ([Note.Encode],
// [Parse]). It is kept as two files: the text, exactly as it was written, and
// what the note says of itself.
package note

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/closeroll/closeroll/archive/record"
)

// Format is the form of a note's JSON.
const Format = "closeroll-note/1"

// Bounds of a note.
const (
	MaxText         = 256 << 10 // octets of text
	MaxParticipants = 200
	maxLine         = 500 // octets of any other part
	MaxSize         = 8 * MaxText
)

// A Note is one note of substance. About names what it is about, as far as the
// archive knows that.
type Note struct {
	Format       string    `json:"format"`
	Author       string    `json:"author"`       // who wrote it, for people
	Actor        string    `json:"actor"`        // the same, as the journal names them
	Written      time.Time `json:"written"`      // when the archive was given it
	Happened     string    `json:"happened"`     // 2026-05-27, or 2026-05-27T14:00, in Zone
	Zone         string    `json:"zone"`         // Europe/London
	Channel      string    `json:"channel"`      // what it happened on: whatsapp, phone, in-person, …
	Corporate    bool      `json:"corporate"`    // that was the authority's own
	Participants []string  `json:"participants"` // with whom, besides the author
	Subject      string    `json:"subject"`      // given, or the text's first line
	About        About     `json:"about,omitzero"`
	Text         string    `json:"text,omitempty"` // not in the file that is kept: the text is one of its own
}

// About refers to what is archived already.
type About struct {
	Chat    string    `json:"chat,omitempty"`    // a chat's id
	Record  record.ID `json:"record,omitempty"`  // another record
	Request string    `json:"request,omitempty"` // a request's reference
}

// Time reads when it happened; a day alone is its beginning.
func (n *Note) Time() (time.Time, error) {
	zone, err := time.LoadLocation(n.Zone)
	if err != nil || n.Zone == "" {
		return time.Time{}, fmt.Errorf("%q is no time zone", n.Zone)
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, n.Happened, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no day or time: write it as 2026-05-27 or 2026-05-27T14:00", n.Happened)
}

// Complete gives the note a subject if it has none, and reports everything that
// is wrong with it.
func (n *Note) Complete() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if n.Format == "" {
		n.Format = Format
	}
	if n.Format != Format {
		fault("the note is not of the form %s", Format)
	}
	if _, err := n.Time(); err != nil {
		faults = append(faults, err)
	}
	switch {
	case strings.TrimSpace(n.Text) == "":
		fault("the note has no text")
	case len(n.Text) > MaxText:
		fault("the note has %d octets; %d are the most", len(n.Text), MaxText)
	case !utf8.ValidString(n.Text) || strings.ContainsRune(n.Text, 0):
		fault("the text is not UTF-8")
	}
	if n.Subject = strings.TrimSpace(n.Subject); n.Subject == "" {
		n.Subject = firstLine(n.Text)
	}
	if n.Channel == "" {
		fault("the note does not say on what channel it happened")
	}
	if len(n.Participants) > MaxParticipants {
		fault("the note names %d people; %d are the most", len(n.Participants), MaxParticipants)
	}
	for _, s := range append([]string{n.Author, n.Actor, n.Channel, n.Subject, n.About.Chat, string(n.About.Record), n.About.Request}, n.Participants...) {
		if len(s) > maxLine || strings.ContainsFunc(s, unicode.IsControl) || !utf8.ValidString(s) {
			fault("a name or subject is longer than %d octets, or has control characters", maxLine)
			break
		}
	}
	return errors.Join(faults...)
}

// firstLine is the first line of a text that has any words, shortened.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		line = strings.Join(strings.FieldsFunc(line, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
		if line = strings.TrimLeft(line, "#*- "); line == "" {
			continue
		}
		if utf8.RuneCountInString(line) > 100 {
			line = string([]rune(line)[:99]) + "…"
		}
		return line
	}
	return ""
}

// Encode writes the note as it is brought to the archive.
func (n *Note) Encode() ([]byte, error) { return json.Marshal(n) }

// Sheet is what is kept of the note beside its text.
func (n *Note) Sheet() ([]byte, error) {
	sheet := *n
	sheet.Text = ""
	b, err := json.MarshalIndent(sheet, "", "  ")
	return append(b, '\n'), err
}

// Parse reads a note as [Note.Encode] wrote it. Names that a note has not got
// are refused, as is whatever [Note.Complete] finds fault with.
func Parse(data []byte) (*Note, error) {
	n, err := ReadSheet(data)
	if err != nil {
		return nil, err
	}
	return n, n.Complete()
}

// ReadSheet reads what is kept of a note beside its text. It does not judge it.
func ReadSheet(data []byte) (*Note, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("a note has at most %d octets", MaxSize)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var n Note
	if err := d.Decode(&n); err != nil {
		return nil, errors.New("this is no note") // what is wrong with it may be content
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the note")
	}
	return &n, nil
}
