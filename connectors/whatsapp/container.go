package whatsapp

import (
	"archive/zip"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/chat/container"
)

// openZip reads an export out of an archive file. Every entry is read once, to
// know its digest and that it is what the directory says.
func openZip(ctx context.Context, name string, r io.ReaderAt, size int64, opt Options) ([]*zip.File, *chat.Export, error) {
	files, err := container.Directory(r, size, opt.Limits)
	if err != nil {
		return nil, nil, err
	}
	e := &chat.Export{App: App, Zone: opt.Zone}
	e.Container = chat.File{Name: name}
	if e.Container.Digest, e.Container.Size, err = record.SumReader(io.NewSectionReader(r, 0, size)); err != nil {
		return nil, nil, err
	}
	if e.Entries, err = container.Entries(ctx, files); err != nil {
		return nil, nil, err
	}
	at, err := chooseTranscript(files, e.Entries, opt)
	if err != nil {
		return nil, nil, err
	}
	opt = outer(opt, files[at])
	for i := range e.Entries {
		if e.Entries[i].Role == chat.RoleOtherTranscript {
			e.Flags = append(e.Flags, chat.FlagOtherTranscripts)
			break
		}
	}
	several := slices.Contains(e.Flags, chat.FlagOtherTranscripts)
	if e.Title, e.TitleFrom = titleOf(e.Entries[at].Name, "entry name"); e.Title == "" && several {
		e.Title, e.TitleFrom = titleWithin(e.Entries[at].Name)
	}
	if e.Title == "" {
		e.Title, e.TitleFrom = titleOf(name, "container name")
	}
	t, err := entryText(files[at], &opt)
	if err != nil {
		return nil, nil, err
	}
	if err := fill(ctx, e, e.Entries[at].Name, t, opt); err != nil {
		t.close()
		return nil, nil, err
	}
	return files, e, nil
}

// outer returns the options with the time that an entry was made, by what packed
// it, where nothing better is known: no message in it is later.
func outer(opt Options, f *zip.File) Options {
	if m := f.Modified; opt.Outer.IsZero() && m.Year() > 2009 {
		opt.Outer = m.UTC()
	}
	return opt
}

// entryText makes a text of an entry, which cannot be read at random: it is
// held in memory, or kept where the options say.
func entryText(f *zip.File, opt *Options) (*text, error) {
	size := int64(f.UncompressedSize64)
	if size <= heldText || opt.Keep == nil {
		if size > chat.MaxHeld {
			return nil, tooLong(size, chat.MaxHeld)
		}
		s, err := container.Text(f)
		return held(s), err
	}
	kept, err := container.Keep(f, opt.Keep)
	if err != nil {
		return nil, err
	}
	t, err := textOf(kept, size)
	if err == nil {
		t.kept = kept
	}
	return t, err
}

const headSize = 64 << 10

// looksZip reports whether an entry of a zip looks like a transcript.
func looksZip(r io.ReaderAt, size int64) bool {
	files, err := container.Directory(r, size, Limits{}.WithDefaults())
	if err != nil {
		return false
	}
	for _, f := range files {
		if isText(f) && looksLike(f.Name, container.Head(f, headSize)) > 0 {
			return true
		}
	}
	return false
}

func isText(f *zip.File) bool {
	n := len(f.Name) - 4
	return n > 0 && strings.EqualFold(f.Name[n:], ".txt") && container.Role(f) == chat.RoleOrphan
}

// maxCandidates bounds how many transcripts of one container are compared.
const maxCandidates = 16

// A chooser finds the entry that is the chat's text, by content: people send
// each other text files and other chats' exports, larger ones too. A
// transcript that another one mentions as an attachment is an attachment. Of
// the rest, the one that mentions most of the media is the chat's, then the
// one that is called as the apps call it.
type chooser struct {
	files     []*zip.File
	links     *linker
	mentioned map[int]bool // entries that a transcript names
}

func chooseTranscript(files []*zip.File, entries []chat.Entry, opt Options) (int, error) {
	c := chooser{files, newLinker(entries, ""), make(map[int]bool)}
	all, err := c.candidates(opt.Limits)
	if err != nil {
		return 0, err
	}
	score := make(map[int]int)
	for _, at := range all {
		if len(all) > 1 {
			if score[at], err = c.score(at, &opt); err != nil {
				return 0, err
			}
		}
	}
	best := all[0] // if all mention each other
	for _, at := range all {
		if !c.mentioned[at] && (c.mentioned[best] || score[at] > score[best]) {
			best = at
		}
	}
	for _, at := range all {
		if !c.mentioned[at] {
			entries[at].Role = chat.RoleOtherTranscript
		}
	}
	entries[best].Role = chat.RoleTranscript
	for i := range entries {
		if strings.EqualFold(container.BaseName(entries[i].Name), "chat.md") && entries[i].Role == chat.RoleOrphan {
			entries[i].Role = chat.RoleCopy
		}
	}
	return best, nil
}

// candidates returns the entries that read as transcripts.
func (c *chooser) candidates(lim Limits) (all []int, err error) {
	for i, f := range c.files {
		if !isText(f) || len(all) == maxCandidates || looksLike("_chat.txt", container.Head(f, headSize)) == 0 {
			continue
		}
		if f.UncompressedSize64 > uint64(lim.Transcript) {
			return nil, tooLong(int64(f.UncompressedSize64), lim.Transcript)
		}
		all = append(all, i)
	}
	if len(all) == 0 {
		return nil, chat.Refuse(record.ReasonNotAChat, "no entry of the zip file reads as a chat export")
	}
	return all, nil
}

// score reads one of several transcripts, notes which entries it mentions, and
// says how likely it is to be the chat's.
func (c *chooser) score(at int, opt *Options) (int, error) {
	text, err := entryText(c.files[at], opt)
	if err != nil {
		return 0, err
	}
	defer text.close()
	t, err := parse(text, opt, c.links)
	if err != nil {
		if chat.ReasonOf(err) == record.ReasonNotAChat {
			return 0, nil
		}
		return 0, err
	}
	score := min(t.Len(), 999)
	for _, m := range t.Range(0, t.Len()) {
		for _, a := range m.Attachments {
			if n, ok := c.links.find(a.Name); ok && a.Name != "" && n != at {
				c.mentioned[n] = true
				score += 1000
			}
		}
	}
	if name := c.files[at].Name; named(name) && !strings.ContainsAny(name, `/\`) {
		score += 1500
	}
	return score, t.Err()
}
