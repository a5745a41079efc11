package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/closeroll/closeroll/archive/record"
)

func (f *fold) reportSealed(e Entry, r record.ReportSealed) error {
	body, err := jsonText(r)
	if err != nil {
		return err
	}
	return f.exec(`INSERT INTO sealed_reports (entry, at, actor, body) VALUES (?, ?, ?, ?)`, e.Index, e.Time.UnixMilli(), e.Actor, body)
}

// A SealedReport is a report as its sealing was journalled.
type SealedReport struct {
	Entry int64
	At    time.Time
	Actor string
	record.ReportSealed
}

// SealedReports lists the reports that were sealed, the latest first.
func (c *Catalog) SealedReports(ctx context.Context) ([]SealedReport, error) {
	return collect(ctx, c.read, func(s scanner) (r SealedReport, err error) {
		var at int64
		var body []byte
		if err := s.Scan(&r.Entry, &at, &r.Actor, &body); err != nil {
			return r, err
		}
		r.At = time.UnixMilli(at).UTC()
		if err := json.Unmarshal(body, &r.ReportSealed); err != nil {
			return r, fmt.Errorf("catalog: report of entry %d: %w", r.Entry, err)
		}
		return r, nil
	}, `SELECT entry, at, actor, body FROM sealed_reports ORDER BY entry DESC`)
}
