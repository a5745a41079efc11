package signal

import (
	"encoding/json"

	"github.com/closeroll/closeroll/connectors/chat"
)

// An update is what a chat item says happened, where nobody wrote anything.
// One of its members is set.
type update struct {
	Timer *struct {
		Expires number `json:"expiresInMs"`
	} `json:"expirationTimerChange"`
	Simple *struct {
		Type string `json:"type"`
	} `json:"simpleUpdate"`
	Group *struct {
		Updates []map[string]json.RawMessage `json:"updates"`
	} `json:"groupChange"`
	Call *struct {
		Type  string `json:"type"`
		State string `json:"state"`
	} `json:"individualCall"`
	GroupCall  json.RawMessage `json:"groupCall"`
	PinMessage json.RawMessage `json:"pinMessage"`
}

// simple are the updates that are a word.
var simple = map[string]string{
	"IDENTITY_UPDATE": "security_code_changed",
	"CHANGE_NUMBER":   "number_changed",
	"JOINED_SIGNAL":   "contact_notice",
	"BLOCKED":         "contact_blocked",
	"UNBLOCKED":       "contact_unblocked",
}

// groupUpdates are the changes of a group that the vocabulary has a word for.
var groupUpdates = map[string]string{
	"groupExpirationTimerUpdate":             "disappearing_timer",
	"groupCreationUpdate":                    "group_created",
	"groupNameUpdate":                        "subject_changed",
	"groupAvatarUpdate":                      "icon_changed",
	"groupDescriptionUpdate":                 "description_changed",
	"groupMemberAddedUpdate":                 "member_added",
	"groupMemberJoinedUpdate":                "member_joined",
	"groupMemberJoinedByLinkUpdate":          "member_joined",
	"groupInvitationAcceptedUpdate":          "member_joined",
	"groupMemberLeftUpdate":                  "member_left",
	"groupMemberRemovedUpdate":               "member_removed",
	"groupAdminStatusUpdate":                 "admin_granted",
	"groupMembershipAccessLevelChangeUpdate": "settings_changed",
	"groupAttributesAccessLevelChangeUpdate": "settings_changed",
	"groupAnnouncementOnlyChangeUpdate":      "settings_changed",
	"groupInviteLinkResetUpdate":             "invite_link_reset",
	"groupInviteLinkAdminApprovalUpdate":     "approval_changed",
	"groupV2MigrationUpdate":                 "settings_changed",
}

// update makes a system line of an item. Its text is the update itself: the
// export has no other words for it.
func (t *talk) update(m *chat.Message, it *item, who person) {
	m.Kind, m.Text, m.DisplaySender = chat.System, string(it.Update), who.Name
	var u update
	if json.Unmarshal(it.Update, &u) != nil {
		u = update{}
	}
	ev := &chat.Event{Name: chat.UnknownEvent, Actor: who.Name}
	m.Event = ev
	switch {
	case u.Timer != nil:
		setTimer(ev, u.Timer.Expires)
	case u.Simple != nil:
		if name := simple[u.Simple.Type]; name != "" {
			ev.Name = name
		}
	case u.Call != nil:
		m.Kind, m.Event, m.Sender, m.DisplaySender = chat.CallKind, nil, who.Name, ""
		m.Call = &chat.Call{Medium: "voice", Outcome: map[string]string{"ACCEPTED": "answered", "NOT_ACCEPTED": "no_answer",
			"MISSED": "missed", "MISSED_NOTIFICATION_PROFILE": "missed"}[u.Call.State]}
		if u.Call.Type == "VIDEO_CALL" {
			m.Call.Medium = "video"
		}
	case u.GroupCall != nil:
		ev.Name = "call_started"
	case u.PinMessage != nil:
		ev.Name = "message_pinned"
	case u.Group != nil:
		t.groupChange(ev, u.Group.Updates)
	}
}

func setTimer(ev *chat.Event, expires number) {
	ev.Timer, ev.HasTime = milliseconds(expires), true
	if ev.Name = "disappearing_on"; ev.Timer == 0 {
		ev.Name = "disappearing_off"
	}
}

// A groupUpdate is one change of a group. People are named by the identifiers
// of their accounts.
type groupUpdate struct {
	Updater string `json:"updaterAci"`
	Remover string `json:"removerAci"`
	Member  string `json:"aci"`
	Admin   string `json:"memberAci"`
	New     string `json:"newMemberAci"`
	Removed string `json:"removedAci"`
	Name    string `json:"newGroupName"`
	Expires number `json:"expiresInMs"`
	Granted *bool  `json:"wasAdminStatusGranted"`
}

// groupChange reads the changes that one item has. The timer is told before
// any other, since it decides what will be left to archive.
func (t *talk) groupChange(ev *chat.Event, updates []map[string]json.RawMessage) {
	for _, one := range updates {
		for key, body := range one {
			name := groupUpdates[key]
			if name == "" || ev.Name != chat.UnknownEvent && name != "disappearing_timer" {
				continue
			}
			var g groupUpdate
			if json.Unmarshal(body, &g) != nil {
				continue
			}
			*ev = chat.Event{Name: name, Actor: ev.Actor}
			if by := firstOf(g.Updater, g.Remover); by != "" {
				ev.Actor = t.f.accountName(by)
			}
			switch {
			case name == "disappearing_timer":
				setTimer(ev, g.Expires)
			case name == "admin_granted" && g.Granted != nil && !*g.Granted:
				ev.Name = "admin_revoked"
			}
			if whom := firstOf(g.New, g.Removed, g.Admin, g.Member); whom != "" {
				ev.Subject = t.f.accountName(whom)
			}
			ev.Subject = firstOf(ev.Subject, g.Name)
			if ev.Actor == ev.Subject {
				ev.Subject = ""
			}
		}
	}
}

// accountName is who has an account's identifier; the owner's own is not among
// the contacts'.
func (f *file) accountName(aci string) string {
	if who, ok := f.aci[aci]; ok {
		return f.person(who).Name
	}
	return ""
}
