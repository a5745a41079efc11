package foi

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		kind       Kind
		decision   string
		exemptions string
		weighed    string
		want       string // cited; or the fault
	}{
		{FOI, "release", "", "", ""},
		{FOI, "withhold", "40(2),s.40(2)", "", "s.40(2)"},
		{FOI, "part", "40(2),42", "weighed", "s.40(2),s.42"},
		{FOI, "withhold", "", "", "takes an exemption"},
		{FOI, "release", "42", "", "takes no exemption"},
		{FOI, "out_of_scope", "42", "", "out of scope takes no exemption"},
		{FOI, "withhold", "42", "", "is qualified"},
		{FOI, "withhold", "12(1)", "", "refuses a whole request"},
		{FOI, "hide", "42", "", "is no decision"},
		{EIR, "withhold", "12(4)(e)", "", "is qualified"},
		{EIR, "withhold", "13(1)", "", "reg 13(1)"},
		{SAR, "part", "Sch 2 para 16", "", "Sch 2 para 16"},
	} {
		d := record.RequestDecided{Decision: c.decision, PublicInterest: c.weighed}
		if c.exemptions != "" {
			d.Exemptions = strings.Split(c.exemptions, ",")
		}
		cited, _, err := testCodes(t, c.kind).Check(d, day(t, "2026-05-22"))
		if got := strings.Join(cited, ","); got != c.want && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s %s under %s: %q, %v", c.kind, c.decision, c.exemptions, got, err)
		}
	}
	_, notices, err := testCodes(t, FOI).Check(record.RequestDecided{Decision: "withhold", Exemptions: []string{"36"}, PublicInterest: "w"}, day(t, "2026-05-22"))
	if err != nil || len(notices) != 1 || !strings.Contains(notices[0], "qualified person") {
		t.Errorf("%v, %v", notices, err)
	}
}

func TestSelect(t *testing.T) {
	sent := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	var found []Found
	for n, id := range []record.MessageID{{Record: "aaab", N: 1}, {Record: "aacd", N: 1}, {Record: "aacd", N: 2}, {Record: "bbbb", N: 1}} {
		found = append(found, Found{No: record.MessageNo(n + 1), ID: id, Sent: sent, Runs: []int{1}, ChatID: fmt.Sprint(n / 3), Copy: map[int]string{0: "x", 3: "x"}[n]})
	}
	s := MakeSet(&Request{Runs: 1}, found, 0, sent.AddDate(0, 0, 1))
	for id, want := range map[string]string{
		"aaab/1": "aaab/1", "aacd/2": "aacd/2", "aacd": "aacd/1 aacd/2", "aac": "aacd/1 aacd/2", "b": "aaab/1", "AAAB/1+2": "aaab/1+2", "bbbb/1+1": "bbbb/1+1",
		"aa": "", "aacd/9": "", "aacd+1": "", "aaab/1+0": "", "aaab/1+x": "", "zz": "", "": "", "/1": "", "1": "",
	} {
		targets, err := s.Select([]string{id})
		var got []string
		for _, target := range targets {
			got = append(got, target.ID)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", id, got, err)
		}
	}
	thread, err := s.Thread("aacd/2", false)
	if err != nil || len(thread) != 3 {
		t.Errorf("%d, %v", len(thread), err)
	}
	before := Fingerprint(thread)
	thread[0].Item.Decision = &Ruling{Entry: 9}
	if Fingerprint(thread) == before {
		t.Error("a decision that was made meanwhile shows in nothing")
	}
}
