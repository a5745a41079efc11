package foi

// The activities that time is logged by.
const (
	Determine = "determine" // whether the information is held
	Locate    = "locate"
	Retrieve  = "retrieve"
	Extract   = "extract"
	Redact    = "redact"
	Exempt    = "exempt" // considering exemptions, the public interest, consulting
	Admin     = "admin"
)

// Activities lists the activities.
func Activities() []string {
	return []string{Determine, Locate, Retrieve, Extract, Redact, Exempt, Admin}
}

// Countable lists the activities that count towards the limit of s.12: SI
// 2004/3244, regulation 4(3), and no other.
func Countable() []string { return []string{Determine, Locate, Retrieve, Extract} }
