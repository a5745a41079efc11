package search

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/index"
)

// A message is a message of a generated corpus with everything that index and
// catalog are told of it, and so everything that a query can ask.
type message struct {
	index.Document
	record       record.ID
	vault        string
	holdings     []record.Holding
	marking      string
	flags        []record.Flag
	thread       int // conversations are numbered from 1; 0: in none
	copy         int // equal for copies, from 1; 0: it has none
	indexed      bool
	stale        bool // other words stood in the index in its place
	live         bool
	unsearchable bool
	quarantined  bool
	onHold       bool
}

func (m *message) undated() bool { return m.Sent.IsZero() || m.Suspect }

// A corpus is messages by their number, from 1, those of a record together.
type corpus []*message

// A generator makes a corpus. The same seed gives the same one.
type generator struct {
	*rand.Rand
	corpus corpus
	start  time.Time
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func (g *generator) one(in int) bool { return g.IntN(in) == 0 }

// language is English for half of what is written.
func (g *generator) language() string {
	return pick(g.Rand, append(languages(), strings.Fields(strings.Repeat("en ", 8))...)...)
}

// generate makes a corpus of n messages or a few more.
func generate(r *rand.Rand, n int) corpus {
	g := &generator{Rand: r, start: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)}
	for len(g.corpus) < n {
		if g.one(4) {
			g.chatDay(1 + g.IntN(6))
			continue
		}
		g.mail()
	}
	if n >= 1000 {
		// One message is too long for one document of the index.
		g.corpus[n/2].Body = g.text("en", 60_000) + " " + g.corpus[n/2].Body
	}
	return g.corpus
}

// vocabulary is the words of a language, few enough that random queries meet
// random texts.
func vocabulary(language string) []string {
	return strings.Fields(map[string]string{
		"en": `flood flooding floods floodplain defence defences sandbag sandbags depot depots Gloucester Gloucestershire
			minister ministers ministerial plan plans planned planning café water l’eau 4,000 FOI-2026/0123 the of and near
			Upton O'Brien Привет 東京 👍 naïve review reviewed reviewing university universe universal not or
			STRASSE straße ﬁnance co-operate e-mail don’t Zoë Łódź 3.5 10:30 a.field@ea.example.gov.uk cafe\u0301`,
		"fr": `le la les est pas nous inondation inondations eau l’eau d'accord défense défenses ministre ministres été étés naïve œuvre plan plans`,
		"de": `der die und nicht ist wir Überschwemmung Überschwemmungen Straße Strassen Minister Ministern Pläne Plan planen Wasser größer`,
		"es": `inundación inundaciones ministro ministros agua aguas plan planes niño niños`,
		"cy": `yn yr y mae wedi gan ei bod llifogydd lifogydd cynllun gynllun nghynllun chynllun cynlluniau gweinidog weinidog ngweinidog gweinidogion
			dŵr tŷ’r thŷ pwyllgor bwyllgor mhwyllgor phwyllgorau Cymru Gymru Nghymru’n Chymru adolygiad hadolygiad adolygu fawr mawr bill pill byrddau bwrdd`,
		"ga": `tuile tuilte aire airí uisce plean pleananna an`,
		"ru": `и не на что как Привет мир воды вода плана план`,
		"zh": `東京 東京都 京都 水`,
	}[language])
}

// languages are those of a corpus's messages. Of zh and ru only words are known
// here, and no other form of any.
func languages() []string {
	return []string{"", "en", "fr", "de", "es", "cy", "ga", "ru", "zh", "xx"}
}

func words(language string) []string {
	list := vocabulary(language)
	if len(list) == 0 {
		list = vocabulary("en")
	}
	return list
}

// text is up to so many words, and exactly so many from a thousand on.
func (g *generator) text(language string, most int) string {
	n := most
	if most < 1000 {
		n = g.IntN(most + 1)
	}
	list, mark := words(language), pick(g.Rand, " ", " ", " ", ", ", ". ", "\n", "-", " – ", "/")
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(mark)
		}
		if g.one(9) {
			b.WriteString(pick(g.Rand, vocabulary("en")...)) // every language quotes English
			continue
		}
		b.WriteString(pick(g.Rand, list...))
	}
	return b.String()
}

func (g *generator) person() index.Address {
	name := pick(g.Rand, "Anna Field", "Jane O'Brien", "Sam Planning", "Private Office", "Zoë Łódź", "Field, Anna", "")
	local := strings.ToLower(strings.NewReplacer(" ", ".", "'", "", ",", "", "ë", "e", "Ł", "l", "ó", "o", "ź", "z").Replace(name))
	if local == "" {
		local = pick(g.Rand, "flood-desk", "no_reply", "Plan")
	}
	return index.Address{Name: name, Addr: local + "@" + pick(g.Rand, "ea.example.gov.uk", "dept.example.gov.uk", "Dept.Example.gov.uk", "river.example.org")}
}

func (g *generator) attachments() (all []index.Attachment) {
	for g.one(4) && len(all) < 3 {
		file := pick(g.Rand, "plan.pdf:application/pdf", "flood map.docx:application/vnd.ms-word", "FLOOD_plan-v2.PDF:application/pdf",
			"réponse.odt:application/vnd.oasis", "IMG-0001.jpg:image/jpeg", "photo:image/png", "sandbags.tar.gz:application/gzip")
		name, media, _ := strings.Cut(file, ":")
		all = append(all, index.Attachment{Name: name, MediaType: media, Text: g.text(g.language(), 10)})
	}
	return all
}

// add adds a message with what messages of every kind have.
func (g *generator) add(m *message) {
	no := len(g.corpus) + 1
	m.No, m.Position = record.MessageNo(no), uint64(no)
	m.Captured = g.start.Add(time.Duration(no) * 37 * time.Minute)
	m.indexed = !m.quarantined && !g.one(12)
	m.stale = m.indexed && g.one(20)
	m.Suspect = g.one(10)
	if !g.one(10) {
		m.Sent = time.Date(2025+g.IntN(2), time.Month(1+g.IntN(12)), 1+g.IntN(28), g.IntN(24), g.IntN(60), 0, 0, time.UTC)
	}
	if !g.one(8) {
		m.Size = int64(1 + g.IntN(5000))
	}
	m.Body = g.text(m.Language, 25)
	if g.one(10) { // a letter in two languages
		m.Body += "\n\n" + g.text(g.language(), 25)
	}
	if g.one(4) { // a header that may be right
		m.Language = pick(g.Rand, "", "en-GB", "cy, en", "fr-FR, xx", "cy-GB", "no such thing")
	}
	if g.one(3) {
		m.Body += fmt.Sprintf(" ref%05d", no) // in one message only
	}
	if m.Kind != record.Note && g.one(3) {
		m.copy = 2 + 2*g.IntN(1+no/4)
		if m.Kind == record.Email {
			m.copy++ // copies are of one kind
		}
	}
	g.corpus = append(g.corpus, m)
}

// one record's messages are captured, kept, read and put away together.
func (g *generator) record(kind record.Kind) message {
	no := len(g.corpus) + 1
	m := message{record: record.NewID([]byte("naming"), "main", kind, record.Sum(fmt.Append(nil, no)), 0),
		vault: pick(g.Rand, "main", "main", "secret"), live: !g.one(12), unsearchable: g.one(8), quarantined: g.one(25), onHold: g.one(9)}
	m.Kind, m.Language = kind, g.language()
	if g.one(5) {
		m.marking = pick(g.Rand, "OFFICIAL", "OFFICIAL SENSITIVE", "SECRET")
	}
	for len(m.holdings) == 0 || g.one(5) {
		m.holdings = append(m.holdings, record.Holding{Source: pick(g.Rand, "office", "drop"), Custodian: pick(g.Rand, "minister", "permanent secretary", "adviser"),
			Channel: pick(g.Rand, record.Corporate, record.NonCorporate), Class: pick(g.Rand, "ADM-01", "ADM-02", "UNC-00"),
			Folder: pick(g.Rand, "INBOX", "INBOX/Floods", "Sent", "Réponses")})
	}
	return m
}

func (g *generator) mail() {
	m := g.record(pick(g.Rand, record.Email, record.Email, record.Email, record.Email, record.Note))
	m.Subject = g.text(m.Language, 4)
	if !m.unsearchable || !g.one(3) {
		m.From = []index.Address{g.person()}
		for g.one(2) {
			m.To = append(m.To, g.person())
		}
		if g.one(4) {
			m.Cc, m.Bcc = []index.Address{g.person(), g.person()}, []index.Address{g.person()}
		}
	}
	m.Attachments = g.attachments()
	if m.Kind == record.Email && !g.one(5) {
		m.thread = 1 + g.IntN(1+len(g.corpus)/8)
		m.MessageID = fmt.Sprintf("<M%d@ea.example.gov.uk>", len(g.corpus)+1)
		if g.one(2) {
			m.References = []string{fmt.Sprintf("<root%d@ea.example.gov.uk>", m.thread)}
		}
	}
	if !g.one(6) {
		m.Received = g.start.Add(-time.Duration(g.IntN(400)) * 24 * time.Hour)
	}
	g.add(&m)
}

func (g *generator) chatDay(n int) {
	day := g.record(record.ChatDay)
	day.Chat = pick(g.Rand, "Flood response", "Private Office", "Llifogydd", "東京")
	for i := range day.holdings {
		day.holdings[i].Folder = ""
	}
	for range n {
		m := day
		m.From = []index.Address{{Name: pick(g.Rand, "Anna Field", "Tom", "Zoë", "+44 7700 900123")}}
		if g.one(6) {
			m.Attachments = g.attachments()
		}
		for g.one(4) {
			f := pick(g.Rand, append(record.FindingFlags(), record.FlagEphemeral, record.FlagEvent)...)
			if !slices.Contains(m.flags, f) {
				m.flags = append(slices.Clone(m.flags), f)
			}
		}
		g.add(&m)
	}
}

// indexOf indexes a corpus in several batches, some messages twice: what is
// written last is in force.
func indexOf(t testing.TB, c corpus) *index.Index {
	t.Helper()
	ix, err := index.Open(context.Background(), slog.New(slog.DiscardHandler), filepath.Join(t.TempDir(), "index"), make([]byte, index.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ix.Close(); err != nil {
			t.Error(err)
		}
	})
	var docs, stale []*index.Document
	for i, m := range c {
		if m.indexed {
			docs = append(docs, &m.Document)
		}
		if m.stale {
			other := c[(i+1)%len(c)].Document
			other.No = m.No
			stale = append(stale, &other)
		}
	}
	batches := slices.Collect(slices.Chunk(docs, max(len(docs)/7, 1)))
	if len(stale) > 0 {
		batches = append([][]*index.Document{stale}, batches...)
	}
	for _, batch := range batches {
		if err := ix.Add(context.Background(), batch); err != nil {
			t.Fatal(err)
		}
	}
	return ix
}
