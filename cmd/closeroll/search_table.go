package main

import (
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/page"
)

// table is what --csv writes: the terms where they were asked for, what could not
// be decided with --unsearchable, and else the hits of the page.
func (f *searchFlags) table(a *v1.Answer) page.Table {
	switch {
	case f.terms:
		return termTable(a)
	case f.unsearchable:
		return hitTable(a.Unsearchable, a.Offset)
	}
	return hitTable(a.Hits, a.Offset)
}

// termTable is the report of terms, one row for each and for each group.
func termTable(a *v1.Answer) page.Table {
	t := page.Table{Name: "terms", Columns: []page.Column{{Key: "depth", Number: true}, {Key: "term"}, {Key: "finds", Number: true},
		{Key: "kept", Number: true}, {Key: "alone", Number: true}}}
	for _, c := range a.Terms {
		t.Rows = append(t.Rows, []page.Cell{number(c.Depth), {Text: c.Term}, number(c.Hits), number(c.Kept), number(c.Alone)})
	}
	return t
}

// hitTable is one row a message, with its copies in one cell.
func hitTable(hits []v1.Hit, offset int) page.Table {
	t := page.Table{Name: "hits"}
	for _, key := range []string{"no", "item", "kind", "sent", "date_suspect", "sender", "title", "chat", "custodians", "vault", "action", "due", "on_hold", "copies", "text"} {
		t.Columns = append(t.Columns, page.Column{Key: key})
	}
	for i, h := range hits {
		sent, due := "", ""
		if !h.Sent.IsZero() {
			sent = h.Sent.In(london()).Format("2006-01-02 15:04")
		}
		if !h.Due.IsZero() {
			due = h.Due.String()
		}
		var copies []string
		for _, c := range h.Copies {
			copies = append(copies, string(c.Record)+"/"+strconv.Itoa(c.N))
		}
		row := []page.Cell{number(offset + i + 1)}
		for _, text := range []string{h.MessageID().String(), string(h.Kind), sent, yesIf(h.Suspect), h.Sender, h.Display, h.Chat,
			strings.Join(h.Custodians, "; "), h.Vault, string(h.Action), due, yesIf(h.OnHold), strings.Join(copies, "; "), h.Snippet} {
			row = append(row, page.Cell{Text: text})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func number(n int) page.Cell { return page.Cell{Raw: strconv.Itoa(n)} }

func yesIf(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
