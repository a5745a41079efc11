package email

import "bytes"

// IsOutlook reports whether octets that begin with head are a compound file, as
// Outlook's .msg is ([MS-CFB], section 2.2).
func IsOutlook(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1})
}
