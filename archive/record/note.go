package record

// Note is the kind of a note of substance: what a person wrote down of what was
// said where nothing can be captured.
const Note Kind = "note"

// A NoteRef says what a note is about, as far as that is in the archive.
type NoteRef struct {
	Author  string `json:"author"`
	Channel string `json:"channel"`           // what it happened on: phone, whatsapp, …
	Chat    string `json:"chat,omitempty"`    // a chat's id
	Record  ID     `json:"record,omitempty"`  // another record
	Request string `json:"request,omitempty"` // a request's reference
}
