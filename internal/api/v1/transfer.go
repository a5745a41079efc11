package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention/disposal"
)

// ProposeTransfer asks for a list of what is to be transferred to a place of
// deposit.
type ProposeTransfer struct {
	Propose
	To string `json:"to"` // the place of deposit
}

// A Package is one package of a transfer, and what the place of deposit has
// said of it.
type Package struct {
	Package   int           `json:"package"`
	Of        int           `json:"of"`
	Series    string        `json:"series"`
	Records   int           `json:"records"`
	Files     int           `json:"files"`
	Octets    int64         `json:"octets"`
	Bag       record.Digest `json:"bag_sha256"` // of its tagmanifest-sha256.txt
	Metadata  record.Digest `json:"csv_sha256"` // of its file-metadata.csv
	Made      time.Time     `json:"made"`
	By        string        `json:"made_by"`
	Confirmed *Deposit      `json:"confirmed,omitempty"`
}

// A Deposit is the place of deposit's confirmation.
type Deposit struct {
	Reference string        `json:"reference"`
	On        record.Date   `json:"on"`
	By        string        `json:"by"`
	File      record.Digest `json:"file_sha256"`
	Recorded  time.Time     `json:"recorded"`
}

// A Transfer is a batch with what is needed to make packages of its records.
type Transfer struct {
	Batch
	Authority string         `json:"authority"` // whose archive it is
	Today     record.Date    `json:"today"`     // by the legal zone
	Items     []TransferItem `json:"items"`     // what is still on the list, in the order of ids
}

// A TransferItem is a record of a transfer.
type TransferItem struct {
	ID         record.ID          `json:"id"`
	Kind       record.Kind        `json:"kind"`
	Display    string             `json:"display"`
	From       record.Date        `json:"from"` // of its messages
	Until      record.Date        `json:"until"`
	Captured   record.Date        `json:"captured"`
	TextStatus record.TextStatus  `json:"text_status"`
	Components []record.Component `json:"components"`
	Holds      []string           `json:"holds,omitempty"` // it is on hold, or asked for: it is not to be packaged
}

// Packaged tells the daemon of a package that was made.
type Packaged struct {
	Package  int           `json:"package"`
	Of       int           `json:"of"`
	Plan     record.Digest `json:"plan_sha256"`
	Bag      record.Digest `json:"bag_sha256"`
	Metadata record.Digest `json:"csv_sha256"`
	Series   string        `json:"series"`
	Records  []record.ID   `json:"records"`
	Files    int           `json:"files"`
	Octets   int64         `json:"octets"`
}

// Confirm records that the place of deposit has a package.
type Confirm struct {
	Package   int           `json:"package"`
	Reference string        `json:"reference"`
	On        record.Date   `json:"on"`
	By        string        `json:"by"`
	File      record.Digest `json:"file_sha256"` // of the confirmation as it was received
	Size      int64         `json:"file_octets"`
}

// OnList says on the list of which open batch a record is.
type OnList struct {
	Batch   string                `json:"batch"`
	Ground  record.DisposalGround `json:"ground"`
	State   disposal.State        `json:"state"`
	To      string                `json:"to,omitempty"`
	Package int                   `json:"package,omitempty"`
	Deposit *Deposit              `json:"deposit,omitempty"`
}
