package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// mailFolders are the directories of the Maildir++ that Dovecot serves, "" for
// INBOX, and the share of the mail that each one gets.
var mailFolders = []struct {
	dir   string
	share int // out of 20
}{{"", 9}, {".Sent", 5}, {".Casework", 3}, {".Casework.2026", 2}, {".Newsletters", 1}}

func fillVerb(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("fill", flag.ContinueOnError)
	corpus := flags.String("corpus", "", "directory of real messages, .txt files")
	out := flags.String("maildir", "", "the Maildir++ to write")
	count := flags.Int("n", 20000, "how many messages")
	if err := flags.Parse(args); err != nil {
		return err
	}
	real, err := readCorpus(*corpus)
	if err != nil {
		return err
	}
	f := &filler{out: *out, random: rand.New(rand.NewPCG(2026, 11)), real: real}
	return f.fill(*count)
}

// readCorpus returns the messages of the corpus without their mbox lines, in
// the order of their names.
func readCorpus(dir string) ([][]byte, error) {
	var files []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(name) == ".txt" {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("the corpus holds no message")
	}
	slices.Sort(files)
	messages := make([][]byte, 0, len(files))
	for _, name := range files {
		octets, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if bytes.HasPrefix(octets, []byte("From ")) {
			_, octets, _ = bytes.Cut(octets, []byte("\n"))
		}
		messages = append(messages, octets)
	}
	return messages, nil
}

// A filler writes a mailbox that is the same for the same corpus and count:
// the real messages first, then generated ones in their words.
type filler struct {
	out    string
	random *rand.Rand
	real   [][]byte
	ids    []string // of generated messages, for replies to refer to
}

func (f *filler) fill(count int) error {
	for _, folder := range mailFolders {
		for _, part := range []string{"cur", "new", "tmp"} {
			if err := os.MkdirAll(filepath.Join(f.out, folder.dir, part), 0o755); err != nil {
				return err
			}
		}
	}
	first := time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC)
	var octets int64
	for i := range count {
		message := f.message(i, first.Add(time.Duration(i)*11*time.Minute))
		name := filepath.Join(f.out, f.folder(), "cur", fmt.Sprintf("%d.M%06dP1.bench:2,S", first.Unix()+int64(i), i))
		if err := os.WriteFile(name, message, 0o644); err != nil {
			return err
		}
		octets += int64(len(message))
	}
	fmt.Printf("%d messages, %.1f MB, of which %d are real\n", count, float64(octets)/1e6, min(count, len(f.real)))
	return nil
}

func (f *filler) folder() string {
	n := f.random.IntN(20)
	for _, folder := range mailFolders {
		if n < folder.share {
			return folder.dir
		}
		n -= folder.share
	}
	return ""
}

func (f *filler) message(i int, sent time.Time) []byte {
	if i < len(f.real) {
		return f.real[i]
	}
	id := fmt.Sprintf("<%d.%x@bench.example>", i, f.random.Uint64())
	var m bytes.Buffer
	fmt.Fprintf(&m, "Received: from relay.bench.example by mx.bench.example; %s\n", sent.Format(time.RFC1123Z))
	fmt.Fprintf(&m, "From: %s\nTo: %s\nSubject: %s\n", f.person(), f.person(), f.words(3+f.random.IntN(5)))
	fmt.Fprintf(&m, "Date: %s\nMessage-ID: %s\n", sent.Format(time.RFC1123Z), id)
	if len(f.ids) > 0 && f.random.IntN(3) > 0 {
		parent := f.ids[max(0, len(f.ids)-1-f.random.IntN(200))]
		fmt.Fprintf(&m, "In-Reply-To: %s\nReferences: %s\n", parent, parent)
	}
	f.ids = append(f.ids, id)
	m.WriteString("MIME-Version: 1.0\n")
	if f.random.IntN(12) == 0 {
		f.withAttachment(&m)
	} else {
		m.WriteString("Content-Type: text/plain; charset=us-ascii\n\n")
		f.paragraphs(&m, 1+f.random.IntN(8))
	}
	return m.Bytes()
}

// words returns n words in a row from somewhere in the corpus, in ASCII.
func (f *filler) words(n int) string {
	source := f.real[f.random.IntN(len(f.real))]
	_, body, _ := bytes.Cut(source, []byte("\n\n"))
	if len(body) > 4000 {
		start := f.random.IntN(len(body) - 3000)
		body = body[start : start+3000]
	}
	var out []string
	for _, w := range strings.Fields(string(body)) {
		if len(w) > 20 || strings.ContainsFunc(w, func(r rune) bool { return r > '~' || r < '!' || r == '<' || r == '=' }) {
			continue
		}
		if out = append(out, w); len(out) == n {
			break
		}
	}
	if len(out) == 0 {
		return "nothing to add"
	}
	return strings.Join(out, " ")
}

func (f *filler) paragraphs(m *bytes.Buffer, n int) {
	for range n {
		text := f.words(30 + f.random.IntN(90))
		for len(text) > 72 {
			cut := strings.LastIndexByte(text[:72], ' ')
			if cut < 1 {
				cut = 71
			}
			m.WriteString(text[:cut] + "\n")
			text = text[cut+1:]
		}
		m.WriteString(text + "\n\n")
	}
}

func (f *filler) person() string {
	given := []string{"Ana", "Tom", "Priya", "Gareth", "Jo", "Dilys", "Mark", "Zofia", "Rashid", "Carol", "Bryn", "Helen"}
	family := []string{"Field", "Okafor", "Nair", "Pugh", "Whitlock", "Evans", "Dunne", "Kowalczyk", "Hale", "Mott", "Marsh", "Lacey"}
	g, n := given[f.random.IntN(len(given))], family[f.random.IntN(len(family))]
	return fmt.Sprintf("%s %s <%s.%s@bench.example>", g, n, strings.ToLower(g), strings.ToLower(n))
}
