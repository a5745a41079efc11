package ingest

import (
	"context"
	"fmt"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/chat"
)

// setAside drafts what a selection would have left out of a file while a hold
// forbids it: records of the quarantine vault, which take no part in the chats.
// Of a file of several chats what belongs to no chat is set aside too: it names
// the people of all of them.
func (p *Pipeline) setAside(ctx context.Context, src Source, file chatSource, content connectors.Content, parcel *chat.Parcel, all []*leftOut, hold string) (drafts []*draft, err error) {
	vault, err := p.Archive.Quarantine()
	if err != nil {
		return nil, &chat.Refusal{Reason: ReasonSelection,
			Detail: fmt.Sprintf("hold %s forbids to leave anything out, and there is no quarantine vault to put it into", hold)}
	}
	src.Vault = vault.Name
	defer func() {
		if err != nil {
			for _, d := range drafts {
				d.release()
			}
		}
	}()
	for i, l := range all {
		if l == nil {
			continue
		}
		of, _ := file.nth(parcel, i, content.Digest())
		more, err := p.chatAside(ctx, src, of, content, l, parcel.Whole == nil, hold)
		if err != nil {
			return drafts, err
		}
		drafts = append(drafts, more...)
	}
	if parcel.Whole == nil {
		return drafts, nil
	}
	rest, err := p.restAside(src, file, parcel, all, hold)
	if err != nil {
		return drafts, err
	}
	return append(drafts, rest), nil
}

// chatAside drafts what is set aside of one chat. alone says that its entries are
// those of the whole file.
func (p *Pipeline) chatAside(ctx context.Context, src Source, file chatSource, content connectors.Content, l *leftOut, alone bool, hold string) ([]*draft, error) {
	e, err := l.whole.Only(func(i int) bool { return !l.keeps(i) })
	if err != nil {
		return nil, err
	}
	for i := range e.Entries {
		switch role := l.whole.Entries[i].Role; {
		case role == chat.RoleCopy:
			e.Entries[i].Role = role
		case role != chat.RoleMedia && role != chat.RoleTranscript && l.kept > 0 && alone:
			e.Entries[i].Role = chat.RoleOmitted // it is with what is kept
		}
	}
	file.key += "/set-aside"
	sum := content.Digest()
	made, err := p.chat(ctx, src, file, content, e, nil, p.Archive.KeyedDigest("export", append(l.digest(sum[:]), "set aside"...)))
	if err != nil {
		return nil, err
	}
	made.aside = true
	made.texts.Close() // nothing of it is indexed
	why := record.Quarantine{Reason: ReasonSelection, Hold: hold}
	if len(l.counts) == 1 {
		for r := range l.counts {
			why.Reason = r
		}
	}
	for _, d := range made.drafts {
		d.Display = "messages of " + or(d.Chat.Date, "an export") + ", which hold " + hold + " forbids to leave out"
		d.Chat, d.Facts.From, d.Facts.Chat = nil, nil, ""
		if err := p.quarantine(d, &why); err != nil {
			return made.drafts, err
		}
	}
	return made.drafts, nil
}

// restAside drafts what a file of several chats says of none of them.
func (p *Pipeline) restAside(src Source, file chatSource, parcel *chat.Parcel, all []*leftOut, hold string) (*draft, error) {
	rest, err := parcel.Only(func(export, m int) bool { return all[export] != nil && !all[export].keeps(m) }, true, func(int, int, int64) {})
	if err != nil {
		return nil, err
	}
	out := ExportRecord{Format: exportFormat, Transcript: fileNamed(chat.File{Name: rest.Whole.Transcript.Name}), Days: map[string]record.ID{}}
	d, err := p.madeUp(&out, rest.Whole.Entries, mediaPaths(rest.Whole.Entries), rest.Whole.Rest)
	if err != nil {
		return nil, err
	}
	d.Item = record.Item{Source: src.Name, Key: file.key + "/set-aside"}
	d.Display = "what an export says of no chat, which hold " + hold + " forbids to leave out"
	p.fill(d, src, record.Export, file.folder)
	return d, p.quarantine(d, &record.Quarantine{Reason: ReasonSelection, Hold: hold})
}
