package main

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
)

func (e *env) aggregationVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:     "aggregation",
		Short:   "Close a chat, folder or thread, from which its retention may run",
		Example: example("closeroll aggregation close folder:office/Cases/2026-14 --date 2026-10-01 --reason 'case closed'"),
	}, e.aggregationCloseVerb(), e.aggregationReopenVerb())
}

func (e *env) aggregationCloseVerb() *cobra.Command {
	var d daemonFlags
	var on, reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "close AGGREGATION",
		Short: "Say that a chat, folder or thread was closed",
		Long: `Say that a chat, folder or thread was closed, which starts the clock of classes
whose trigger is aggregation_closed. It is written as chat:ID (closeroll chat
list), folder:SOURCE/FOLDER or thread:RECORD, with any record of the thread. What
comes later is captured all the same, and its own date starts its clock.`,
		Example: example("closeroll aggregation close thread:k3yq7m --date 2026-10-01 --reason 'policy announced'"),
		Args:    takes("AGGREGATION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := calendarDay(on)
			if err != nil {
				return err
			}
			about, err := e.aggregation(cmd, d, args[0])
			if err != nil {
				return err
			}
			return e.recordEvent(cmd, d, v1.EventRecord{Event: record.EventClosed, About: about, Date: day, Reason: reason}, asJSON)
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&on, "date", "", "the day on which it was closed")
	cmd.Flags().StringVar(&reason, "reason", "", "why, or how it is known")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "date", "reason")
	return cmd
}

func (e *env) aggregationReopenVerb() *cobra.Command {
	var d daemonFlags
	var reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "reopen AGGREGATION",
		Short:   "Say that a closed chat, folder or thread goes on",
		Example: example("closeroll aggregation reopen thread:k3yq7m --reason 'appealed'"),
		Args:    takes("AGGREGATION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			about, err := e.aggregation(cmd, d, args[0])
			if err != nil {
				return err
			}
			var list []v1.Event
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/retention/events", nil, &list); err != nil {
				return err
			}
			for i := len(list) - 1; i >= 0; i-- {
				if ev := list[i]; ev.Event.Event == record.EventClosed && ev.About == about {
					return e.recordEvent(cmd, d, v1.EventRecord{Corrects: ev.Entry, Reason: reason}, asJSON)
				}
			}
			return advise(fmt.Errorf("%s is not closed", about), exitNotFound, "closeroll event list shows what is closed; name the record that it was closed by")
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	jsonFlag(cmd, &asJSON)
	needs(cmd, "reason")
	return cmd
}
