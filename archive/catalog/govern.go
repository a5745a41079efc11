package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

// event takes in what happened, or the correction of what was said before.
func (f *fold) event(e Entry, in record.Event) error {
	if in.Corrects != 0 {
		var event, about string
		found, err := f.one([]any{&event, &about}, `SELECT event, about FROM events WHERE entry = ? AND corrected IS NULL`, in.Corrects)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("a correction of entry %d, which is no event that stands", in.Corrects)
		}
		if err := f.exec(`UPDATE events SET corrected = ? WHERE entry = ?`, e.Index, in.Corrects); err != nil {
			return err
		}
		in.Event, in.About = event, record.About(about)
	}
	return f.exec(`INSERT INTO events (entry, event, about, date, reason, at, actor) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		e.Index, in.Event, string(in.About), in.Date.String(), in.Reason, e.Time.UnixMilli(), e.Actor)
}

// A place is where a record's rows are.
type place struct {
	seq   int64
	first record.MessageNo
	count int
}

// place finds a record's rows; found is false for one that is not kept.
func (f *fold) place(id record.ID) (p place, found bool, err error) {
	var first int64
	found, err = f.one([]any{&p.seq, &first, &p.count}, `SELECT seq, first, count FROM records WHERE id = ? AND disposed IS NULL`, string(id))
	p.first = record.MessageNo(first)
	return p, found, err
}

// classified gives holdings a class by hand. The class that they had is kept
// beside it: a hold on that class goes on covering them.
func (f *fold) classified(_ Entry, in record.Classified) error {
	for _, id := range in.Records {
		p, found, err := f.place(id)
		if err != nil {
			return err
		}
		if !found {
			continue // a disposal has removed what its capture said
		}
		if err := f.reclass(p, in); err != nil {
			return err
		}
	}
	return nil
}

func (f *fold) reclass(p place, in record.Classified) error {
	before, err := f.classes(p.seq)
	if err != nil {
		return err
	}
	if err := f.setClass(p, in); err != nil {
		return err
	}
	after, err := f.classes(p.seq)
	if err != nil {
		return err
	}
	for _, class := range before {
		if !slices.Contains(after, class) {
			f.bits.removeRange("class", class, p.first, p.count)
		}
	}
	for _, class := range after {
		f.bits.addRange("class", class, p.first, p.count)
	}
	return nil
}

// setClass gives holdings their class. One that is left to the rules again has
// the class of its capture here; which one the schedule in force chooses is
// decided whenever it is asked for.
func (f *fold) setClass(p place, in record.Classified) error {
	if in.Class == "" {
		return f.exec(`UPDATE holdings SET was = json_insert(was, '$[#]', class), class = coalesce(json_extract(was, '$[0]'), class), rule = 'rules', manual = NULL
			WHERE record = ? AND manual IS NOT NULL AND (? = '' OR custodian = ?)`, p.seq, in.Custodian, in.Custodian)
	}
	return f.exec(`UPDATE holdings SET was = json_insert(was, '$[#]', class), class = ?, rule = 'manual', manual = ?
		WHERE record = ? AND (? = '' OR custodian = ?)`, in.Class, in.Reason, p.seq, in.Custodian, in.Custodian)
}

// classes lists the classes that a record's holdings have now.
func (f *fold) classes(seq int64) (list []string, err error) {
	var text string
	found, err := f.one([]any{&text}, `SELECT json_group_array(DISTINCT class) FROM holdings WHERE record = ? AND class <> ''`, seq)
	if err != nil || !found {
		return nil, err
	}
	return list, json.Unmarshal([]byte(text), &list)
}

func (f *fold) assessed(_ Entry, in record.Assessed) error {
	for _, id := range in.Records {
		p, found, err := f.place(id)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if err := f.exec(`UPDATE holdings SET significance = ? WHERE record = ?`, in.Significance, p.seq); err != nil {
			return err
		}
	}
	return nil
}

// A LastReview is what the last review of a record decided.
type LastReview struct {
	Outcome    string      `json:"outcome"`
	At         time.Time   `json:"at"`
	Actor      string      `json:"actor"`
	Until      record.Date `json:"until"`
	Classes    []string    `json:"classes"` // whose review it was
	Reason     string      `json:"reason"`
	Instrument string      `json:"instrument,omitempty"`
	Expires    record.Date `json:"instrument_expires"`
}

func (f *fold) reviewed(e Entry, in record.Reviewed) error {
	for _, r := range in.Records {
		text, err := jsonText(LastReview{Outcome: in.Outcome, At: e.Time, Actor: e.Actor, Until: in.Until, Classes: r.Classes,
			Reason: in.Reason, Instrument: in.Instrument, Expires: in.Expires})
		if err != nil {
			return err
		}
		if err := f.exec(`UPDATE records SET reviews = reviews + 1, review = ? WHERE id = ? AND disposed IS NULL`, text, string(r.Record)); err != nil {
			return err
		}
	}
	return nil
}
