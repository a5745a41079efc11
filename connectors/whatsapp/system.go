package whatsapp

import (
	"strings"
	"time"

	"github.com/closeroll/closeroll/connectors/chat"
)

// A template is the wording of a system line. In a pattern, {x} is who did it,
// {y} to whom, {z} whom it happened to at the beginning of a line, {q} a quoted name that may hold anything, {n} a name that may
// hold a colon, {p} a telephone number, and {*} at the end anything.
type template struct {
	event   string
	pattern []string // literals and holes, alternating, a literal first
	timer   bool     // the line prints a duration
}

// templates are the English lines, without marks, final stop and hint ("Tap to
// …"), straight quotes. An anchored match is required: a sentence that merely
// begins like one is none.
var templates = compileTemplates(`
e2e_notice|Messages and calls are end-to-end encrypted.{*}
e2e_notice|Messages and calls are end-to-end encrypted
e2e_notice|Messages to this chat and calls are now secured with end-to-end encryption
e2e_notice|Messages to this group are now secured with end-to-end encryption
e2e_notice|Messages you send to this chat and calls are now secured with end-to-end encryption
e2e_notice|Messages you send to this group are now secured with end-to-end encryption
e2e_notice|Messages in this chat and calls are now secured with end-to-end encryption
e2e_notice|Messages to this chat are now secured with end-to-end encryption
security_code_changed|Your security code with {n} changed
security_code_changed|{z}'s security code changed
security_code_changed|{z}'s security code with you changed
disappearing_timer|You updated the message timer. {*}
disappearing_timer|{x} updated the message timer. {*}
disappearing_timer|{x} updated the message timer
disappearing_timer|{x} changed the message timer. {*}
disappearing_on|Disappearing messages were turned on. {*}
disappearing_on|Disappearing messages were turned on
disappearing_off|Disappearing messages were turned off
disappearing_on|{x} turned on disappearing messages. {*}
disappearing_on|{x} turned on disappearing messages ({*}
disappearing_on|{x} turned on disappearing messages
disappearing_off|{x} turned off disappearing messages
disappearing_default_timer|{x} uses a default timer for disappearing messages in new chats. {*}
disappearing_default_timer|You use a default timer for disappearing messages in new chats. {*}
advanced_privacy_on|{x} turned on advanced chat privacy. {*}
advanced_privacy_on|{x} turned on advanced chat privacy
advanced_privacy_off|{x} turned off advanced chat privacy. {*}
advanced_privacy_off|{x} turned off advanced chat privacy
group_created|{x} created group "{q}"
group_created|{x} created the group "{q}"
group_created|{x} created this group
group_created|{x} created community "{q}"
subject_changed|{x} changed the subject from "{q}" to "{q}"
subject_changed|{x} changed the subject to "{q}"
subject_changed|{x} changed the group name from "{q}" to "{q}"
subject_changed|{x} changed the group name to "{q}"
icon_changed|{x} changed this group's icon
icon_changed|{x} changed the group photo
icon_deleted|{x} deleted this group's icon
description_changed|{x} changed the group description
description_changed|{x} deleted the group description
settings_changed|{x} changed this group's settings to {*}
settings_changed|{x} changed the group settings
invite_link_reset|{x} reset this group's invite link
invite_link_reset|{x} revoked this group's invite link
approval_changed|{x} turned on admin approval to join this group
approval_changed|{x} turned off admin approval to join this group
member_joined|{x} joined using this group's invite link
member_joined|{x} joined using a group link
member_joined|{x} joined using an invite link
member_joined|{x} joined via an invite link
member_joined|{x} joined from the community
member_joined|{x} joined
member_joined|{x} requested to join
member_added|You were added
member_added|{z} was added
member_added|{z} were added
member_removed|You were removed
member_removed|{z} was removed
member_removed|{z} were removed
member_left|{x} left
member_added|{x} added {y}
member_removed|{x} removed {y}
admin_granted|You're now an admin
admin_granted|{x} is now an admin
admin_revoked|You're no longer an admin
admin_revoked|{x} is no longer an admin
message_pinned|{x} pinned a message
call_started|{x} started a call
call_started|{x} started a video call
call_started|{x} started a voice call
number_changed|{x} changed from {p} to {p}
number_changed|{x} changed to {p}
number_changed|{x} changed their phone number to a new number
number_changed|{x} changed their phone number
contact_blocked|You blocked this contact
contact_unblocked|You unblocked this contact
contact_notice|{x} is a contact
business_notice|This chat is with a business account
business_notice|This business is now using {*}
business_notice|This business uses {*}
business_notice|This chat is with the official business account of {*}
call|[Call]
`)

func compileTemplates(list string) []template {
	var all []template
	for entry := range strings.Lines(strings.TrimSpace(list)) {
		event, pattern, _ := strings.Cut(strings.TrimSpace(entry), "|")
		t := template{event: event, timer: strings.HasPrefix(event, "disappearing_")}
		for pattern != "" {
			literal, rest, hole := strings.Cut(pattern, "{")
			t.pattern = append(t.pattern, literal)
			if !hole {
				break
			}
			t.pattern = append(t.pattern, rest[:1])
			pattern = rest[2:]
		}
		all = append(all, t)
	}
	return all
}

// match reads a normalised line by the template. own says that the app surely
// wrote it: then a name may hold a colon.
func (t *template) match(s string, own bool) (ev chat.Event, ok bool) {
	if !strings.HasPrefix(s, t.pattern[0]) {
		return ev, false
	}
	ev.Name = t.event
	s = s[len(t.pattern[0]):]
	for i := 1; i < len(t.pattern); i += 2 {
		end := len(s)
		if i+1 < len(t.pattern) {
			if end = strings.Index(s, t.pattern[i+1]); end < 0 {
				return ev, false
			}
		}
		value := s[:end]
		if !own && strings.Contains(value, ": ") && strings.Contains("xyz", t.pattern[i]) || !take(&ev, t.pattern[i], value) {
			return ev, false
		}
		if i+1 < len(t.pattern) {
			s = s[end+len(t.pattern[i+1]):]
		} else {
			s = ""
		}
	}
	return ev, s == ""
}

// take puts what filled a hole into the event, and reports whether it fits.
func take(ev *chat.Event, hole, value string) bool {
	switch hole {
	case "*":
		return true
	case "x":
		ev.Actor = value
		if value == "You" {
			ev.Actor = ""
		}
		return value != "" && len(value) <= maxSender && !strings.Contains(value, "\n")
	case "z":
		ev.Subject = value
		return len(value) <= maxSender && value != "" && !strings.Contains(value, "\n")
	case "y":
		ev.Subject = value
		return value != "" && !strings.Contains(value, "\n") && nameOrYou(value)
	case "q":
		ev.Subject = value
		return !strings.Contains(value, "\n")
	case "n":
		ev.Subject = value
		return value != "" && !strings.Contains(value, "\n")
	case "p":
		ev.Subject = value
		return phoneNumber(value) != ""
	}
	return false
}

func nameOrYou(s string) bool { return nameLike(s) || s == "you" || strings.HasPrefix(s, "you ") }

// longestSystem is more than any line that the app writes.
const longestSystem = 2048

var quotes = strings.NewReplacer("“", `"`, "”", `"`, "’", "'", "‘", "'", "\u00a0", " ", "\u202f", " ")

// normaliseSystem reduces a line to what templates are written in.
func normaliseSystem(s string) string {
	s = s[:min(len(s), longestSystem)]
	s = strings.TrimSpace(quotes.Replace(stripMarks(s)))
	for _, hint := range []string{" Tap to ", " Tap for ", " Learn more"} {
		if n := strings.LastIndex(s, hint); n > 0 && (s[n-1] == '.' || s[n-1] == '!') {
			s = s[:n]
		}
	}
	return strings.TrimSuffix(s, ".")
}

// readEvent recognises a line that is surely the app's own. It returns nil if
// the line is of no known kind.
func readEvent(text string) *chat.Event {
	s := normaliseSystem(text)
	if ev := templateEvent(s, true); ev != nil {
		return ev
	}
	ev, _ := eventByStem(s)
	return ev
}

// templateEvent recognises a normalised line by its wording; own is as match has
// it.
func templateEvent(s string, own bool) *chat.Event {
	for i := range templates {
		ev, ok := templates[i].match(s, own)
		if !ok {
			continue
		}
		if templates[i].timer {
			ev.Timer, ev.HasTime = duration(s)
			if ev.Name == "disappearing_off" {
				ev.Timer, ev.HasTime = 0, true
			}
		}
		return &ev
	}
	return nil
}

// markedEvent recognises a line that may be the app's own, because a mark
// stands before it, or may be pasted. English words that occur in other
// sentences do not count, and the encryption notice must begin as it does.
func markedEvent(text string) *chat.Event {
	s := normaliseSystem(text)
	if ev := templateEvent(s, false); ev != nil {
		return ev
	}
	ev, english := eventByStem(s)
	if ev == nil || english || strings.Contains(s, "\n") {
		return nil
	}
	head := strings.ToLower(s[:min(len(s), 40)])
	if ev.Name == "e2e_notice" && !containsAny(head, messageStems) {
		return nil
	}
	return ev
}

// messageStems are the word "messages", with which every encryption notice
// begins.
var messageStems = phrases(`messages and calls|messages et|nachrichten und|mensajes|mensag|messagg|berichten|сообщен|повідомл|mesaj|wiadomo|zpráv|
správ|besked|melding|meddeland|viest|üzenet|poruk|μηνύματα|メッセージ|메시지|消息|訊息|pesan|mesej|tin nhắn|संदेश|मैसेज|الرسائل|הודעות|
ข้อความ|missatges|sporočil`)

// systemWithColon reports whether a line whose first colon is at n is
// nevertheless the app's own: a template matches the whole of it, or, in a
// language that has none here, the colon stands inside quotation marks that
// end with the line.
func systemWithColon(first string, n int) bool {
	s := normaliseSystem(first)
	for i := range templates {
		if _, ok := templates[i].match(s, false); ok {
			return true
		}
	}
	first = first[:min(len(first), longestSystem)]
	end := strings.TrimRight(stripMarks(first), ".")
	return openQuote(first[:n]) && (strings.HasSuffix(quotes.Replace(end), `"`) || strings.HasSuffix(end, "»"))
}

// openQuote reports whether a quotation begins in s and does not end there.
func openQuote(s string) bool {
	return strings.Count(quotes.Replace(s), `"`)%2 == 1 ||
		strings.Count(s, "«") > strings.Count(s, "»") ||
		strings.Count(s, "„") > strings.Count(s, "“")+strings.Count(s, "”")
}

// quotationMarks are those that group names stand between.
const quotationMarks = "\"“”„«»「」『』"

// quotesName reports whether a line, whose first colon is at n, says something
// about a quoted name that holds that colon: the quotation is open there and
// ends later, and around it somebody is named.
func quotesName(first string, n int, named func(text string) bool) bool {
	if !openQuote(first[:n]) {
		return false
	}
	from, to := strings.IndexAny(first, quotationMarks), strings.LastIndexAny(first, quotationMarks)
	return to > n && (named(first[:from]) || named(first[to:]))
}

// stems recognise the lines that matter as evidence in other languages. They
// are tried on lines that the app wrote, never on what people write. The first
// stem of a list is English.
var stems = []struct {
	event string
	words []string
}{
	{"advanced_privacy", phrases(`advanced chat privacy|erweiterter chat-datenschutz|erweiterten chat-datenschutz|
confidentialité avancée|privacidad avanzada|privacy avanzata|privacidade avançada|geavanceerde chatprivacy|
расширенн|gelişmiş sohbet gizliliği|zaawansowan|高级聊天隐私|進階聊天隱私`)},
	{"disappearing", phrases(`disappear|selbstlösch|nachrichtendauer|éphémère|mensajes temporales|mensajes efímeros|
messaggi effimeri|messaggi temporanei|verdwijn|исчеза|зникаюч|mensagens temporárias|süreli mesaj|kaybolan mesaj|
znikając|wiadomości tymczas|mizející|mizejúce|försvinn|forsvind|forsvinn|katoav|itsestään häviäv|eltűnő|
mesajele temporare|dispariți|εξαφανιζόμεν|消えるメッセージ|사라지는|限时消息|限時訊息|阅后即焚|pesan sementara|menghilang|
tin nhắn tạm thời|tin nhắn tự hủy|गायब होने|الرسائل المؤقتة|ذاتية الاختفاء|הודעות נעלמות|הודעות זמניות|missatges temporals`)},
	{"e2e_notice", phrases(`end-to-end|ende-zu-ende|bout en bout|extremo a extremo|ponta a ponta|ponto a ponto|сквозн|
наскрізн|uçtan uca|szyfrowan|koncov|ende-til-ende|päästä päähän|végpontok|端到端|端對端|エンドツーエンド|종단간|종단 간|
एंड-टू-एंड|تمامًا بين الطرفين|التشفير التام|تام بين|מקצה לקצה|ต้นทางถึงปลายทาง|đầu cuối|criptate integral|διατερματικ|
d'extrem a extrem|hujung ke hujung|koniec-koniec|od krajnje`)},
}

var offStems = phrases(`turned off|deaktiv|désactiv|desactiv|disattiv|uitgeschakeld|отключ|вимкн|вимикн|kapat|wyłącz|
vypnu|vypol|stängde av|inaktiver|slog fra|slået fra|slo av|slått av|pois käytöstä|kikapcsol|关闭|關閉|オフ|해제|껐|
nonaktif|mematikan|tắt|बंद|أوقف|إيقاف|עצר|כיבה|השבית|απενεργοπο|dezactiv`)

// eventByStem recognises a system line by the words that no other line has.
func eventByStem(s string) (ev *chat.Event, english bool) {
	low := strings.ToLower(s)
	for _, stem := range stems {
		if !containsAny(low, stem.words) {
			continue
		}
		english = stem.event != "e2e_notice" && strings.Contains(low, stem.words[0])
		if stem.event == "e2e_notice" {
			return &chat.Event{Name: stem.event}, false
		}
		off := containsAny(low, offStems)
		if stem.event == "advanced_privacy" {
			return &chat.Event{Name: stem.event + onOff(!off)}, english
		}
		ev = &chat.Event{Name: stem.event + onOff(!off)}
		if ev.Timer, ev.HasTime = duration(s); off && !ev.HasTime {
			ev.HasTime = true
		} else if ev.HasTime && containsAny(low, []string{"aktualisiert", "actualiz", "aggiornat", "mis à jour", "обнов", "bijgewerkt", "atualiz", "updated"}) {
			ev.Name = "disappearing_timer"
		} else if ev.HasTime {
			ev.Name = "disappearing_on"
		}
		return ev, english
	}
	return nil, false
}

func onOff(on bool) string {
	if on {
		return "_on"
	}
	return "_off"
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// duration finds the timer that a line prints. The app offers 24 hours, 7 days
// and 90 days; a number of a few others occurs in older builds.
func duration(s string) (time.Duration, bool) {
	next := 0
	for i, r := range s {
		_, zero, ok := digit(r)
		if !ok || i < next {
			continue
		}
		n, digits, end := number(s, i, zero)
		if next = end; digits > 3 {
			continue
		}
		unit := strings.ToLower(strings.TrimLeft(s[end:], " -"))
		return time.Duration(n) * unitOf(n, unit), true
	}
	return 0, false
}

// unitOf decides between hours and days; 24 of anything is hours.
func unitOf(n int, unit string) time.Duration {
	const day = 24 * time.Hour
	switch {
	case strings.HasPrefix(unit, "second"):
		return time.Second
	case strings.HasPrefix(unit, "minute"):
		return time.Minute
	case strings.HasPrefix(unit, "hour"), n == 24:
		return time.Hour
	case strings.HasPrefix(unit, "week"):
		return 7 * day
	case strings.HasPrefix(unit, "year"):
		return 365 * day
	}
	return day
}

// phrases divides a table's list at its bars.
func phrases(list string) []string {
	words := strings.Split(list, "|")
	for i, w := range words {
		words[i] = strings.TrimSpace(w)
	}
	return words
}

// addsNameWithColon reports whether a line, whose first colon looks like a
// sender's, is a system line about somebody whose name holds that colon, such
// as "Tom added ACME: Support"; others reports whether the name occurs as a
// sender.
func addsNameWithColon(first string, others func(name string) bool) bool {
	s := normaliseSystem(first)
	for i := range templates {
		t := &templates[i]
		if n := len(t.pattern); n < 2 || t.pattern[n-1] != "y" {
			continue
		}
		actor, name, ok := strings.Cut(s, t.pattern[2])
		if ok && strings.Contains(name, ": ") && !strings.Contains(actor, ": ") && others(name) {
			return true
		}
	}
	return false
}
