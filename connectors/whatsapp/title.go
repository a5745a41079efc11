package whatsapp

import (
	"strings"

	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/connectors/chat/container"
)

// titlePrefixes begin the names that the apps give to exports, in the
// languages they were seen in; what follows is the chat's title.
var titlePrefixes = phrases(`WhatsApp Chat with|WhatsApp Chat -|WhatsApp-Chat mit|WhatsApp Chat mit|Discussion WhatsApp avec|
Chat WhatsApp avec|Chat de WhatsApp con|Chat WhatsApp con|Conversa do WhatsApp com|Conversa de WhatsApp com|WhatsApp-chat met|
WhatsApp Chat met|Чат WhatsApp с контактом|Чат WhatsApp с|Чат WhatsApp з|Czat WhatsApp z|Konverzace WhatsApp s|
WhatsApp-chat med|WhatsApp-chatt med|WhatsApp Sohbeti -|WhatsApp Chat|Chat WhatsApp dengan|Cuộc trò chuyện WhatsApp với`)

// titleOf finds the chat's title in a file's name, and says where it is from.
// The title is nowhere in an iOS transcript.
func titleOf(name, from string) (title, where string) {
	base := stripMarks(container.BaseName(name))
	for _, ext := range []string{".zip", ".txt"} {
		if n := len(base) - len(ext); n > 0 && strings.EqualFold(base[n:], ext) {
			base = base[:n]
		}
	}
	if lower := strings.ToLower(base); lower == "_chat" || lower == "chat" || base == "" {
		return "", ""
	}
	for _, p := range titlePrefixes {
		if rest, ok := strings.CutPrefix(base, p); ok && strings.TrimSpace(rest) != "" {
			return strings.TrimSpace(rest), from
		}
	}
	// 与NAME的 WhatsApp 聊天
	if rest, ok := strings.CutPrefix(base, "与"); ok {
		if title, _, ok := strings.Cut(rest, "的 WhatsApp"); ok {
			return title, from
		}
	}
	if rest, ok := strings.CutSuffix(base, " ile WhatsApp Sohbeti"); ok {
		return rest, from
	}
	return base, from
}

// titleInText finds a group's name in an iOS transcript: it stands in the
// sender's place of system lines and never of a message.
func titleInText(e *chat.Export) (title, where string) {
	speaks := make(map[string]bool)
	for _, m := range e.All() {
		speaks[m.Sender] = true
	}
	for _, m := range e.All() {
		if d := m.DisplaySender; d != "" && !speaks[d] && (m.Event == nil || m.Event.Actor != d) {
			return d, "system line"
		}
	}
	return "", ""
}
