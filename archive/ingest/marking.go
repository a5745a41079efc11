package ingest

import (
	"context"
	"io"
	"slices"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/email"
)

// marked returns the markings of a message or note, and the one for which it must not be
// captured as any other, "" if there is none: SECRET and TOP SECRET are never to
// be on systems of this tier (Government Security Classifications Policy, 2023).
func marked(markings []email.Marking) (all []string, spilled string) {
	for _, mark := range markings { // in rising order
		all = append(all, string(mark))
		if mark == email.MarkSecret || mark == email.MarkTopSecret {
			spilled = string(mark)
		}
	}
	return all, spilled
}

// extractor is what reads the attachments of a message: of one that is going
// into quarantine nothing is read.
func (p *Pipeline) extractor(src Source, spilled string) Extractor {
	if spilled != "" && src.OnMarking == MarkedQuarantine {
		return noText{}
	}
	return p.Extract
}

type noText struct{}

// Text implements Extractor.
func (noText) Text(context.Context, string, string, io.Reader, int64) (string, record.TextStatus) {
	return "", record.TextNone
}

// refuseMarked accounts for a message that is not captured for its marking.
func refuseMarked(src Source, key, marking string) prepared {
	return prepared{sightings: []record.Sighting{{Item: record.Item{Source: src.Name, Key: key}, Outcome: record.Excluded,
		Reason: record.ReasonMarking, Detail: "it is marked " + marking}}}
}

// quarantine sends a draft to the quarantine vault, with nothing in the journal
// that the person who decides about it can do without, and nothing in the index.
// What of its text is searchable later nobody has looked at.
func (p *Pipeline) quarantine(d *draft, q *record.Quarantine) error {
	vault, err := p.Archive.Quarantine()
	if err != nil {
		return err
	}
	d.Quarantine, d.rec.Vault, d.rec.ID = q, vault.Name, ""
	d.docs, d.text, d.TextStatus = nil, 0, record.TextPartial
	d.Facts.Subject = ""
	d.Components = slices.Clone(d.rec.Components)
	for i := range d.Components {
		d.Components[i].Name = ""
	}
	return nil
}
