package signal

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
)

// A frame is one line of main.jsonl, as far as it is read here. One of its
// members is set.
type frame struct {
	Account   *account   `json:"account"`
	Recipient *recipient `json:"recipient"`
	Chat      *chatFrame `json:"chat"`
	ChatItem  *item      `json:"chatItem"`
}

// account is whose export it is.
type account struct {
	GivenName  string `json:"givenName"`
	FamilyName string `json:"familyName"`
	Username   string `json:"username"`
}

// recipient is somebody or a group that messages come from or go to.
type recipient struct {
	ID      id       `json:"id"`
	Contact *contact `json:"contact"`
	Group   *struct {
		Snapshot struct {
			Title struct {
				Title string `json:"title"`
			} `json:"title"`
		} `json:"snapshot"`
	} `json:"group"`
	Self         json.RawMessage `json:"self"`
	ReleaseNotes json.RawMessage `json:"releaseNotes"`
}

type contact struct {
	ACI              string `json:"aci"`
	E164             id     `json:"e164"`
	Username         string `json:"username"`
	ProfileGivenName string `json:"profileGivenName"`
	ProfileFamily    string `json:"profileFamilyName"`
	SystemGivenName  string `json:"systemGivenName"`
	SystemFamilyName string `json:"systemFamilyName"`
	SystemNickname   string `json:"systemNickname"`
	Nickname         struct {
		Given  string `json:"given"`
		Family string `json:"family"`
	} `json:"nickname"`
}

type chatFrame struct {
	ID        id     `json:"id"`
	Recipient id     `json:"recipientId"`
	Timer     number `json:"expirationTimerMs"`
}

// item is one message or event.
type item struct {
	Chat      id                `json:"chatId"`
	Author    id                `json:"authorId"`
	Sent      number            `json:"dateSent"` // milliseconds since 1970
	Expires   number            `json:"expiresInMs"`
	Revisions []json.RawMessage `json:"revisions"` // earlier versions of an edited message
	Outgoing  json.RawMessage   `json:"outgoing"`

	Standard     *standard       `json:"standardMessage"`
	Contact      *contactMessage `json:"contactMessage"`
	Sticker      *stickerMessage `json:"stickerMessage"`
	Deleted      json.RawMessage `json:"remoteDeletedMessage"`
	AdminDeleted json.RawMessage `json:"adminDeletedMessage"`
	Update       json.RawMessage `json:"updateMessage"`
	ViewOnce     *viewOnce       `json:"viewOnceMessage"`
	Story        *storyReply     `json:"directStoryReplyMessage"`
	Poll         *poll           `json:"poll"`
}

type standard struct {
	Text        words        `json:"text"`
	Attachments []attachment `json:"attachments"`
	LongText    *pointer     `json:"longText"`
}

type words struct {
	Body string `json:"body"`
}

type attachment struct {
	Pointer pointer `json:"pointer"`
	Flag    string  `json:"flag"` // VOICE_MESSAGE, BORDERLESS, GIF
}

// pointer says where a file is. Its hash is there if the phone ever had it.
type pointer struct {
	ContentType string `json:"contentType"`
	FileName    string `json:"fileName"`
	Caption     string `json:"caption"`
	Locator     struct {
		PlaintextHash string `json:"plaintextHash"`
	} `json:"locatorInfo"`
}

type contactMessage struct {
	Contact struct {
		Name struct {
			GivenName  string `json:"givenName"`
			FamilyName string `json:"familyName"`
			Nickname   string `json:"nickname"`
		} `json:"name"`
		Organization string `json:"organization"`
	} `json:"contact"`
}

type stickerMessage struct {
	Sticker struct {
		Emoji string  `json:"emoji"`
		Data  pointer `json:"data"`
	} `json:"sticker"`
}

type viewOnce struct {
	Attachment *attachment `json:"attachment"`
}

type storyReply struct {
	TextReply struct {
		Text words `json:"text"`
	} `json:"textReply"`
	Emoji string `json:"emoji"`
}

type poll struct {
	Question string `json:"question"`
	Options  []struct {
		Option string            `json:"option"`
		Votes  []json.RawMessage `json:"votes"`
	} `json:"options"`
}

// A number is a 64-bit number, which the JSON form of protocol buffers writes
// as a string and some writers do not. What is no number is 0.
type number int64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseInt(string(bytes.Trim(b, `"`)), 10, 64)
	if err == nil {
		*n = number(v)
	}
	return nil
}

// An id is a 64-bit number that names something: its digits.
type id string

// UnmarshalJSON implements [json.Unmarshaler].
func (n *id) UnmarshalJSON(b []byte) error {
	if b = bytes.Trim(b, `"`); string(b) != "null" {
		*n = id(b)
	}
	return nil
}

// digest is the SHA-256 of the file that p means. ok is false if p does not
// give one: the phone never had the file.
func (p *pointer) digest() (d record.Digest, ok bool) {
	hash := strings.TrimRight(p.Locator.PlaintextHash, "=")
	b, err := base64.RawStdEncoding.DecodeString(hash)
	if err != nil {
		b, err = base64.RawURLEncoding.DecodeString(hash)
	}
	if err != nil || len(b) != len(d) {
		b, err = hex.DecodeString(p.Locator.PlaintextHash)
	}
	if err != nil || len(b) != len(d) {
		return d, false
	}
	return record.Digest(b), true
}

// pointers are the files that a message mentions.
func (it *item) pointers() (all []*pointer) {
	if it.Standard != nil {
		for i := range it.Standard.Attachments {
			all = append(all, &it.Standard.Attachments[i].Pointer)
		}
		if it.Standard.LongText != nil {
			all = append(all, it.Standard.LongText)
		}
	}
	if it.Sticker != nil {
		all = append(all, &it.Sticker.Sticker.Data)
	}
	if it.ViewOnce != nil && it.ViewOnce.Attachment != nil {
		all = append(all, &it.ViewOnce.Attachment.Pointer)
	}
	return all
}
