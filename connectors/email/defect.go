package email

import (
	"maps"
	"slices"
)

// A Defect is a fixed word for one way in which a message is not as its
// standards say, or larger than what is parsed. A defect never stops parsing,
// and says nothing of the content.
type Defect string

// The defects.
const (
	DefectMboxLine         Defect = "mbox_line"            // a "From " line of a mailbox file stands among the header fields
	DefectHeaderLine       Defect = "header_line"          // a header line is no field, and was passed over
	DefectHeaderCut        Defect = "header_cut"           // a header ends without the empty line that ends it
	DefectHeaderSplit      Defect = "header_split"         // an empty line stands in the middle of the header
	DefectHeaderTooLarge   Defect = "header_too_large"     // some of the header was not read
	DefectNoHeader         Defect = "no_header"            // there is no header at all
	DefectDuplicateField   Defect = "duplicate_field"      // a field that may stand once stands more often; the first that can be read counts
	DefectRawHeader        Defect = "raw_8bit_header"      // a header field holds octets that are not ASCII, unencoded
	DefectNULOctets        Defect = "nul_octets"           // the header holds NUL octets
	DefectBareCR           Defect = "bare_cr"              // lines end in CR alone
	DefectContentType      Defect = "content_type"         // a Content-Type that cannot be read
	DefectDateMissing      Defect = "date_missing"         // no Date field
	DefectDateUnreadable   Defect = "date_unreadable"      // a Date field that is no date
	DefectAddress          Defect = "address"              // an address field that does not follow the grammar
	DefectBoundaryMissing  Defect = "boundary_missing"     // a multipart without a boundary parameter
	DefectBoundaryMismatch Defect = "boundary_mismatch"    // a multipart whose parts stand between other boundaries than it says
	DefectNoParts          Defect = "no_parts"             // a multipart without any part: its body is read as text
	DefectUnterminated     Defect = "unterminated"         // a multipart without its closing boundary
	DefectPartsAfterEnd    Defect = "parts_after_end"      // parts after the closing boundary
	DefectTextOutside      Defect = "text_outside"         // text before the first boundary or after the last
	DefectMultipartEncoded Defect = "multipart_encoded"    // a multipart under base64 or quoted-printable
	DefectMessageEncoded   Defect = "message_encoded"      // an enclosed message under base64 or quoted-printable
	DefectTooDeep          Defect = "too_deep"             // parts nested deeper than MaxDepth were not opened
	DefectTooManyParts     Defect = "too_many_parts"       // parts beyond MaxParts were not told apart
	DefectNestedTooLarge   Defect = "nested_too_large"     // an encoded enclosed message or winmail.dat too large to open
	DefectTransferEncoding Defect = "transfer_encoding"    // an unknown Content-Transfer-Encoding; the octets were taken as they stand
	DefectBadBase64        Defect = "bad_base64"           // base64 with other octets in it, or broken off
	DefectNotBase64        Defect = "not_base64"           // said to be base64 and is not; the octets were taken as they stand
	DefectBadQuoted        Defect = "bad_quoted_printable" // quoted-printable with escapes that are none
	DefectBadUuencode      Defect = "bad_uuencode"         // a uuencoded file that breaks off or holds broken lines
	DefectCharset          Defect = "unknown_charset"      // a charset that nobody knows; read as UTF-8 or windows-1252
	DefectTextTooLarge     Defect = "text_too_large"       // text beyond MaxText was not read
	DefectBadTNEF          Defect = "bad_tnef"             // a winmail.dat that cannot be read, or not to its end
	DefectBadOutlook       Defect = "bad_outlook"          // a .msg that cannot be read, or not to its end
	DefectPartialMessage   Defect = "partial_message"      // one fragment of a message sent in several (RFC 2046, section 5.2.2)
	DefectUnreadable       Defect = "unreadable"           // the octets could not be read from where they are kept
)

// DefectParserFailed is the one defect that is ours and not the message's.
const DefectParserFailed Defect = "parser_failed"

// defects is a set of them.
type defects map[Defect]struct{}

func (d defects) add(w Defect) { d[w] = struct{}{} }

func (d defects) sorted() []Defect { return slices.Sorted(maps.Keys(d)) }
