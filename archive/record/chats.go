package record

// What people say of which chats are one. What was captured is not changed by
// it, and it can be taken back.
const (
	EntryChatJoined = "chat joined" // body ChatJoined
	EntryChatParted = "chat parted" // body ChatParted
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
