package email

import (
	"strings"
)

// An Envelope is what a server wrote about the transport of a message: who it
// was from and for on the wire (RFC 5321), which the header may hide. Bcc
// recipients are known only here.
type Envelope struct {
	From       []Address // Return-Path, X-Envelope-From
	Recipients []Address // Delivered-To, X-Original-To, X-Envelope-To, …
}

// envelope reads what Postfix, Exim, Google and others leave in the header.
func envelope(h Header) Envelope {
	var e Envelope
	read := func(into *[]Address, names ...string) {
		seen := map[string]bool{}
		for _, name := range names {
			for _, v := range h.Values(name) {
				list, _ := ParseAddresses(v)
				for _, a := range list {
					if key := strings.ToLower(a.Addr); key != "" && !seen[key] && len(*into) < maxAddresses {
						seen[key] = true
						*into = append(*into, a)
					}
				}
			}
		}
	}
	read(&e.From, "Return-Path", "X-Envelope-From", "X-Envelope-Sender")
	read(&e.Recipients, "X-Envelope-To", "Envelope-To", "X-Original-To", "X-Gm-Original-To", "X-Forwarded-For", "Delivered-To", "X-Apparently-To", "X-RCPT-TO")
	return e
}

// A Journal is what a journal report says about the message that it encloses
// (Exchange Server's and Exchange Online's envelope journaling). It is the
// proof of who received a message, Bcc recipients and members of groups
// included.
type Journal struct {
	Sender     Address
	Subject    string
	MessageID  string
	Recipients []Recipient
	Original   *Attachment // the message itself, its octets as they were; nil where the report encloses none
}

// A Recipient is one address that a message was delivered to.
type Recipient struct {
	Address
	Kind      string // to, cc, bcc, or recipient where the report does not say
	Expanded  string // the group through which it was reached, "" if none
	Forwarded string // the address that forwarded to it, "" if none
}

// journal recognises a journal report: the field that Exchange puts on it, or
// the shape of its first part, and an enclosed message.
func (b *builder) journal(p *part) {
	m := b.msg
	if p.kind.full != "multipart/mixed" && p.kind.full != "multipart/report" || len(p.children) < 2 {
		return
	}
	said := m.Header.Has("X-MS-Journal-Report") || m.Header.Has("X-MS-Exchange-Journal-Report")
	j, ok := parseJournal(m.Text)
	if !ok || !said && (j.MessageID == "" || len(j.Recipients) == 0) {
		return
	}
	for _, a := range m.Attachments {
		if a.Message != nil && a.Depth == b.enclosing {
			j.Original = a
			break
		}
	}
	if said || j.Original != nil {
		m.Journal = j
	}
}

// parseJournal reads the lines of a report's text.
func parseJournal(text string) (*Journal, bool) {
	j := &Journal{}
	sender := false
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch kind := strings.ToLower(strings.TrimSpace(name)); kind {
		case "sender":
			j.Sender, sender = journalAddress(value), true
		case "subject":
			j.Subject = value
		case "message-id":
			j.MessageID = strings.Trim(value, "<>")
		case "on-behalf-of":
		case "to", "cc", "bcc", "recipient":
			if len(j.Recipients) < maxAddresses {
				j.Recipients = append(j.Recipients, recipient(kind, value))
			}
		}
	}
	return j, sender
}

// recipient reads "a@x.example, Expanded: group@x.example".
func recipient(kind, value string) Recipient {
	r := Recipient{Kind: kind}
	for i, piece := range strings.Split(value, ",") {
		piece = strings.TrimSpace(piece)
		name, rest, ok := strings.Cut(piece, ":")
		switch {
		case i == 0:
			r.Address = journalAddress(piece)
		case ok && strings.EqualFold(name, "Expanded"):
			r.Expanded = strings.TrimSpace(rest)
		case ok && strings.EqualFold(name, "Forwarded"):
			r.Forwarded = strings.TrimSpace(rest)
		}
	}
	return r
}

func journalAddress(s string) Address {
	if list, _ := ParseAddresses(s); len(list) > 0 {
		return list[0]
	}
	return Address{}
}
