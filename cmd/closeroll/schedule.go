package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/closeroll/closeroll/internal/api/v1"
	"github.com/closeroll/closeroll/internal/durable"
	"github.com/closeroll/closeroll/internal/sshsig"
	"github.com/closeroll/closeroll/retention"
)

func (e *env) adoptVerb() *cobra.Command {
	var d daemonFlags
	var s signFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "adopt FILE",
		Short: "Put an approved schedule in force, with your signature",
		Long: `Put an approved schedule in force. The file says status: approved, by whom and
since when; your signature is over its octets, for the purpose schedule@closeroll,
and the configuration's allowed signers give its key to you. From then on the
daemon goes by what was adopted, whatever the configured file says; an earlier
version cannot be adopted again.

Look first at what would change: closeroll retention diff.`,
		Example: example("closeroll retention adopt schedule-2027.yaml --sign ~/.ssh/id_ed25519",
			"ssh-keygen -Y sign -n schedule@closeroll -f ~/.ssh/id_ed25519 schedule-2027.yaml\n  closeroll retention adopt schedule-2027.yaml --signature schedule-2027.yaml.sig"),
		Args: takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := readSchedule(args[0])
			if err != nil {
				return err
			}
			signature, err := e.sign(s, sshsig.Schedule, text)
			if err != nil {
				return err
			}
			if signature == "" {
				return advise(errors.New("a schedule is adopted with a signature, and none was given"), exitUsage, "give your SSH key with --sign")
			}
			var out v1.ScheduleInForce
			if err := e.call(cmd.Context(), d, http.MethodPost, "/v1/retention/schedule", v1.Adoption{Text: string(text), Signature: signature}, &out); err != nil {
				return err
			}
			if asJSON {
				return e.writeJSON(out)
			}
			p := e.print()
			p.line("  schedule %s is in force: %s, signed by %s", p.bold(out.Version), count(len(out.Classes), "class", "classes"), out.Signer)
			p.line("  its own review is due by %s", out.ReviewBy.Long())
			return nil
		},
	}
	d.add(cmd)
	s.add(cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// readSchedule reads a schedule file that has no fault.
func readSchedule(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, advise(err, exitUsage, "name the schedule's file")
	}
	if _, err := retention.Load(text); err != nil {
		return nil, advise(err, exitUsage, "mend what is wrong in %s", name)
	}
	return text, nil
}

func (e *env) scheduleVerb() *cobra.Command {
	var d daemonFlags
	var save string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Show the schedule in force, and who put it in force",
		Long: `Show the schedule in force: its classes, who adopted it and when its own review is
due. With --save its text and signature are written to a folder, where ssh-keygen
alone can verify them.`,
		Example: example("closeroll retention schedule",
			"closeroll retention schedule --save . && ssh-keygen -Y verify -f allowed_signers -I ann -n schedule@closeroll -s schedule.yaml.sig < schedule.yaml"),
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s v1.ScheduleInForce
			if err := e.call(cmd.Context(), d, http.MethodGet, "/v1/retention/schedule", nil, &s); err != nil {
				return err
			}
			if save != "" {
				if err := saveSchedule(save, s); err != nil {
					return err
				}
			}
			if asJSON {
				return e.writeJSON(s)
			}
			e.print().schedule(s)
			return nil
		},
	}
	d.add(cmd)
	cmd.Flags().StringVar(&save, "save", "", "write schedule.yaml, and schedule.yaml.sig if it is signed, to this folder")
	jsonFlag(cmd, &asJSON)
	return cmd
}

func saveSchedule(dir string, s v1.ScheduleInForce) error {
	if err := durable.WriteFile(filepath.Join(dir, "schedule.yaml"), []byte(s.Text), 0o644); err != nil {
		return advise(err, exitUsage, "name a folder that you can write to with --save")
	}
	if s.Signature == "" {
		return nil
	}
	return durable.WriteFile(filepath.Join(dir, "schedule.yaml.sig"), []byte(s.Signature), 0o644)
}

func (p *printer) schedule(s v1.ScheduleInForce) {
	p.line("  %s %s", p.bold("schedule "+s.Version), clip(s.Authority, 60))
	if s.Signer == "" {
		p.field("status", "%s; the configured file, which nobody adopted", s.Status)
	} else {
		p.field("status", "%s by %s on %s", s.Status, clip(s.ApprovedBy, 60), s.ApprovedOn.Long())
		p.field("adopted", "%s, signed by %s with %s (journal entry %d)", day(s.At, london()), s.Signer, s.Key, s.Entry)
	}
	p.field("sha256", "%s", s.Digest)
	p.field("review", "by %s", s.ReviewBy.Long())
	var rows [][]string
	for _, c := range s.Classes {
		approval := c.Approval
		if c.ExtraRole != "" {
			approval += " + " + c.ExtraRole
		}
		rows = append(rows, []string{c.ID, string(c.Action), c.Period.String(), c.Trigger, approval, clip(c.Title, 48)})
	}
	p.table([]string{"class", "action", "period", "after", "approval", ""}, rows)
	notices := s.Notices
	if s.ReviewNotice != "" {
		notices = append(notices, s.ReviewNotice)
	}
	if s.FileDiffers {
		notices = append(notices, "the configured schedule file is not the schedule in force: adopt it, or put the one in force in its place")
	}
	for _, n := range notices {
		p.line("  %s", p.mark(n))
	}
}
