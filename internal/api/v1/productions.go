package v1

import (
	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/search/foi"
)

// A ProductionBasis is what a production of a request is made from.
type ProductionBasis struct {
	Kind      foi.Kind `json:"kind"`
	Law       string   `json:"law"`
	Authority string   `json:"authority"` // the archive's name
	Version   int64    `json:"version"`   // of the request
	Next      int      `json:"next"`      // number of its next production
}

// Produce notes a production that was made and checked. It is refused with the
// code conflict if the request has changed since Known.
type Produce struct {
	Changing
	record.RequestProduced
}
