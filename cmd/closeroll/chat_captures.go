package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/collation"
	"github.com/closeroll/closeroll/internal/reader"
)

// compareCaptures compares two captures by what the daemon knows of them. With
// an identity, what the findings quote is opened here.
func (e *env) compareCaptures(ctx context.Context, f compareFlags, a, b string) error {
	client, err := e.client(f.daemonFlags)
	if err != nil {
		return err
	}
	defer client.Close()
	opener, err := e.opener(f.identityFlags)
	if err != nil {
		return err
	}
	var c v1.Comparison
	if err := client.Do(ctx, http.MethodGet, "/v1/comparison?a="+query(a)+"&b="+query(b), nil, &c); err != nil {
		return fromDaemon(err)
	}
	sides := [2]collation.Side{captureSide("A", c.A), captureSide("B", c.B)}
	if opener != nil && c.SameChat {
		w := words{reader: reader.New(client, opener), purpose: "chat compare", texts: map[record.ID][]string{}}
		for _, finding := range c.Findings {
			if err := w.quote(ctx, sides[0].Messages, c.A.Messages, finding.A); err != nil {
				return opening(err)
			}
			if err := w.quote(ctx, sides[1].Messages, c.B.Messages, finding.B); err != nil {
				return opening(err)
			}
		}
	}
	return e.collate(f, c.Comparison, c, sides)
}

// captureSide lays out a capture whose words nobody has opened.
func captureSide(label string, c v1.CaptureSide) collation.Side {
	s := collation.Side{Label: label, Name: clip(c.Name, 200), Title: clip(c.Title, 200), App: c.Platform, Captured: moment(c.Captured, london())}
	if c.Custodian != "" {
		s.Captured += " from custodian " + c.Custodian
	}
	if c.Truncated {
		s.Flags = []string{"head truncated"}
	}
	for _, m := range c.Messages {
		at := m.Printed
		if at == "" {
			at = "undated"
		}
		ref := record.MessageID{Record: m.Record, N: m.N}
		s.Messages = append(s.Messages, collation.Message{Ref: ref.String(), Time: at, Sender: clip(m.Sender, 80), Hidden: true})
	}
	return s
}

// words opens records here, each once, for what their messages say.
type words struct {
	reader  *reader.Reader
	purpose string
	texts   map[record.ID][]string
}

// of returns what message n of a record says.
func (w *words) of(ctx context.Context, id record.ID, n int) (string, error) {
	texts, ok := w.texts[id]
	if !ok {
		var err error
		if texts, err = w.reader.Texts(ctx, string(id), w.purpose, reader.NoText{}); err != nil {
			return "", err
		}
		w.texts[id] = texts
	}
	if n < 1 || n > len(texts) {
		return "", nil
	}
	return strings.TrimSpace(clip(texts[n-1], maxQuoted)), nil
}

// maxQuoted is how many characters of a message are quoted.
const maxQuoted = 4000

func (w *words) quote(ctx context.Context, shown []collation.Message, places []v1.CapturedMessage, which []int) error {
	for _, i := range which {
		text, err := w.of(ctx, places[i].Record, places[i].N)
		if err != nil {
			return err
		}
		shown[i].Text, shown[i].Hidden = text, false
	}
	return nil
}

// oneChat asks for the one chat that a person means by its id or title.
func oneChat(ctx context.Context, client *api.Client, name string) (v1.Chat, error) {
	var list []v1.Chat
	if err := client.Do(ctx, http.MethodGet, "/v1/chats?chat="+query(name), nil, &list); err != nil {
		return v1.Chat{}, fromDaemon(err)
	}
	switch len(list) {
	case 0:
		return v1.Chat{}, notFound("there is no chat %q", name)
	case 1:
		return list[0], nil
	}
	return v1.Chat{}, usage("%q names %d chats: give an id, as %s or %s", name, len(list), list[0].ID, list[1].ID)
}

// hour is a message's time of day in the archive's zone.
func hour(t time.Time) string {
	if t.IsZero() {
		return "  :  "
	}
	return t.In(london()).Format("15:04")
}
