package configs

import (
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/strictyaml"
)

// Reports says what is printed on reports that only the authority knows, and
// where the quarterly assurance pack goes by itself.
type Reports struct {
	Marking    string     `yaml:"marking" doc:"protective marking at the head of every report: OFFICIAL (none)"`
	DPIA       DPIA       `yaml:"dpia" doc:"the data protection impact assessment that covers this archive and its channels"`
	Processing Processing `yaml:"processing" doc:"what the record of processing activities says (UK GDPR, Article 30)"`
	Pack       Pack       `yaml:"pack" doc:"the assurance pack of the quarter that ended last, made by itself"`
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

// Pack says when and where the assurance pack is delivered.
type Pack struct {
	When Cron `yaml:"when" doc:"when it is made, in UTC: 0 7 5 1,4,7,10 * (off)"`
	Dir  Path `yaml:"dir" doc:"folder for its HTML and JSON, sealed to the readers of the archive's own vault"`
	Tell bool `yaml:"tell" doc:"send its ratings, without evidence, the way alerts go (false)"`
}

func (v check) reports(r *Reports) {
	switch p := r.Pack; {
	case !p.When.IsZero() && p.Dir == "":
		v.add("reports.pack.dir", "is missing: the pack has nowhere to go")
	case p.When.IsZero() && (p.Dir != "" || p.Tell):
		v.add("reports.pack.when", "is missing: the pack is never made")
	}
	if !r.DPIA.On.IsZero() && r.DPIA.Reference == "" {
		v.add("reports.dpia.reference", "is missing")
	}
	if len(r.Marking) > 60 {
		v.add("reports.marking", "is longer than 60 characters")
	}
}
