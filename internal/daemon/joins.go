package daemon

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// A chat that people have joined to another is shown with it as one, and the two
// are compared. Records and retention keep to the chat that they were captured
// as; what comparing shows is in force while they are joined.

func (d *Daemon) joinRoutes() []api.Route {
	return []api.Route{
		api.Call(http.MethodPost, "/v1/chats/{chat}/join", api.For(api.Officer, api.Manager), d.postJoin),
		api.Call(http.MethodPost, "/v1/chats/{chat}/part", api.For(api.Officer, api.Manager), d.postPart),
	}
}

// unions says which chats are parts of which.
type unions map[string]catalog.ChatJoin // by the part

func (d *Daemon) unions(ctx context.Context) (unions, error) {
	list, err := d.catalog.ChatJoins(ctx)
	u := make(unions)
	for _, j := range list {
		u[j.Chat] = j
	}
	return u, err
}

// root is the chat that a chat is shown with, itself if it was not joined.
func (u unions) root(chat string) string {
	for range len(u) {
		j, joined := u[chat]
		if !joined {
			break
		}
		chat = j.Into
	}
	return chat
}

// members are a chat and all its parts.
func (u unions) members(chat string) []string {
	all := []string{chat}
	for i := 0; i < len(all); i++ {
		for part, j := range u {
			if j.Into == all[i] && !slices.Contains(all, part) {
				all = append(all, part)
			}
		}
	}
	slices.Sort(all[1:])
	return all
}

// gather collects what ask returns of a chat and its parts.
func gather[T any](ctx context.Context, d *Daemon, chat string, ask func(context.Context, string) ([]T, error)) ([]T, error) {
	u, err := d.unions(ctx)
	if err != nil {
		return nil, err
	}
	var all []T
	for _, id := range u.members(chat) {
		part, err := ask(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	return all, nil
}

// unite makes one of each chat with its parts: of those that were asked for,
// by the chats that the caller may see.
func (u unions) unite(asked, seen []catalog.Chat) []catalog.Chat {
	byID := make(map[string]catalog.Chat)
	for _, c := range seen {
		byID[c.ID] = c
	}
	var out []catalog.Chat
	done := make(map[string]bool)
	for _, c := range asked {
		if root, ok := byID[u.root(c.ID)]; ok {
			c = root
		}
		if done[c.ID] {
			continue
		}
		done[c.ID] = true
		for _, id := range u.members(c.ID)[1:] {
			part, ok := byID[id]
			if !ok {
				continue
			}
			if c.From == "" || part.From != "" && part.From < c.From {
				c.From = part.From
			}
			c.Until = max(c.Until, part.Until)
		}
		out = append(out, c)
	}
	return out
}

// parts describes what was joined to a chat.
func (d *Daemon) parts(ctx context.Context, chat string) ([]v1.ChatPart, error) {
	u, err := d.unions(ctx)
	if err != nil {
		return nil, err
	}
	members := u.members(chat)[1:]
	if len(members) == 0 {
		return nil, nil
	}
	titles := make(map[string]string)
	chats, err := d.catalog.Chats(ctx, "")
	for _, c := range chats {
		titles[c.ID] = c.Title
	}
	var out []v1.ChatPart
	for _, id := range members {
		out = append(out, v1.ChatPart{Chat: id, Title: titles[id], Reason: u[id].Reason, At: u[id].At, Actor: u[id].Actor})
	}
	return out, err
}

// captured finds the one chat, as it was captured, that the beginning of an id
// or a title names.
func (d *Daemon) captured(ctx context.Context, name string) (catalog.Chat, error) {
	chats, err := d.catalog.Chats(ctx, "")
	if err != nil {
		return catalog.Chat{}, err
	}
	var found []catalog.Chat
	for _, c := range chats {
		if name != "" && (strings.HasPrefix(c.ID, name) || strings.EqualFold(c.Title, name)) {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		return catalog.Chat{}, &api.Error{Code: api.CodeNotFound, Message: fmt.Sprintf("there is no chat %q", name), Hint: "closeroll chat list lists them"}
	case 1:
		return found[0], nil
	}
	return catalog.Chat{}, &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("%q names %d chats, among them %s and %s", name, len(found), found[0].ID, found[1].ID),
		Hint: "give the chat's id"}
}

func (d *Daemon) postJoin(ctx context.Context, c api.Caller, req struct {
	Chat string `path:"chat" json:"-"`
	v1.JoinChat
}) (v1.JoinedChat, error) {
	reason := strings.TrimSpace(req.Reason)
	if reason == "" || len(reason) > maxStatement {
		return v1.JoinedChat{}, needsReason("joined")
	}
	part, err := d.captured(ctx, req.Chat)
	if err != nil {
		return v1.JoinedChat{}, err
	}
	into, err := d.captured(ctx, req.Into)
	if err != nil {
		return v1.JoinedChat{}, err
	}
	u, err := d.unions(ctx)
	if err != nil {
		return v1.JoinedChat{}, err
	}
	if j, joined := u[part.ID]; joined {
		return v1.JoinedChat{}, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("chat %s is a part of %s already", part.ID, j.Into), Hint: "closeroll chat part " + part.ID + " takes that back"}
	}
	if u.root(into.ID) == part.ID {
		return v1.JoinedChat{}, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("chat %s is %s, or a part of it", into.ID, part.ID), Hint: "join it to another chat"}
	}
	body := record.ChatJoined{Chat: part.ID, Into: into.ID, Reason: reason}
	shown, err := d.pipeline.Join(ctx, c.ID, body)
	if err != nil {
		return v1.JoinedChat{}, err
	}
	out := v1.JoinedChat{Compared: shown.Compared, Same: shown.Same, Findings: shown.Findings}
	out.Chat, err = d.chatNow(ctx, c, into.ID)
	return out, err
}

func (d *Daemon) postPart(ctx context.Context, c api.Caller, req struct {
	Chat   string `path:"chat" json:"-"`
	Reason string `json:"reason"`
}) (v1.Chat, error) {
	reason := strings.TrimSpace(req.Reason)
	if reason == "" || len(reason) > maxStatement {
		return v1.Chat{}, needsReason("parted")
	}
	part, err := d.captured(ctx, req.Chat)
	if err != nil {
		return v1.Chat{}, err
	}
	u, err := d.unions(ctx)
	if err != nil {
		return v1.Chat{}, err
	}
	if _, joined := u[part.ID]; !joined {
		return v1.Chat{}, &api.Error{Code: api.CodeConflict, Message: fmt.Sprintf("chat %s is a part of no other", part.ID), Hint: "closeroll chat show says what is joined to a chat"}
	}
	if err := d.archive.JournalOne(ctx, record.EntryChatParted, c.ID, record.ChatParted{Chat: part.ID, Reason: reason}); err != nil {
		return v1.Chat{}, err
	}
	return d.chatNow(ctx, c, part.ID)
}

// chatNow describes a chat with its parts.
func (d *Daemon) chatNow(ctx context.Context, caller api.Caller, id string) (v1.Chat, error) {
	c, err := d.oneChat(ctx, caller, id)
	if err != nil {
		return v1.Chat{}, err
	}
	return d.describeChat(ctx, caller, c)
}

func needsReason(done string) error {
	return &api.Error{Code: api.CodeUsage, Message: fmt.Sprintf("a chat is %s with a reason of up to %d octets", done, maxStatement), Hint: "give it with --reason"}
}

// uniteExported makes one of the chats that a custodian exported under several
// titles and that people have joined.
func (u unions) uniteExported(chats []catalog.ExportedChat) []catalog.ExportedChat {
	var out []catalog.ExportedChat
	place := make(map[string]int)
	for _, x := range chats {
		root := u.root(x.Chat)
		i, known := place[root]
		if !known {
			place[root] = len(out)
			x.Chat = root
			out = append(out, x)
			continue
		}
		if newest(x.Arrivals).After(newest(out[i].Arrivals)) {
			out[i].Title, out[i].Timer = x.Title, x.Timer
		}
		out[i].Arrivals = append(slices.Clone(out[i].Arrivals), x.Arrivals...)
		slices.SortFunc(out[i].Arrivals, time.Time.Compare)
	}
	return out
}

func newest(times []time.Time) time.Time { return times[len(times)-1] }
