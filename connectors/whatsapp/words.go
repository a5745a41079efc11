package whatsapp

import "strings"

// A period is a part of the day that a 12-hour stamp names.
type period byte

const (
	noPeriod      period = iota
	before               // a.m., and every morning
	after                // p.m., and every afternoon
	midday               // mittags, 中午: around twelve
	evening              // abends, 晚上: twelve is midnight
	night                // nachts, at night: late or early
	unknownPeriod        // a word whose meaning could not be found out
)

// hour24 turns the hour of a 12-hour clock into that of a 24-hour clock.
func (p period) hour24(h int) int {
	if p == noPeriod || p == unknownPeriod || h > 12 || h < 0 {
		return h
	}
	twelve := h == 12 || h == 0
	switch {
	case p == after && h == 0:
		return 12
	case p == before && twelve, p == evening && twelve, p == night && twelve:
		return 0
	case p == after && h < 12, p == evening && h < 12:
		return h + 12
	case p == midday && h < 6:
		return h + 12
	case p == night && h >= 6:
		return h + 12
	}
	return h
}

// periods are the day periods of CLDR for the languages that phones are set
// to, as fold leaves them. A word that is missing here is not fatal: where a
// file uses two unknown words, their order in time tells which is which.
var periods = periodTable(map[period]string{
	before: `am inthemorning morning vormittags vorm morgens früh manhã damanhã mañana delamañana madrugada damadrugada
		delamadrugada fm ap priekšp priekšpusdienā priešpiet dop dopol de dél delőtt dp utra утра ночи прпре пре преподне
		prepodne прподне пробяд πμ öö öğledenönce pd eparadites претпл претпладне ص صباحا قظ قبلازظهر قبلدوپہر पूर्वाह्न পূর্বাহ্ণ
		मपू முற்பகல் ก่อนเที่ยง sa pagi pg asubuhi ጥዋት 午前 오전 上午 早上 凌晨 清晨 早晨 to နံနက် ព្រឹក yb rn m madainn vm fh goizeko
		goizaldeko goizean лепнауцъ לפנהצ לפנהצהריים ԿԱ таңғы таңертеңгі dp дп пробед преди пробд matin dumatin dimineața
		delmati delmatí dimatina dimattina akpm ponoći прпладне чam chamd sabah`,
	after: `pm intheafternoon afternoon nachmittags nachm tarde datarde delatarde em ip pēcp pēcpusdienā popiet odp odpol du
		délután pp пп дня μμ ös öğledensonra md epasdites попл попладне م مساء بظ بعدازظهر بعددوپہر अपराह्न অপরাহ্ণ
		मउ பிற்பகல் หลังเที่ยง ch siang petang ptg mchana alasiri ከሰዓት 午後 오후 下午 tk ညနေ ល្ងាច yh in f feasgar nm eh
		arratsaldeko pop popoldne поподне popodne אחהצ אחרהצהריים ԿՀ түстенкейінгі слоб следобед dépm aprèsmidi delaprèsmidi
		dupamiază delatarda dipomeriggio delpomeriggio чpm öğleden`,
	midday: `mittags mittag noon 中午 正午 mediodía delmediodía`,
	evening: `intheevening evening abends abend noite danoite 晚上 傍晚 sore malam jioni usiku вечера кешкі noche delanoche
		soir dusoir akşam wieczorem este este`,
	night: `atnight night nachts nacht midnight mitternacht 半夜 午夜 深夜 밤 새벽 gece`,
})

func periodTable(lists map[period]string) map[string]period {
	t := make(map[string]period)
	for p, list := range lists {
		for w := range strings.FieldsSeq(list) {
			t[fold(w)] = p
		}
	}
	return t
}

// units are words that end a time and say nothing about the half of the day.
var units = wordSet("s sec sek uhr hrs h ч час сек 秒 초 u")

// periodOf reads the words of a stamp. known is false if a word is there that
// is neither a day period nor a unit.
func periodOf(word string) (p period, known bool) {
	w := fold(word)
	if w == "" || units[w] {
		return noPeriod, true
	}
	if p, ok := periods[w]; ok {
		return p, true
	}
	for _, unit := range []string{"s", "ч"} { // 02 h 05 min 09 s p.m.; 2:05 ч. pm
		if p, ok := periods[strings.TrimPrefix(w, unit)]; ok && strings.HasPrefix(w, unit) {
			return p, true
		}
	}
	return unknownPeriod, false
}

// eras are the words that exports print beside a year, as fold leaves them, by
// calendar.
var eras = eraTable(map[string]string{
	buddhist:  `be พศ eb bk бе تقویمبودایی बौद्धसंवत इसपू ਈਪੂ 불기 佛历 佛曆 rb bd bg`,
	japanese:  `r reiwa 令和 h heisei 平成 рэйва реива ر रेइवा เรวะ 레이와`,
	persian:   `ap هش persgads персгод ап гап ปีเปอร์เซีย 波斯历 波斯曆`,
	ummAlQura: `ah هـ ه هق hicri ہجری هجري হিজরি যুগ हिव ഹിജറ ฮศ 伊斯兰历 伊斯蘭曆 ах хж mf εε הגרה eh`,
	minguo:    `roc minguo 民國 民国`,
	gregorian: `г ad ce คศ god год р`,
})

func eraTable(lists map[string]string) map[string]string {
	t := make(map[string]string)
	for calendar, list := range lists {
		for w := range strings.FieldsSeq(list) {
			t[fold(w)] = calendar
		}
	}
	return t
}

func isEra(word string) bool {
	_, ok := eras[fold(word)]
	return ok && len(fold(word)) > 0
}

func wordSet(list string) map[string]bool {
	t := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		t[w] = true
	}
	return t
}

// monthNames are the short month names that exports of 2013 printed, by their
// beginnings. The first name that a word starts with wins.
var monthNames = strings.Fields(`jan:1 feb:2 mar:3 mär:3 apr:4 may:5 mai:5 maj:5 mei:5 jun:6 jul:7 aug:8 ago:8 sep:9
	set:9 oct:10 okt:10 out:10 ott:10 nov:11 dec:12 dez:12 dic:12 des:12 ene:1 gen:1 abr:4 avr:4 fév:2 fev:2 mag:5
	giu:6 lug:7 juin:6 juil:7 aoû:8 déc:12 янв:1 фев:2 мар:3 апр:4 май:5 мая:5 июн:6 июл:7 авг:8 сен:9 окт:10 ноя:11
	дек:12 oca:1 şub:2 nis:4 haz:6 tem:7 ağu:8 eyl:9 eki:10 kas:11 ara:12 maa:3 mrt:3`)

// monthOf returns the month that word names, or 0.
func monthOf(word string) int {
	w := fold(word)
	for _, entry := range monthNames {
		name, number, _ := strings.Cut(entry, ":")
		if strings.HasPrefix(w, name) && len(w) <= len(name)+9 {
			n := 0
			for _, c := range number {
				n = n*10 + int(c-'0')
			}
			return n
		}
	}
	return 0
}
