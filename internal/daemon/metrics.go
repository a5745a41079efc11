package daemon

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/closeroll/closeroll/archive/record"
)

// serveMetrics answers /healthz and /metrics, and nothing else, on a loopback
// listener. Neither holds content.
func (d *Daemon) serveMetrics(ctx context.Context, l net.Listener) error {
	registry := prometheus.NewRegistry()
	if err := registry.Register(&collector{d}); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if open := d.alerts.Open(); len(open) > 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			for _, line := range open {
				_, _ = w.Write([]byte(line + "\n"))
			}
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
	stopped := context.AfterFunc(ctx, func() { server.Close() })
	defer stopped()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// A collector reads the figures when they are asked for.
type collector struct{ *Daemon }

var (
	itemsDesc    = prometheus.NewDesc("closeroll_items", "Distinct items that a source showed, by outcome.", []string{"source", "outcome"}, nil)
	successDesc  = prometheus.NewDesc("closeroll_source_last_success_seconds", "When a source was last read to its end, Unix time.", []string{"source"}, nil)
	newDesc      = prometheus.NewDesc("closeroll_source_last_new_seconds", "When a source last brought something new, Unix time.", []string{"source"}, nil)
	wentDesc     = prometheus.NewDesc("closeroll_source_came_and_went", "Messages that came to a mailbox and were gone before they could be read.", []string{"source"}, nil)
	differsDesc  = prometheus.NewDesc("closeroll_source_disagreements", "What the last reconciliation of a mailbox showed.", []string{"source"}, nil)
	expiresDesc  = prometheus.NewDesc("closeroll_source_secret_expires_seconds", "The day on which a source's secret expires, Unix time.", []string{"source"}, nil)
	troubleDesc  = prometheus.NewDesc("closeroll_trouble", "1 for each trouble that goes on, by kind and source or place.", []string{"kind", "what"}, nil)
	recordsDesc  = prometheus.NewDesc("closeroll_records", "Records kept, by kind.", []string{"kind"}, nil)
	indexDesc    = prometheus.NewDesc("closeroll_messages_unindexed", "Messages that are not in the index.", nil, nil)
	journalDesc  = prometheus.NewDesc("closeroll_journal_entries", "Entries in the journal.", nil, nil)
	spoolDesc    = prometheus.NewDesc("closeroll_spool_octets", "Octets in flight.", []string{"where"}, nil)
	troublesDesc = prometheus.NewDesc("closeroll_troubles", "Troubles that people were told of and that go on.", nil, nil)
)

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, to) }

// Collect implements prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	s, err := c.status(ctx)
	if err != nil {
		c.lg.Warn("metrics cannot be read", "error", err)
		return
	}
	for _, src := range s.Sources {
		gauge(itemsDesc, float64(src.Counts.Captured), src.Name, "captured")
		gauge(itemsDesc, float64(src.Counts.AlreadyArchived), src.Name, "already_archived")
		gauge(itemsDesc, float64(src.Counts.ExcludedTotal()), src.Name, "excluded")
		gauge(itemsDesc, float64(src.Counts.FailedTotal()), src.Name, "failed")
		if !src.LastSuccess.IsZero() {
			gauge(successDesc, float64(src.LastSuccess.Unix()), src.Name)
		}
		if !src.LastNew.IsZero() {
			gauge(newDesc, float64(src.LastNew.Unix()), src.Name)
		}
		if src.Kind == "imap" {
			gauge(wentDesc, float64(src.CameAndWent), src.Name)
			gauge(differsDesc, float64(src.Disagreements), src.Name)
		}
		if src.SecretExpires != (record.Date{}) {
			gauge(expiresDesc, float64(src.SecretExpires.Start(c.zone).Unix()), src.Name)
		}
	}
	gauge(recordsDesc, float64(s.Totals.Emails), "email")
	gauge(recordsDesc, float64(s.Totals.ChatDays), "chat-day")
	gauge(recordsDesc, float64(s.Totals.Exports), "export")
	gauge(recordsDesc, float64(s.Totals.Notes), "note")
	gauge(indexDesc, float64(s.Coverage.Messages-s.Coverage.Indexed))
	gauge(journalDesc, float64(s.Checkpoint.Entries))
	memory, disk := c.spool.InFlight()
	gauge(spoolDesc, float64(memory), "memory")
	gauge(spoolDesc, float64(disk), "disk")
	for _, t := range c.alerts.Kinds() {
		gauge(troubleDesc, 1, string(t.Kind), t.What)
	}
	gauge(troublesDesc, float64(len(s.Troubles)))
}
