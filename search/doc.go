// Package search answers queries exactly: it parses the query language, asks
// the index for words and the catalog for what can change, and joins the two.
//
// # The language
//
//	sandbags                 the word, in any form: sandbag, sandbagged
//	=sandbags                that form only
//	"flood defences"         these forms, one after the other
//	"flood defences"~3       with up to three other words between them
//	sand*  f?r*t             words that begin so; * any characters, ? one
//	gloucester~1             one character added, missing, different or swapped
//	depot NEAR/5 sandbags    at most five words apart; ONEAR/5 in that order
//	a b, a AND b             both
//	a OR b                   either; binds less than AND
//	NOT a, -a                not this
//	( )                      grouping; field:( ) applies a field to a group
//
// AND, OR, NOT and NEAR are written in capitals: and, or, not and near are
// words. Fields ([Fields] lists them) take a word, a phrase or a group:
// from:field, subject:"flood response", participant:(smith OR jones),
// sent:2026-03..2026-05, sent:>=2026-05-14, has:attachment, kind:chat,
// is:onhold. saved:NAME stands for a query that was saved under a name. Dates
// are days, months or years of the configured zone, both ends included.
//
// # What an answer means
//
// Total counts messages that certainly meet the query, every copy that is kept:
// the same e-mail in two mailboxes, a chat message that successive exports
// repeat. Messages counts each of them once. Both are exact, and copygroup:
// finds all copies of one. Messages are copies of one another if they are the
// same to a reader: e-mails by their octets without the transport's headers,
// chat messages where comparing exports has matched them word for word.
//
// What cannot be decided
// is never cut and never counted among the hits; it is listed apart:
//
//   - date to be decided: the message would meet the query if its date did,
//     and it has no date that can be relied on;
//   - not indexed: nothing of the message is in the index yet, and it would
//     meet the query if its words did;
//   - not searched: some of its text could not be read by anyone here (an
//     encrypted attachment), and it would meet the query if that text did.
//
// NOT keeps this: an undated message is as undecided for NOT sent:2026 as for
// sent:2026. [Engine.Search] says how. Below full coverage an answer says
// INCOMPLETE.
package search
