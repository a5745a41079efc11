package whatsapp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/connectors/chat"
)

// A line of an innocent conversation.
type uttered struct{ minute, who, text string }

func onAndroid(all []uttered) (s string) {
	for _, u := range all {
		s += fmt.Sprintf("13/07/2026, 09:%s - %s: %s\n", u.minute, u.who, u.text)
	}
	return s
}

func onIOS(all []uttered) (s string) {
	for _, u := range all {
		s += fmt.Sprintf("[13/07/2026, 09:%s:00] %s: %s\r\n", u.minute, u.who, u.text)
	}
	return s
}

// People type the words of the app, copy lines of chats into messages, and give
// two contacts one name. Whatever platforms the two exports are of, nobody is
// accused of anything.
func TestInnocentConversations(t *testing.T) {
	talk := []uttered{{"00", "Ana Field", "Morning all"}, {"01", "Tom Okafor", "The pumps are at Upton"}, {"05", "Priya Shah", "Send the minutes"}, {"07", "Ana Field", "Noted for the file"}}
	typed := slices.Clone(talk)
	for i, text := range []string{"This message was deleted", "You deleted this message", "Diese Nachricht wurde gelöscht", "Ce message a été supprimé",
		"Se eliminó este mensaje", "Questo messaggio è stato eliminato", "Dit bericht is verwijderd", "Данное сообщение удалено", "تم حذف هذه الرسالة",
		"このメッセージは削除されました", "Mensagem apagada", "<Media omitted>", "null", "as said <This message was edited>", "Missed voice call"} {
		typed = append(typed, uttered{fmt.Sprint(10 + i), "Tom Okafor", text})
	}
	typed = append(typed, uttered{"40", "Ana Field", "Why do you type that"})
	pasted := append(slices.Clone(talk), uttered{"10", "Tom Okafor", "He wrote:\n12/07/2026, 10:00 - Priya Shah: Never\n12/07/2026, 10:01 - Ana Field: Yes you did"},
		uttered{"11", "Ana Field", "So what"}, uttered{"12", "Priya Shah", "Indeed"})
	bracketed := append(slices.Clone(talk), uttered{"10", "Tom Okafor", "He wrote:\n[12/07/2026, 10:00:00] Priya Shah: Never"}, uttered{"11", "Ana Field", "So what"})
	two := append(slices.Clone(talk), uttered{"08", "Tom Okafor", "I am the other Tom"}, uttered{"09", "Tom Okafor", "ok"})
	apart := slices.Clone(two)
	for i := 4; i < len(apart); i++ {
		apart[i].who = "+44 7700 900123"
	}
	pairs := map[string][2][]uttered{"the app's words": {typed, typed}, "copied lines": {pasted, pasted}, "copied lines in brackets": {bracketed, bracketed},
		"two given one name": {apart, two}, "one of two given another name": {two, apart}}
	phones := []func([]uttered) string{onAndroid, onIOS}
	for name, pair := range pairs {
		for from, a := range phones {
			for to, b := range phones {
				t.Run(fmt.Sprint(name, from, to), func(t *testing.T) {
					c := chat.Compare(read(t, a(pair[0])), read(t, b(pair[1])))
					if !c.SameChat || len(c.Vanished)+len(c.Edited)+len(c.Deleted)+len(c.Added)+len(c.Unclear) > 0 {
						t.Errorf("%+v", c)
					}
					for _, f := range c.Findings {
						if f.Confidence != chat.None && f.Class != chat.WhySender {
							t.Errorf("%s: %s", f.Class, f.Text)
						}
					}
				})
			}
		}
	}
}

// What another language, another version or a mail program did to a line is no
// deletion and no alteration.
func TestInnocentForms(t *testing.T) {
	around := func(line string) string {
		return "[13/07/2026, 09:00:00] Ana Field: Morning all\r\n[13/07/2026, 09:01:00] Tom Okafor: The pumps are at Upton\r\n" + line +
			"\r\n[13/07/2026, 09:07:00] Ana Field: Noted for the file\r\n[13/07/2026, 09:08:00] Tom Okafor: Good\r\n"
	}
	for _, pair := range [][2]string{
		{"\u200e[13/07/2026, 09:05:00] Flood response: \u200ePriya Shah hat die Gruppe verlassen", "\u200e[13/07/2026, 09:05:00] Flood response: \u200ePriya Shah left"},
		{"\u200e[13/07/2026, 09:05:00] Tom Okafor: \u200e画像は含まれていません", "\u200e[13/07/2026, 09:05:00] Tom Okafor: \u200eimage omitted"},
		{"\u200e[13/07/2026, 09:05:00] Tom Okafor: \u200e画像は含まれていません", "\u200e[13/07/2026, 09:05:00] Tom Okafor: \u200e이미지를 생략했습니다"},
		{"[13/07/2026, 09:05:00] Tom Okafor: @\u2068Ana Field\u2069 see this", "[13/07/2026, 09:05:00] Tom Okafor: @Ana Field see this"},
		{"[13/07/2026, 09:05:00] Tom Okafor: at the café, £5", "[13/07/2026, 09:05:00] Tom Okafor: at the caf\xe9, \xa35"},
	} {
		for _, p := range [][2]string{pair, {pair[1], pair[0]}} {
			c := chat.Compare(read(t, around(p[0])), read(t, around(p[1])))
			for _, f := range c.Findings {
				if f.Confidence != chat.None {
					t.Errorf("%q, %q: %s: %s", p[0], p[1], f.Class, f.Text)
				}
			}
			if !c.SameChat {
				t.Errorf("refused: %q", p)
			}
		}
	}
}

// What the app itself wrote behind its mark is told from the same words typed.
func TestARealDeletionBesideTypedWords(t *testing.T) {
	a := onIOS([]uttered{{"00", "Ana Field", "Morning all"}, {"01", "Tom Okafor", "This message was deleted."}, {"05", "Priya Shah", "Send the minutes"}})
	b := strings.Replace(a, "This message", "\u200eThis message", 1)
	c := chat.Compare(read(t, a), read(t, b))
	if len(c.Deleted) != 1 || c.Deleted[0] != [2]int{1, 1} {
		t.Errorf("%+v", c)
	}
}

func read(t *testing.T, text string) chat.Side {
	t.Helper()
	e, err := open(t, "x.txt", []byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return chat.SideOf(e, nil)
}
