package disclosure

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/richardlehane/mscfb"
)

// compound looks at a compound file ([MS-CFB]): an Outlook message. Office
// documents of before 2007 are compound files too, whose many ways of hiding
// nobody here knows; so are Open XML documents under a password.
func (c *checker) compound(f file) error {
	z, err := mscfb.New(bytes.NewReader(f.octets))
	if err != nil {
		return err
	}
	if len(z.File) > maxEntries {
		return errLimit
	}
	o := &outlookFile{checker: c, file: f, kinds: make(map[string]string)}
	for _, e := range z.File {
		switch {
		case e.Name == "EncryptedPackage":
			return errEncrypted
		case strings.HasPrefix(e.Name, propertyList) && len(e.Path) == 0:
			o.message = true
		}
		if err := o.stream(e); err != nil {
			return err
		}
	}
	if !o.message {
		return errUnknown
	}
	if f.depth == 0 {
		c.named = "Outlook message"
	}
	if o.forms > 1 {
		c.say(HiddenParts, f.place, o.forms, "the same text in several forms")
	}
	for _, a := range o.attached {
		name := o.kinds[a.storage]
		if name == "" {
			name = "attachment"
		}
		c.checkFile(f.inside(base(name), a.octets))
	}
	return nil
}

// An outlookFile is an Outlook message being read ([MS-OXMSG]).
type outlookFile struct {
	*checker
	file
	message  bool
	forms    int               // in which the text is kept
	kinds    map[string]string // file names by the storage of an attachment
	attached []attached
}

type attached struct {
	storage string
	octets  []byte
}

// Streams of properties, by what they hold ([MS-OXPROPS]).
const (
	transportHeaders = "__substg1.0_007D" // PidTagTransportMessageHeaders
	bodyText         = "__substg1.0_1000"
	bodyHTML         = "__substg1.0_1013"
	bodyRTF          = "__substg1.0_1009"
	displayBcc       = "__substg1.0_0E02"
	attachedOctets   = "__substg1.0_37010102"
	attachedLongName = "__substg1.0_3707001F"
	attachedStorage  = "__substg1.0_3701000D"
	propertyList     = "__properties_version1"
)

// stream looks at one stream of the message.
func (o *outlookFile) stream(e *mscfb.File) error {
	top := len(e.Path) == 0
	storage := strings.Join(e.Path, "/")
	switch {
	case strings.HasPrefix(e.Name, propertyList) && strings.HasSuffix(storage, attachedStorage):
		o.add(EmbeddedObject, o.in("a message that is attached"), 0)
	case e.Name == attachedOctets:
		octets, err := o.limited(e)
		o.attached = append(o.attached, attached{storage, octets})
		return err
	case e.Name == attachedLongName:
		octets, err := o.limited(e)
		o.kinds[storage] = strings.ReplaceAll(string(octets), "\x00", "")
		return err
	case strings.HasPrefix(e.Name, transportHeaders) && e.Size > 2:
		o.add(MailRoute, o.in("header"), 0)
	case strings.HasPrefix(e.Name, displayBcc) && e.Size > 2:
		o.add(BlindCopies, o.in("header Bcc"), 1)
	case top && (strings.HasPrefix(e.Name, bodyText) || strings.HasPrefix(e.Name, bodyHTML) || strings.HasPrefix(e.Name, bodyRTF)) && e.Size > 0:
		o.forms++
	case strings.HasPrefix(e.Name, propertyList) && strings.HasPrefix(storage, "__recip"):
		octets, err := o.limited(e)
		if blind(octets) {
			o.add(BlindCopies, o.in("recipients"), 1)
		}
		return err
	}
	return nil
}

// blind reports whether a recipient's properties say that it is of a blind copy:
// PidTagRecipientType is 3 ([MS-OXOMSG], section 2.2.3.1.2).
func blind(properties []byte) bool {
	const header, recipientType = 8, 0x0c150003
	for at := header; at+16 <= len(properties); at += 16 {
		if binary.LittleEndian.Uint32(properties[at:]) == recipientType {
			return properties[at+8]&0x0f == 3
		}
	}
	return false
}
