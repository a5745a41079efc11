package record

// EntrySuccessor is the type of the entry by which a record's successor without
// the erased messages takes its place; body Succeeded.
const EntrySuccessor = "erasure successor"

// An ErasedPart names the messages of a record that are to be erased while the
// rest of it goes on. Messages count from 1, in rising order.
type ErasedPart struct {
	Record   ID    `json:"record"`
	Messages []int `json:"messages"`
}

// Succeeded says that a successor of a record was captured, which has all of it
// but these messages. The record itself is then disposed of with its batch.
type Succeeded struct {
	Batch     string `json:"batch"`
	Successor ID     `json:"successor"`
	ErasedPart
}

// Erased says, inside of a record, that messages were erased from it, where and
// on what ground, and nothing else of them.
type Erased struct {
	At       int64  `json:"at"` // offset in data/chat.txt before which they stood
	Messages int    `json:"messages"`
	Ground   string `json:"ground"`
}

// GroundArticle17 is the ground of an erasure at a person's request.
const GroundArticle17 = "UK GDPR, Article 17"

// Succeed returns runs as they are when a successor has taken a record's place:
// what was erased stays a message of the record that is no more.
func Succeed(runs []MessageRun, s Succeeded) []MessageRun {
	erased := make(map[int]int) // message → how many were erased up to it
	for i, n := range s.Messages {
		erased[n] = i + 1
	}
	var out []MessageRun
	add := func(id ID, n int) {
		if last := len(out) - 1; last >= 0 && out[last].Record == id && out[last].To == n-1 {
			out[last].To = n
			return
		}
		out = append(out, MessageRun{id, n, n})
	}
	for _, run := range runs {
		if run.Record != s.Record {
			out = append(out, run)
			continue
		}
		gone := 0
		for n := 1; n <= run.To; n++ {
			if erased[n] > 0 {
				gone = erased[n]
			}
			switch {
			case n < run.From:
			case erased[n] > 0:
				add(s.Record, n)
			default:
				add(s.Successor, n-gone)
			}
		}
	}
	return out
}
