package report

import (
	"fmt"
	"strings"

	"github.com/closeroll/closeroll/archive/record"
	"github.com/closeroll/closeroll/internal/page"
	"github.com/closeroll/closeroll/retention"
	"github.com/closeroll/closeroll/retention/assurance"
)

// Thresholds of the ratings. They are ours; each rule says them.
const (
	enoughInTime = 95 // percent within the target
	someInTime   = 80
	longOverdue  = 28 // days
	fixityDays   = 92 // a quarter
	dpiaMonths   = 24
)

// verdict is a rating with its reason.
func (r Recommendation) verdict(rating Rating, why string, args ...any) Recommendation {
	r.Rating, r.Why = rating, fmt.Sprintf(why, args...)
	return r
}

func fact(what, is string, args ...any) Fact { return Fact{what, fmt.Sprintf(is, args...)} }

// channelsUsed is R1.
func channelsUsed(e *Evidence) Recommendation {
	loose := 0
	for _, v := range e.Channels.Volumes {
		if v.Channel == record.NonCorporate && v.Messages > 0 && !registered(e.Channels, v.Custodian) {
			loose++
		}
	}
	other, lapsed := e.Channels.Total(record.NonCorporate), e.Channels.Lapsed()
	r := Recommendation{Asks: "Departmental channels are used wherever possible; any other only by exception, with a reason and an approval.", See: "channels",
		Rule: "Red if an approval has run out while the channel is in use, or messages are kept of a non-corporate channel that its custodian has not registered. Amber if a non-corporate channel is in use with approval. Green if none is.",
		Evidence: []Fact{fact("Messages by non-corporate channels", "%s of %s", page.Thousands(other), page.Thousands(other+e.Channels.Total(record.Corporate))),
			fact("Channels in the register", "%d", len(e.Channels.Register)), fact("Approvals run out", "%d", lapsed), fact("Custodians with unregistered channels", "%d", loose)}}
	switch {
	case lapsed > 0 && loose > 0:
		return r.verdict(RatedRed, "%s out, and %s messages of channels that are not registered.", plural(lapsed, "approval has run", "approvals have run"), plural(loose, "custodian has", "custodians have"))
	case lapsed > 0:
		return r.verdict(RatedRed, "%s out.", plural(lapsed, "approval has run", "approvals have run"))
	case loose > 0:
		return r.verdict(RatedRed, "%s messages of channels that are not registered.", plural(loose, "custodian has", "custodians have"))
	case other > 0 || len(e.Channels.Register) > 0:
		return r.verdict(RatedAmber, "Non-corporate channels are in use, with approvals in date.")
	}
	return r.verdict(RatedGreen, "No non-corporate channel is registered or has messages here.")
}

func registered(c *Channels, custodian string) bool {
	for _, l := range c.Register {
		if l.Custodian == custodian && l.Channel.Channel == record.NonCorporate {
			return true
		}
	}
	return false
}

// transferred is R2.
func transferred(e *Evidence) Recommendation {
	within, of := e.Lag.WithinTarget()
	late, _ := e.Attestations.Overdue(ofKind(assurance.KindExport))
	r := Recommendation{Asks: "What is said on other channels reaches the official record as soon as possible, and often.", See: "transfer-lag",
		Rule:     fmt.Sprintf("Green if at least %d %% of the messages captured in the period came within their custodian’s target and no export is overdue; amber if at least %d %% did; otherwise red. Not rated where no custodian has a target. The targets are the authority’s own: no law gives a number of days.", enoughInTime, someInTime),
		Evidence: []Fact{fact("Within the target", "%s of %s messages (%s)", page.Thousands(within), page.Thousands(of), percent(within, of)), fact("Exports overdue", "%d", late)}}
	switch {
	case of == 0:
		return r.verdict(NotRated, "No message of a custodian with a target was captured in the period.")
	case within*100 < of*someInTime:
		return r.verdict(RatedRed, "Only %s came within the target.", percent(within, of))
	case within*100 < of*enoughInTime || late > 0:
		return r.verdict(RatedAmber, "%s came within the target, and %s.", percent(within, of), plural(late, "export is overdue", "exports are overdue"))
	}
	return r.verdict(RatedGreen, "%s came within the target, and no export is overdue.", percent(within, of))
}

// checked is R3.
func checked(e *Evidence) Recommendation {
	late, oldest := e.Attestations.Overdue(ofKind(assurance.KindAttestation))
	r := Recommendation{Asks: "Somebody checks that people really do copy what they should to the official record.", See: "attestations",
		Rule: fmt.Sprintf("Green if no attestation is overdue; amber if any is; red if one is overdue by more than %d days. Not rated where nobody is asked to attest.", longOverdue),
		Evidence: []Fact{fact("Custodians who attest", "%d", len(e.Attestations.Expects)), fact("Attested for the period", "%d", len(e.Attestations.Attested)), fact("Overdue", "%d", late),
			fact("Gaps that sources and exports show", "%d in the period", len(e.Failures.Gaps))}}
	switch {
	case len(e.Attestations.Expects) == 0:
		return r.verdict(NotRated, "No custodian is asked to attest.")
	case late > 0 && oldest.AddDays(longOverdue).Before(e.Attestations.today()):
		return r.verdict(RatedRed, "%s overdue, the oldest since %s.", plural(late, "attestation is", "attestations are"), oldest.Long())
	case late > 0:
		return r.verdict(RatedAmber, "%s overdue.", plural(late, "attestation is", "attestations are"))
	}
	return r.verdict(RatedGreen, "No attestation is overdue.")
}

// policy is R4.
func policy(e *Evidence) Recommendation {
	v := e.Review
	r := Recommendation{Asks: "One consistent policy says how this correspondence is kept and for how long, and it is current.", See: "schedule",
		Rule:     "Red if the schedule is a sample or its review is overdue; amber if the review falls within 60 days; green if it is approved and current.",
		Evidence: []Fact{fact("Schedule", "version %s, %s", v.Schedule.Version, v.Schedule.Status), fact("To be reviewed by", "%s", v.ReviewBy.Long()), fact("Versions adopted", "%d", len(v.Versions))}}
	switch {
	case v.Schedule.Status != string(retention.Approved):
		return r.verdict(RatedRed, "The schedule in force is a sample that nobody has approved.")
	case v.Overdue:
		return r.verdict(RatedRed, "The schedule should have been reviewed by %s.", v.ReviewBy.Long())
	case v.today().AddDays(60).After(v.ReviewBy):
		return r.verdict(RatedAmber, "The schedule is to be reviewed by %s.", v.ReviewBy.Long())
	}
	return r.verdict(RatedGreen, "The schedule is approved and current.")
}

// searched is R5.
func searched(e *Evidence) Recommendation {
	q := e.Requests
	r := Recommendation{Asks: "Searches for requests cover other channels too, and it is recorded what was searched and who was asked.",
		Rule:     "Green if every request of the period has a recorded search; amber if at least half have; otherwise red. Not rated without requests.",
		Evidence: []Fact{fact("Requests open or answered in the period", "%d", q.All()), fact("With a recorded search", "%d", q.Searched), fact("For which people were asked about what is not archived", "%d", q.Asked)}}
	switch {
	case q.All() == 0:
		return r.verdict(NotRated, "No request was open or answered in the period.")
	case q.Searched == q.All():
		return r.verdict(RatedGreen, "Every request has a recorded search.")
	case 2*q.Searched >= q.All():
		return r.verdict(RatedAmber, "%d of %d requests have a recorded search.", q.Searched, q.All())
	}
	return r.verdict(RatedRed, "%d of %d requests have a recorded search.", q.Searched, q.All())
}

// answered is R6.
func answered(e *Evidence) Recommendation {
	q := e.Requests
	late := q.Late + q.Overdue
	r := Recommendation{Asks: "Requests for information are answered in time.",
		Rule:     "Green if no request of the period was late or is overdue; amber if at least 90 % were in time; otherwise red. Not rated without requests.",
		Evidence: []Fact{fact("Answered in the period", "%d, of which %d late", q.Closed, q.Late), fact("Open", "%d, of which %d overdue", q.Open, q.Overdue)}}
	switch {
	case q.All() == 0:
		return r.verdict(NotRated, "No request was open or answered in the period.")
	case late == 0:
		return r.verdict(RatedGreen, "Every request was answered in time or is in time.")
	case 10*late <= q.All():
		return r.verdict(RatedAmber, "%s late or overdue.", plural(late, "request is", "requests are"))
	}
	return r.verdict(RatedRed, "%s late or overdue.", plural(late, "request is", "requests are"))
}

// told is R7.
func told(e *Evidence) Recommendation {
	q := e.Requests
	given, acknowledged := e.Holds.Told()
	r := Recommendation{Asks: "Once there is a request, nothing within it is deleted, and people know that to delete or conceal it can be an offence (Freedom of Information Act 2000, section 77).", See: "holds",
		Rule: fmt.Sprintf("Green if every open request has a hold in force, no hold’s review was missed and every notice of one was acknowledged; amber if a review was missed, or a notice not acknowledged within %d days; red if an open request has no hold. Not rated without open requests and holds.", noticeDays),
		Evidence: []Fact{fact("Open requests on hold", "%d of %d", q.OnHold, q.Open), fact("Holds in force", "%d", e.Holds.InForce()), fact("Reviews of holds missed", "%d", e.Holds.ReviewsMissed()),
			fact("Notices of holds acknowledged", "%d of %d", acknowledged, given)}}
	switch {
	case q.OnHold < q.Open:
		return r.verdict(RatedRed, "%d of %d open requests have no hold.", q.Open-q.OnHold, q.Open)
	case e.Holds.ReviewsMissed() > 0:
		return r.verdict(RatedAmber, "%s missed.", plural(e.Holds.ReviewsMissed(), "review of a hold was", "reviews of holds were"))
	case e.Holds.Unacknowledged() > 0:
		return r.verdict(RatedAmber, "%s within %d days.", plural(e.Holds.Unacknowledged(), "notice of a hold was not acknowledged", "notices of holds were not acknowledged"), noticeDays)
	case q.Open == 0 && e.Holds.InForce() == 0:
		return r.verdict(NotRated, "No request is open and no hold is in force.")
	}
	return r.verdict(RatedGreen, "Every open request has a hold, no hold’s review was missed, and every notice was acknowledged in time.")
}

// known is R8.
func known(e *Evidence) Recommendation {
	t := e.Retention.Sum()
	r := Recommendation{Asks: "The authority knows what it holds, and retention and disposal are applied to all of it.", See: "retention",
		Rule: "Red if records are overdue for the action that the schedule calls for; amber if any is unclassified or lacks the date that its class asks for; otherwise green.",
		Evidence: []Fact{fact("Records kept", "%s", page.Thousands(e.Retention.Records)), fact("Classified", "%s", percent(t.Records-t.Unclassified, t.Records)), fact("Overdue", "%s", page.Thousands(t.Overdue)),
			fact("Without their date", "%s", page.Thousands(t.Unknown)), fact("Destroyed under certificate in the period", "%s", page.Thousands(e.Disposals.Destroyed()))}}
	switch {
	case t.Overdue > 0:
		return r.verdict(RatedRed, "%s overdue, the oldest since %s.", plural(t.Overdue, "record is", "records are"), t.OldestDue.Long())
	case t.Unclassified > 0 || t.Unknown > 0:
		return r.verdict(RatedAmber, "%s unclassified, and %s the date that the class asks for.", plural(t.Unclassified, "record is", "records are"), plural(t.Unknown, "lacks", "lack"))
	}
	return r.verdict(RatedGreen, "Every record is classified and dated, and none is overdue.")
}

// secure is R9.
func secure(e *Evidence) Recommendation {
	r := Recommendation{Asks: "What is kept stays confidential, whole and available.", See: "fixity",
		Rule: fmt.Sprintf("Red if there was never a fixity check, the last one found something missing or changed, or one reader alone can open a vault; amber if the last check is older than %d days or words are missing from the index; otherwise green.", fixityDays),
		Evidence: []Fact{fact("Vaults that one reader alone can open", "%d", len(e.Keys.Single())), fact("Words in the index", "%s of %s messages", page.Thousands(e.Coverage.Indexed), page.Thousands(e.Coverage.Messages)),
			fact("Items owed", "%s", page.Thousands(e.Failures.Owed()))}}
	if len(e.Fixity.Checks) == 0 {
		return r.verdict(RatedRed, "The stored objects were never compared with their digests.")
	}
	last := e.Fixity.Checks[0]
	r.Evidence = append(r.Evidence, fact("Last fixity check", "%s: %s checked, %d missing, %d changed", e.Fixity.day(last.At), plural(last.Checked, "object", "objects"), last.Missing, last.Changed))
	switch {
	case !last.Sound():
		return r.verdict(RatedRed, "The last fixity check found objects missing or changed.")
	case len(e.Keys.Single()) > 0:
		return r.verdict(RatedRed, "Vault %s can be opened by one reader only.", strings.Join(e.Keys.Single(), ", "))
	case last.At.AddDate(0, 0, fixityDays).Before(e.Fixity.AsOf):
		return r.verdict(RatedAmber, "The last fixity check was on %s.", e.Fixity.day(last.At))
	case e.Coverage.Indexed < e.Coverage.Messages:
		return r.verdict(RatedAmber, "The words of %s are not in the index.", plural(e.Coverage.Messages-e.Coverage.Indexed, "message", "messages"))
	}
	return r.verdict(RatedGreen, "Every object had its digest on %s, and every vault has at least two readers.", e.Fixity.day(last.At))
}

// marked is R10.
func marked(e *Evidence) Recommendation {
	q, refused := e.Quarantine, e.Coverage.Counts().Excluded[record.ReasonMarking]
	r := Recommendation{Asks: "Protectively marked material is respected: what is above the archive’s classification is kept apart and dealt with.",
		Rule: "Amber if something in quarantine awaits a decision; green if nothing does, or if what is marked is refused at capture. Not rated where the archive has no quarantine vault and has refused nothing.",
		Evidence: []Fact{fact("In quarantine", "%s", plural(q.Records, "record", "records")), fact("Awaiting a decision", "%d", q.Waiting),
			fact("Refused at capture for their marking, ever", "%s", plural(refused, "item", "items")), fact("Destroyed as spillage in the period", "%s", plural(e.Disposals.Spilt(), "record", "records"))}}
	switch {
	case !q.Kept && refused == 0:
		return r.verdict(NotRated, "The archive has no quarantine vault, and nothing that is marked came.")
	case !q.Kept:
		return r.verdict(RatedGreen, "%s refused at capture: the source has them still.", plural(refused, "marked item was", "marked items were"))
	case q.Waiting > 0:
		return r.verdict(RatedAmber, "%s a decision.", plural(q.Waiting, "record awaits", "records await"))
	}
	return r.verdict(RatedGreen, "Nothing in quarantine awaits a decision.")
}

// assessed is R11.
func assessed(e *Evidence) Recommendation {
	r := Recommendation{Own: true, Asks: "The risks of the channels and of this archive to people’s data are assessed, and the assessment is kept up.",
		Rule:     fmt.Sprintf("Green if the configuration names a data protection impact assessment of the last %d months; amber if it is older or undated; red if none is named.", dpiaMonths),
		Evidence: []Fact{fact("Assessment", "%s", orNone(e.DPIA.Reference))}}
	switch today := e.Review.today(); {
	case e.DPIA.Reference == "":
		return r.verdict(RatedRed, "No data protection impact assessment is named.")
	case e.DPIA.On.IsZero():
		return r.verdict(RatedAmber, "%s is named, without its day.", e.DPIA.Reference)
	case e.DPIA.On.AddMonths(dpiaMonths).Before(today):
		return r.verdict(RatedAmber, "%s is of %s.", e.DPIA.Reference, e.DPIA.On.Long())
	}
	return r.verdict(RatedGreen, "%s, of %s.", e.DPIA.Reference, e.DPIA.On.Long())
}

func orNone(s string) string {
	if s == "" {
		return "none named"
	}
	return s
}

// trained is R12.
func trained(e *Evidence) Recommendation {
	late, _ := e.Attestations.Overdue(ofKind(assurance.KindTraining))
	r := Recommendation{Own: true, Asks: "People are trained in keeping records of these channels.", See: "attestations",
		Rule:     "Green if nobody’s training is overdue; amber if anybody’s is. Not rated where nobody’s is tracked.",
		Evidence: []Fact{fact("Custodians whose training is tracked", "%d", len(e.Attestations.Trains)), fact("Overdue", "%d", late)}}
	switch {
	case len(e.Attestations.Trains) == 0:
		return r.verdict(NotRated, "Nobody’s training is tracked.")
	case late > 0:
		return r.verdict(RatedAmber, "Training is overdue of %s.", plural(late, "custodian", "custodians"))
	}
	return r.verdict(RatedGreen, "Nobody’s training is overdue.")
}

// overseen is R13.
func overseen(e *Evidence) Recommendation {
	var searches, reads, refused, unsaid int64
	for _, p := range e.Access.People {
		searches, reads, refused, unsaid = searches+p.Searches, reads+p.Reads, refused+p.Refused, unsaid+p.Unsaid
	}
	r := Recommendation{Own: true, Asks: "Compliance is checked regularly and seniors see the result.", See: "access",
		Rule:     "Amber if searches or openings of records named no purpose; otherwise green. Signing this pack is the check itself.",
		Evidence: []Fact{fact("Searches", "%s", page.Thousands(searches)), fact("Records opened", "%s", page.Thousands(reads)), fact("Without a purpose", "%s", page.Thousands(unsaid)), fact("Calls refused", "%s", page.Thousands(refused))}}
	if unsaid > 0 {
		return r.verdict(RatedAmber, "%s no purpose.", plural(unsaid, "search or opening named", "searches and openings named"))
	}
	return r.verdict(RatedGreen, "Every search and opening of a record in the period named its purpose, or there was none.")
}

// changes is R14.
func changes(e *Evidence) Recommendation {
	late, oldest := e.Attestations.Overdue(ofChange)
	waiting := 0
	for i := range e.Attestations.Waiting {
		if ofChange(&e.Attestations.Waiting[i]) {
			waiting++
		}
	}
	r := Recommendation{Asks: "Nothing is lost when people leave or change their phones.", See: "attestations",
		Rule:     "Red if a leaver’s or a change of phones’ task is overdue; amber if one waits; otherwise green.",
		Evidence: []Fact{fact("Tasks that wait", "%d", waiting), fact("Overdue", "%d", late)}}
	switch {
	case late > 0:
		return r.verdict(RatedRed, "%s overdue, the oldest since %s.", plural(late, "task is", "tasks are"), oldest.Long())
	case waiting > 0:
		return r.verdict(RatedAmber, "%s to be done.", plural(waiting, "task is", "tasks are"))
	}
	return r.verdict(RatedGreen, "No leaver’s or change of phones’ task waits.")
}

// disappearing is R15.
func disappearing(e *Evidence) Recommendation {
	timers, private, turned := 0, 0, e.Ephemeral.TimersOn()
	for _, c := range e.Ephemeral.Chats {
		if c.Disappearing {
			timers++
		} else {
			private++
		}
	}
	r := Recommendation{Asks: "Disappearing messages do not undermine the record.", See: "ephemeral",
		Rule: "Red if messages disappear in a chat that is captured; amber if they did for a time in the period, or a chat keeps people from exporting it; otherwise green.",
		Evidence: []Fact{fact("Chats with disappearing messages now", "%d", timers), fact("Chats that only block exports", "%d", private),
			fact("Timers turned on in the period", "%d", turned)}}
	switch {
	case timers > 0:
		return r.verdict(RatedRed, "Messages disappear in %s.", plural(timers, "chat", "chats"))
	case private > 0:
		return r.verdict(RatedAmber, "Export is blocked in %s.", plural(private, "chat", "chats"))
	}
	if turned > 0 {
		return r.verdict(RatedAmber, "Messages disappeared for a time: %s on in the period, and none is now.", plural(turned, "timer was turned", "timers were turned"))
	}
	return r.verdict(RatedGreen, "No messages disappear in a captured chat, and none blocks its export.")
}
