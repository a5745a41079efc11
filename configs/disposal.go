package configs

import (
	"fmt"
	"slices"

	"github.com/closeroll/closeroll/internal/strictyaml"
	"github.com/closeroll/closeroll/retention"
)

// Disposal bounds what is disposed of at once, and says who besides a manager
// approves it.
type Disposal struct {
	Propose Cron             `yaml:"propose" doc:"when lists of what is due are proposed by themselves, in UTC (off)"`
	Limit   int              `yaml:"limit" doc:"the most records of one list (10000)"`
	Chunk   int              `yaml:"chunk" doc:"records that are freed to be deleted at a time (500)"`
	Floor   int              `yaml:"unusual_from" doc:"a list of more records than this may be unusual, and then needs a second manager (100)"`
	Times   int              `yaml:"unusual_times" doc:"it is unusual where it is so many times the largest before it (5)"`
	Roles   []DisposalRole   `yaml:"roles" doc:"who may approve in the roles that classes ask for besides the manager"`
	Backups retention.Period `yaml:"backups_expire" doc:"how long after its disposal a record may still be in others' back-ups of the bucket, for certificates (not known)"`
}

// A DisposalRole is a role that a class of the schedule asks for (extra_role).
type DisposalRole struct {
	Role  string          `yaml:"role" doc:"as the schedule names it: dro"`
	Names strictyaml.List `yaml:"names" doc:"users and certificates' common names"`
}

func (d *Disposal) setDefaults() {
	set(&d.Limit, 10_000)
	set(&d.Chunk, 500)
	set(&d.Floor, 100)
	set(&d.Times, 5)
}

// MayBe reports whether a person may approve in a role that a class asks for.
func (d *Disposal) MayBe(role, name string) bool {
	return slices.ContainsFunc(d.Roles, func(r DisposalRole) bool { return r.Role == role && slices.Contains(r.Names, name) })
}

func (v check) disposal(d *Disposal) {
	v.within("disposal.limit", d.Limit, 1, 100_000)
	v.within("disposal.chunk", d.Chunk, 1, 1000)
	v.within("disposal.unusual_from", d.Floor, 1, 100_000)
	v.within("disposal.unusual_times", d.Times, 1, 1000)
	seen := make(map[string]int)
	for i, r := range d.Roles {
		path := fmt.Sprintf("disposal.roles[%d]", i)
		v.name(path+".role", r.Role)
		if seen[r.Role]++; seen[r.Role] > 1 || r.Role == "manager" {
			v.add(path+".role", "%q is given already", r.Role)
		}
		if len(r.Names) == 0 {
			v.add(path+".names", "is missing: nobody could approve")
		}
	}
}
