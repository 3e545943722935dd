package coco

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf8"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
)

// other skips a value that a field cannot use and notes it. null counts as
// missing but for the words.
func (s *scan) other(r *raw, f field) bool {
	from := s.Pos()
	if !s.SkipValue(recordDepth) {
		return false
	}
	r.notes = append(r.notes, note{f, jsonscan.Clip(s.Since(from))})
	return true
}

// reject notes the number read last as one that a field cannot use.
func (s *scan) reject(r *raw, f field) {
	r.notes = append(r.notes, note{f, jsonscan.Clip(s.NumberText())})
}

// id reads an id in any notation.
func (s *scan) id(r *raw, f field, id *dataset.ID) bool {
	*id = dataset.AbsentID()
	from := s.Pos()
	if n, places, ok := s.Short(); ok {
		if places == 0 {
			*id = dataset.PlainID(n)
			return true
		}
		s.Move(from - s.Pos())
	}
	switch {
	case s.Peek() == '"':
		t, ok := s.Str()
		if ok {
			*id = dataset.TextID(r.text(f, t))
		}
		return ok
	case !s.Numeric():
		return s.other(r, f)
	case !s.Number():
		return false
	}
	if n, ok := s.Whole(); ok {
		*id = dataset.PlainID(n)
		return true
	}
	if !isFinite(s.Float()) {
		r.nan |= 1 << f
		s.reject(r, f)
		return true
	}
	n := s.NumberText()
	if len(n) > maxText {
		r.lengthy |= 1 << f
		return true
	}
	*id = dataset.NumberID(string(n))
	return true
}

// maxText is how long the text of a name or an id may be in a file, in bytes. No path of a common system is as long.
// Each finding of the record repeats it, and so does each of the class.
const maxText = 32 << 10

// textOf reads a string; another value leaves "".
func (s *scan) textOf(r *raw, f field, dst *string) bool {
	*dst = ""
	if s.Peek() != '"' {
		return s.other(r, f)
	}
	t, ok := s.Str()
	if ok {
		*dst = r.text(f, t)
	}
	return ok
}

// maxSize is the smallest width or height that is not believed: float32, in
// which trainers compute, no longer tells pixels apart there.
const maxSize = 1 << 24

// size reads a width or a height.
func (s *scan) size(r *raw, f field, dst *int32) bool {
	*dst = 0
	from := s.Pos()
	if n, places, ok := s.Short(); ok {
		if places == 0 && n > 0 && n < maxSize {
			*dst = int32(n)
			return true
		}
		s.Move(from - s.Pos())
	}
	if !s.Numeric() {
		return s.other(r, f)
	}
	if !s.Number() {
		return false
	}
	whole, ok := s.Whole()
	v := float64(whole)
	if !ok {
		v = s.Float()
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
	if !s.Numeric() {
		r.setAside(dataset.Believed, false)
		return s.other(r, fScore)
	}
	from := s.Pos()
	v, ok := s.Value()
	if !ok {
		return false
	}
	r.score = v
	r.setAside(dataset.Believed, v > 0 && v < 1)
	if !(v >= 0 && v <= 1) {
		r.notes = append(r.notes, note{fScore, jsonscan.Clip(s.Since(from))})
	}
	return true
}

// area reads an area, which finish compares with the box. Its last digit may be off,
// which the comparison tolerates: areas have many digits, and rounding them well
// takes longer than all else of them.
func (s *scan) area(r *raw) bool {
	r.flags &^= dataset.AreaNotAbove0 | dataset.NoArea
	if v, ok := s.Near(); ok {
		if v <= 0 {
			r.flags |= dataset.AreaNotAbove0
		}
		r.area = v
		return true
	}
	r.flags |= dataset.NoArea
	if !s.Numeric() {
		if c := s.Peek(); c != 't' && c != 'f' { // which are numbers to Python
			r.odd |= 1 << fArea
		}
		return s.other(r, fArea)
	}
	if !s.Number() {
		return false
	}
	sign, finite := s.Sign()
	if !finite {
		r.nan |= 1 << fArea
		s.reject(r, fArea)
		return true
	}
	r.area = s.Float()
	r.flags &^= dataset.NoArea
	if sign <= 0 {
		r.flags |= dataset.AreaNotAbove0
	}
	return true
}

// flag reads iscrowd, is_crowd or the like, or ignore.
func (s *scan) flag(r *raw, f field) bool {
	from := s.Pos()
	on, plain, value := false, false, dataset.FlagTrue
	switch {
	case s.Numeric():
		v, ok := s.Value()
		if !ok {
			return false
		}
		if v == 0 {
			value = dataset.FlagZero
		}
		if isFinite(v) {
			on, plain = v != 0, v == 0 || v == 1
		} else {
			r.nan |= 1 << f
			plain = true
		}
	case s.Peek() == '"':
		t, ok := s.Str()
		if !ok {
			return false
		}
		v := jsonscan.Decoded(t)
		on = v == "1" || strings.EqualFold(v, "true")
		if v == "" {
			value = dataset.FlagEmpty
		}
	default:
		on = s.Peek() == 't'
		if !s.SkipValue(recordDepth) {
			return false
		}
		value = valueOf(s.Since(from))
	}
	if !plain {
		r.odd |= 1 << f
	}
	if !plain || r.nan.has(f) {
		r.notes = append(r.notes, note{f, jsonscan.Clip(s.Since(from))})
	}
	r.set(f, on, value)
	return true
}

// valueOf returns the value of a flag that is a literal, an array or an object.
func valueOf(text []byte) dataset.FlagValue {
	switch text[0] {
	case 'f':
		return dataset.FlagZero
	case 'n':
		return dataset.FlagEmpty
	case 't':
		return dataset.FlagTrue
	}
	if len(bytes.TrimSpace(text[1:len(text)-1])) == 0 {
		return dataset.FlagEmpty
	}
	return dataset.FlagTrue
}

// set stores a flag.
func (r *raw) set(f field, on bool, value dataset.FlagValue) {
	var bit dataset.Flags
	switch f {
	case fAlias:
		r.alias = on
		return
	case fIgnore:
		bit = dataset.Ignore
		r.flags.SetIgnore(value)
	default:
		bit = dataset.Crowd
		r.flags.SetCrowd(value)
	}
	r.flags &^= bit
	if on {
		r.flags |= bit
	}
}

// text returns a string that was read for field f. What is not UTF-8 becomes
// U+FFFD, a byte each, as in encoding/json: no reader of the report would take
// it otherwise.
func (r *raw) text(f field, raw []byte) string {
	if len(raw) > maxText {
		r.lengthy |= 1 << f
		return ""
	}
	t := jsonscan.Decoded(raw)
	if utf8.ValidString(t) {
		return t
	}
	r.garbled |= 1 << f
	return strings.Map(func(c rune) rune { return c }, t)
}

func isFinite(f float64) bool { return f-f == 0 }
