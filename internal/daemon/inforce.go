package daemon

import (
	"cmp"
	"slices"
	"strings"

	"github.com/closeroll/closeroll/connectors/chat"
	"github.com/closeroll/closeroll/internal/api/v1"
)

// supersede marks the notices about a chat's timer, and about its privacy, that
// a later word of the chat has replaced: by the times that were printed, because
// an older export may be captured after a newer one. Of several exports that
// tell the same, the one that gives the most time until the next is in force.
func supersede(notices []v1.Notice) {
	for family, state := range map[string]string{"disappearing_": chat.NoticeEphemeral, "advanced_privacy_": chat.NoticePrivacy} {
		var all []*v1.Notice
		for i := range notices {
			if strings.HasPrefix(notices[i].Kind, family) {
				all = append(all, &notices[i])
			}
		}
		slices.SortStableFunc(all, func(x, y *v1.Notice) int {
			byTime := 0 // a messenger may say what holds without saying since when
			if !x.At.IsZero() && !y.At.IsZero() {
				byTime = x.At.Compare(y.At)
			}
			return cmp.Or(byTime, x.Before.Compare(y.Before), cmp.Compare(x.Entry, y.Entry))
		})
		for k, n := range all {
			last := all[len(all)-1]
			n.Superseded = k < len(all)-1 && (n.Kind == state || n.At.Before(last.At))
		}
	}
}
