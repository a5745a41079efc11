package whatsapp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/closeroll/closeroll/connectors/chat"
)

// one reads a transcript of one body of interest after a plain message.
func one(t *testing.T, ios bool, line string) chat.Message {
	t.Helper()
	text := "13/07/2026, 14:00 - Ana Field: hi\n13/07/2026, 14:01 - " + line + "\n13/07/2026, 14:02 - Tom Okafor: ok\n"
	if ios {
		text = "[13/07/2026, 14:00:00] Ana Field: hi\r\n[13/07/2026, 14:01:00] " + line + "\r\n[13/07/2026, 14:02:00] Tom Okafor: ok\r\n"
	}
	e, err := open(t, "x.txt", []byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	lossless(t, []byte(text), e)
	if e.Count() != 3 {
		t.Fatalf("%d messages in %q", e.Count(), text)
	}
	return e.List()[1]
}

// What people type is theirs, however much it looks like the app's words.
// Calling one of these anything but text would be false evidence.
func TestPeoplesWordsStayText(t *testing.T) {
	ios := []string{
		"Tom Okafor: This message was deleted.",
		"Tom Okafor: You deleted this message.",
		"Tom Okafor: Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can read or listen to them.",
		"Tom Okafor: Tom Okafor left",
		"Tom Okafor: Tom Okafor turned on disappearing messages. New messages will disappear from this chat 24 hours after they're sent.",
		"Tom Okafor: image omitted",
		"Tom Okafor: <attached: 00000012-PHOTO-2026-03-27-21-41-55.jpg>",
		"Tom Okafor: look at <attached: report.pdf>",
		"Tom Okafor: <Hinweis: report.pdf>",
		"Tom Okafor: \u200eA long row of cars left",
		"Tom Okafor: \u200eI added milk to the list",
		"Tom Okafor: \u200eThis message was deleted by accident, sorry",
		"Tom Okafor: \u200eThis message was deleted by admin error, sorry",
		"Tom Okafor: \u200ethe image omitted the second floor",
		"Tom Okafor: edited <This message was edited>",
		"Tom Okafor: the text \u200e<This message was edited> was odd",
		"Tom Okafor: null",
		"Tom Okafor: Missed voice call",
		"Tom Okafor: POLL: which day?",
		"Tom Okafor: Location: the depot",
		"Tom Okafor: Waiting for this message. This may take a while.",
		"Tom Okafor: \u200fשלום לכולם",
		"Tom Okafor: \u200eWe read about end-to-end\nand more",
	}
	android := []string{
		"Tom Okafor: This message was deleted, I think",
		"Tom Okafor: This message was deleted.",
		"Tom Okafor: did you see? This message was deleted",
		"Tom Okafor: This message was deleted by admin mistake",
		"Tom Okafor: This message was deleted by admin Priya because it was rude",
		"Tom Okafor: Tom Okafor left",
		"Tom Okafor: Priya added Tom",
		"Tom Okafor: Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can read or listen to them.",
		"Tom Okafor: Tom Okafor changed the subject from \"Plan: A\" to \"Plan: B\"",
		"Tom Okafor: see IMG-20260713-WA0002.jpg (file attached)",
		"Tom Okafor: it says <Media omitted> in the file",
		"Tom Okafor: <grin>",
		"Tom Okafor: <media query>",
		"Tom Okafor: <omitted>",
		"Tom Okafor: <Media omitted> again",
		"Tom Okafor: <image omitted>",
		"Tom Okafor: the contract (file attached)",
		"Tom Okafor: null and void",
		"Tom Okafor: Null",
		"Tom Okafor: location: the depot",
		"Tom Okafor: look: https://maps.google.com/?q=51.5,-0.1",
		"Tom Okafor: live location shared yesterday",
		"Tom Okafor: MISSED VOICE CALL from you!",
		"Tom Okafor: [13/07/2026, 14:05:09] Ana Field: \u200eThis message was deleted.",
		"Tom left: hello",
		"You were added: hello",
		"This message was deleted: hello",
		"Messages and calls are end-to-end encrypted: hello",
		"Your security code with Tom changed: hello",
		"Tom \"The Man\" Okafor: he said \"no\"",
		"null: hello",
	}
	for _, line := range ios {
		if m := one(t, true, line); m.Kind != chat.Text || m.Edited || m.Sender == "" || m.Event != nil {
			t.Errorf("iOS %q is %s, edited %v, event %+v", line, m.Kind, m.Edited, m.Event)
		}
	}
	for _, line := range android {
		want, _, _ := strings.Cut(line, ": ")
		if m := one(t, false, line); m.Kind != chat.Text || m.Edited || m.Sender != want || m.Event != nil {
			t.Errorf("Android %q is %s by %q, edited %v, event %+v", line, m.Kind, m.Sender, m.Edited, m.Event)
		}
	}
}

func TestKinds(t *testing.T) {
	cases := []struct {
		ios        bool
		line, want string // kind, text, attachment name, type, extra
	}{
		{true, "Tom Okafor: Look at this \u200e<attached: 00000002-PHOTO-2026-03-27-21-41-55.jpg>", "media|Look at this|00000002-PHOTO-2026-03-27-21-41-55.jpg|image"},
		{true, "Tom Okafor: \u200e<angehängt: 00000002-Plan.pdf>", "media||00000002-Plan.pdf|document"},
		{true, "Tom Okafor: \u200e<pièce jointe : 00000002-VIDEO-2026-03-27-21-41-55.mp4>", "media||00000002-VIDEO-2026-03-27-21-41-55.mp4|video"},
		{true, "Tom Okafor: \u200f<المُرفق: 00000002-PHOTO-2026-03-27-21-41-55.jpg>", "media||00000002-PHOTO-2026-03-27-21-41-55.jpg|image"},
		{true, "Tom Okafor: \u200e<添付ファイル: 00000002-AUDIO-2026-03-27-21-41-55.opus>", "media||00000002-AUDIO-2026-03-27-21-41-55.opus|voice"},
		{true, "Tom Okafor: \u200evideo omitted", "media_omitted|||video"},
		{true, "Tom Okafor: \u200eGIF omitted", "media_omitted|||gif"},
		{true, "Tom Okafor: \u200esticker omitted", "media_omitted|||sticker"},
		{true, "Tom Okafor: \u200eContact card omitted", "media_omitted|||contact"},
		{true, "Tom Okafor: \u200eaudio omitted", "media_omitted|||audio"},
		{true, "Tom Okafor: \u200evideo note omitted", "media_omitted|||video_note"},
		{true, "Tom Okafor: report.pdf • \u200e2 pages \u200edocument omitted", "media_omitted|report.pdf • 2 pages|report.pdf|document"},
		{true, "Tom Okafor: notes.txt \u200edocument omitted", "media_omitted|notes.txt|notes.txt|document"},
		{true, "Tom Okafor: see \u200eimage omitted", "media_omitted|see||image"},
		{true, "Tom Okafor: \u200eBild weggelassen", "media_omitted|||image"},
		{true, "Tom Okafor: \u200eimage absente", "media_omitted|||image"},
		{true, "Tom Okafor: \u200eimagen omitida", "media_omitted|||image"},
		{true, "Tom Okafor: \u200e画像は省略されました", "media_omitted|||image"},
		{true, "Tom Okafor: \u200eDiese Nachricht wurde gelöscht.", "deleted|Diese Nachricht wurde gelöscht.||sender"},
		{true, "Tom Okafor: \u200eMissed voice call", "call|Missed voice call||voice missed"},
		{true, "Tom Okafor: \u200eMissed voice call, \u200eTap to call back", "call|Missed voice call, Tap to call back||voice missed"},
		{true, "Tom Okafor: \u200eVideo call, \u200e5 min", "call|Video call, 5 min||video answered"},
		{true, "Tom Okafor: \u200eVoice call. \u200eNo answer", "call|Voice call. No answer||voice no_answer"},
		{true, "Tom Okafor: \u200eLocation: https://maps.google.com/?q=51.5,-0.12", "location|Location: https://maps.google.com/?q=51.5,-0.12||51.5 -0.12"},
		{true, "Tom Okafor: \u200eSTANDORT: https://maps.google.com/?q=51.5,-0.12", "location|STANDORT: https://maps.google.com/?q=51.5,-0.12||51.5 -0.12"},
		{true, "Tom Okafor: \u200ePimlico Gardens (London): https://foursquare.com/v/4e89af95e5fa82ad4c0aa03b", "location|Pimlico Gardens (London): https://foursquare.com/v/4e89af95e5fa82ad4c0aa03b||"},
		{true, "Tom Okafor: \u200eWaiting for this message. This may take a while.", "waiting|Waiting for this message. This may take a while.||"},
		{true, "Tom Okafor: \u200eUMFRAGE:\nWann?\n\u200eOPTION: Mo (\u200e2 Stimmen)\n\u200eOPTION: Di (\u200e0 Stimmen)\n", "poll|UMFRAGE:\nWann?\nOPTION: Mo (2 Stimmen)\nOPTION: Di (0 Stimmen)||Wann? Mo=2 Di=0"},
		{true, "Tom Okafor: Gut \u200e<Diese Nachricht wurde bearbeitet>", "text|Gut||edited"},
		{true, "Tom Okafor: ", "empty|||"},
		{false, "Tom Okafor: <View once voice message omitted>", "view_once|||voice"},
		{false, "Tom Okafor: Budget (final) v1.2.pdf (file attached)", "media||Budget (final) v1.2.pdf|document"},
		{false, "Tom Okafor: \u200eIMG-20260713-WA0002.jpg (ukjent ord)\nbilde: her", "media|bilde: her|IMG-20260713-WA0002.jpg|image"},
		{false, "Tom Okafor: PTT-20260713-WA0002.opus (file attached)", "media||PTT-20260713-WA0002.opus|voice"},
		{false, "Tom Okafor: STK-20260713-WA0002.webp (file attached)", "media||STK-20260713-WA0002.webp|sticker"},
		{false, "Tom Okafor: You deleted this message", "deleted|You deleted this message||exporter"},
		{false, "Tom Okafor: You deleted this message as admin", "deleted|You deleted this message as admin||admin"},
		{false, "Tom Okafor: This message was deleted by admin Ana Field", "deleted|This message was deleted by admin Ana Field||admin"},
		{false, "Tom Okafor: This message was deleted by admin Ana Field.", "deleted|This message was deleted by admin Ana Field.||admin"},
		{false, "Tom Okafor: Este mensaje fue eliminado", "deleted|Este mensaje fue eliminado||sender"},
		{false, "Tom Okafor: Meet at 4 <This message was edited>", "text|Meet at 4||edited"},
		{false, "Tom Okafor: Waiting for this message. This may take a while.", "waiting|Waiting for this message. This may take a while.||"},
		{false, "Tom Okafor: Missed video call", "call|Missed video call||video missed"},
		{false, "Missed group voice call", "call|Missed group voice call||voice missed"},
		{false, "Tom Okafor: ubicación: https://maps.google.com/?q=51.5,-0.12", "location|ubicación: https://maps.google.com/?q=51.5,-0.12||51.5 -0.12"},
		{false, "Tom Okafor: POLL:\nWhich: day?\nOPTION: Mon: early (3 votes)\nOPTION: Tue (1 vote)\n", "poll|POLL:\nWhich: day?\nOPTION: Mon: early (3 votes)\nOPTION: Tue (1 vote)||Which: day? Mon: early=3 Tue=1"},
	}
	for _, c := range cases {
		m := one(t, c.ios, c.line)
		if got := summary(m); got != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.line, got, c.want)
		}
	}
}

func summary(m chat.Message) string {
	name, extra := "", ""
	for _, a := range m.Attachments {
		name, extra = a.Name, a.Type
	}
	switch {
	case m.Edited:
		extra = "edited"
	case m.DeletedBy != "":
		extra = m.DeletedBy
	case m.Call != nil:
		extra = m.Call.Medium + " " + m.Call.Outcome
	case m.Place != nil:
		extra = fmt.Sprint(m.Place.Lat, " ", m.Place.Lon)
	case m.Poll != nil:
		extra = m.Poll.Question
		for _, o := range m.Poll.Options {
			extra += fmt.Sprintf(" %s=%d", o.Text, o.Votes)
		}
	}
	return strings.Join([]string{string(m.Kind), stripMarks(m.Text), name, extra}, "|")
}

func TestEvents(t *testing.T) {
	const day = 24 * 3600
	cases := []struct {
		line, event, actor, subject string
		timer                       int64
	}{
		{"Tom Okafor added Priya Shah", "member_added", "Tom Okafor", "Priya Shah", -1},
		{"Tom Okafor added you", "member_added", "Tom Okafor", "you", -1},
		{"You added Priya Shah", "member_added", "", "Priya Shah", -1},
		{"Tom Okafor removed Priya Shah", "member_removed", "Tom Okafor", "Priya Shah", -1},
		{"Tom Okafor left", "member_left", "Tom Okafor", "", -1},
		{"Priya Shah was added", "member_added", "", "Priya Shah", -1},
		{"priya and ana were removed", "member_removed", "", "priya and ana", -1},
		{"You were added", "member_added", "", "", -1},
		{"+44 7700 900123's security code changed. Tap for more info.", "security_code_changed", "", "+44 7700 900123", -1},
		{"+44 7700 900123 joined using this group's invite link", "member_joined", "+44 7700 900123", "", -1},
		{"~ Jo joined using a group link.", "member_joined", "~ Jo", "", -1},
		{"Tom Okafor created group “Ops: South”", "group_created", "Tom Okafor", "Ops: South", -1},
		{"Tom Okafor changed the group name from \"A\" to \"B: c\"", "subject_changed", "Tom Okafor", "B: c", -1},
		{"Tom Okafor changed this group's icon", "icon_changed", "Tom Okafor", "", -1},
		{"Tom Okafor changed the group description", "description_changed", "Tom Okafor", "", -1},
		{"You're now an admin", "admin_granted", "", "", -1},
		{"Tom Okafor changed this group’s settings to allow only admins to send messages to this group", "settings_changed", "Tom Okafor", "", -1},
		{"Your security code with ACME: Support changed. Tap to learn more.", "security_code_changed", "", "ACME: Support", -1},
		{"Tom Okafor turned on admin approval to join this group. Tap to change.", "approval_changed", "Tom Okafor", "", -1},
		{"Tom Okafor pinned a message", "message_pinned", "Tom Okafor", "", -1},
		{"Tom Okafor is a contact", "contact_notice", "Tom Okafor", "", -1},
		{"This chat is with a business account. Tap to learn more.", "business_notice", "", "", -1},
		{"Tom Okafor turned on advanced chat privacy.", "advanced_privacy_on", "Tom Okafor", "", -1},
		{"Tom Okafor turned off disappearing messages.", "disappearing_off", "Tom Okafor", "", 0},
		{"You use a default timer for disappearing messages in new chats. New messages will disappear from this chat 90 days after they're sent, except when kept. Tap to change.", "disappearing_default_timer", "", "", 90 * day},
		{"Du hast die Nachrichtendauer aktualisiert. Neue Nachrichten bleiben nach dem Senden 7 Tage in diesem Chat und verschwinden dann wieder.", "disappearing_timer", "", "", 7 * day},
		{"Du hast selbstlöschende Nachrichten aktiviert. Neue Nachrichten verschwinden 24 Stunden nach dem Senden.", "disappearing_on", "", "", day},
		{"Du hast selbstlöschende Nachrichten deaktiviert.", "disappearing_off", "", "", 0},
		{"Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Niemand außerhalb dieses Chats kann sie lesen.", "e2e_notice", "", "", -1},
		{"Los mensajes y las llamadas están cifrados de extremo a extremo.", "e2e_notice", "", "", -1},
		{"Tom hat den Betreff zu \"Plan: B\" geändert: \"x\"", chat.UnknownEvent, "", "", -1},
		{"Tom Okafor tanssi", chat.UnknownEvent, "", "", -1},
	}
	for _, c := range cases {
		m := one(t, false, c.line)
		timer := int64(-1)
		if m.Event != nil && m.Event.HasTime {
			timer = int64(m.Event.Timer.Seconds())
		}
		if m.Kind != chat.System || m.Event == nil || m.Sender != "" ||
			m.Event.Name != c.event || m.Event.Actor != c.actor || m.Event.Subject != c.subject || timer != c.timer {
			t.Errorf("%q is %s %+v, timer %d", c.line, m.Kind, m.Event, timer)
		}
	}
}

func TestIOSSystemLines(t *testing.T) {
	cases := []struct{ line, event, display string }{
		{"Flood response: \u200eTom Okafor added Priya Shah", "member_added", "Flood response"},
		{"Tom Okafor: \u200eTom Okafor created this group", "group_created", "Tom Okafor"},
		{"Ops: South: \u200eTom Okafor turned on disappearing messages. New messages will disappear from this chat 7 days after they're sent.", "disappearing_on", "Ops: South"},
		{"Tom Okafor: \u200e\u200eYour security code with Tom Okafor changed. \u200eTap to learn more.", "security_code_changed", "Tom Okafor"},
		{"Flutgruppe: \u200eNachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.", "e2e_notice", "Flutgruppe"},
		{"~ Jo: \u200e~ Jo left", "member_left", "~ Jo"},
	}
	// What Ana pastes of Tom in her own place is hers, when she is a person.
	pasted := "[13/07/2026, 14:00:00] Ana: \u200eTom left\r\n[13/07/2026, 14:00:01] Ana: hi\r\n[13/07/2026, 14:00:02] Tom: hi\r\n"
	if e, err := open(t, "x.txt", []byte(pasted), Options{}); err != nil || e.List()[0].Kind != chat.Text {
		t.Errorf("pasted words are an event: %v", err)
	}
	for _, c := range cases {
		m := one(t, true, c.line)
		if m.Kind != chat.System || m.Event == nil || m.Event.Name != c.event || m.DisplaySender != c.display || m.Sender != "" {
			t.Errorf("%q is %s %+v by %q, display %q", c.line, m.Kind, m.Event, m.Sender, m.DisplaySender)
		}
	}
}

// A name with a colon is whole in events too.
func TestColonInEvents(t *testing.T) {
	android := "13/07/2026, 14:00 - "
	text := android + "Tom added ACME: Support\n" + android + "ACME: Support: a\n" + android + "ACME: Support: b\n" + android + "ACME: Support left\n"
	e, err := open(t, "x.txt", []byte(text), Options{})
	if err != nil || e.Count() != 4 {
		t.Fatal(err)
	}
	l := e.List()
	if ev := l[0].Event; ev == nil || ev.Name != "member_added" || ev.Subject != "ACME: Support" {
		t.Errorf("added: %+v", ev)
	}
	if ev := l[3].Event; ev == nil || ev.Name != "member_left" || ev.Actor != "ACME: Support" {
		t.Errorf("left: %+v", ev)
	}
}

func TestSenders(t *testing.T) {
	android := "13/07/2026, 14:00 - "
	cases := []struct {
		name, text string
		want       []string
	}{
		{"colon in a name, twice", android + "ACME: Support: Ticket closed\n" + android + "ACME: Support: Opened\n" + android + "Ana: hi\n", []string{"ACME: Support", "ACME: Support", "Ana"}},
		{"colon in a name, twice, two of them", strings.Repeat(android+"ACME: Support: a\n"+android+"ACME: Sales: b\n", 2), []string{"ACME: Support", "ACME: Sales", "ACME: Support", "ACME: Sales"}},
		{"colon in a name that a system line has", android + "Tom added ACME: Support\n" + android + "ACME: Support: Ticket\n", []string{"", "ACME: Support"}},
		{"colon in the text", android + "Ana: Note: one\n" + android + "Ana: two\n", []string{"Ana", "Ana"}},
		{"once is not enough", android + "Ana: Note: one\n" + android + "Tom: x\n", []string{"Ana", "Tom"}},
		{"named without more", android + "Ana left\n" + android + "Ana: Note: one\n" + android + "Ana: Note: two\n", []string{"", "Ana", "Ana"}},
		{"colon in a name that leaves", android + "ACME: Support: a\n" + android + "ACME: Support: b\n" + android + "ACME: Support left\n", []string{"ACME: Support", "ACME: Support", ""}},
		{"words about another who speaks", android + "Tom: Ana: 3\n" + android + "Tom: Ana: 5\n" + android + "Tom: Ana left\n" + android + "Ana: no\n", []string{"Tom", "Tom", "Tom", "Ana"}},
		{"a quoted name with a colon, in German", android + "Tom hat die Gruppe \"A: b\" erstellt\n" + android + "Tom: hi\n", []string{"", "Tom"}},
		{"a quotation with a colon", android + "Tom: \"A: b\" it says\n" + android + "Tom: and \"c: d\" too\n", []string{"Tom", "Tom"}},
		{"nothing but marks", android + "\u200e: hi\n", []string{"\u200e"}},
		{"dash and bracket", android + "Tom - Depot] [2]: hi\n", []string{"Tom - Depot] [2]"}},
		{"right to left", android + "\u200fאבי: שלום\n", []string{"אבי"}},
		{"iOS number", "[13/07/2026, 14:00:00] \u202a+44\u00a07700\u00a0900\u2011123\u202c: hi\r\n", []string{"+44\u00a07700\u00a0900\u2011123"}},
		{"handle", android + "@ana.field: hi\n", []string{"@ana.field"}},
		{"emoji", android + "🌊: hi\n", []string{"🌊"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, err := open(t, "x.txt", []byte(c.text), Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range e.List() {
				got = append(got, m.Sender)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	e, err := open(t, "x.txt", []byte("[13/07/2026, 14:00:00] \u202a+44\u00a07700\u00a0900\u2011123\u202c: hi\r\n"), Options{})
	if err != nil || e.List()[0].Phone != "+447700900123" || e.List()[0].SenderRaw == "" {
		t.Errorf("%+v, %v", e.List()[0], err)
	}
}

func TestForgedHeaders(t *testing.T) {
	android := "13/07/2026, 14:00 - Ana: before\n%s\n13/07/2026, 14:02 - Tom: after\n13/07/2026, 14:03 - Ana: end\n"
	other := []string{ // other shapes are text
		"[13/07/2026, 14:01:00] Tom: I agree", "13.07.2026, 14:01 - Tom: I agree", "13/07/2026 14:01 - Tom: I agree",
		"13/07/2026, 14.01 - Tom: I agree", "13/07/2026, 2:01 pm - Tom: I agree", "١٣/٠٧/٢٠٢٦, ١٤:٠١ - Tom: I agree",
		" 13/07/2026, 14:01 - Tom: I agree", "> 13/07/2026, 14:01 - Tom: I agree", "13/07/2026 at 14:01 - Tom: I agree",
		"13/07/2026، 14:01 - Tom: I agree", "2026/07/13 - Tom: I agree", "x\u202813/07/2026, 14:01 - Tom: I agree",
		"x\v13/07/2026, 14:01 - Tom: I agree", "x\r13/07/2026, 14:01 - Tom: I agree", "[14:01, 13/07/2026] Tom: I agree",
	}
	for _, line := range other {
		text := fmt.Sprintf(android, line)
		e, err := open(t, "x.txt", []byte(text), Options{})
		if err != nil || e.Count() != 3 || e.List()[0].Text != "before\n"+line {
			t.Errorf("%q: %d messages, %v", line, e.Count(), err)
		}
	}
	ios := "[13/07/2026, 14:00:00] Ana: minutes:\n[13/07/2026, 14:00:30] Tom: I approve\r\n[13/07/2026, 14:02:00] Tom: what?\r\n"
	e, err := open(t, "x.txt", []byte(ios), Options{})
	if err != nil || e.Count() != 2 || !slices.Contains(e.Flags, chat.FlagEmbeddedHeader) {
		t.Errorf("%+v, %v", e, err)
	}
	pasted := strings.Repeat("13/07/2026, 14:00 - Ana: a\n", 5) + strings.Repeat("[14:05, 13/07/2026] Tom: pasted\n", 30)
	e, err = open(t, "x.txt", []byte(pasted), Options{})
	if err != nil || e.Count() != 5 || e.Platform != chat.Android {
		t.Errorf("pasted lines made %d messages on %s, %v", e.Count(), e.Platform, err)
	}
}

// Lines of a stranger that step back in time and from which the file goes on may
// have been pasted; what arrived late from somebody who speaks elsewhere was not.
func TestSuspectLines(t *testing.T) {
	at := func(minute, who string) string { return "13/07/2026, 14:" + minute + " - " + who + ": words\n" }
	begin, end := at("05", "Ana")+at("06", "Tom"), at("07", "Tom")+at("08", "Ana")
	for _, c := range []struct {
		name, middle string
		want         int
	}{
		{"a stranger's", at("00", "Priya") + at("01", "Priya"), 2},
		{"two strangers'", at("00", "Priya") + at("01", "Sam"), 2},
		{"a speaker's", at("00", "Ana") + at("01", "Priya"), 0},
		{"a stranger's, in time", at("06", "Priya") + at("07", "Priya"), 0},
		{"a stranger's of last year", "13/07/2025, 14:00 - Priya: words\n", 1},
	} {
		e, err := open(t, "x.txt", []byte(begin+c.middle+end), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, m := range e.All() {
			if slices.Contains(m.Flags, chat.FlagSuspectEmbedded) {
				got++
				if m.Sender == "Ana" || m.Sender == "Tom" {
					t.Errorf("%s: %s is suspect", c.name, m.Sender)
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: %d lines are suspect, want %d", c.name, got, c.want)
		}
	}
}

func TestLearnedTemplates(t *testing.T) {
	var b strings.Builder
	for i, name := range []string{"Aino Field", "Tomi Okafor", "Priya Shah", "Aino Field"} {
		fmt.Fprintf(&b, "[13/07/2026, 14:0%d:00] %s: moi %d\r\n", i, name, i)
		fmt.Fprintf(&b, "[13/07/2026, 14:0%d:30] Tulvaryhmä: \u200e%s tanssi ryhmässä\r\n", i, name)
	}
	b.WriteString("[13/07/2026, 14:09:30] Aino Field: \u200eolen itse kirjoittanut tämän\r\n")
	e, err := open(t, "x.txt", []byte(b.String()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e.Unclassified != 4 || e.List()[8].Kind != chat.Text {
		t.Errorf("%d unclassified, last is %s", e.Unclassified, e.List()[8].Kind)
	}
}

// What a browser's export prints for what it does not export is no person's word.
func TestWebPlaceholders(t *testing.T) {
	export := webNotice + " No one outside of this chat, not even WhatsApp, can read or listen to them.\n" +
		"[7/3/26, 2:05:09 PM] Ana Field: [Call]\n[7/3/26, 2:05:30 PM] You: <AI message>\n" +
		"[7/3/26, 2:05:40 PM] Ana Field: <see my message>, please\n[7/3/26, 2:05:50 PM] You: [Call] me\n"
	e, err := open(t, "chat.txt", []byte(export), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []chat.Kind{chat.CallKind, chat.NullBody, chat.Text, chat.Text}
	for i, m := range e.List() {
		if m.Kind != want[i] || m.Text == "" {
			t.Errorf("%q is %s", m.Text, m.Kind)
		}
	}
}
