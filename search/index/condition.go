package index

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/closeroll/closeroll/archive/record"
)

// A Condition is one thing that a message either meets or does not, by what
// the index knows of it. Conditions are joined by set operations on what
// [Reader.Match] returns.
type Condition interface {
	match(ctx context.Context, v *view) (*roaring.Bitmap, error)
}

// In is met by messages one of whose fields contains the pattern.
type In struct {
	Fields  []Field
	Pattern Pattern
}

func (c In) match(ctx context.Context, v *view) (*roaring.Bitmap, error) {
	docs := roaring.New()
	for _, f := range c.Fields {
		d, err := v.contains(ctx, f, c.Pattern)
		if err != nil {
			return nil, err
		}
		docs.Or(d)
	}
	return docs, nil
}

// AtAddress is met by messages with this whole address in one of the fields,
// without regard to case.
type AtAddress struct {
	Fields []Field
	Addr   string
}

func (c AtAddress) match(_ context.Context, v *view) (*roaring.Bitmap, error) {
	docs := roaring.New()
	for _, f := range c.Fields {
		d, err := v.union(string(f), []string{addressTerm(c.Addr)})
		if err != nil {
			return nil, err
		}
		docs.Or(d)
	}
	return docs, nil
}

// AnyOf is met by messages that meet one of the conditions.
type AnyOf []Condition

func (c AnyOf) match(ctx context.Context, v *view) (*roaring.Bitmap, error) {
	docs := roaring.New()
	for _, one := range c {
		d, err := one.match(ctx, v)
		if err != nil {
			return nil, err
		}
		docs.Or(d)
	}
	return docs, nil
}

// A Clock is one of a message's times.
type Clock string

// The clocks.
const (
	Sent     Clock = "sent"
	Received Clock = "received"
	Captured Clock = "captured"
)

func (c Clock) property() byte {
	switch c {
	case Received:
		return propReceived
	case Captured:
		return propCaptured
	}
	return propSent
}

// Between is met by messages whose clock shows From or later, and earlier than
// Until, to the minute. A zero bound is open. A message without that time does
// not meet it.
type Between struct {
	Clock       Clock
	From, Until time.Time
}

func (c Between) match(ctx context.Context, v *view) (*roaring.Bitmap, error) {
	from, until := uint64(0), uint64(1)<<40
	if !c.From.IsZero() {
		from = minutes(c.From)
	}
	if !c.Until.IsZero() {
		until = minutes(c.Until)
	}
	return v.unionRanges(ctx, properties, scaleRanges(c.Clock.property(), from, until))
}

// Timed is met by messages that have this time at all.
type Timed struct{ Clock Clock }

func (c Timed) match(_ context.Context, v *view) (*roaring.Bitmap, error) {
	return v.union(properties, []string{string([]byte{propWithTime, c.Clock.property()})})
}

// Suspect is met by messages whose sent time cannot be relied on.
type Suspect struct{}

func (Suspect) match(_ context.Context, v *view) (*roaring.Bitmap, error) {
	return v.union(properties, []string{property(propSuspect, "")})
}

// WithSender is met by messages that have a sender. Of those without, the
// headers could not be read.
type WithSender struct{}

func (WithSender) match(_ context.Context, v *view) (*roaring.Bitmap, error) {
	return v.union(properties, []string{property(propWithSender, "")})
}

// Sized is met by messages of Min octets or more and fewer than Max. A Max of
// 0 is open.
type Sized struct{ Min, Max int64 }

func (c Sized) match(ctx context.Context, v *view) (*roaring.Bitmap, error) {
	return v.unionRanges(ctx, properties, scaleRanges(propSize, bound(c.Min, 0), bound(c.Max, 1<<62)))
}

// CapturedAt is met by messages whose capture stands in the journal at First
// or after it, and before Until. An Until of 0 is open.
type CapturedAt struct{ First, Until uint64 }

func (c CapturedAt) match(ctx context.Context, v *view) (*roaring.Bitmap, error) {
	return v.unionRanges(ctx, properties, scaleRanges(propPosition, c.First, bound(int64(c.Until), 1<<62)))
}

func bound(n int64, open uint64) uint64 {
	if n <= 0 {
		return open
	}
	return uint64(n)
}

// OfKind is met by messages of records of this kind.
type OfKind struct{ Kind record.Kind }

func (c OfKind) match(_ context.Context, v *view) (*roaring.Bitmap, error) {
	return v.union(properties, []string{property(propKind, string(c.Kind))})
}

// Has is met by messages with an attachment of this sort: "attachment" for
// any, a family of media types ("image"), a whole media type
// ("application/pdf") or an extension ("pdf").
type Has struct{ What string }

func (c Has) match(_ context.Context, v *view) (*roaring.Bitmap, error) {
	return v.union(properties, []string{property(propHas, c.What), property(propMediaType, c.What)})
}

// WithMessageID is met by messages with this message id (RFC 5322, section
// 3.6.4), or if Referring is set by those that refer to it.
type WithMessageID struct {
	ID        string
	Referring bool
}

func (c WithMessageID) match(_ context.Context, v *view) (*roaring.Bitmap, error) {
	terms := []string{property(propMessageID, c.ID)}
	if c.Referring {
		terms = append(terms, property(propReference, c.ID))
	}
	return v.union(properties, terms)
}

// InLanguage is met by messages that are in this language, as ISO 639-1 writes
// it, or of which no language is known ("und"). See [Languages].
type InLanguage struct{ Language string }

func (c InLanguage) match(_ context.Context, v *view) (*roaring.Bitmap, error) {
	return v.union(properties, []string{property(propLanguage, c.Language)})
}

// Wordless is met by messages whose words show no language. What [InLanguage]
// says of them goes by something else.
type Wordless struct{}

func (Wordless) match(_ context.Context, v *view) (*roaring.Bitmap, error) {
	return v.union(properties, []string{property(propReadIn, "")})
}
