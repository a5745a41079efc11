package email

import (
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// WriteNormalised writes to w, usually a keyed hash, what makes this message
// the same as another one for a reader: identifier, date, writer, addressees,
// subject, text and attachments. What differs between the copies of one
// message is left out: transport fields, Bcc (only the sender's own copy has
// it), the order of addresses, white space, and how the parts were encoded.
//
// Equal output means equal to a reader, not equal octets. The form is part of
// the archive's data: the catalog keeps digests of it.
func (m *Message) WriteNormalised(w io.Writer) error {
	n := normal{w: w}
	n.strings("closeroll-mail-copy/1", m.MessageID)
	date := ""
	if !m.Date.IsZero() {
		date = m.Date.UTC().Truncate(time.Second).Format(time.RFC3339)
	}
	n.strings(date, strings.Join(strings.Fields(m.Subject), " "))
	for _, list := range [][]Address{m.From, m.To, m.Cc} {
		var addrs []string
		for _, a := range list {
			addrs = append(addrs, record.FoldAddress(firstOf(a.Addr, a.Name)))
		}
		slices.Sort(addrs)
		n.list(slices.Compact(addrs))
	}
	n.strings(strings.Join(strings.Fields(m.Text), " "))
	var files []string
	for _, a := range m.Attachments {
		files = append(files, a.Digest.String())
	}
	slices.Sort(files)
	n.list(files)
	return n.err
}

// normal writes strings so that no two lists of them give the same octets.
type normal struct {
	w   io.Writer
	err error
}

func (n *normal) strings(list ...string) {
	for _, s := range list {
		n.octets(binary.BigEndian.AppendUint32(nil, uint32(len(s))))
		n.octets([]byte(s))
	}
}

func (n *normal) list(list []string) {
	n.octets(binary.BigEndian.AppendUint32(nil, uint32(len(list))))
	n.strings(list...)
}

func (n *normal) octets(b []byte) {
	if n.err == nil {
		_, n.err = n.w.Write(b)
	}
}
