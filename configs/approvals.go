package configs

import "github.com/closeroll/closeroll/retention"

// Approvals says how people put their names to what cannot be undone.
type Approvals struct {
	AllowedSigners Path  `yaml:"allowed_signers" doc:"file of the SSH keys with which people sign, as ssh-keygen reads it; its principals are the callers' names. Without it no schedule can be adopted"`
	ReleaseAfter   Delay `yaml:"release_after" doc:"time between the release of a hold and its end, in which the release can be withdrawn; or none (P7D)"`
	SignReleases   bool  `yaml:"sign_releases" doc:"the release of a hold has to be signed (false)"`
}

// A Delay is a period that may be none at all, which has to be said.
type Delay struct {
	retention.Period
	set bool
}

// UnmarshalText reads an ISO 8601 period, or the word none.
func (d *Delay) UnmarshalText(b []byte) error {
	d.set = true
	if string(b) == "none" {
		d.Period = retention.Period{}
		return nil
	}
	return d.Period.UnmarshalText(b)
}

// setDefaults fills in what was not given.
func (a *Approvals) setDefaults() {
	if !a.ReleaseAfter.set {
		a.ReleaseAfter.Period = retention.Period{Days: 7}
	}
}
