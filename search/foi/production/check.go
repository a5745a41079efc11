package production

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/net/html"

	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/search/extract"
)

// A Report is what the check of a production found.
//
// Every file is read again as its reader would: text as it is, HTML without its
// marks, PDF by extracting the text of its pages. Words are compared without
// regard to case, spaces and line breaks. The production fails, and there are
// Leaks, where
//
//   - redacted words stand in a file more often than the officer left them
//     visible in the items that are in it;
//   - a file says more characters than were to be released, or an HTML file has
//     any mark, attribute or comment that is not of the few that this program
//     writes;
//   - redacted words that were left visible nowhere stand in the octets of any
//     file, or in a file's name: as UTF-8 or UTF-16, in the streams of a PDF and
//     its description too.
//
// Words that are redacted in one place and were left visible in another are no
// leak: a person decided so, or overlooked it. Visible lists them with their
// items, for that person to look again. Words of fewer than three characters
// are not looked for elsewhere; long passages are looked for line by line and
// sentence by sentence too.
type Report struct {
	Files   int       `json:"files"`
	Words   int       `json:"redacted_words"` // different ones that were looked for
	Leaks   []Leak    `json:"leaks,omitempty"`
	Visible []Visible `json:"visible_elsewhere"`
}

// A Leak is why a production did not pass.
type Leak struct {
	File      string `json:"file"`
	Item      string `json:"item,omitempty"` // where the words are redacted
	Redaction int    `json:"redaction,omitempty"`
	Why       string `json:"why"`
}

// maxLeaks bounds what is reported of a production that does not pass.
const maxLeaks = 50

// expected is what a file was to say.
type expected struct {
	counts   map[int32]int // how often each term
	squeezed int           // octets of all of it, squeezed
	head     string        // the title that a PDF has of itself
	running  []string      // what stands on every sheet of a PDF, squeezed: head and foot
	prefix   string        // of an HTML file, to where its items begin
}

// expect notes what files of a document with this text say of the terms.
func (p *producer) expect(text string, d *page.Document) *expected {
	squeezed, _ := squeeze(text, false)
	head, _ := squeeze(d.Authority+d.Marking, false)
	foot, _ := squeeze(d.Title+" · "+d.Reference, false)
	bare := *d
	bare.Blocks = nil
	var b strings.Builder
	e := &expected{counts: p.terms.counts(squeezed), squeezed: len(squeezed), head: d.Title + " · " + d.Subtitle, running: []string{head, foot}}
	if page.WriteHTML(&b, &bare) == nil { // to memory
		e.prefix, _, _ = strings.Cut(b.String(), "<main>")
	}
	for word, n := range e.counts {
		p.terms.all[word-1].expected += n
	}
	return e
}

// check reads what was written again.
func (p *producer) check(ctx context.Context) error {
	r := &p.out.Check
	r.Words, r.Visible = p.terms.Count(), p.terms.visible()
	if err := p.prepareRaw(); err != nil {
		return err
	}
	err := filepath.WalkDir(p.bag.dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || len(r.Leaks) >= maxLeaks {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(p.bag.dir, name)
		if err != nil {
			return err
		}
		r.Files++
		return p.file(filepath.ToSlash(rel), name)
	})
	if err == nil && len(r.Leaks) > 0 {
		err = fmt.Errorf("%w: %d faults", ErrLeak, len(r.Leaks))
	}
	return err
}

func (p *producer) leak(file, why string) {
	p.out.Check.Leaks = append(p.out.Check.Leaks, Leak{File: file, Why: why})
}

func (p *producer) leakOf(file string, word int32, why string) {
	t := p.terms.all[word-1]
	p.out.Check.Leaks = append(p.out.Check.Leaks, Leak{file, t.item, t.redaction, why})
}

// file checks one file: by its octets, and if it is a volume by what it says. A
// volume is small enough to be held; lists, copies and originals may not be.
func (p *producer) file(name, path string) error {
	p.leaksOf(name, p.within([]byte(name), nil), "in its name")
	want := p.expected[name]
	if want == nil {
		return p.long(name, path)
	}
	octets, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	p.leaksOf(name, p.within(octets, nil), "in its octets")
	p.volumeSays(name, octets, want)
	return nil
}

// window is how much of a long file is looked at at once.
const window = 1 << 20

// long looks for words that were left visible nowhere in a file of any length.
// Windows overlap by more than the longest of them.
func (p *producer) long(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	found := make(map[int32]bool)
	overlap := 2*p.terms.longest + 16
	buf := make([]byte, 0, window+overlap)
	for {
		n, err := io.ReadFull(f, buf[len(buf):len(buf)+window])
		buf = buf[:len(buf)+n]
		found = p.within(buf, found)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			p.leaksOf(name, found, "in its octets")
			return nil
		}
		if err != nil {
			return err
		}
		kept := copy(buf, buf[max(0, len(buf)-overlap):])
		buf = buf[:kept]
	}
}

// volumeSays checks what a volume says.
func (p *producer) volumeSays(name string, octets []byte, want *expected) {
	var says string
	var err error
	switch filepath.Ext(name) {
	case ".html":
		says = p.html(name, octets, want)
	case ".pdf":
		for _, s := range streams(octets) {
			p.leaksOf(name, p.within(s, nil), "in one of its streams")
		}
		says, err = p.pdf(name, octets, want)
	default:
		says = string(octets)
	}
	if err != nil {
		p.leak(name, "it cannot be read again: "+err.Error())
		return
	}
	squeezed, _ := squeeze(says, false)
	if len(squeezed) > want.squeezed {
		p.leak(name, fmt.Sprintf("it says %d characters more than were to be released", len(squeezed)-want.squeezed))
	}
	for word, n := range p.terms.counts(squeezed) {
		if n > want.counts[word] {
			p.leakOf(name, word, fmt.Sprintf("the words stand there %d times, and were left visible %d times", n, want.counts[word]))
		}
	}
}

// html returns what an HTML file shows, and looks at all that it does not.
func (p *producer) html(name string, octets []byte, want *expected) string {
	rest, ok := strings.CutPrefix(string(octets), want.prefix)
	if !ok || want.prefix == "" {
		p.leak(name, "its head is not as this program writes it")
	}
	var b strings.Builder
	if _, body, ok := strings.Cut(want.prefix, "<body>"); ok {
		b.WriteString(shownBy(body, func(html.Token) {}))
	}
	b.WriteString(shownBy(rest, func(t html.Token) {
		if !usual.MatchString(t.String()) {
			p.leak(name, "it has a mark that this program does not write")
		}
	}))
	return b.String()
}

// usual are the marks of which a volume's HTML consists.
var usual = regexp.MustCompile(`^(</?(main|body|html|p|div|strong|h2|h3)>|<h[23] id="part-[0-9]+">|<p class="soft">|<div class="verbatim">)$`)

func shownBy(text string, mark func(html.Token)) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			b.WriteString(z.Token().Data)
		default:
			mark(z.Token())
		}
	}
}

// pdf returns what the pages of a PDF say but for their running titles.
func (p *producer) pdf(name string, octets []byte, want *expected) (string, error) {
	title, pages, err := extract.PDFPages(octets)
	if err != nil {
		return "", err
	}
	if title != want.head {
		p.leak(name, "its title is not what it was to be")
	}
	lacking, _ := squeeze(page.LackingNote, false)
	number := regexp.MustCompile(`page[0-9]+$`)
	var b strings.Builder
	for _, text := range pages {
		s, _ := squeeze(text, false)
		s = number.ReplaceAllString(s, "")
		s = strings.TrimSuffix(strings.TrimPrefix(s, want.running[0]), want.running[1])
		b.WriteString(strings.TrimSuffix(s, lacking))
	}
	return b.String(), nil
}

// streams returns the streams of a PDF that are not type, unpacked.
func streams(octets []byte) [][]byte {
	var all [][]byte
	for {
		at := bytes.Index(octets, []byte("\nstream\n"))
		if at < 0 {
			return all
		}
		dict := octets[max(0, at-400):at]
		if open := bytes.LastIndex(dict, []byte(" obj")); open >= 0 {
			dict = dict[open:]
		}
		octets = octets[at+len("\nstream\n"):]
		end := bytes.Index(octets, []byte("\nendstream"))
		if end < 0 {
			end = len(octets)
		}
		body := octets[:end]
		octets = octets[end:]
		if bytes.Contains(dict, []byte("/Length1")) {
			continue // a font program: its names are the type's own
		}
		if r, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
			if plain, err := io.ReadAll(r); err == nil {
				body = plain
			}
		}
		all = append(all, body)
	}
}

// within looks for words that were left visible nowhere, and adds them to those
// that were found.
func (p *producer) within(octets []byte, found map[int32]bool) map[int32]bool {
	if found == nil {
		found = make(map[int32]bool)
	}
	for _, text := range [][]byte{octets, bytes.ToLower(octets)} {
		p.terms.raw.scan(text, func(word int32, _, _ int) { found[word] = !p.own[word] })
	}
	return found
}

func (p *producer) leaksOf(name string, found map[int32]bool, where string) {
	for _, word := range slices.Sorted(maps.Keys(found)) {
		if found[word] {
			p.leakOf(name, word, "the words stand "+where+", though they were left visible nowhere")
		}
	}
}

// Words need so many octets to be looked for in octets that are not all text;
// shorter ones occur by chance, and those that could be numbers or digests more
// easily.
const (
	leastRaw       = 6
	leastRawDigits = 9
	leastRawHex    = 12
)

func rawEnough(squeezed string) bool {
	switch {
	case strings.Trim(squeezed, "0123456789") == "":
		return len(squeezed) >= leastRawDigits
	case strings.Trim(squeezed, "0123456789abcdef") == "":
		return len(squeezed) >= leastRawHex
	}
	return len(squeezed) >= leastRaw
}

// prepareRaw prepares the terms that were left visible nowhere to be looked for
// in octets. What stands in a production without any item is none of them: a
// redacted word may be one of those that this program itself writes.
func (p *producer) prepareRaw() error {
	p.terms.raw = newMatcher()
	own := make(map[int32]bool)
	for i, one := range p.terms.all {
		if one.expected == 0 && rawEnough(one.squeezed) {
			p.terms.addRaw(one, int32(i+1))
		} else {
			own[int32(i+1)] = true
		}
	}
	p.terms.raw.build()
	furniture, err := p.furniture()
	if err != nil {
		return err
	}
	for _, octets := range furniture {
		for _, text := range [][]byte{octets, bytes.ToLower(octets)} {
			p.terms.raw.scan(text, func(word int32, _, _ int) { own[word] = true })
		}
	}
	p.own = own
	return nil
}

func (t *Terms) addRaw(one *term, number int32) {
	for _, words := range []string{one.words, strings.ToLower(one.words), one.squeezed} {
		t.raw.add(words, number)
		t.longest = max(t.longest, 2*len(words))
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			var wide []byte
			for _, unit := range utf16.Encode([]rune(words)) {
				wide = order.AppendUint16(wide, unit)
			}
			t.raw.add(string(wide), number)
		}
	}
}

// furniture is what this program writes whatever is produced.
func (p *producer) furniture() ([][]byte, error) {
	v := p.begin(1)
	v.doc.Subtitle = p.about.Request + ", volume 1: items 1 to 1"
	v.doc.Add(page.Heading{Text: "Item 1"}, page.Heading{Level: 3, Text: "Item 1, attachment 1"}, page.Paragraph{Text: "x"}, page.Verbatim{Runs: []page.Run{{Text: "x", Strong: true}}})
	var html, pdf, text, readme bytes.Buffer
	if err := errors.Join(page.WriteHTML(&html, &v.doc), page.WritePDF(&pdf, &v.doc), v.plain(&text), p.readme(&readme)); err != nil {
		return nil, err
	}
	words := strings.Join(append(listColumns(), "request production items email chat_message attachment release part withhold undated",
		HowRendered, HowWithheld, HowUnrendered, HowCopied, "files", "exemptions", "bagit.txt bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt data/README.txt data/items.csv data/items.json",
		"BagIt-Version: 1.0 Tag-File-Character-Encoding: UTF-8 Source-Organization External-Identifier Bagging-Date Bag-Software-Agent Payload-Oxum", p.about.Authority, p.about.Program, p.about.Request), " ")
	all := [][]byte{html.Bytes(), pdf.Bytes(), text.Bytes(), readme.Bytes(), []byte(words)}
	return append(all, streams(pdf.Bytes())...), nil
}
