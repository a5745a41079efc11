package configs

import (
	"fmt"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// Reports says what is printed on reports that only the authority knows, and
// where the quarterly assurance pack goes by itself.
type Reports struct {
	Marking    string     `yaml:"marking" doc:"protective marking at the head of every report: OFFICIAL (none)"`
	DPIA       DPIA       `yaml:"dpia" doc:"the data protection impact assessment that covers this archive and its channels"`
	Processing Processing `yaml:"processing" doc:"what the record of processing activities says (UK GDPR, Article 30)"`
	Deliver    []Delivery `yaml:"deliver" doc:"reports that are made by themselves and sealed to the readers of the archive's own vault"`
}

// A DPIA names a data protection impact assessment.
type DPIA struct {
	Reference string      `yaml:"reference" doc:"by which the authority knows it"`
	On        record.Date `yaml:"on" doc:"day of its last version"`
}

// Processing is what Article 30(1) asks for and no program can know.
type Processing struct {
	Contact    string          `yaml:"contact" doc:"the data protection officer, or how to reach them"`
	Purposes   strictyaml.List `yaml:"purposes" doc:"purposes of the processing"`
	Basis      strictyaml.List `yaml:"lawful_basis" doc:"its lawful basis"`
	Subjects   strictyaml.List `yaml:"data_subjects" doc:"categories of people whose data it is"`
	Categories strictyaml.List `yaml:"categories" doc:"categories of personal data"`
	Recipients strictyaml.List `yaml:"recipients" doc:"categories of recipients"`
	Transfers  string          `yaml:"transfers" doc:"transfers to other countries, or that there are none"`
}

// A Delivery says when a report is made, and where it goes: as one sealed file
// with its JSON, HTML and PDF.
type Delivery struct {
	Report string          `yaml:"report" doc:"which: see closeroll report list"`
	When   Cron            `yaml:"when" doc:"when it is made, in UTC: 0 7 5 1,4,7,10 *; one that is about a period is of the quarter that ended last"`
	Bucket bool            `yaml:"bucket" doc:"keep it in the archive's bucket; closeroll report fetch brings it back (false)"`
	Dir    Path            `yaml:"dir" doc:"put it into this folder (none)"`
	Mail   strictyaml.List `yaml:"mail" doc:"send it to these addresses, by the server of alerts.smtp (none)"`
	Tell   bool            `yaml:"tell" doc:"say that it was made, and a pack's ratings without evidence, the way alerts go (false)"`
}

func (v check) reports(r *Reports, smtp *SMTP) {
	for i, d := range r.Deliver {
		path := fmt.Sprintf("reports.deliver[%d]", i)
		v.need(path+".report", d.Report)
		if d.When.IsZero() {
			v.add(path+".when", "is missing: the report is never made")
		}
		if !d.Bucket && d.Dir == "" && len(d.Mail) == 0 {
			v.add(path, "says neither bucket nor dir nor mail: the report has nowhere to go")
		}
		if len(d.Mail) > 0 && smtp == nil {
			v.add(path+".mail", "there is no alerts.smtp to send it by")
		}
	}
	if !r.DPIA.On.IsZero() && r.DPIA.Reference == "" {
		v.add("reports.dpia.reference", "is missing")
	}
	if len(r.Marking) > 60 {
		v.add("reports.marking", "is longer than 60 characters")
	}
}
