package welsh

import (
	"slices"
	"strings"
)

// Keys returns the stems of a folded word's candidate radicals, each once. Two
// words are forms of one another if they have a key in common ([Same]). There
// are at most maxKeys.
func Keys(word string) []string {
	var keys []string
	for _, radical := range Radicals(word) {
		for _, s := range stems(radical) {
			if !slices.Contains(keys, s) && len(keys) < maxKeys {
				keys = append(keys, s)
			}
		}
	}
	return keys
}

// maxKeys bounds the keys of a word: three radicals beside itself and two
// stems of each.
const maxKeys = 8

// Same reports whether two folded words are forms of one another.
func Same(a, b string) bool {
	if a == b {
		return true
	}
	of := Keys(b)
	return slices.ContainsFunc(Keys(a), func(k string) bool { return slices.Contains(of, k) })
}

// stems returns the stem of a radical, and beside it the stem with its last
// vowel as it was before an ending changed it.
func stems(radical string) []string {
	if !plain(radical) || grammatical(radical) || len(radical) < 3 {
		return []string{radical}
	}
	if s := irregular(radical); s != "" {
		return []string{settle(strip(s))}
	}
	s := strip(radical)
	all := []string{settle(s)}
	if s != radical {
		if undone := unchange(s); undone != s {
			all = append(all, settle(undone))
		}
	}
	return all
}

// strip takes endings off until none is left, so that the stem of a stem is
// itself.
func strip(word string) string {
	for {
		s := stripOne(word)
		if s == word {
			return s
		}
		word = s
	}
}

// An ending is taken off a word if at least so many letters, a vowel among
// them, are left.
type ending struct {
	letters string
	least   int
	instead string
}

// endings lists them, those that end in others first.
func endings() []ending {
	return []ending{
		// plurals
		{"feydd", 3, "fa"}, {"iadau", 4, ""}, {"iaid", 4, ""}, {"oedd", 3, ""}, {"ydd", 4, ""}, {"ion", 3, ""}, {"on", 6, ""},
		// verbs
		{"awyd", 4, ""}, {"aodd", 4, ""}, {"iwyd", 4, ""}, {"iodd", 4, ""}, {"wyd", 4, ""}, {"odd", 4, ""}, {"asant", 4, ""}, {"asom", 4, ""},
		{"iau", 3, ""}, {"au", 4, ""}, {"ais", 4, ""}, {"iaf", 4, ""}, {"af", 5, ""}, {"ir", 5, ""}, {"iant", 5, ""}, {"ant", 5, ""},
		{"iad", 4, ""}, {"io", 4, ""},
		// those who do it
		{"iwyr", 4, ""}, {"wyr", 4, ""}, {"iwr", 4, ""}, {"wr", 4, ""}, {"wraig", 4, ""},
		{"u", 4, ""}, {"o", 4, ""}, {"i", 4, ""},
	}
}

func stripOne(word string) string {
	if keeps(word) {
		return word
	}
	for _, e := range endings() {
		if s, ok := strings.CutSuffix(word, e.letters); ok && len(s) >= e.least && strings.ContainsAny(s, "aeiouwy") {
			return s + e.instead
		}
	}
	return word
}

// keeps reports whether a word only looks as if it had an ending.
func keeps(word string) bool {
	switch word {
	case "cymru", "cymraeg", "dechrau", "eisiau", "ymlaen", "eleni", "heddiw", "yfory", "allan", "pethau", "gobaith", "cyfan", "arian", "anfon":
		return true
	}
	return false
}

// unchange undoes what an ending does to the last vowel of a stem: y was w
// (byrddau, bwrdd), ei was ai (geiriau, gair).
func unchange(stem string) string {
	at := strings.LastIndexAny(stem, "aeiouwy")
	switch {
	case at < 0:
	case stem[at] == 'i' && at > 0 && stem[at-1] == 'e':
		return stem[:at-1] + "ai" + stem[at+1:]
	case stem[at] == 'y' && (at == 0 || stem[at-1] != 'w'):
		return stem[:at] + "w" + stem[at+1:]
	}
	return stem
}

// settle writes a stem the one way: n and r are doubled, and h stands after
// them, where the stress falls on the syllable before an ending (dogfennau,
// dogfen; cynghorau, cyngor).
func settle(stem string) string {
	for _, double := range []struct{ written, settled string }{{"nn", "n"}, {"rr", "r"}, {"nh", "n"}, {"ngh", "ng"}, {"mh", "m"}, {"rh", "r"}} {
		if i := strings.LastIndex(stem, double.written); i > 0 {
			stem = stem[:i] + double.settled + stem[i+len(double.written):]
		}
	}
	return stem
}

// irregular returns the singular of a noun whose plural follows no rule, or "".
func irregular(plural string) string {
	switch plural {
	case "tai":
		return "ty"
	case "ysbytai":
		return "ysbyty"
	case "plant":
		return "plentyn"
	case "rhieni":
		return "rhiant"
	case "athrawon":
		return "athro"
	case "cleifion":
		return "claf"
	case "merched":
		return "merch"
	case "ffyrdd":
		return "ffordd"
	case "meysydd":
		return "maes"
	case "blynyddoedd", "blynedd":
		return "blwyddyn"
	case "gwledydd":
		return "gwlad"
	case "brodyr":
		return "brawd"
	case "chwiorydd":
		return "chwaer"
	case "ceir":
		return "car"
	case "cwn":
		return "ci"
	case "pyst":
		return "post"
	case "unigolion":
		return "unigolyn"
	case "gwyr":
		return "gwr"
	case "saeson":
		return "sais"
	case "cymry":
		return "cymro"
	case "cerrig":
		return "carreg"
	case "dyfroedd":
		return "dwr"
	case "dail":
		return "deilen"
	case "coed":
		return "coeden"
	case "ystadegau":
		return "ystadegyn"
	case "nadroedd":
		return "neidr"
	case "gwyliau":
		return "gwyl"
	}
	return ""
}
