package ingest

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/email"
	"github.com/closeroll/closeroll/connectors/note"
)

// Where the parts of a note are in its bag.
const (
	noteTextPath  = "data/note.txt"  // as it was written
	noteSheetPath = "data/note.json" // what it says of itself
)

// ReasonNote is why an item failed that was to be a note and is none.
const ReasonNote record.Reason = "not_a_note"

// note makes a record of a note of substance. Its time is that of what it is
// about, which is what a search by date looks for; when it was written is its
// time of receipt, from which no retention period is shortened.
func (p *Pipeline) note(src Source, item *connectors.Item) prepared {
	data, err := io.ReadAll(io.NewSectionReader(item.Content, 0, min(item.Content.Size(), note.MaxSize+1)))
	if err != nil {
		return prepared{err: err}
	}
	n, err := note.Parse(data)
	if err != nil {
		return prepared{sightings: []record.Sighting{{Item: record.Item{Source: src.Name, Key: item.Key}, Outcome: record.Failed,
			Reason: ReasonNote, Detail: strings.ReplaceAll(err.Error(), "\n", "; ")}}}
	}
	markings, spilled := marked(email.MarkingsOf(n.Subject, n.Text))
	if spilled != "" && src.OnMarking == MarkedRefuse {
		return refuseMarked(src, item.Key, spilled)
	}
	sheet, err := n.Sheet()
	if err != nil {
		return prepared{err: err}
	}
	d := &draft{contents: map[string]io.ReaderAt{}}
	d.add(noteTextPath, []byte(n.Text))
	d.add(noteSheetPath, sheet)
	d.rec.Components[0].MediaType, d.rec.Components[1].MediaType = "text/plain", "application/json"
	at, err := n.Time()
	if err != nil {
		return prepared{err: err} // Parse has read it
	}
	d.Item = record.Item{Source: src.Name, Key: item.Key}
	d.Display = fmt.Sprintf("note of %s, %s", n.Channel, n.Subject)
	d.Note = &record.NoteRef{Author: n.Author, Channel: n.Channel, Chat: n.About.Chat, Record: n.About.Record, Request: n.About.Request}
	d.Holding.Aggregation = n.About.Chat
	f := &d.Facts
	f.Subject, f.Chat, f.Sent, f.Received = n.Subject, item.Name, at.UTC(), n.Written.UTC()
	f.From = []string{record.FoldAddress(n.Author)}
	for _, who := range n.Participants {
		f.To = append(f.To, record.FoldAddress(who))
	}
	d.Messages = []record.Message{{Sent: f.Sent, Sender: n.Author}}
	d.docs, d.text = documentsOf(noteDocument(n, *f))
	d.TextStatus = record.TextOK
	d.Markings = markings
	src.Mailbox, src.Channel = "", record.NonCorporate
	if n.Corporate {
		src.Channel = record.Corporate
	}
	p.fill(d, src, record.Note, item.Folder)
	made := prepared{drafts: []*draft{d}}
	if spilled != "" && src.OnMarking == MarkedQuarantine {
		d.Display = "note (marked " + spilled + ")"
		made.err = p.quarantine(d, &record.Quarantine{Reason: record.ReasonMarking, Marking: spilled})
	}
	return made
}

// noteDocument is what the index is told of a note: its author wrote it, to the
// people whom it names.
func noteDocument(n *note.Note, facts record.Facts) record.Document {
	doc := record.Document{Kind: record.Note, From: []record.Address{{Name: n.Author}}, Subject: n.Subject, Chat: facts.Chat, Body: n.Text,
		Sent: facts.Sent, Received: facts.Received, Size: int64(len(n.Text))}
	for _, who := range n.Participants {
		doc.To = append(doc.To, record.Address{Name: who})
	}
	return doc
}

func redoNote(opened Opened, facts record.Facts) ([]record.Document, error) {
	n, err := ReadNote(opened)
	if err != nil {
		return nil, err
	}
	return []record.Document{noteDocument(n, facts)}, nil
}

// ReadNote reads the note that an opened record is.
func ReadNote(opened Opened) (*note.Note, error) {
	var parts [2]bytes.Buffer
	for i, path := range []string{noteSheetPath, noteTextPath} {
		c, err := opened.component(path)
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(&parts[i], io.NewSectionReader(c, 0, min(c.Size, note.MaxSize))); err != nil {
			return nil, err
		}
	}
	n, err := note.ReadSheet(parts[0].Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", noteSheetPath, err)
	}
	n.Text = parts[1].String()
	return n, nil
}
