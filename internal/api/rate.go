package api

import (
	"sync"

	"golang.org/x/time/rate"
)

// maxCallers bounds how many callers' rates are remembered.
const maxCallers = 4096

// rates limits how often each caller may call.
type rates struct {
	perSecond rate.Limit
	atOnce    int

	mu sync.Mutex
	of map[string]*rate.Limiter
}

func newRates(perSecond rate.Limit, atOnce int) *rates {
	return &rates{perSecond: perSecond, atOnce: atOnce, of: make(map[string]*rate.Limiter)}
}

func (r *rates) allow(caller string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.of[caller]
	if l == nil {
		if len(r.of) >= maxCallers {
			clear(r.of)
		}
		l = rate.NewLimiter(r.perSecond, r.atOnce)
		r.of[caller] = l
	}
	return l.Allow()
}
