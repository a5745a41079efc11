package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/whatsapp"
)

// chatsVerb writes a transcript as a phone would export it, or reads one as
// capture does and prints how fast. chats.mjs does the second with another
// parser, and prints the same line.
func chatsVerb(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("chats", flag.ContinueOnError)
	write := flags.String("write", "", "write a transcript to this file")
	read := flags.String("read", "", "read the transcript in this file")
	form := flags.String("form", "android", "what writes it: android or ios")
	n := flags.Int("n", 200_000, "messages")
	rounds := flags.Int("rounds", 7, "how often to read it; the best counts")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *write != "" {
		return writeTranscript(*write, *n, *form == "ios")
	}
	data, err := os.ReadFile(*read)
	if err != nil {
		return err
	}
	var best timing
	messages := 0
	for range *rounds {
		start := now()
		if messages, err = readTranscript(ctx, data); err != nil {
			return err
		}
		best = best.better(now().since(start))
	}
	fmt.Printf("closeroll\t%d\t%.1f\t%.1f\n", messages, best.rate(len(data), best.wall), best.rate(len(data), best.cpu))
	return nil
}

// readTranscript makes every message of a transcript: its time, sender, kind,
// text and attachments.
func readTranscript(ctx context.Context, data []byte) (messages int, err error) {
	e, err := whatsapp.Open(ctx, "chat.txt", bytes.NewReader(data), int64(len(data)), chat.Options{})
	if err != nil {
		return 0, err
	}
	for _, m := range e.All() {
		if m.Length > 0 {
			messages++
		}
	}
	return messages, nil
}

// A timing is how long something took, on the wall and on the processor.
type timing struct{ wall, cpu time.Duration }

func now() timing {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it has no other cause than a wrong argument
	}
	return timing{time.Duration(time.Now().UnixNano()), time.Duration(u.Utime.Nano() + u.Stime.Nano())}
}

func (t timing) since(start timing) timing { return timing{t.wall - start.wall, t.cpu - start.cpu} }

func (t timing) better(o timing) timing {
	if t.wall == 0 {
		return o
	}
	return timing{min(t.wall, o.wall), min(t.cpu, o.cpu)}
}

// rate is in megabytes a second.
func (t timing) rate(octets int, took time.Duration) float64 {
	return float64(octets) / 1e6 / took.Seconds()
}

// writeTranscript renders a conversation of four people over some months.
func writeTranscript(name string, n int, ios bool) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	b := bufio.NewWriter(f)
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
			fmt.Fprintf(b, "%s[%s] %s: %s\r\n", mark, at.Format("02/01/2006, 15:04:05"), people[i%4], text)
			continue
		}
		if i%25 == 0 {
			text = "<Media omitted>"
		}
		fmt.Fprintf(b, "%s - %s: %s\n", at.Format("02/01/2006, 15:04"), people[i%4], text)
	}
	if err := b.Flush(); err != nil {
		return err
	}
	return f.Close()
}

func (t *timing) add(o timing) { t.wall, t.cpu = t.wall+o.wall, t.cpu+o.cpu }
