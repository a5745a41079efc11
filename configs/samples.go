package configs

import "embed"

//go:embed closeroll.example.yaml closeroll.service dpia-template.md schedules/example.yaml policies/*.json rules/*.yaml rules/bank-holidays.json
var files embed.FS

// sample returns an embedded file; that each is there is a matter of building.
func sample(name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic("configs: " + name + " is not embedded")
	}
	return data
}

// Example returns the sample configuration, closeroll.example.yaml.
func Example() []byte { return sample("closeroll.example.yaml") }

// ExampleSchedule returns the sample retention schedule, of status sample.
func ExampleSchedule() []byte { return sample("schedules/example.yaml") }

// Service returns the hardened systemd unit.
func Service() []byte { return sample("closeroll.service") }

// DPIATemplate returns the draft of a data protection impact assessment, in
// Markdown.
func DPIATemplate() []byte { return sample("dpia-template.md") }

// DaemonPolicy returns the S3 policy of the daemon's credential: it reads,
// writes and lists, and may not delete.
func DaemonPolicy() []byte { return sample("policies/daemon.json") }

// DisposerPolicy returns the S3 policy of the credential that a disposer brings:
// it deletes versions of records and of the journal's batches, and reads
// nothing.
func DisposerPolicy() []byte { return sample("policies/disposer.json") }

// FOIRules returns the rules of deadlines of the Freedom of Information Act 2000.
func FOIRules() []byte { return sample("rules/foi.yaml") }

// EIRRules returns those of the Environmental Information Regulations 2004.
func EIRRules() []byte { return sample("rules/eir.yaml") }

// SARRules returns those of subject access requests.
func SARRules() []byte { return sample("rules/sar.yaml") }

// BankHolidays returns the embedded bank holidays, in the form that gov.uk
// publishes as bank-holidays.json.
func BankHolidays() []byte { return sample("rules/bank-holidays.json") }
