// Package foi is about requests for information: under the Freedom of
// Information Act 2000, the Environmental Information Regulations 2004 and the
// UK GDPR's right of access.
//
// A request's deadline is reckoned by rules that are data, each with its source
// and the date from which it applies ([Rules]), over a table of bank holidays
// ([Calendar]); [Book.Deadline] returns the day and every step that led to it.
// FOI working days are UK-wide: a bank holiday in any part of the United
// Kingdom is none (s.10(6)).
package foi
