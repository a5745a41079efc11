package daemon

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/closeroll/closeroll/archive/catalog"
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention"
)

// routes is everything that the daemon answers, and who may ask. Handlers are
// in the files of their subject.
func (d *Daemon) routes() []api.Route {
	anyone := api.Everyone()
	readers := api.For(api.Officer, api.Manager)
	return slices.Concat(d.foiRoutes(), d.redactionRoutes(), d.copyRoutes(), d.productionRoutes(), d.custodianRoutes(), d.scheduleRoutes(), d.governRoutes(), d.holdRoutes(), d.disposalRoutes(), d.erasureRoutes(), d.transferRoutes(), d.reportRoutes(), d.sealedReportRoutes(), d.noteRoutes(), []api.Route{
		api.Call(http.MethodGet, "/v1/status", anyone, d.getStatus),
		api.Call(http.MethodPost, "/v1/capture", api.For(api.Operator), d.postCapture),
		api.Call(http.MethodGet, "/v1/sources/{source}/statement", anyone, d.getCompleteness),
		api.Receive(http.MethodPost, "/v1/sources/{source}/items", api.For(api.Operator, api.Officer, api.Manager), d.postDelivery),
		api.Call(http.MethodPost, "/v1/sources/{source}/known", api.For(api.Operator, api.Officer, api.Manager), d.postKnown),
		api.Call(http.MethodPost, "/v1/reconcile", api.For(api.Operator, api.Auditor), d.postReconcile),
		api.Stream(http.MethodPost, "/v1/sources/{source}/login", api.For(api.Operator), d.postLogin),
		api.Call(http.MethodGet, "/v1/sources/{source}/gaps", api.For(api.Operator, api.Manager, api.Auditor), d.getGaps),
		api.Call(http.MethodGet, "/v1/failures", api.For(api.Operator, api.Manager, api.Auditor), d.getFailures),
		api.Call(http.MethodPost, "/v1/search", readers, d.postSearch),
		api.Call(http.MethodGet, "/v1/records/{id}", readers, d.getRecord),
		api.Call(http.MethodGet, "/v1/records/{id}/explain", api.For(api.Officer, api.Manager, api.Auditor), d.getExplain),
		api.Stream(http.MethodGet, "/v1/records/{id}/sealed", api.For(api.Officer), d.getSealed),
		api.Stream(http.MethodPost, "/v1/records/sealed", api.For(api.Officer), d.postSealed),
		api.Call(http.MethodGet, "/v1/quarantine", readers, d.getQuarantine),
		api.Call(http.MethodGet, "/v1/quarantine/{id}", readers, d.getQuarantined),
		api.Call(http.MethodPost, "/v1/quarantine/{id}/decision", readers, d.postDecision),
		api.Call(http.MethodPost, "/v1/vaults", api.For(api.Manager), d.postVault),
		api.Call(http.MethodGet, "/v1/vaults/{epoch}", anyone, d.getVault),
		api.Call(http.MethodGet, "/v1/keys", anyone, d.getKeys),
		api.Call(http.MethodGet, "/v1/chats", readers, d.getChats),
		api.Call(http.MethodGet, "/v1/chats/{chat}", readers, d.getChat),
		api.Call(http.MethodGet, "/v1/chats/{chat}/timeline", readers, d.getTimeline),
		api.Call(http.MethodGet, "/v1/comparison", readers, d.getComparison),
		api.Call(http.MethodGet, "/v1/retention/due", api.For(api.Manager, api.Auditor, api.Officer), d.getDue),
		api.Call(http.MethodGet, "/v1/holds", api.For(api.Officer, api.Manager, api.Auditor), d.getHolds),
		api.Call(http.MethodPost, "/v1/holds", api.For(api.Manager), d.postHold),
		api.Stream(http.MethodGet, "/v1/journal", api.For(api.Auditor), d.getJournal),
		api.Call(http.MethodGet, "/v1/journal/verification", anyone, d.getVerification),
		api.Stream(http.MethodPost, "/v1/fixity", api.For(api.Auditor, api.Operator), d.postFixity),
		api.Call(http.MethodPost, "/v1/index/build", api.For(api.Officer), d.postBuild),
		api.Call(http.MethodGet, "/v1/index/missing", api.For(api.Officer), d.getMissing),
		api.Call(http.MethodPost, "/v1/index/documents", api.For(api.Officer), d.postDocuments),
		api.Call(http.MethodPost, "/v1/index/swap", api.For(api.Officer), d.postSwap),
	})
}

type none struct{}

// A byRecord names a record by a prefix of its id.
type byRecord struct {
	ID  string `path:"id" json:"-"`
	For string `json:"for"`
}

func (d *Daemon) getStatus(ctx context.Context, _ api.Caller, _ none) (v1.Status, error) {
	return d.status(ctx)
}

func (d *Daemon) postCapture(ctx context.Context, _ api.Caller, req v1.Capture) ([]v1.Run, error) {
	var runs []v1.Run
	err := d.ask(ctx, req.Sources, request{}, func(out outcome) { runs = append(runs, out.run) })
	return runs, err
}

func (d *Daemon) source(name string) *source {
	for _, s := range d.sources {
		if s.Name == name {
			return s
		}
	}
	return nil
}

type bySource struct {
	Source string `json:"source"`
}

func (d *Daemon) getFailures(ctx context.Context, _ api.Caller, req bySource) ([]v1.Failure, error) {
	items, err := d.catalog.Failures(ctx, req.Source)
	if err == nil && len(items) == 0 && req.Source != "" && d.source(req.Source) == nil {
		return nil, noSource(req.Source)
	}
	list := make([]v1.Failure, len(items))
	for i, it := range items {
		list[i] = v1.Failure{Source: it.Source, Key: it.Key, Reason: it.Reason, Detail: it.Detail, Advice: advice(it.Reason),
			First: it.First, Last: it.Last, Tries: it.Tries}
	}
	return list, err
}

// advice says what a person can do about an item that is not archived.
func advice(r record.Reason) string {
	switch r {
	case record.ReasonUnreadable:
		return "it is tried again at every run; if it stays, look at the message in its mailbox"
	case record.ReasonNotAChat, record.ReasonUnknown, record.ReasonNotAMail:
		return "the file is in refused/ with the reason beside it; export the chat again, or drop what it holds in a supported form"
	case record.ReasonEncrypted:
		return "ask the custodian for an export without a password"
	case record.ReasonBomb:
		return "ask the custodian for an export without media, or in parts"
	}
	return "look at the item where it came from"
}

func (d *Daemon) getRecord(ctx context.Context, c api.Caller, req byRecord) (v1.Record, error) {
	row, err := d.find(ctx, c, req.ID)
	if err != nil {
		return v1.Record{}, err
	}
	r, err := d.describe(ctx, row)
	if err == nil && row.Kind == record.Email && row.Disposed == "" {
		r.Authenticity, err = d.authenticity(ctx, row.Entry)
	}
	if err == nil && len(r.Messages) > 0 {
		r.Languages, err = d.languagesOf(ctx, row)
	}
	return r, err
}

// authenticity reads what was found at capture of who sent an e-mail. Only the
// journal has it: nothing else ever asks.
func (d *Daemon) authenticity(ctx context.Context, entry int64) (*record.Authenticity, error) {
	stored, err := d.journal.Reader().Entry(ctx, entry)
	if err != nil || stored.Stripped() {
		return nil, err
	}
	var in record.Ingestion
	err = json.Unmarshal(stored.Body, &in)
	return in.Authenticity, err
}

func (d *Daemon) describe(ctx context.Context, row catalog.Row) (v1.Record, error) {
	r := v1.Record{ID: row.ID, Kind: row.Kind, Display: row.Display, Vault: row.Vault, Epoch: row.Epoch, Captured: row.Captured,
		Sealed: row.Sealed, SealedSize: row.SealedSize, Size: row.Size, Entry: row.Entry, TextStatus: row.TextStatus, Components: row.Components,
		Chat: row.Chat, ChatDate: row.ChatDate, Relation: row.Relation, RelationOf: row.RelationOf, Covering: row.Covering, Disposed: row.Disposed}
	holdings, err := d.catalog.Holdings(ctx, row.ID)
	if err != nil {
		return r, err
	}
	for _, h := range holdings {
		r.Holdings = append(r.Holdings, h.Holding)
	}
	if row.Disposed != "" {
		return r, nil // nothing of its messages is left
	}
	for i := range row.Count {
		no := row.First + record.MessageNo(i)
		m, err := d.catalog.Message(ctx, no)
		if err != nil {
			return r, err
		}
		indexed, err := d.catalog.IsIndexed(ctx, no, 1)
		if err != nil {
			return r, err
		}
		r.Messages = append(r.Messages, v1.Message{N: i + 1, Sent: m.Sent, Suspect: m.Suspect, Sender: m.Sender, Indexed: indexed})
	}
	if row.Thread != 0 {
		r.Thread, err = d.catalog.Thread(ctx, row.Thread)
	}
	return r, err
}

func (d *Daemon) getExplain(ctx context.Context, c api.Caller, req byRecord) (v1.Explanation, error) {
	row, err := d.find(ctx, c, req.ID)
	if err != nil {
		return v1.Explanation{}, err
	}
	if row.Disposed != "" {
		return d.explainDestroyed(ctx, row)
	}
	x, err := d.governor.Explain(ctx, row)
	if err != nil {
		return x, err
	}
	x.List, err = d.listOf(ctx, row.ID)
	return x, err
}

type within struct {
	Within  retention.Period `json:"within"`
	Missing bool             `json:"missing"`
}

func (d *Daemon) getDue(ctx context.Context, c api.Caller, req within) (v1.Due, error) {
	due, err := d.governor.Due(ctx, req.Within, req.Missing)
	if err != nil {
		return due, err
	}
	var lines []line
	for i := range due.Records {
		lines = append(lines, line{due.Records[i].ID, &due.Records[i].Display})
	}
	for i := range due.Missing {
		lines = append(lines, line{due.Missing[i].ID, &due.Missing[i].Display})
	}
	return due, d.veil(ctx, c, lines)
}
