package coco

import (
	"math"
	"strconv"
	"strings"
)

// absent is the id of a record that has none.
var absent = ID{other: &idText{kind: Absent}}

// other skips a value that a field cannot use and notes it. null counts as
// missing but for the words.
func (s *scan) other(r *raw, f field) bool {
	from := s.p
	if !s.skipValue() {
		return false
	}
	r.notes = append(r.notes, note{f, clip(s.b[from:s.p])})
	return true
}

// reject notes the number read last as one that a field cannot use.
func (s *scan) reject(r *raw, f field) {
	r.notes = append(r.notes, note{f, clip(s.b[s.num.from:s.num.to])})
}

// id reads an id in any notation.
func (s *scan) id(r *raw, f field, id *ID) bool {
	*id = absent
	from := s.p
	if n, places, ok := s.short(); ok {
		if places == 0 {
			*id = PlainID(n)
			return true
		}
		s.p = from
	}
	switch {
	case s.peek() == '"':
		t, ok := s.str()
		if ok {
			*id = textID(s.text(r, f, t))
		}
		return ok
	case !s.numeric():
		return s.other(r, f)
	case !s.number():
		return false
	}
	n := &s.num
	if n.integer && !n.long && n.mant <= math.MaxInt64 {
		id.num, id.other = int64(n.mant), nil
		if n.neg {
			id.num = -id.num
		}
		return true
	}
	if !isFinite(s.float()) {
		r.nan |= 1 << f
		s.reject(r, f)
		return true
	}
	*id = numberID(string(s.b[n.from:n.to]))
	return true
}

// textID returns the id of a string: the same as a number's if it is written as
// that number would be.
func textID(t string) ID {
	n, err := strconv.ParseInt(t, 10, 64)
	whole := err == nil && strconv.FormatInt(n, 10) == t
	if !whole {
		n = 0
	}
	return ID{other: &idText{text: t, kind: Text, num: n, whole: whole}}
}

// numberID returns the id of a number that is not a plain short integer.
func numberID(t string) ID {
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

// textOf reads a string; another value leaves "".
func (s *scan) textOf(r *raw, f field, dst *string) bool {
	*dst = ""
	if s.peek() != '"' {
		return s.other(r, f)
	}
	t, ok := s.str()
	if ok {
		*dst = s.text(r, f, t)
	}
	return ok
}

// maxSize is the smallest width or height that is not believed: float32, in
// which trainers compute, no longer tells pixels apart there.
const maxSize = 1 << 24

// size reads a width or a height.
func (s *scan) size(r *raw, f field, dst *int32) bool {
	*dst = 0
	from := s.p
	if n, places, ok := s.short(); ok {
		if places == 0 && n > 0 && n < maxSize {
			*dst = int32(n)
			return true
		}
		s.p = from
	}
	if !s.numeric() {
		return s.other(r, f)
	}
	if !s.number() {
		return false
	}
	n := &s.num
	v := float64(n.mant)
	if !n.integer || n.long || n.neg {
		v = s.float()
	}
	if !isFinite(v) {
		r.nan |= 1 << f
	}
	if v >= 1 && v < maxSize && v == math.Trunc(v) {
		*dst = int32(v)
		return true
	}
	s.reject(r, f)
	return true
}

// score reads a detection's score, NaN if it is none.
func (s *scan) score(r *raw) bool {
	r.score = math.NaN()
	if !s.numeric() {
		return s.other(r, fScore)
	}
	from := s.p
	v, ok := s.value()
	if !ok {
		return false
	}
	r.score = v
	if !(v >= 0 && v <= 1) {
		r.notes = append(r.notes, note{fScore, clip(s.b[from:s.p])})
	}
	return true
}

// area reads an area, of which only the sign is kept.
func (s *scan) area(r *raw) bool {
	r.flags &^= AreaNotAbove0 | NoArea
	if m, _, ok := s.short(); ok {
		if m <= 0 {
			r.flags |= AreaNotAbove0
		}
		return true
	}
	r.flags |= NoArea
	if !s.numeric() {
		return s.other(r, fArea)
	}
	if !s.number() {
		return false
	}
	sign, finite := s.sign()
	if !finite {
		r.nan |= 1 << fArea
		s.reject(r, fArea)
		return true
	}
	r.flags &^= NoArea
	if sign <= 0 {
		r.flags |= AreaNotAbove0
	}
	return true
}

// flag reads iscrowd, is_crowd or ignore.
func (s *scan) flag(r *raw, f field) bool {
	from := s.p
	on, plain := false, false
	switch {
	case s.numeric():
		v, ok := s.value()
		if !ok {
			return false
		}
		if isFinite(v) {
			on, plain = v != 0, v == 0 || v == 1
		} else {
			r.nan |= 1 << f
			plain = true
		}
	case s.peek() == '"':
		t, ok := s.str()
		if !ok {
			return false
		}
		v := decoded(t)
		on = v == "1" || strings.EqualFold(v, "true")
	default:
		on, plain = s.peek() == 't', s.peek() == 'n'
		if !s.skipValue() {
			return false
		}
	}
	if !plain {
		r.odd |= 1 << f
	}
	if !plain || r.nan.has(f) {
		r.notes = append(r.notes, note{f, clip(s.b[from:s.p])})
	}
	r.set(f, on)
	return true
}

// set stores a flag.
func (r *raw) set(f field, on bool) {
	if f == fAlias {
		r.alias = on
		return
	}
	bit := Crowd
	if f == fIgnore {
		bit = Ignore
	}
	r.flags &^= bit
	if on {
		r.flags |= bit
	}
}
