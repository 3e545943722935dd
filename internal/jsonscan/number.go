package jsonscan

import (
	"math"
	"math/bits"
	"strconv"
)

// number is a number's text, read but not yet rounded: most numbers in a file
// need no rounding, since only their sign or their whole value is asked for.
type number struct {
	mant     uint64 // all digits
	exp      int    // of ten
	from, to int    // where it stands
	neg      bool
	integer  bool // neither fraction nor exponent
	long     bool // mant or exp do not hold it
	literal  bool // NaN, Infinity or -Infinity
}

// Number reads a number into s.num by JSON's grammar, or one of Python's three
// literals.
func (s *Scanner) Number() bool {
	n := &s.num
	*n = number{from: s.p, integer: true}
	if s.Peek() == '-' {
		n.neg = true
		s.p++
	}
	first := s.p
	digits := s.digits()
	if digits == 0 {
		return s.notFinite()
	}
	if digits > 1 && s.b[first] == '0' {
		s.p = first + 1
		return s.Fail("a number without leading zeros")
	}
	if s.Peek() == '.' {
		s.p++
		n.integer = false
		after := s.digits()
		if after == 0 {
			return s.Fail("a digit")
		}
		digits += after
		n.exp = -after
	}
	// 19 digits fit uint64 whatever they are.
	n.long = digits > 19
	if c := s.Peek(); (c == 'e' || c == 'E') && !s.exponent() {
		return false
	}
	if s.p >= len(s.b) && !s.final {
		return s.Fail("") // it may go on in the next stretch
	}
	n.to = s.p
	return true
}

// Short reads a number if it has at most 18 digits, no exponent and no sign,
// which is what nearly all are, and its end is in sight: the number is m
// divided by 10 to the places. Of any other it reads nothing.
func (s *Scanner) Short() (m int64, places int, ok bool) {
	b, p := s.b, s.p
	end := min(len(b), p+19)
	for p < end && b[p]-'0' < 10 {
		m = m*10 + int64(b[p]-'0')
		p++
	}
	if p == s.p || b[s.p] == '0' && p > s.p+1 {
		return 0, 0, false
	}
	if p < end && b[p] == '.' {
		p++
		from := p
		for p < end && b[p]-'0' < 10 {
			m = m*10 + int64(b[p]-'0')
			p++
		}
		if places = p - from; places == 0 {
			return 0, 0, false
		}
	}
	if p >= end {
		return 0, 0, false
	}
	if c := b[p]; c != ',' && c != ']' && c != '}' && c != ' ' {
		return 0, 0, false
	}
	s.p = p
	return m, places, true
}

// Near reads a number that Short reads and returns it, rounded once or twice: off by at
// most 2^-52 of it.
func (s *Scanner) Near() (f float64, ok bool) {
	m, places, ok := s.Short()
	return float64(m) / tens[places], ok
}

// Value reads a number and returns it rounded; see Float. ok is false where
// Number would be.
func (s *Scanner) Value() (f float64, ok bool) {
	f, _, ok = s.Literal()
	return f, ok
}

// Literal is Value that also tells an integer, which has neither a fraction nor an
// exponent, from another number: Python makes an int of it.
func (s *Scanner) Literal() (f float64, integer, ok bool) {
	if m, places, ok := s.Short(); ok {
		if m <= 1<<53 {
			return float64(m) / tens[places], places == 0, true
		}
		return quotient(uint64(m), places), places == 0, true
	}
	if !s.Number() {
		return 0, false, false
	}
	return s.Float(), s.num.integer, true
}

// whole are the powers of ten that uint64 holds.
var whole = func() (of [20]uint64) {
	of[0] = 1
	for i := 1; i < len(of); i++ {
		of[i] = 10 * of[i-1]
	}
	return of
}()

// quotient returns m > 0 divided by 10 to the places, at most 19, rounded once: to 63 bits of the quotient, the last of
// which is set if there is a rest, and from these to the nearest float64.
func quotient(m uint64, places int) float64 {
	d := whole[places]
	up, down := bits.LeadingZeros64(d), bits.LeadingZeros64(m)
	m, d = m<<down, d<<up
	q, rest := bits.Div64(m>>1, m<<63, d) // m·2^63/d, which is above 2^62
	last := q & 1
	if rest != 0 {
		last = 1
	}
	f := float64(int64(q>>1 | last))
	return f * math.Float64frombits(uint64(1023+up-down-62)<<52)
}

// digits reads digits into the mantissa and returns their number. Beyond 19 of
// them the mantissa wraps.
func (s *Scanner) digits() int {
	b, p, m := s.b, s.p, s.num.mant
	for p < len(b) && b[p]-'0' < 10 {
		m = m*10 + uint64(b[p]-'0')
		p++
	}
	n := p - s.p
	s.p, s.num.mant = p, m
	return n
}

// exponent reads an exponent, the letter included.
func (s *Scanner) exponent() bool {
	n := &s.num
	s.p++
	n.integer = false
	sign := 1
	switch s.Peek() {
	case '-':
		sign = -1
		s.p++
	case '+':
		s.p++
	}
	from := s.p
	for s.Peek()-'0' < 10 {
		s.p++
	}
	if s.p == from {
		return s.Fail("a digit")
	}
	e, err := strconv.Atoi(string(s.b[from:min(s.p, from+12)]))
	n.long = n.long || err != nil || s.p-from > 6
	n.exp += sign * e
	return true
}

// notFinite reads NaN, Infinity or, with the sign behind it, -Infinity.
func (s *Scanner) notFinite() bool {
	n := &s.num
	n.literal, n.integer = true, false
	w := "Infinity"
	switch {
	case s.Peek() == 'N' && !n.neg:
		w = "NaN"
	case s.Peek() != 'I':
		return s.Fail("a digit")
	}
	ok := s.word(w)
	n.to = s.p
	return ok
}

// Whole returns the number read last if it is written without fraction and exponent
// and its size fits int64. -0 is 0.
func (s *Scanner) Whole() (n int64, ok bool) {
	if !s.num.integer || s.num.long || s.num.mant > math.MaxInt64 {
		return 0, false
	}
	n = int64(s.num.mant)
	if s.num.neg {
		n = -n
	}
	return n, true
}

// NumberText returns the number read last as it stands.
func (s *Scanner) NumberText() []byte { return s.b[s.num.from:s.num.to] }

// tens are the powers of ten that float64 holds exactly.
var tens = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// Float returns the number read last, rounded once as strconv does it: NaN for
// a literal, infinite if it overflows.
//
// If mantissa and power of ten are both exact, so is their product or quotient
// but for its one rounding (Clinger's fast path).
func (s *Scanner) Float() float64 {
	n := &s.num
	if n.literal {
		return math.NaN()
	}
	if n.long || n.mant > 1<<53 || n.exp < -22 || n.exp > 22 {
		f, _ := strconv.ParseFloat(string(s.b[n.from:n.to]), 64) // the grammar was checked, and out of range is ±Inf
		return f
	}
	f := float64(n.mant)
	if n.exp < 0 {
		f /= tens[-n.exp]
	} else {
		f *= tens[n.exp]
	}
	if n.neg {
		return -f
	}
	return f
}

// Sign returns what math can tell of the number read last: 1, 0 or -1, and
// whether it is finite. It rounds only where rounding could matter.
func (s *Scanner) Sign() (sign int, finite bool) {
	n := &s.num
	if n.long || n.literal || n.exp < -300 || n.exp > 280 {
		f := s.Float()
		finite = !math.IsInf(f, 0) && !math.IsNaN(f)
		return cmpZero(f), finite
	}
	switch {
	case n.mant == 0:
		return 0, true
	case n.neg:
		return -1, true
	}
	return 1, true
}

func cmpZero(f float64) int {
	switch {
	case f > 0:
		return 1
	case f < 0:
		return -1
	}
	return 0
}
