package coco

import (
	"math"
	"strings"

	"focalaudit/pkg/dataset"
)

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
func (s *scan) id(r *raw, f field, id *dataset.ID) bool {
	*id = dataset.AbsentID()
	from := s.p
	if n, places, ok := s.short(); ok {
		if places == 0 {
			*id = dataset.PlainID(n)
			return true
		}
		s.p = from
	}
	switch {
	case s.peek() == '"':
		t, ok := s.str()
		if ok {
			*id = dataset.TextID(s.text(r, f, t))
		}
		return ok
	case !s.numeric():
		return s.other(r, f)
	case !s.number():
		return false
	}
	n := &s.num
	if n.integer && !n.long && n.mant <= math.MaxInt64 {
		whole := int64(n.mant)
		if n.neg {
			whole = -whole
		}
		*id = dataset.PlainID(whole)
		return true
	}
	if !isFinite(s.float()) {
		r.nan |= 1 << f
		s.reject(r, f)
		return true
	}
	*id = dataset.NumberID(string(s.b[n.from:n.to]))
	return true
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

// area reads an area, which finish compares with the box.
func (s *scan) area(r *raw) bool {
	r.flags &^= dataset.AreaNotAbove0 | dataset.NoArea
	if m, places, ok := s.short(); ok {
		if m <= 0 {
			r.flags |= dataset.AreaNotAbove0
		}
		r.area = float64(m) / tens[places]
		return true
	}
	r.flags |= dataset.NoArea
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
	r.area = s.float()
	r.flags &^= dataset.NoArea
	if sign <= 0 {
		r.flags |= dataset.AreaNotAbove0
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
	bit := dataset.Crowd
	if f == fIgnore {
		bit = dataset.Ignore
	}
	r.flags &^= bit
	if on {
		r.flags |= bit
	}
}
