// Package language says which languages a text is written in, so that its
// words can be compared as those languages form them.
//
// # What it goes by
//
// By the words that a language cannot do without: its articles, pronouns,
// prepositions, conjunctions and auxiliaries, and in short messages its words
// of greeting and thanks; by letters that only some languages have; and, where
// a script belongs to one language of those told apart here, by the script.
// These are looked up, not guessed by a statistical model: an answer can be
// explained by the words that led to it ([Detector.Explain]), is the same on
// every machine, and costs a few microseconds a message.
//
// # What it answers
//
// The languages that a text shows, which may be several: public bodies in
// Wales write a letter in two languages, one below the other. The first is the
// one that explains most of those words. A further language is shown only by
// words that those before it do not explain, so that the likeness of Danish
// and Norwegian makes no text bilingual. A text that shows too little shows
// nothing, and the empty [Set] is the answer: "ok", a name, a number, a
// programme. It is the caller's affair what to make of that.
//
// # How much of a text is read
//
// Texts of up to [MaxRead] octets are read whole, of longer ones a number of
// stretches at equal distances, from the beginning to the end. A language that
// stands only between them is not seen.
package language
