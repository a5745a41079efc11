package configs

// Requests says how requests for information are answered here.
type Requests struct {
	Authority string `yaml:"authority" doc:"whose cost limit applies: central (a department, legislature or the armed forces) or other (central)"`
	Context   int    `yaml:"context" doc:"messages of a chat shown before and after one that was found; 1 to 50 (3)"`
}

func (r *Requests) setDefaults() {
	set(&r.Authority, "central")
	set(&r.Context, 3)
}

func (v check) requests(r *Requests) {
	v.oneOf("requests.authority", r.Authority, "central", "other")
	v.within("requests.context", r.Context, 1, 50)
}

// Exemptions returns the embedded exemptions of one kind of request: foi, eir
// or sar.
func Exemptions(kind string) []byte { return sample("rules/exemptions-" + kind + ".yaml") }

// CostRules returns the embedded rules of the appropriate limit.
func CostRules() []byte { return sample("rules/costs.yaml") }
