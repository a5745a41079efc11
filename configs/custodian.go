package configs

import (
	"fmt"
	"net/mail"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
	"github.com/closeroll/closeroll/retention"
)

// A Custodian is an official, or a role, whose correspondence is captured,
// with what the authority expects of them: which channels they may use, how
// often their chats are exported, how often they attest. What is expected and
// has not come is listed by `closeroll custodian due`.
type Custodian struct {
	ID    string `yaml:"id" doc:"short name: a–z, 0–9, - and _"`
	Name  string `yaml:"name" doc:"as people know them"`
	Role  string `yaml:"role" doc:"role that the schedule's rules and defaults may name: minister, special_adviser, …"`
	Grade string `yaml:"grade" doc:"grade, likewise: SCS2, G7, …"`

	Addresses      strictyaml.List  `yaml:"addresses" doc:"e-mail addresses from which they send in exports, and at which they get receipts"`
	Channels       []Channel        `yaml:"channels" doc:"the register of the apps and systems that they use for business"`
	ExportsEvery   retention.Period `yaml:"exports_every" doc:"each chat is exported at least so often: P7D, P1M (not expected)"`
	TransferTarget retention.Period `yaml:"transfer_target" doc:"a message is to be captured within so long after it was sent: P2D (no target)"`
	Attests        string           `yaml:"attests" doc:"they attest for each monthly, quarterly or yearly period, or none (none)"`
	Joined         record.Date      `yaml:"joined" doc:"first day in office: nothing is expected for the time before (the archive's first day)"`
	Leaving        record.Date      `yaml:"leaving" doc:"last day in office: final exports, an attestation and the end of every nccc channel fall due"`
	DeviceChanges  []record.Date    `yaml:"device_changes" doc:"days on which they change phones: exports before and after and an attestation fall due"`
	Trained        record.Date      `yaml:"trained" doc:"day of their last training in record-keeping; due again after a year (not tracked)"`
}

// A Channel is an entry in the register of what a custodian uses for business
// (Cabinet Office guidance on non-corporate communication channels, 2023).
type Channel struct {
	App      string         `yaml:"app" doc:"what it is: whatsapp, signal, sms, email, …; a–z, 0–9, - and _"`
	Channel  record.Channel `yaml:"channel" doc:"corporate or nccc (nccc)"`
	Device   string         `yaml:"device" doc:"whose device it is used on: corporate or private"`
	Reason   string         `yaml:"reason" doc:"why it is used; nccc must say"`
	Approver string         `yaml:"approver" doc:"who approved it; nccc must say"`
	From     record.Date    `yaml:"from" doc:"first day of the approval"`
	Until    record.Date    `yaml:"until" doc:"last day of the approval; nccc gives this or review"`
	Review   record.Date    `yaml:"review" doc:"day by which the approval is looked at again"`
	Closed   record.Date    `yaml:"closed" doc:"day on which its use ended"`
}

// Receipts says how custodians are told what was captured of their chat exports.
type Receipts string

// The ways.
const (
	ReceiptsNone Receipts = "none"
	ReceiptsSMTP Receipts = "smtp" // by the server of alerts.smtp
)

// The rhythms of attestation.
const (
	attestsNone      = "none"
	attestsMonthly   = "monthly"
	attestsQuarterly = "quarterly"
	attestsYearly    = "yearly"
)

func (c *Custodian) setDefaults() {
	set(&c.Attests, attestsNone)
	for i := range c.Channels {
		set(&c.Channels[i].Channel, record.NonCorporate)
	}
}

func (v check) custodians(list []Custodian) map[string]bool {
	known := make(map[string]bool)
	addresses := make(map[string]string)
	for i := range list {
		c, path := &list[i], fmt.Sprintf("custodians[%d]", i)
		v.name(path+".id", c.ID)
		v.need(path+".name", c.Name)
		if known[c.ID] && c.ID != "" {
			v.add(path+".id", "%s is given twice", c.ID)
		}
		known[c.ID] = true
		v.addresses(path, c, addresses)
		v.oneOf(path+".attests", c.Attests, attestsNone, attestsMonthly, attestsQuarterly, attestsYearly)
		if !c.Joined.IsZero() && !c.Leaving.IsZero() && c.Leaving.Before(c.Joined) {
			v.add(path+".leaving", "is before joined")
		}
		seen := make(map[record.Date]bool)
		for k, d := range c.DeviceChanges {
			if seen[d] && !d.IsZero() {
				v.add(fmt.Sprintf("%s.device_changes[%d]", path, k), "%s is given twice", d)
			}
			seen[d] = true
		}
		for k := range c.Channels {
			v.channel(fmt.Sprintf("%s.channels[%d]", path, k), &c.Channels[k])
		}
	}
	return known
}

// addresses wants each to be a bare address that one custodian has: an export
// that comes from it is that custodian's.
func (v check) addresses(path string, c *Custodian, owner map[string]string) {
	for i, a := range c.Addresses {
		at := fmt.Sprintf("%s.addresses[%d]", path, i)
		parsed, err := mail.ParseAddress(a)
		if err != nil || parsed.Address != a || parsed.Name != "" {
			v.add(at, "%q is no e-mail address: write it as name@example.org", a)
			continue
		}
		folded := record.FoldAddress(a)
		if other, taken := owner[folded]; taken {
			v.add(at, "is an address of custodian %s already", other)
		}
		owner[folded] = c.ID
	}
}

func (v check) channel(path string, c *Channel) {
	v.name(path+".app", c.App)
	v.oneOf(path+".channel", string(c.Channel), string(record.Corporate), string(record.NonCorporate))
	if c.Device != "" {
		v.oneOf(path+".device", c.Device, "corporate", "private")
	}
	if c.Channel == record.NonCorporate {
		v.need(path+".device", c.Device)
		v.need(path+".reason", strings.TrimSpace(c.Reason))
		v.need(path+".approver", strings.TrimSpace(c.Approver))
		if c.Until.IsZero() && c.Review.IsZero() {
			v.add(path+".until", "is missing, and review too: an nccc channel is not approved for ever")
		}
	}
	for _, end := range []struct {
		key string
		day record.Date
	}{{"until", c.Until}, {"review", c.Review}, {"closed", c.Closed}} {
		if !c.From.IsZero() && !end.day.IsZero() && end.day.Before(c.From) {
			v.add(path+"."+end.key, "is before from")
		}
	}
}

// receipts wants a server to send them by.
func (v check) receipts(c *Config) {
	v.oneOf("receipts", string(c.Receipts), string(ReceiptsNone), string(ReceiptsSMTP))
	if c.Receipts == ReceiptsSMTP && c.Alerts.SMTP == nil {
		v.add("receipts", "is smtp, but there is no alerts.smtp to send by")
	}
	for i, s := range c.Sources {
		path := fmt.Sprintf("sources[%d].receipts", i)
		v.oneOf(path, string(s.Receipts), string(ReceiptsNone), string(ReceiptsSMTP))
		if s.Receipts == ReceiptsSMTP && c.Receipts != ReceiptsSMTP {
			v.add(path, "is smtp, but the archive's own receipts is not: nothing would be sent")
		}
	}
}
