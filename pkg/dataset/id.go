package dataset

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// ID is an id as it stands in a file: a number or a string. 1, 1.0 and "1" are
// the same id; Key tells.
type ID struct {
	num   int64
	other *idText // nil: the whole number num, written plainly
}

type idText struct {
	text string // as it stands, strings without their quotes
	kind IDKind
	num  int64 // meaningful if whole
	// whole: the id is a whole number in another notation ("7", 7.0, 7e0)
	whole bool
}

// IDKind is the JSON type of an id.
type IDKind uint8

// The kinds of an ID.
const (
	Plain  IDKind = iota // a whole number written plainly
	Float                // a number with a fraction, an exponent, or beyond int64
	Text                 // a string
	Absent               // no id, null, or a value of another type
)

// PlainID returns the ID of a whole number.
func PlainID(n int64) ID { return ID{num: n} }

// absent is the id of a record that has none.
var absent = ID{other: &idText{kind: Absent}}

// AbsentID returns the ID of a record that has none.
func AbsentID() ID { return absent }

// TextID returns the id of a string: the same as a number's if it is written as
// that number would be.
func TextID(t string) ID {
	n, err := strconv.ParseInt(t, 10, 64)
	whole := err == nil && strconv.FormatInt(n, 10) == t
	if !whole {
		n = 0
	}
	return ID{other: &idText{text: t, kind: Text, num: n, whole: whole}}
}

// NumberID returns the id of a number that is not a plain short integer.
func NumberID(t string) ID {
	n, whole := exactInt(t)
	if whole && strconv.FormatInt(n, 10) == t {
		return PlainID(n) // the digits of the smallest int64
	}
	return ID{other: &idText{text: t, kind: Float, num: n, whole: whole}}
}

// exactInt returns the value of a JSON number if it is whole and fits int64, by
// its digits: float64 would lose some beyond 2^53.
func exactInt(t string) (int64, bool) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(t), "e")
	exp := 0
	if exponent != "" {
		e, err := strconv.Atoi(exponent)
		if err != nil {
			return 0, false
		}
		exp = e
	}
	digits, negative := strings.CutPrefix(mantissa, "-")
	digits, fraction, _ := strings.Cut(digits, ".")
	exp -= len(fraction)
	digits = strings.TrimLeft(digits+fraction, "0")
	short := strings.TrimRight(digits, "0")
	exp += len(digits) - len(short)
	switch {
	case short == "":
		return 0, true
	case exp < 0 || exp > 19 || len(short)+exp > 19:
		return 0, false
	}
	digits = short + strings.Repeat("0", exp)
	if negative {
		digits = "-" + digits
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, false
	}
	return n, true
}

// Kind returns the JSON type of the id.
func (d ID) Kind() IDKind {
	if d.other == nil {
		return Plain
	}
	return d.other.kind
}

// String returns the id as it stands in the file, without quotes; "" if absent.
func (d ID) String() string {
	if d.other == nil {
		return strconv.FormatInt(d.num, 10)
	}
	return d.other.text
}

// Append appends what String returns to b.
func (d ID) Append(b []byte) []byte {
	if d.other == nil {
		return strconv.AppendInt(b, d.num, 10)
	}
	return append(b, d.other.text...)
}

// Quoted returns the id as JSON has it: a string in its quotes.
func (d ID) Quoted() string {
	if d.Kind() == Text {
		return fmt.Sprintf("%q", d)
	}
	return d.String()
}

// Int returns the id's value and true if it is a whole number that fits int64,
// in whatever notation.
func (d ID) Int() (int64, bool) {
	if d.other == nil {
		return d.num, true
	}
	return d.other.num, d.other.whole
}

// IDKey is comparable: two ids are the same exactly if their keys are equal.
type IDKey struct {
	num   int64
	text  string
	other bool // text counts; without it the id "" would be the id 0
}

// Key returns the id's identity.
func (d ID) Key() IDKey {
	if n, ok := d.Int(); ok {
		return IDKey{num: n}
	}
	return IDKey{text: d.other.text, other: true}
}

// Label names a record in messages, in one line.
func Label(word string, id ID) string {
	if id.Kind() == Absent {
		return word + " without id"
	}
	text := id.String()
	if strings.ContainsFunc(text, unicode.IsControl) { // messages are one line
		text = strconv.Quote(text)
	}
	return word + " " + text
}
