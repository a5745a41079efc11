package production

// A matcher finds many words in one pass over a text (Aho and Corasick, 1975).
type matcher struct {
	nodes []node
	first [256]int32 // where the first node leads, once it is built
	built bool
}

type node struct {
	next map[byte]int32
	fail int32
	out  int32 // the nearest node, by failing, at which a word ends; 0: none
	word int32 // that ends here, from 1; 0: none
	size int32 // octets of the word that ends here
}

func newMatcher() *matcher { return &matcher{nodes: make([]node, 1)} }

// add adds a word under this number, from 1. A word that is there already keeps
// the number that it has, which is returned.
func (m *matcher) add(word string, number int32) int32 {
	at := int32(0)
	for i := range len(word) {
		to, ok := m.nodes[at].next[word[i]]
		if !ok {
			to = int32(len(m.nodes))
			m.nodes = append(m.nodes, node{})
			if m.nodes[at].next == nil {
				m.nodes[at].next = make(map[byte]int32, 1)
			}
			m.nodes[at].next[word[i]] = to
		}
		at = to
	}
	if m.nodes[at].word == 0 {
		m.nodes[at].word, m.nodes[at].size = number, int32(len(word))
	}
	return m.nodes[at].word
}

// build links each node to where the search goes on when it fails there.
func (m *matcher) build() {
	queue := []int32{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for c, to := range m.nodes[at].next {
			fail := int32(0)
			if at != 0 {
				fail = m.step(m.nodes[at].fail, c)
			}
			m.nodes[to].fail = fail
			if m.nodes[to].out = fail; m.nodes[fail].word == 0 {
				m.nodes[to].out = m.nodes[fail].out
			}
			queue = append(queue, to)
		}
	}
	for c, to := range m.nodes[0].next {
		m.first[c] = to
	}
	m.built = true
}

func (m *matcher) step(at int32, c byte) int32 {
	for at != 0 {
		if to, ok := m.nodes[at].next[c]; ok {
			return to
		}
		at = m.nodes[at].fail
	}
	if m.built {
		return m.first[c]
	}
	return m.nodes[0].next[c]
}

// scan calls found for each place of each word: its number, and from and to
// where it stands.
func (m *matcher) scan(text []byte, found func(word int32, from, to int)) {
	at := int32(0)
	for i, c := range text {
		at = m.step(at, c)
		for n := at; n != 0; n = m.nodes[n].out {
			if m.nodes[n].word != 0 {
				found(m.nodes[n].word, i+1-int(m.nodes[n].size), i+1)
			}
		}
	}
}
