package whatsapp

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/connectors/chat"
)

// conversation renders n messages as a phone would.
func conversation(n int, ios bool) []byte {
	var b bytes.Buffer
	at := time.Date(2024, 1, 13, 9, 0, 0, 0, time.UTC)
	people := []string{"Ana Field", "Tom Okafor", "Priya Shah", "+44 7700 900123"}
	words := strings.Fields("the paper on drainage has gone to the board and they want figures by noon, can you send what we have? thanks – it’s at 3: don’t be late")
	for i := range n {
		at = at.Add(time.Duration(37+i%211) * time.Second)
		text := strings.Join(words[i%7:7+i%(len(words)-7)], " ")
		if i%50 == 0 {
			text += "\nsecond line: see below\nand a third"
		}
		if ios {
			mark := ""
			if i%25 == 0 {
				mark, text = "\u200e", fmt.Sprintf("\u200e<attached: %08d-PHOTO-%s.jpg>", i+1, at.Format("2006-01-02-15-04-05"))
			}
			fmt.Fprintf(&b, "%s[%s] %s: %s\r\n", mark, at.Format("02/01/2006, 15:04:05"), people[i%4], text)
			continue
		}
		if i%25 == 0 {
			text = "<Media omitted>"
		}
		fmt.Fprintf(&b, "%s - %s: %s\n", at.Format("02/01/2006, 15:04"), people[i%4], text)
	}
	return b.Bytes()
}

func benchmark(b *testing.B, data []byte) {
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	defer onCPU(b, len(data))()
	for b.Loop() {
		if _, err := Open(b.Context(), "x.txt", bytes.NewReader(data), int64(len(data)), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen40000Android(b *testing.B) { benchmark(b, conversation(40_000, false)) }
func BenchmarkOpen40000IOS(b *testing.B)     { benchmark(b, conversation(40_000, true)) }

func BenchmarkScan(b *testing.B) {
	s := string(conversation(200_000, false))
	b.SetBytes(int64(len(s)))
	defer onCPU(b, len(s))()
	for b.Loop() {
		t := held(s)
		sh, found, octets := learn(t)
		scan(t, sh, Limits{}.WithDefaults(), found*t.size/octets)
	}
}

// These are records, stamps, senders and kinds, without digest or copy.
func BenchmarkParse(b *testing.B)    { benchmarkParse(b, false, held) }
func BenchmarkParseIOS(b *testing.B) { benchmarkParse(b, true, held) }

// This one reads a text that is not held.
func BenchmarkParseInWindows(b *testing.B) {
	benchmarkParse(b, false, func(s string) *text {
		return &text{r: strings.NewReader(s), size: int64(len(s)), step: windowStep, fault: &fault{}}
	})
}

func benchmarkParse(b *testing.B, ios bool, of func(string) *text) {
	s := string(conversation(200_000, ios))
	opt := withDefaults(Options{})
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	defer onCPU(b, len(s))()
	for b.Loop() {
		parse(of(s), &opt, newLinker(nil, ""))
	}
}

// BenchmarkCompare40000 compares two exports of a long chat, from one of which
// every hundredth message is gone.
func BenchmarkCompare40000(b *testing.B) {
	data := conversation(40_000, false)
	e, err := Open(b.Context(), "x.txt", bytes.NewReader(data), int64(len(data)), Options{})
	if err != nil {
		b.Fatal(err)
	}
	later := *e
	var rest chat.List
	for i, m := range e.List() {
		if i%100 != 7 {
			rest = append(rest, m)
		}
	}
	later.Messages = rest
	x, y := chat.SideOf(e, nil), chat.SideOf(&later, nil)
	for b.Loop() {
		if c := chat.Compare(x, y); len(c.Vanished) != 400 {
			b.Fatal(len(c.Vanished))
		}
	}
}
