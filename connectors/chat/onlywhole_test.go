package chat_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/signal"
)

// TestOnlySomeOfAFile leaves messages out of a file of several chats: what is kept
// is the file without their lines, and its map makes it again.
func TestOnlySomeOfAFile(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var lines []string
		kept := map[[2]int]bool{}
		count, order := map[int]int{}, map[int]int{}
		var want strings.Builder
		for i := range rapid.IntRange(1, 12).Draw(rt, "lines") {
			who := rapid.IntRange(0, 3).Draw(rt, "chat")
			if who == 0 {
				lines = append(lines, fmt.Sprintf(`{"recipient":{"id":"%d","self":{}}}`+"\n", i+1))
				continue
			}
			line := fmt.Sprintf(`{"chatItem":{"chatId":"%d","authorId":"9","dateSent":"%d","standardMessage":{"text":{"body":"%d"}}}}`+"\n", who, 1783929540000+i*60000, i)
			lines = append(lines, line)
			if _, known := order[who]; !known {
				order[who] = len(order)
			}
			key := [2]int{order[who], count[who]}
			count[who]++
			if kept[key] = rapid.Bool().Draw(rt, "kept"); kept[key] {
				want.WriteString(line)
			}
		}
		if len(order) == 0 {
			return
		}
		text := strings.Join(lines, "")
		p, err := signal.Open(t.Context(), "main.jsonl", strings.NewReader(text), int64(len(text)), chat.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		left := 0
		only, err := p.Only(func(e, m int) bool { return kept[[2]int{e, m}] }, false, func(e, m int, at int64) {
			if left++; kept[[2]int{e, m}] || at > int64(want.Len()) {
				rt.Errorf("message %d of chat %d was left out at %d", m, e, at)
			}
		})
		if err != nil {
			rt.Fatal(err)
		}
		got, err := io.ReadAll(io.NewSectionReader(only.Whole.Transcript.Content, 0, only.Whole.Transcript.Size))
		if err != nil || string(got) != want.String() || only.Whole.Rest.Size() != 0 {
			rt.Fatalf("%q, want %q: %v", got, want.String(), err)
		}
		total := 0
		for _, e := range only.Exports {
			total += e.Count()
			if e.Count() == 0 {
				rt.Error("a chat of which nothing is kept is there")
			}
		}
		if total+left != len(kept) {
			rt.Errorf("%d kept and %d left out of %d", total, left, len(kept))
		}
		var size int64
		for _, r := range only.Map(func(export int, date string) string { return fmt.Sprint(export, date) }).Runs {
			size += r.Length
		}
		if size != int64(want.Len()) {
			rt.Errorf("the map has %d octets of %d", size, want.Len())
		}
	})
}
