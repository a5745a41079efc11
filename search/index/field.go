package index

// A Field is a part of a message that words are searched in.
type Field string

// The fields.
const (
	Subject     Field = "subject"
	Body        Field = "body"
	Attachments Field = "attachment" // names and text of attachments
	From        Field = "from"       // names and addresses; a chat message's sender
	To          Field = "to"
	Cc          Field = "cc"
	Bcc         Field = "bcc"
	Chat        Field = "chat" // the chat's title
)

// TextFields are the fields whose words are matched by stem.
func TextFields() []Field { return []Field{Subject, Body, Attachments, Chat} }

// AddressFields are the fields of names and addresses, matched by exact form.
func AddressFields() []Field { return []Field{From, To, Cc, Bcc} }

// IsAddress reports whether f holds names and addresses.
func (f Field) IsAddress() bool {
	return f == From || f == To || f == Cc || f == Bcc
}

// properties is the field that holds everything which is not a word: each term
// begins with the letter of its property.
const properties = "p"

// The properties. Those that are searched by range are written by scaleTerms.
const (
	propKind       = 'k' // record kind
	propLanguage   = 'l'
	propReadIn     = 'n' // a language that some text is read in besides; alone, no text shows its language
	propHas        = 'h' // attachment, its kind, its extension
	propMediaType  = 'm'
	propMessageID  = 'i'
	propReference  = 'f'
	propSuspect    = 'x' // the date cannot be relied on
	propWithTime   = 'w' // followed by the property of a time that is known
	propWithSender = 'a' // there is a sender: the headers could be read
	propSent       = 's'
	propReceived   = 'r'
	propCaptured   = 'c'
	propPosition   = 'j' // journal position of the capture
	propSize       = 'z'
	wholeAddress   = "\x02" // before a whole address, in the address fields
	domainMark     = "\x04" // before a domain, in the address fields
	betweenEntries = 1000   // positions between two attachments, or two addresses
)
