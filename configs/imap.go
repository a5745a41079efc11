package configs

import "github.com/closeroll/closeroll/internal/strictyaml"

// IMAP is a mailbox on a mail server. It is opened read-only.
type IMAP struct {
	Host         string          `yaml:"host" doc:"name or address of the server"`
	Port         int             `yaml:"port" doc:"(993; 143 unless security is tls)"`
	Security     string          `yaml:"security" doc:"tls, starttls, or plain, which is for loopback only (tls)"`
	Username     string          `yaml:"username" doc:"login"`
	PasswordFile Path            `yaml:"password_file" doc:"file with the password, read anew for each connection"`
	CAFile       Path            `yaml:"ca_file" doc:"PEM certificates to trust instead of the system's"`
	Include      strictyaml.List `yaml:"include" doc:"folders to capture: * and ? match, / separates, \\Drafts is what the server marks so (all)"`
	Exclude      strictyaml.List `yaml:"exclude" doc:"folders to leave out all the same; their messages are counted"`
	Connections  int             `yaml:"connections" doc:"at once, 1 to 10 (2)"`

	// SenderIsCustodian says whose a chat export is that came by e-mail.
	SenderIsCustodian bool `yaml:"sender_is_custodian" doc:"a chat export attached to a message is the custodian's who lists the sender among its addresses; for a mailbox that takes mail from inside only, because a sender is easily forged (false)"`
}

// Reconcile says when a mailbox's own list is compared with what was accounted
// for, and how much of it is read again.
type Reconcile struct {
	When    Cron `yaml:"when" doc:"cron expression, in UTC (0 2 * * 0)"`
	Samples int  `yaml:"samples" doc:"messages whose octets are read again each time; -1 for all (100)"`
}
