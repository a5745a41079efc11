package whatsapp

import (
	"strings"
	"unicode"

	"github.com/closeroll/closeroll/connectors/chat"
)

// The app's fixed phrases in the languages they were seen in. Phrases are
// whole bodies: a sentence that contains one is a person's. Languages that are
// missing here lose a placeholder's kind and nothing else.

// tombstones maps what stands in the place of a message deleted for everyone
// to who deleted it. They are keyed without final stop and in lower case.
var tombstones = phraseTable(map[string]string{
	chat.BySender: `This message was deleted|Diese Nachricht wurde gelöscht|Ce message a été supprimé|Este mensaje fue eliminado|
Se eliminó este mensaje|Este mensaje se eliminó|Questo messaggio è stato eliminato|Esta mensagem foi apagada|Mensagem apagada|
Essa mensagem foi apagada|Dit bericht is verwijderd|Dit bericht werd verwijderd|Данное сообщение удалено|Это сообщение удалено|
Сообщение удалено|Це повідомлення видалено|Повідомлення видалено|Bu mesaj silindi|Ta wiadomość została usunięta|
Tato zpráva byla odstraněna|Táto správa bola odstránená|Ezt az üzenetet törölték|Acest mesaj a fost șters|
Denna besked blev slettet|Denne besked blev slettet|Denne meldingen ble slettet|Meldingen ble slettet|
Det här meddelandet raderades|Meddelandet raderades|Tämä viesti poistettiin|Αυτό το μήνυμα διαγράφηκε|Poruka je izbrisana|
Ova poruka je izbrisana|Sporočilo je bilo izbrisano|Това съобщение бе изтрито|Ši žinutė buvo ištrinta|Šī ziņa tika izdzēsta|
See sõnum kustutati|Aquest missatge s'ha suprimit|S'ha suprimit aquest missatge|Hierdie boodskap is geskrap|
このメッセージは削除されました|삭제된 메시지입니다|此消息已删除|此訊息已刪除|這則訊息已刪除|Pesan ini telah dihapus|Mesej ini telah dipadamkan|
Tin nhắn này đã bị xóa|ข้อความนี้ถูกลบแล้ว|यह संदेश हटाया गया था|यह मैसेज डिलीट किया गया|تم حذف هذه الرسالة|הודעה זו נמחקה|
این پیام پاک شد|Ujumbe huu ulifutwa`,
	chat.ByExporter: `You deleted this message|Du hast diese Nachricht gelöscht|Vous avez supprimé ce message|Eliminaste este mensaje|
Has eliminado este mensaje|Hai eliminato questo messaggio|Você apagou esta mensagem|Você apagou essa mensagem|Apagou esta mensagem|
Eliminou esta mensagem|U hebt dit bericht verwijderd|Je hebt dit bericht verwijderd|Вы удалили данное сообщение|
Вы удалили это сообщение|Ви видалили це повідомлення|Bu mesajı sildiniz|Usunąłeś tę wiadomość|Usunięto tę wiadomość|
Odstranili jste tuto zprávu|Odstránili ste túto správu|Törölted ezt az üzenetet|Ați șters acest mesaj|Ai șters acest mesaj|
Du slettede denne besked|Du slettet denne meldingen|Du raderade det här meddelandet|Poistit tämän viestin|
Διαγράψατε αυτό το μήνυμα|Izbrisali ste ovu poruku|Heu suprimit aquest missatge|このメッセージを削除しました|
메시지를 삭제했습니다|您删除了此消息|你已删除这条消息|您已刪除此訊息|Anda telah menghapus pesan ini|Anda memadamkan mesej ini|
Bạn đã xóa tin nhắn này|คุณลบข้อความนี้แล้ว|आपने यह संदेश हटाया|لقد حذفت هذه الرسالة|מחקת הודעה זו`,
	chat.ByAdmin: `You deleted this message as admin`,
})

// byAdmin begins the tombstones that name the administrator.
var byAdmin = phrases(`this message was deleted by admin |diese nachricht wurde vom admin |diese nachricht wurde von admin `)

func phraseTable(lists map[string]string) map[string]string {
	t := make(map[string]string)
	for value, list := range lists {
		for _, phrase := range phrases(list) {
			t[strings.ToLower(phrase)] = value
		}
	}
	return t
}

// nullBody is printed for what some versions cannot export. It is the one phrase
// of under eight bytes, and has no mark and no stop.
const nullBody = "null"

// plain maps other whole bodies, keyed as tombstones are, to their kind.
var plain = phraseTable(map[string]string{
	string(chat.Waiting): `Waiting for this message. This may take a while|Waiting for this message|
Warte auf diese Nachricht. Dies kann einen Moment dauern|Auf diese Nachricht wird gewartet. Dies kann eine Weile dauern|
En attente de ce message. Cela peut prendre un moment|Esperando este mensaje. Puede demorar un poco|
In attesa del messaggio. Potrebbe volerci un po'|Aguardando mensagem. Essa ação pode levar alguns instantes`,
	string(chat.LiveLocation): `live location shared|Live-Standort wird geteilt|Live-Standort geteilt|position en direct partagée|
ubicación en tiempo real compartida|posizione in tempo reale condivisa|localização em tempo real compartilhada|
live locatie gedeeld|live-locatie gedeeld|трансляция геоданных|canlı konum paylaşıldı`,
	string(chat.CallKind): `Missed voice call|Missed video call|Missed group voice call|Missed group video call|Missed call|
Verpasster Sprachanruf|Verpasster Videoanruf|Appel vocal manqué|Appel vidéo manqué|Llamada perdida|Videollamada perdida|
Chiamata persa|Videochiamata persa|Chiamata vocale persa|Chamada de voz perdida|Chamada de vídeo perdida|Gemiste spraakoproep|
Gemiste videogesprek|Пропущенный аудиозвонок|Пропущенный видеозвонок|Cevapsız sesli arama|Cevapsız görüntülü arama`,
	string(chat.NullBody): nullBody,
})

// places are the words before a map link on Android; iOS sets a mark before
// them, so that there any word will do.
var places = wordSet(`location standort ubicación ubicacion posizione localização localisation locatie местоположение
	місцезнаходження konum lokalizacja poloha umístění sijainti plats sted placering locație τοποθεσία lokacija lokasi
	位置情報 位置 위치 स्थान الموقع מיקום vị_trí mahali`)

// The parts of placeholders: what was left out, and that it was. A placeholder
// names both; <media query> and <grin> do not.
var mediaStems = []struct {
	kind  string
	words []string
}{
	{"video_note", phrases(`video note|videonotiz|note vidéo|nota de vídeo|nota de video|videonota|videonotitie|видеосообщени`)},
	{"sticker", phrases(`sticker|autocollant|figurinha|стикер|стікер|çıkartma|naklejk|samolepk|tarra|klistermærke|klistremerke|
matrica|αυτοκόλλητ|naljepnic|nalepnic|ステッカー|スタンプ|스티커|贴图|表情|貼圖|สติกเกอร์|nhãn dán|ملصق|סטיקר|מדבקה|स्टिकर|stiker|adhesiu`)},
	{"gif", phrases(`gif`)},
	{"contact", phrases(`contact card|kontaktkarte|fiche contact|carte de contact|tarjeta de contacto|contatto|cartão de contato|
ficha de contato|cartão de contacto|contactkaart|карточка контакта|контакт|kişi kartı|kontakt|yhteystieto|連絡先|연락처|联系人|名片|
聯絡人|kartu kontak|danh thiếp|संपर्क|بطاقة|כרטיס`)},
	{"document", phrases(`document|dokument|документ|belge|documento|asiakirja|dokumentti|dokumentum|έγγραφο|文書|ドキュメント|문서|文档|文件|
dokumen|tài liệu|เอกสาร|दस्तावेज|مستند|מסמך`)},
	{"voice", phrases(`voice message|sprachnachricht|message vocal|mensaje de voz|messaggio vocale|mensagem de voz`)},
	{"video", phrases(`video|vídeo|vidéo|видео|відео|wideo|βίντεο|動画|ビデオ|동영상|视频|影片|วิดีโอ|वीडियो|فيديو|סרטון|וידאו|וידיאו`)},
	{"audio", phrases(`audio|áudio|аудио|аудіо|ses |dźwięk|zvuk|ääni|ljud|lyd|hang|ήχος|オーディオ|音声|오디오|音频|音訊|语音|เสียง|âm thanh|ऑडियो|
صوت|שמע|אודיו`)},
	{"album", phrases(`album`)},
	{"image", phrases(`image|bild|imagen|immagine|imagem|afbeelding|изображени|зображенн|görüntü|obraz|obráz|kuva|billede|bilde|
kép|εικόνα|slika|画像|이미지|사진|图片|图像|圖片|gambar|hình ảnh|รูปภาพ|ภาพ|इमेज|तस्वीर|صورة|תמונה|imatge|foto|photo`)},
	{"", phrases(`media|médi|mídi|medya|medien|medij|médiá|медиа|медіа|μέσ|メディア|미디어|媒体|媒體|สื่อ|मीडिया|وسائط|מדיה|multim|archivo|fichier|
ficheiro|datei|файл|mèdia|mitjans`)},
}

var omittedStems = phrases(`omit|omis|omess|omès|weggelassen|ausgeschlossen|absent|exclu|escl|ocult|weggelaten|без |отсутств|пропущ|не
включ|відсутн|пропущен|вилуч|dahil edilmedi|eklenmedi|pominięt|vynech|udelad|utelämn|utelat|udeladt|jätettiin pois|jätetty|
poissa|kihagy|elhagy|omisă|παραλείφθηκ|izostavljen|izpuščen|省略|생략|略去|忽略|未包含|已略过|tidak disertakan|dihilangkan|dikecualikan|
bị bỏ qua|bỏ qua|ละไว้|ละเว้น|छोड़|निकाल|शामिल नहीं|استبعاد|محذوف|مستبعد|הושמט|לא נכלל|להכללת|odsotn|izlaists|praleist|non inclus`)

// omission returns the kind of media that a placeholder's words say was left
// out. ok is false for words that say nothing of the sort.
func omission(words string) (kind string, viewOnce, ok bool) {
	low := strings.ToLower(words)
	if len(words) > 80 || strings.Count(words, " ") > 4 || strings.Contains(low, " omitted ") || strings.ContainsAny(words, "<>\n.!?/\\@#=\"") || !containsAny(low, omittedStems) {
		return "", false, false
	}
	for _, m := range mediaStems {
		if containsAny(low, m.words) {
			return m.kind, strings.Contains(low, "view once"), true
		}
	}
	return "", false, false
}

// attachedWords end the Android form NAME (file attached).
var attachedWords = wordsIn(`file attached|Datei angehängt|archivo adjunto|fichier joint|file allegato|arquivo anexado|ficheiro anexado|
bestand bijgevoegd|файл добавлен|файл прикріплено|файл додано|файл прикреплен|soubor byl přiložen|súbor bol priložený|súbor priložený|dosya ekli|plik dołączony|
załączono plik|fil vedhæftet|vedhæftet fil|fil bifogad|bifogad fil|fil vedlagt|vedlagt fil|tiedosto liitetty|csatolt fájl|fájl csatolva|
fișier atașat|συνημμένο αρχείο|επισυνάφθηκε αρχείο|datoteka priložena|priložena datoteka|файлът е прикачен|прикачен файл|
添付ファイル|ファイル添付|파일 첨부됨|文件附件|已附加文件|附件檔案|檔案已附加|berkas terlampir|file terlampir|fail dilampirkan|tệp đính kèm|
tệp được đính kèm|แนบไฟล์แล้ว|ไฟล์แนบ|फ़ाइल संलग्न|फ़ाइल जोड़ी गई|الملف مرفق|ملف مرفق|הקובץ מצורף|קובץ מצורף|fitxer adjunt|lêer aangeheg|fails pievienots|
pridėtas failas|fail lisatud|فایل پیوست شد|faili imeambatishwa`)

func wordsIn(list string) map[string]bool {
	t := make(map[string]bool)
	for _, p := range phrases(list) {
		t[strings.ToLower(p)] = true
	}
	return t
}

// editedWords are the insides of the mark that ends an edited message.
var editedWords = wordsIn(`This message was edited|Diese Nachricht wurde bearbeitet|Ce message a été modifié|Se editó este mensaje.|
Se editó este mensaje|Este mensaje fue editado|Questo messaggio è stato modificato|Dit bericht is bewerkt|Esta mensagem foi editada|
Mensagem editada|Это сообщение изменено|Сообщение изменено|Данное сообщение изменено|Це повідомлення змінено|Bu mesaj düzenlendi|
Ta wiadomość została edytowana|Tato zpráva byla upravena|Táto správa bola upravená|Ezt az üzenetet szerkesztették|
Acest mesaj a fost editat|Denne besked blev redigeret|Denne meldingen ble redigert|Det här meddelandet redigerades|
Tätä viestiä muokattiin|Αυτό το μήνυμα υποβλήθηκε σε επεξεργασία|このメッセージは編集されました|메시지가 수정되었습니다|此消息已编辑|
此訊息已編輯|Pesan ini telah diedit|Tin nhắn này đã được chỉnh sửa|ข้อความนี้ถูกแก้ไข|यह मैसेज एडिट किया गया|تم تعديل هذه الرسالة|
הודעה זו נערכה|S'ha editat aquest missatge`)

// editStems recognise the mark in other languages, where iOS's own mark
// character stands before it.
var editStems = phrases(`edit|bearbeit|modifi|bewerk|redig|muokat|измен|отредакт|düzenlen|uprav|szerkeszt|編集|수정|编辑|編輯|chỉnh sửa|แก้ไข|تعديل|נערך`)

// beginnings are the first eight bytes of phrases, ASCII letters in lower
// case. Nearly every body fails their test, which costs next to nothing.
type beginnings [1 << 16 / 64]uint64

var phraseStarts = beginningsOf(tombstones, plain)

func beginningsOf(tables ...map[string]string) *beginnings {
	var b beginnings
	for _, t := range tables {
		for p := range t {
			b.add(p)
		}
	}
	for _, p := range byAdmin {
		b.add(p)
	}
	return &b
}

// add adds a phrase with each of its first letters in either case.
func (b *beginnings) add(phrase string) {
	starts := []string{""}
	for _, r := range phrase {
		if len(starts[0]) >= 8 {
			break
		}
		var next []string
		for _, s := range starts {
			next = append(next, s+string(unicode.ToLower(r)), s+string(unicode.ToUpper(r)))
		}
		starts = next
	}
	for _, s := range starts {
		if len(s) >= 8 {
			at := hashOf(s)
			b[at/64] |= 1 << (at % 64)
		}
	}
}

// hashOf reduces the first eight bytes of s, which is at least so long.
func hashOf(s string) uint64 {
	_ = s[7]
	eight := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	eight |= 0x2020202020202020 // both cases of an ASCII letter; what else it joins costs nothing
	return eight * 0x9e3779b97f4a7c15 >> 48
}

// maybePhrase reports whether body could be one of the fixed phrases.
func maybePhrase(body string) bool {
	i := skipMarks(body, 0)
	if len(body)-i < 8 {
		return body == nullBody
	}
	at := hashOf(body[i:])
	return phraseStarts[at/64]&(1<<(at%64)) != 0
}
