package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/retention/assurance"
)

func (e *env) custodianVerb() *cobra.Command {
	return family(&cobra.Command{
		Use:   "custodian",
		Short: "Custodians: what is expected of them, what has not come, how fast messages arrive",
		Long: `Custodians: the people whose correspondence is captured, with what the
configuration expects of them (exports, attestations, approved channels, what a
leaver or a change of phones asks for), what has not come, and the transfer lag:
how long after they were sent messages were captured.`,
		Example: example("closeroll custodian due"),
	}, e.custodianListVerb(), e.custodianShowVerb(), e.custodianDueVerb(), e.custodianAttestVerb(), e.custodianTaskVerb())
}

// lagMeaning explains the figures of a transfer lag.
const lagMeaning = `The transfer lag is the time from a message's sending to its first capture of
this custodian, exactly: copies that later exports bring do not count, nor what
the app wrote itself. Half of the messages took no longer than the median.
--period narrows it to what was captured in a month, quarter or year.`

func (e *env) custodianListVerb() *cobra.Command {
	var d daemonFlags
	var period string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List custodians with what is open and the transfer lag of each channel",
		Long:    "List custodians with how much is open and overdue, and the transfer lag of each\nchannel.\n\n" + lagMeaning,
		Example: example("closeroll custodian list", "closeroll custodian list --period 2026-Q3 --json"),
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			query, err := periodQuery(period)
			if err != nil {
				return err
			}
			var list []v1.Custodian
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/custodians"+query, nil, &list); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(list)
			}
			e.print().custodians(list)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&period, "period", "", "transfer lag of what was captured in it: 2026-Q3, 2026-09 or 2026 (ever)")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// periodQuery checks a period here, where its flag is known by name.
func periodQuery(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if _, err := assurance.ParseSpan(s); err != nil {
		return "", usage("--period: %w", err)
	}
	return "?period=" + query(s), nil
}

func (p *printer) custodians(list []v1.Custodian) {
	var rows [][]string
	for _, c := range list {
		open, overdue := c.Open()
		row := []string{c.ID, clip(c.Name, 40), thousands(open), thousands(overdue)}
		if len(c.Lags) == 0 {
			rows = append(rows, append(row, "nothing captured"))
		}
		for _, l := range c.Lags {
			rows = append(rows, append(row, string(l.Channel), thousands(l.Messages), lagWords(l.Median), lagWords(l.P95), lagWords(l.Max), inTime(l)))
			row = []string{"", "", "", ""}
		}
	}
	p.table([]string{"CUSTODIAN", "NAME", "OPEN", "OVERDUE", "CHANNEL", "MESSAGES", "MEDIAN", "95 %", "MAX", "IN TIME"}, rows)
}

// lagWords is a lag in the unit that people would choose. It rounds up, so that
// no lag looks shorter than it is.
func lagWords(s assurance.Seconds) string {
	up := func(unit assurance.Seconds) string { return thousands(int64((s + unit - 1) / unit)) }
	switch {
	case s < 60:
		return up(1) + " s"
	case s <= 90*60:
		return up(60) + " min"
	case s <= 48*3600:
		return up(3600) + " h"
	}
	return up(24*3600) + " days"
}

// inTime is the share within the target. It rounds down: 100 % means all.
func inTime(l v1.TransferLag) string {
	if l.Target.IsZero() {
		return "no target"
	}
	if l.Messages == 0 {
		return "-"
	}
	thousandth := 1000 * l.Within / l.Messages
	return fmt.Sprintf("%d.%d %% of %s", thousandth/10, thousandth%10, l.Target)
}

func (e *env) custodianShowVerb() *cobra.Command {
	var d daemonFlags
	var period string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show CUSTODIAN",
		Short:   "Show a custodian's channels, chats, attestations, tasks and transfer lag",
		Long:    "Show a custodian's register of channels, exported chats, attestations, every task\nwith what shows that it is done, and the transfer lag.\n\n" + lagMeaning,
		Example: example("closeroll custodian show minister", "closeroll custodian show minister --period 2026-09"),
		Args:    takes("CUSTODIAN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			query, err := periodQuery(period)
			if err != nil {
				return err
			}
			var c v1.Custodian
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/custodians/"+url.PathEscape(args[0])+query, nil, &c); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(c)
			}
			e.print().custodian(c)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&period, "period", "", "transfer lag of what was captured in it: 2026-Q3, 2026-09 or 2026 (ever)")
	jsonFlag(cmd, &asJSON)
	e.completeCustodians(cmd, &d)
	return cmd
}

// completeCustodians completes the first operand with the custodians' ids.
func (e *env) completeCustodians(cmd *cobra.Command, d *daemonFlags) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var list []v1.Custodian
		if err := e.call(cmd.Context(), *d, http.MethodGet, "/v1/custodians", nil, &list); err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var ids []string
		for _, c := range list {
			ids = append(ids, c.ID+"\t"+clip(c.Name, 60))
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
}

func (p *printer) custodian(c v1.Custodian) {
	p.line("  %s  %s", p.bold(clip(c.Name, 80)), p.dim(c.ID))
	if about := aboutCustodian(c); about != "" {
		p.line("      %s", about)
	}
	for _, ch := range c.Channels {
		p.line("  %s  %s", p.bold(ch.App), channelWords(ch))
	}
	for _, chat := range c.Chats {
		line := fmt.Sprintf("%s, the newest of %s", count(chat.Exports, "export", "exports"), moment(chat.Newest, london()))
		if chat.Timer > 0 {
			line += "; messages disappear after " + lagWords(assurance.Seconds(chat.Timer))
		}
		p.line("  chat %s  %s  %s", p.bold(clip(chat.Title, 60)), p.dim(chat.Chat), line)
	}
	for _, a := range c.Attestations {
		what := "attested"
		if a.Nil {
			what = "nil return"
		}
		p.line("  %s for %s, recorded %s by %s: %s", what, p.bold(a.Period.String()), a.On.Long(), clip(a.By, 40), clip(a.Statement, 200))
	}
	for i := range c.Tasks {
		p.task(c.Tasks[i], "", "")
	}
	for _, l := range c.Lags {
		p.line("  transfer lag, %s: %s", l.Channel, lagSentence(l))
	}
}

// aboutCustodian says what is expected in one line.
func aboutCustodian(c v1.Custodian) string {
	var parts []string
	add := func(say bool, format string, args ...any) {
		if say {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(c.Role != "", "%s", strings.TrimSpace(c.Role+" "+c.Grade))
	add(!c.ExportsEvery.IsZero(), "exports every %s", c.ExportsEvery.Words())
	add(c.Attests != "", "attests %s", c.Attests)
	add(!c.TransferTarget.IsZero(), "captured within %s", c.TransferTarget.Words())
	add(!c.Joined.IsZero(), "joined %s", c.Joined.Long())
	for _, day := range c.DeviceChanges {
		add(true, "phones changed %s", day.Long())
	}
	add(!c.Leaving.IsZero(), "leaving %s", c.Leaving.Long())
	add(!c.Trained.IsZero(), "trained %s", c.Trained.Long())
	return strings.Join(parts, "; ")
}

// channelWords is an entry of the register in one line.
func channelWords(c assurance.Channel) string {
	parts := []string{string(c.Channel)}
	add := func(what, value string) {
		if value != "" {
			parts = append(parts, what+value)
		}
	}
	on := func(what string, d record.Date) {
		if !d.IsZero() {
			add(what, d.Long())
		}
	}
	if c.Device != "" {
		add("", "on a "+c.Device+" device")
	}
	add("for: ", clip(c.Reason, 120))
	add("approved by ", clip(c.Approver, 60))
	on("from ", c.From)
	on("until ", c.Until)
	on("review ", c.Review)
	on("closed ", c.Closed)
	return strings.Join(parts, "; ")
}

// lagSentence says a transfer lag in words.
func lagSentence(l v1.TransferLag) string {
	if l.Messages == 0 {
		return count(l.Undated, "message", "messages") + " without a reliable date"
	}
	s := fmt.Sprintf("%s, half within %s, 95 %% within %s, all within %s", count(l.Messages, "message", "messages"), lagWords(l.Median), lagWords(l.P95), lagWords(l.Max))
	if !l.Target.IsZero() {
		s += fmt.Sprintf("; %s (%s) within the target", inTime(l), thousands(l.Within))
	}
	if l.Undated > 0 {
		s += "; " + thousands(l.Undated) + " more without a reliable date"
	}
	return s
}

// dayWords is a date as a table shows it.
func dayWords(d record.Date) string { return d.Start(time.UTC).Format("2 Jan 2006") }
