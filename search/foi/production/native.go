package production

import (
	"bytes"
	"fmt"
	"io"
	"time"
)

// The forms in which original octets are produced beside the renderings, for
// those who are entitled to them.
const (
	NativeEML  = "eml"  // a file for each e-mail
	NativeMbox = "mbox" // one file for all, of the dialect mboxrd
)

// native writes the original octets of an item. That nothing in them is
// redacted elsewhere is for the check to say.
func (p *producer) native(it *Item) (err error) {
	p.out.Native++
	if p.about.Native == NativeEML {
		return p.bag.create(fmt.Sprintf("native/%06d.eml", it.No), func(w io.Writer) error { _, err := w.Write(it.Native); return err })
	}
	if p.mbox == nil {
		if p.mbox, err = p.bag.open("data/native.mbox"); err != nil {
			return err
		}
	}
	return appendMbox(p.mbox, it.Native, p.about.Made)
}

// appendMbox writes one message of a mailbox file (RFC 4155; mboxrd, so that
// reading is exact).
func appendMbox(w io.Writer, octets []byte, at time.Time) error {
	if _, err := fmt.Fprintf(w, "From MAILER-DAEMON %s\n", at.UTC().Format(time.ANSIC)); err != nil {
		return err
	}
	for line := range bytes.Lines(octets) {
		if bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
			if _, err := io.WriteString(w, ">"); err != nil {
				return err
			}
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	end := "\n"
	if !bytes.HasSuffix(octets, []byte("\n")) {
		end = "\n\n"
	}
	_, err := io.WriteString(w, end)
	return err
}
