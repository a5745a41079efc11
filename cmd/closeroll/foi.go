package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/configs"
	"github.com/closeroll/closeroll/internal/daemon"
	"github.com/closeroll/closeroll/search/foi"
)

func (e *env) foiVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "foi",
		Short:   "Requests for information: the register, deadlines, searches, decisions, disclosure",
		Example: example("closeroll foi list", "closeroll foi show FOI-2026-014"),
	}, e.foiOpenVerb(), e.foiListVerb(), e.foiShowVerb(), e.foiScopeVerb(), e.foiSearchVerb(), e.foiSetVerb(),
		e.foiAskVerb(), e.foiAnswerVerb(), e.foiTimeVerb(), e.foiSampleVerb(), e.foiEstimateVerb(), e.foiDecideVerb(), e.foiDecisionsVerb(), e.foiUndoVerb(),
		e.foiRedactVerb(), e.foiRedactionsVerb(), e.foiExportVerb(), e.foiScheduleVerb(),
		e.foiReadVerb(), e.foiEventVerb(), e.foiCloseVerb(), e.foiLateVerb(), e.foiStatsVerb(), e.deadlineVerb(),
		e.foiRelateVerb(), e.foiUnsearchedVerb(), e.foiCertificateVerb(), e.foiVerifyVerb(), e.foiLintVerb(), e.foiHandoffVerb(), e.foiAttachVerb())
}

func (e *env) deadlineVerb() *cobra.Command {
	var kind, config, holidays string
	var events []string
	var explain, asJSON bool
	cmd := &cobra.Command{
		Use:   "deadline DATE",
		Short: "Compute the day by which a request received on DATE must be answered",
		Long: `Compute the day by which a request received on DATE must be answered: twenty
working days by section 10 of the Freedom of Information Act 2000, counting bank
holidays anywhere in the United Kingdom; or by the rules of --kind. The date
alone goes to standard output.

Events are TYPE=DATE: clarification_sought, clarification_received, fees_notice,
fee_paid, extension, transferred_record, identity_confirmed, internal_review.`,
		Example: example("closeroll foi deadline 2026-05-22",
			"closeroll foi deadline 2026-05-22 --event clarification_received=2026-06-03 --explain",
			"closeroll foi deadline 2026-05-22 --kind sar"),
		Args: takes("DATE"),
		RunE: func(_ *cobra.Command, args []string) error {
			law, err := e.law(config)
			if err != nil {
				return err
			}
			if holidays != "" {
				law.BankHolidays = configs.Path(holidays)
			}
			r, err := reckon(law, kind, args[0], events)
			if err != nil {
				return advise(err, exitUsage, "closeroll foi deadline --help has examples")
			}
			if asJSON {
				return e.writeJSON(r)
			}
			for _, n := range r.Notices {
				fmt.Fprintf(e.stderr, "closeroll: notice: %s\n", n)
			}
			if explain {
				for _, line := range r.Lines() {
					fmt.Fprintln(e.stdout, line)
				}
				return nil
			}
			if r.Deadline.IsZero() {
				return advise(fmt.Errorf("there is no deadline now: the clock stands still"), exitIncomplete, "give the event that starts it again with --event")
			}
			_, err = fmt.Fprintln(e.stdout, r.Deadline)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&kind, "kind", "foi", "foi, eir or sar")
	f.StringArrayVar(&events, "event", nil, "something that bears on the clock, TYPE=DATE; may be repeated")
	f.StringVar(&config, "config", "", "configuration file whose rules: replace the embedded ones (CLOSEROLL_CONFIG)")
	f.StringVar(&holidays, "bank-holidays", "", "file that replaces the bank holidays, as gov.uk publishes it")
	f.BoolVar(&explain, "explain", false, "say how the date comes about")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// law is the files that the configuration replaces rules of law with; none
// where no configuration is named.
func (e *env) law(config string) (configs.Rules, error) {
	if config == "" && e.getenv("CLOSEROLL_CONFIG") == "" {
		return configs.Rules{}, nil
	}
	cfg, err := e.config(config)
	if err != nil {
		return configs.Rules{}, err
	}
	return cfg.Rules, nil
}

func reckon(law configs.Rules, kind, received string, events []string) (foi.Reckoning, error) {
	k, err := foi.ParseKind(kind)
	if err != nil {
		return foi.Reckoning{}, err
	}
	day, err := record.ParseDate(received)
	if err != nil {
		return foi.Reckoning{}, err
	}
	parsed := make([]foi.Event, len(events))
	for i, s := range events {
		if parsed[i], err = foi.ParseEvent(s); err != nil {
			return foi.Reckoning{}, err
		}
	}
	book, err := daemon.LawBook(law)
	if err != nil {
		return foi.Reckoning{}, err
	}
	return book.Deadline(k, day, parsed)
}
