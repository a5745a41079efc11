package record

// What people say of which chats are one. What was captured is not changed by
// it, and it can be taken back.
const (
	EntryChatJoined = "chat joined" // body ChatJoined
	EntryChatParted = "chat parted" // body ChatParted
	EntryChatCopies = "chat copies" // body ChatCopies
)

// A ChatJoined says that two chats are one: a chat that got another title, or
// whose exports share no message.
type ChatJoined struct {
	Chat   string `json:"chat"` // is a part from now on of
	Into   string `json:"into"`
	Reason string `json:"reason"`
}

// A ChatParted takes a join back.
type ChatParted struct {
	Chat   string `json:"chat"`
	Reason string `json:"reason"`
}

// ChatCopies says which messages of two chats are the same, word for word, as
// comparing their exports has shown. They count as one while the chats are
// joined.
type ChatCopies struct {
	Chat string    `json:"chat"`
	With string    `json:"with"`
	Runs []CopyRun `json:"runs"`
}

// A CopyRun pairs messages of two records: AFrom of A with BFrom of B, and so
// on, Count of them. Messages are counted from 1.
type CopyRun struct {
	A     ID  `json:"a"`
	AFrom int `json:"a_from"`
	B     ID  `json:"b"`
	BFrom int `json:"b_from"`
	Count int `json:"count"`
}

// FindingFlags are the flags that comparing exports can set.
func FindingFlags() []Flag {
	return []Flag{FlagDeleted, FlagEdited, FlagVanished, FlagDiffers, FlagLate, FlagUnclear}
}
