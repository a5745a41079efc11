package whatsapp

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/connectors/chat"
)

// isZip reports whether r begins or ends as a zip file does.
func isZip(r io.ReaderAt, size int64) bool {
	var head [4]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return false
	}
	return string(head[:]) == "PK\x03\x04" || string(head[:]) == "PK\x05\x06"
}

// openZip reads an export out of an archive file. Every entry is read once, to
// know its digest and that it is what the directory says.
func openZip(ctx context.Context, name string, r io.ReaderAt, size int64, opt Options) (*chat.Export, error) {
	files, err := directory(r, size, opt.Limits)
	if err != nil {
		return nil, err
	}
	e := &chat.Export{App: App, Zone: opt.Zone}
	e.Container = chat.File{Name: name}
	if e.Container.Digest, e.Container.Size, err = record.SumReader(io.NewSectionReader(r, 0, size)); err != nil {
		return nil, err
	}
	for _, f := range files {
		entry := chat.Entry{Name: f.Name, Size: int64(f.UncompressedSize64), Unsafe: unsafeName(f.Name), Role: roleOf(f)}
		entry.Open = opener(f)
		if entry.Digest, err = digestOf(ctx, entry.Open, entry.Size); err != nil {
			return nil, damaged(err)
		}
		e.Entries = append(e.Entries, entry)
	}
	at, err := chooseTranscript(files, e.Entries, opt)
	if err != nil {
		return nil, err
	}
	if opt.Outer.IsZero() {
		if m := files[at].Modified; m.Year() > 2009 {
			opt.Outer = m.UTC()
		}
	}
	for i := range e.Entries {
		if e.Entries[i].Role == chat.RoleOtherTranscript {
			e.Flags = append(e.Flags, chat.FlagOtherTranscripts)
			break
		}
	}
	if e.Title, e.TitleFrom = titleOf(e.Entries[at].Name, "entry name"); e.Title == "" {
		e.Title, e.TitleFrom = titleOf(name, "container name")
	}
	text, err := readEntry(files[at])
	if err != nil {
		return nil, damaged(err)
	}
	if err := fill(e, e.Entries[at].Name, text, opt); err != nil {
		return nil, err
	}
	return e, nil
}

// directory reads a zip's central directory and refuses what is encrypted or
// too large. archive/zip reads Zip64 and entries with data descriptors.
func directory(r io.ReaderAt, size int64, lim Limits) ([]*zip.File, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		if errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, chat.Refuse(record.ReasonUnreadable, "the zip file is damaged")
		}
		return nil, err
	}
	if len(z.File) > lim.Entries {
		return nil, chat.Refuse(record.ReasonBomb, "the zip file has %d entries, more than the limit of %d", len(z.File), lim.Entries)
	}
	var total uint64
	for _, f := range z.File {
		if f.Flags&1 != 0 {
			return nil, chat.Refuse(record.ReasonEncrypted, "the zip file is encrypted")
		}
		total += f.UncompressedSize64
		if f.UncompressedSize64 > uint64(lim.Total) || total > uint64(lim.Total) {
			return nil, chat.Refuse(record.ReasonBomb, "the zip file unpacks to more than the limit of %d octets", lim.Total)
		}
		if f.UncompressedSize64 > 16<<20 && f.UncompressedSize64/uint64(lim.Ratio) > f.CompressedSize64 {
			return nil, chat.Refuse(record.ReasonBomb, "an entry of the zip file unpacks to more than %d times its size", lim.Ratio)
		}
	}
	if total > 16<<20 && total/uint64(lim.Ratio) > uint64(size) {
		return nil, chat.Refuse(record.ReasonBomb, "the zip file unpacks to more than %d times its size", lim.Ratio)
	}
	return z.File, nil
}

// damaged turns what archive/zip says of bad entries into a refusal.
func damaged(err error) error {
	switch {
	case errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrAlgorithm),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errTooLong):
		return chat.Refuse(record.ReasonUnreadable, "an entry of the zip file is damaged")
	case strings.Contains(err.Error(), "flate: corrupt"):
		return chat.Refuse(record.ReasonUnreadable, "an entry of the zip file is damaged")
	}
	return err
}

var errTooLong = errors.New("an entry is longer than the directory says")

// opener returns the function that reads an entry, and fails rather than give
// more octets than the directory says.
func opener(f *zip.File) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		rc, err := f.Open()
		if err != nil {
			return nil, err
		}
		return &bounded{rc, int64(f.UncompressedSize64)}, nil
	}
}

type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

// digestOf reads a file and returns its digest, or an error if it is not size
// octets long.
func digestOf(ctx context.Context, open func() (io.ReadCloser, error), size int64) (record.Digest, error) {
	rc, err := open()
	if err != nil {
		return record.Digest{}, err
	}
	defer rc.Close()
	h := sha256.New()
	n, err := io.Copy(h, &interruptible{ctx, rc})
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	return record.Digest(h.Sum(nil)), err
}

// interruptible stops a long read when the context ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

func readEntry(f *zip.File) (string, error) {
	rc, err := opener(f)()
	if err != nil {
		return "", err
	}
	defer rc.Close()
	return readText(rc, int64(f.UncompressedSize64))
}

// roleOf gives an entry its role before anything is known of the transcript.
func roleOf(f *zip.File) chat.Role {
	base := baseName(f.Name)
	switch {
	case strings.HasSuffix(f.Name, "/"), strings.HasPrefix(f.Name, "__MACOSX/"), base == ".DS_Store", base == "Thumbs.db":
		return chat.RolePackaging
	}
	return chat.RoleOrphan
}

// unsafeName reports whether a name could lead out of a directory, or cannot
// be shown: such names are kept and listed, and never written to.
func unsafeName(name string) bool {
	if name == "" || strings.ContainsRune(name, '\\') || strings.HasPrefix(name, "/") ||
		len(name) > 1 && name[1] == ':' || strings.ContainsFunc(name, unicode.IsControl) {
		return true
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(name, "/"), "/") {
		if part == ".." || part == "." || part == "" {
			return true
		}
	}
	return false
}

const headSize = 64 << 10

// headOf reads the beginning of an entry.
func headOf(f *zip.File) string {
	rc, err := f.Open()
	if err != nil {
		return ""
	}
	defer rc.Close()
	head := make([]byte, min(f.UncompressedSize64, headSize))
	n, _ := io.ReadFull(rc, head) // a short or damaged head scores by what it has
	return string(head[:n])
}

// looksZip reports whether an entry of a zip looks like a transcript.
func looksZip(r io.ReaderAt, size int64) bool {
	files, err := directory(r, size, Limits{}.WithDefaults())
	if err != nil {
		return false
	}
	for _, f := range files {
		if isText(f) && looksLike(f.Name, headOf(f)) > 0 {
			return true
		}
	}
	return false
}

func isText(f *zip.File) bool {
	n := len(f.Name) - 4
	return n > 0 && strings.EqualFold(f.Name[n:], ".txt") && roleOf(f) == chat.RoleOrphan
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
	c := chooser{files, newLinker(entries), make(map[int]bool)}
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
		if strings.EqualFold(baseName(entries[i].Name), "chat.md") && entries[i].Role == chat.RoleOrphan {
			entries[i].Role = chat.RoleCopy
		}
	}
	return best, nil
}

// candidates returns the entries that read as transcripts.
func (c *chooser) candidates(lim Limits) (all []int, err error) {
	for i, f := range c.files {
		if !isText(f) || len(all) == maxCandidates || looksLike("_chat.txt", headOf(f)) == 0 {
			continue
		}
		if int64(f.UncompressedSize64) > lim.Transcript {
			return nil, chat.Refuse(record.ReasonBomb, "the transcript has more than the limit of %d octets", lim.Transcript)
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
	text, err := readEntry(c.files[at])
	if err != nil {
		return 0, damaged(err)
	}
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
	return score, nil
}
