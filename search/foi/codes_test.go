package foi

import (
	"strings"
	"testing"
)

func testCodes(t testing.TB, k Kind) *Codes {
	t.Helper()
	c, err := ParseCodes(shipped(t, "exemptions-"+string(k)+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFindCodes(t *testing.T) {
	for _, c := range []struct {
		kind        Kind
		cited       string
		short, code string // empty: refused
		qualified   bool
		as          string
	}{
		{FOI, "40(2)", "40(2)", "40(2)", false, "s.40(2)"},
		{FOI, "s.40(2)", "40(2)", "40(2)", false, "s.40(2)"},
		{FOI, "Section 40 (2)(a)", "40(2)(a)", "40(2)", false, "s.40(2)(a)"},
		{FOI, "35(1)(a)", "35(1)(a)", "35", true, "s.35(1)(a)"},
		{FOI, "37(1)(ab)", "37(1)(ab)", "37(1)(ab)", false, "s.37(1)(ab)"},
		{FOI, "37(1)(b)", "37(1)(b)", "37", true, "s.37(1)(b)"},
		{FOI, "22a", "22a", "22A", true, "s.22a"},
		{FOI, "40", "", "", false, ""},
		{FOI, "99", "", "", false, ""},
		{FOI, "25", "", "", false, ""},
		{FOI, "4", "", "", false, ""},
		{FOI, "40(2", "", "", false, ""},
		{FOI, "", "", "", false, ""},
		{FOI, "40()", "", "", false, ""},
		{EIR, "reg 12(4)(b)", "12(4)(b)", "12(4)(b)", true, "reg 12(4)(b)"},
		{EIR, "regulation 13(1)", "13(1)", "13(1)", false, "reg 13(1)"},
		{EIR, "40(2)", "", "", false, ""},
		{SAR, "Sch 2 para 16", "2(16)", "2(16)", false, "Sch 2 para 16"},
		{SAR, "schedule 2 paragraph 19", "2(19)", "2(19)", false, "Sch 2 para 19"},
		{SAR, "2(16)", "2(16)", "2(16)", false, "Sch 2 para 16"},
		{SAR, "Sch 2 para 99", "", "", false, ""},
	} {
		codes := testCodes(t, c.kind)
		short, code, err := codes.Find(c.cited, day(t, "2026-05-22"))
		if (err == nil) != (c.short != "") || short != c.short || err == nil && (code.Code != c.code || code.Qualified != c.qualified || codes.Cite(short) != c.as) {
			t.Errorf("%s %q: %q under %q, %v", c.kind, c.cited, short, code.Code, err)
		}
	}
	if _, _, err := testCodes(t, FOI).Find("40", day(t, "2026-05-22")); !strings.Contains(err.Error(), "it has 40(1), 40(2)") {
		t.Error(err)
	}
	if _, _, err := testCodes(t, FOI).Find("22A", day(t, "2014-05-22")); err == nil {
		t.Error("an exemption that was not in force yet")
	}
}

func TestParseCodesReportsEveryFault(t *testing.T) {
	_, err := ParseCodes([]byte(`schema: exemptions/v0
kind: pfi
law: l
codes:
  - {code: "40(2)", title: t, effective_from: 2005-01-01, source: s}
  - {code: "40(2)", title: t, effective_from: 2005-01-01, source: s}
  - {code: "forty", title: t, effective_from: 2005-01-01, source: s}
  - {code: "41", effective_from: 2005-01-01, source: s}
`))
	for _, want := range []string{"schema", "kind", "codes[1].code", "codes[2].code", "codes[3]: needs title"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
}

func FuzzFindCode(f *testing.F) {
	for _, s := range []string{"40(2)", "Sch 2 para 16", "reg 12(4)(b)", "((", "1)(", "para"} {
		f.Add(s)
	}
	codes := []*Codes{testCodes(f, FOI), testCodes(f, EIR), testCodes(f, SAR)}
	on := day(f, "2026-05-22")
	f.Fuzz(func(t *testing.T, cited string) {
		for _, c := range codes {
			short, _, err := c.Find(cited, on)
			if err != nil {
				continue
			}
			if again, _, err := c.Find(c.Cite(short), on); err != nil || !strings.EqualFold(again, short) {
				t.Errorf("%s: %q is cited %q, which is %q, %v", c.Kind, cited, c.Cite(short), again, err)
			}
		}
	})
}
