package v1

import (
	"time"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/retention"
)

// An Adoption puts a schedule in force.
type Adoption struct {
	Text      string `json:"text"`      // the schedule file itself
	Signature string `json:"signature"` // of its octets, for schedule@closeroll
}

// A ScheduleInForce is the retention schedule in force, and how it came to be.
type ScheduleInForce struct {
	record.ScheduleAdopted
	Entry        int64       `json:"entry"` // of its adoption in the journal
	At           time.Time   `json:"adopted"`
	Actor        string      `json:"adopted_by"`
	Authority    string      `json:"authority"`
	ApprovedBy   string      `json:"approved_by,omitempty"`
	ApprovedOn   record.Date `json:"approved_on"`
	ReviewBy     record.Date `json:"review_by"`
	ReviewNotice string      `json:"review_notice,omitempty"` // it is near or past
	Overdue      bool        `json:"review_overdue"`          // and disposal is refused for it
	Strict       bool        `json:"strict"`
	FileDiffers  bool        `json:"file_differs"` // the configured file is not what is in force
	Classes      []Class     `json:"class_list"`
	Notices      []string    `json:"notices"`
}

// A Class is a retention class in words.
type Class struct {
	ID        string           `json:"id"`
	Title     string           `json:"title"`
	Trigger   string           `json:"trigger"`
	Period    retention.Period `json:"period"`
	Action    retention.Action `json:"action"`
	Approval  string           `json:"approval"`
	ExtraRole string           `json:"extra_role,omitempty"`
	Authority []string         `json:"authority"`
}
