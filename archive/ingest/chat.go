package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive"
	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors"
	"github.com/closeroll/closeroll/connectors/chat"
)

// Where the parts of chat records are in their bags.
const (
	chatPath     = "data/chat.txt"     // a day's exact octets
	contextPath  = "data/context.json" // what reading them needs and they do not say
	mediaFolder  = "data/media/"       // a day's media, or an export's orphans
	exportPath   = "data/export.json"  // an ExportRecord
	preamblePath = "data/preamble.txt" // what stands before the first message
)

// exportFormat is the form of data/export.json.
const exportFormat = "closeroll-export/1"

// An ExportRecord is data/export.json of an export record: how the export was
// made up, so that its transcript can be written again byte for byte from the
// chat-day records.
type ExportRecord struct {
	Format     string               `json:"format"`
	Container  Named                `json:"container"`
	Transcript Named                `json:"transcript"`
	Title      string               `json:"title"`
	TitleFrom  string               `json:"title_from"`
	Platform   string               `json:"platform"`
	Grade      string               `json:"grade"`
	DateOrder  chat.DateOrder       `json:"date_order"`
	Flags      []string             `json:"flags"`
	Entries    []EntryRecord        `json:"entries"`
	Map        chat.Map             `json:"map"`
	Days       map[string]record.ID `json:"days"`              // part of the map → chat-day record
	Omitted    []Omission           `json:"omitted,omitempty"` // what a selection left out: the transcript is without it
}

// A Named is a file that an export was made of.
type Named struct {
	Name   string        `json:"name"`
	Size   int64         `json:"size"`
	Digest record.Digest `json:"sha256"`
}

// An EntryRecord is one entry of the container.
type EntryRecord struct {
	Named
	Role chat.Role `json:"role"`
	Path string    `json:"path,omitempty"` // in the bag of this record, or of the days that mention it
}

// chatSource is where an export came from.
type chatSource struct {
	key    string // of the item it was in
	name   string
	folder string
	sent   time.Time    // of the covering e-mail; zero if there is none
	partly bool         // a selection leaves some of the file out
	beside []chat.Loose // what else the covering e-mail brought
}

// nth is where the export with an index in a file came from, and what tells it
// from any other: of a file of one chat, the file's digest.
func (f chatSource) nth(parcel *chat.Parcel, i int, sum record.Digest) (chatSource, []byte) {
	if parcel.Whole == nil && len(parcel.Exports) == 1 {
		return f, sum[:]
	}
	f.key = fmt.Sprintf("%s/%d", f.key, i+1)
	return f, fmt.Appendf(sum[:], "/%s", parcel.Exports[i].Transcript.Digest)
}

// chatDrafts are the drafts of one export, days first and the export record
// last, waiting for their chat to be found. What grows with the number of
// messages stays in the export, and is read out of it again when it is wanted.
type chatDrafts struct {
	drafts    []*draft
	export    *chat.Export
	digest    []byte // keyed, of the container
	days      map[string]record.ID
	paths     []string // of the export's entries, in a bag
	transient []bool   // of the export's messages: sent under a timer
	liner     *chat.Liner
	texts     *texts // of what is attached to the messages

	runs    []record.MessageRun
	notices []record.Notice // what it shows by itself, and of how it came

	compared *Captured                      // the export as a side of comparisons, while its chat is looked for
	copies   map[record.ID][]record.CopyRun // which of its days' messages are in a copy group already

	left     *leftOut // by a selection; nil if nothing is
	aside    bool     // it is what a selection would have left out, and of it nothing is journalled
	omitted  []int    // before which of the export's messages
	excluded map[string]map[record.Reason]int
	before   map[string][]int // the same by day
}

// release lets go of what the drafts hold of the export.
func (c *chatDrafts) release() {
	for _, d := range c.drafts {
		d.release()
	}
	c.texts.Close()
}

// record is the id of the export record.
func (c *chatDrafts) record() record.ID { return c.drafts[len(c.drafts)-1].Record }

// chatFile makes records of an export that came by itself. What a selection
// leaves out is counted, or, while a hold forbids that, put in quarantine.
func (p *Pipeline) chatFile(ctx context.Context, src Source, item *connectors.Item) prepared {
	file := chatSource{key: item.Key, name: item.Name, folder: item.Folder, sent: item.Received}
	made, err := p.parcel(ctx, src, file, item.Content, item.Selection)
	var refused *chat.Refusal
	switch {
	case errors.As(err, &refused):
		return prepared{sightings: []record.Sighting{{Item: record.Item{Source: src.Name, Key: item.Key}, Outcome: record.Failed,
			Reason: refused.Reason, Detail: refused.Error()}}}
	case err != nil:
		return prepared{err: err}
	}
	return made
}

// parcel reads a file and drafts what it brought: the records of each chat in
// it, and of a file of several chats the record that makes them the file again.
//
// A selection leaves some of it out.
func (p *Pipeline) parcel(ctx context.Context, src Source, file chatSource, content connectors.Content, selection []byte) (made prepared, err error) {
	var kept []io.Closer
	opt := chat.Options{Zone: src.Zone, DateOrder: src.DateOrder, Outer: file.sent, Beside: file.beside, Keep: func(r io.Reader) (chat.Kept, error) {
		c, err := p.spool(r)
		if err != nil {
			return nil, err
		}
		kept = append(kept, c)
		return c, nil
	}}
	defer func() {
		made.kept = append(made.kept, kept...)
		if err != nil {
			for _, d := range made.drafts {
				d.release()
			}
			made.release()
		}
	}()
	parcel, err := p.Messengers.Open(ctx, file.name, content, content.Size(), opt)
	if err != nil {
		return prepared{}, err
	}
	if selection != nil {
		some := false
		if made, some, err = p.selected(ctx, src, file, content, parcel, selection); some || err != nil {
			return made, err
		}
	}
	for i, e := range parcel.Exports {
		of, identity := file.nth(parcel, i, content.Digest())
		drafts, err := p.chat(ctx, src, of, content, e, nil, p.Archive.KeyedDigest("export", identity))
		if err != nil {
			return made, err
		}
		made.add(drafts)
	}
	if parcel.Whole != nil {
		whole, err := p.whole(src, file, parcel, made.chats, content, nil)
		if err != nil {
			return made, err
		}
		id := p.Archive.Identify(src.Vault, record.Export, whole.rec.Components)
		for _, d := range made.drafts {
			d.Covering = id
		}
		made.drafts = append(made.drafts, whole)
	}
	return made, nil
}

// chat drafts the chat-days of an export, but for what is left out, and its
// export record. digest is keyed, of what makes the export the same as another.
func (p *Pipeline) chat(ctx context.Context, src Source, file chatSource, content connectors.Content, e *chat.Export, left *leftOut, digest []byte) (_ *chatDrafts, err error) {
	made := &chatDrafts{export: e, left: left, digest: digest, days: make(map[string]record.ID), paths: mediaPaths(e.Entries), transient: ephemeral(e),
		liner: chat.NewLiner(func(b []byte) []byte { return p.Archive.KeyedDigest("chat-line", b) }), texts: &texts{spool: p.Spool}}
	defer func() {
		if err != nil {
			made.release()
		}
	}()
	if left != nil {
		if err := made.leave(left); err != nil {
			return nil, err
		}
	}
	made.notices = chatNotices(made.export, src.Zone)
	for _, day := range made.export.Days() {
		d, err := p.chatDay(ctx, src, file, made, day)
		if err != nil {
			return nil, err
		}
		made.drafts = append(made.drafts, d)
		if err := p.identify(ctx, d); err != nil {
			return nil, err
		}
		made.days[day.Date] = d.rec.ID
	}
	if err := made.texts.finish(); err != nil {
		return nil, err
	}
	export, err := p.exportRecord(src, file, made, content)
	if err != nil {
		return nil, err
	}
	// The same export under another file name is not another export.
	if _, _, err := p.knownExport(ctx, made, export); err != nil {
		return nil, err
	}
	made.drafts = append(made.drafts, export)
	return made, e.Err()
}

// knownExport gives an export's draft the record that its container is known
// by, and returns that one's chat. What was disposed of and may come back is not
// known.
func (p *Pipeline) knownExport(ctx context.Context, made *chatDrafts, export *draft) (chat string, known bool, err error) {
	id, chat, err := p.Archive.Catalog.ExportOf(ctx, made.digest)
	if errors.Is(err, catalog.ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if _, back, err := p.Archive.MayReturn(ctx, id, archive.Claim{Holding: export.Holding, Facts: export.Facts}); err != nil || back {
		return "", false, err
	}
	export.Record = id
	return chat, true, nil
}

// exportRecord drafts the record of how the export was made up.
func (p *Pipeline) exportRecord(src Source, file chatSource, made *chatDrafts, content connectors.Content) (*draft, error) {
	e := made.export
	out := ExportRecord{Format: exportFormat, Container: Named{file.name, content.Size(), content.Digest()},
		Transcript: fileNamed(e.Transcript), Title: e.Title, TitleFrom: e.TitleFrom,
		Platform: string(e.Platform), Grade: string(e.Grade), DateOrder: e.DateOrder, Flags: e.Flags, Map: e.Map(), Days: made.days, Omitted: made.left.omissions()}
	if file.partly { // a digest would let guesses at what is left out be confirmed
		out.Container = Named{Name: file.name}
	}
	preamble := chat.PiecesOf(e.Transcript.Content)
	preamble.Add(e.Preamble)
	made.runs = messageRuns(e, made.days)
	if len(made.runs)*perRun > maxEntry {
		return nil, chat.Refuse(record.ReasonBomb, "its dates change %d times, which is more than any chat's", len(made.runs))
	}
	d, err := p.madeUp(&out, e.Entries, made.paths, preamble)
	if err != nil {
		return nil, err
	}
	d.Item = record.Item{Source: src.Name, Key: file.key + "/export"}
	d.Display = "export of " + or(e.Title, "untitled chat")
	d.Chat = &record.ChatRef{Title: e.Title, App: e.App, Platform: string(e.Platform), Runs: made.runs, Omitted: made.omitted,
		Truncated: slices.Contains(e.Flags, chat.FlagHeadTruncated), Timer: int64(timer(e) / time.Second), Gaps: gaps(e)}
	d.Facts.Chat, d.Facts.Subject, d.Facts.Sent = e.Title, e.Title, lastTime(e, src.Zone)
	p.fill(d, src, record.Export, file.folder)
	return d, nil
}

// madeUp drafts a record of how a file was made up, with what no chat-day
// keeps of it: nothing of a container is lost.
func (p *Pipeline) madeUp(out *ExportRecord, entries []chat.Entry, paths []string, rest *chat.Pieces) (*draft, error) {
	d := &draft{contents: map[string]io.ReaderAt{}}
	var kept []int
	for i := range entries {
		entry := &entries[i]
		er := EntryRecord{Named: Named{entry.Name, entry.Size, entry.Digest}, Role: entry.Role}
		switch entry.Role {
		case chat.RoleOmitted:
			continue
		case chat.RoleElsewhere: // what is known of it is with its chat
			er.Named = Named{Name: entry.Name}
		case chat.RoleTranscript:
			if out.Omitted != nil {
				er.Named = out.Transcript
			}
		case chat.RoleMedia:
			er.Path = paths[i]
		default:
			er.Path = paths[i]
			kept = append(kept, i)
		}
		out.Entries = append(out.Entries, er)
	}
	d.media(entries, paths, kept)
	if rest.Size() > 0 {
		digest, size, err := record.SumReader(io.NewSectionReader(rest, 0, rest.Size()))
		if err != nil {
			d.release()
			return nil, err
		}
		d.contents[preamblePath] = rest
		d.rec.Components = append(d.rec.Components, record.Component{Path: preamblePath, Size: size, Digest: digest, MediaType: "text/plain"})
	}
	b, err := json.Marshal(out)
	if err != nil {
		d.release()
		return nil, err
	}
	d.add(exportPath, b)
	d.TextStatus = record.TextOK
	return d, nil
}

func fileNamed(f chat.File) Named { return Named{f.Name, f.Size, f.Digest} }

// whole drafts the record of a file that held several chats: where in it each
// chat-day was, and what belonged to no chat. content is nil where some of it was
// left out.
func (p *Pipeline) whole(src Source, file chatSource, parcel *chat.Parcel, made []*chatDrafts, content connectors.Content, omitted []Omission) (*draft, error) {
	w := parcel.Whole
	out := ExportRecord{Format: exportFormat, Transcript: fileNamed(w.Transcript), Days: make(map[string]record.ID), Omitted: omitted}
	if content != nil { // without the file's name: under another it is the same file
		out.Container = Named{"", content.Size(), content.Digest()}
	}
	part := func(export int, date string) string { return fmt.Sprintf("%d/%s", export+1, date) }
	out.Map = parcel.Map(part)
	var sent time.Time
	for i, c := range made {
		out.Platform, out.Grade = string(c.export.Platform), string(c.export.Grade)
		for date, id := range c.days {
			out.Days[part(i, date)] = id
		}
		if t := lastTime(c.export, src.Zone); t.After(sent) {
			sent = t
		}
	}
	d, err := p.madeUp(&out, w.Entries, mediaPaths(w.Entries), w.Rest)
	if err != nil {
		return nil, err
	}
	d.Item = record.Item{Source: src.Name, Key: file.key + "/whole"}
	d.Display = fmt.Sprintf("export of %d chats", len(made))
	d.Facts.Sent = sent
	p.fill(d, src, record.Export, file.folder)
	return d, nil
}

func (d *draft) add(path string, data []byte) {
	d.contents[path] = bytes.NewReader(data)
	d.rec.Components = append(d.rec.Components, record.Component{Path: path, Size: int64(len(data)), Digest: record.Sum(data), MediaType: mediaType(path, "")})
}

// lastTime is the time of the newest message of an export.
func lastTime(e *chat.Export, zone *time.Location) (last time.Time) {
	for _, m := range e.All() {
		if t := wallTime(m.Time, zone); t.After(last) {
			last = t
		}
	}
	return last
}

// messageRuns says where an export's messages are, in the order of its file.
func messageRuns(e *chat.Export, days map[string]record.ID) []record.MessageRun {
	var runs []record.MessageRun
	at := make(map[record.ID]int)
	for _, m := range e.All() {
		id := days[m.Date()]
		at[id]++
		if n := len(runs); n > 0 && runs[n-1].Record == id {
			runs[n-1].To++
			continue
		}
		runs = append(runs, record.MessageRun{Record: id, From: at[id], To: at[id]})
	}
	return runs
}
