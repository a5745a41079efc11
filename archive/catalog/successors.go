package catalog

import (
	"encoding/json"

	"github.com/closeroll/closeroll/archive/record"
)

// succeeded lets a record's successor stand in its place in every export that
// has it: what was erased stays a place of which nothing can be said.
func (f *fold) succeeded(_ Entry, s record.Succeeded) error {
	text, err := jsonText(s)
	if err != nil {
		return err
	}
	if err := f.exec(`INSERT INTO successors (record, body) VALUES (?, ?) ON CONFLICT DO NOTHING`, string(s.Record), text); err != nil {
		return err
	}
	exports, err := collect(f.ctx, f.tx, func(sc scanner) (x [2]string, err error) {
		err = sc.Scan(&x[0], &x[1])
		return x, err
	}, `SELECT x.record, x.runs FROM exports x JOIN records r ON r.id = x.record AND r.disposed IS NULL WHERE x.runs LIKE '%' || ? || '%'`, string(s.Record))
	if err != nil {
		return err
	}
	for _, x := range exports {
		var runs []record.MessageRun
		if err := json.Unmarshal([]byte(x[1]), &runs); err != nil {
			return err
		}
		text, err := jsonText(record.Succeed(runs, s))
		if err != nil {
			return err
		}
		if err := f.exec(`UPDATE exports SET runs = ? WHERE record = ?`, text, x[0]); err != nil {
			return err
		}
	}
	return nil
}

// standing returns the runs of an export that is captured now, in which records
// may be that have successors by now, and those successors themselves.
func (f *fold) standing(runs []record.MessageRun) ([]record.MessageRun, error) {
	for i := 0; i < len(runs); i++ {
		var text string
		found, err := f.one([]any{&text}, `SELECT body FROM successors WHERE record = ?`, string(runs[i].Record))
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		var s record.Succeeded
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return nil, err
		}
		if next := record.Succeed(runs, s); len(next) != len(runs) || next[i].Record != runs[i].Record {
			runs = next
			i-- // the successor may have one too
		}
	}
	return runs, nil
}
