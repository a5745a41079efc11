// Package retention decides how long a holding is kept, and why. It is pure:
// no clock, no store, no network; everything it needs is an argument and every
// decision returns its reasons.
//
// The model is MoReq2010's "class determines destiny": every holding is in
// exactly one [Class] of a [Schedule], and the class says what starts the
// clock ([Trigger]), how long it runs ([Period]) and what happens then
// ([Action]). Which class a holding is in is decided by [Schedule.Assign]: by
// hand, else by the first rule that matches, else by the custodian's role,
// else by the source, else it is unclassified, and nothing unclassified is
// destroyed.
//
//	due = round(trigger) + period          disposable = today > due, and not on hold
//
// A trigger that is not known makes no due date: such a holding is never
// disposable and is listed instead. A [Hold] suspends disposal whatever the
// schedule says. A record takes the most protective decision of its holdings
// ([Combine]).
//
// Days are those of the schedule's legal zone (Europe/London unless it says
// otherwise); the zone table is compiled in, so that every host agrees.
package retention
