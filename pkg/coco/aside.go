package coco

import (
	"bytes"
	"math"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
)

// Each of them has a bit.
const _ = uint(32 - (dataset.NumTraits - dataset.Rotated))

// setAside notes whether a record has one of the traits from dataset.Rotated on.
func (r *raw) setAside(t dataset.Trait, has bool) {
	bit := uint32(1) << (t - dataset.Rotated)
	r.asides &^= bit
	if has {
		r.asides |= bit
	}
}

// asides counts the traits of an annotation that setAside noted.
func (s *subject) asides() {
	if s.r.asides&1 != 0 && s.r.boxed == boxRead && s.r.box.W > 0 && s.r.box.H > 0 {
		if t, ok := s.r.turnedBox(); ok {
			s.r.setAside(t, true)
		}
		s.r.setAside(dataset.TurnedArea, s.r.turnedArea())
	}
	for t := dataset.Rotated; t < dataset.NumTraits; t++ {
		if s.r.asides&(1<<(t-dataset.Rotated)) != 0 {
			s.Trait(t)
		}
	}
}

// aside reads a key of which only a trait may come.
func (s *scan) aside(r *raw, f field) bool {
	from := s.Pos()
	if !s.SkipValue(recordDepth) {
		return false
	}
	value := s.Since(from)
	switch f {
	case fAttributes:
		turn, is := turned(value)
		r.setAside(dataset.Rotated, is)
		r.turn = float32(turn)
		if id := attribute(value, `"track_id"`); len(id) > 0 {
			r.track = trackOf(id)
		}
		if isSet(attribute(value, `"outside"`)) {
			r.say(dataset.Outside, "attributes.outside is true")
		}
	case fTrack:
		r.track = trackOf(value)
	case fGroup:
		r.setAside(dataset.Grouped, isOne(value))
	case fDifficult:
		r.setAside(dataset.Difficult, isOne(value))
	case fVisibility:
		r.setAside(dataset.Hidden, isZero(value))
	default:
		r.setAside(dataset.Passive, isZero(value))
	}
	return true
}

// useOf reads a key that may say for what an image is: training, validation or testing. Texts only count.
func (s *scan) useOf(r *raw) bool {
	from := s.Pos()
	if !s.SkipValue(recordDepth) {
		return false
	}
	if value := s.Since(from); len(value) > 2 && len(value) <= maxUse && value[0] == '"' {
		if string(value) != s.use { // most records have the text of the one before
			s.use = string(value)
		}
		r.parent = s.use[1 : len(s.use)-1]
	}
	return true
}

// maxUse is the longest text that can say for what an image is, with its quotes.
const maxUse = 32

// trackOf returns a hash of a track's id, a number or text as it stands in the file: 0 for null, "", lists and so on.
func trackOf(value []byte) uint32 {
	switch {
	case len(value) == 0, string(value) == `""`:
		return 0
	case value[0] != '"' && value[0] != '-' && (value[0] < '0' || value[0] > '9'):
		return 0
	}
	h := uint32(2166136261) // FNV-1a
	for _, c := range value {
		h = (h ^ uint32(c)) * 16777619
	}
	return max(h, 1)
}

// attribute returns the value of a key among the attributes of an object, as CVAT has them. The key has its quotes.
func attribute(b []byte, key string) []byte {
	at := bytes.Index(b, []byte(key))
	if at < 0 {
		return nil
	}
	b = bytes.TrimLeft(b[at+len(key):], " \t\r\n")
	if len(b) == 0 || b[0] != ':' {
		return nil
	}
	b = bytes.TrimLeft(b[1:], " \t\r\n")
	if to := bytes.IndexAny(b, ",} \t\r\n"); to >= 0 {
		return b[:to]
	}
	return nil
}

// isOne tells whether a JSON value is the number 1, or true.
func isOne(b []byte) bool {
	if string(b) == "true" {
		return true
	}
	s := jsonscan.New(b, 0, true)
	if !s.Numeric() {
		return false
	}
	v, ok := s.Value()
	return ok && v == 1
}

// isZero tells whether a JSON value is the number 0.
func isZero(b []byte) bool {
	s := jsonscan.New(b, 0, true)
	if !s.Numeric() {
		return false
	}
	v, ok := s.Value()
	return ok && v == 0
}

// turnedBox compares the box of a turned object with the upright box around a rectangle that is turned so: of sides
// a and b, that is a·cos + b·sin wide and a·sin + b·cos high, so that neither is longer than 1/tan times the other.
// Sides that were rounded to whole px may be longer by 1 %.
func (r *raw) turnedBox() (t dataset.Trait, ok bool) {
	off := math.Abs(math.Remainder(float64(r.turn), 90)) * math.Pi / 180
	ratio := max(r.box.W/r.box.H, r.box.H/r.box.W)
	switch {
	case ratio*math.Tan(off) > 1.01:
		return dataset.TurnedBeyond, true
	case off >= math.Pi/6:
		return dataset.TurnedWithin, true
	case off < math.Pi/12 && ratio > math.Sqrt(3)*1.01:
		return dataset.TurnedLong, true
	}
	return t, false
}

// turnedArea tells whether the recorded area is that of the rectangle, turned so, around which the box is the upright
// one: its sides a and b follow from a·cos + b·sin and a·sin + b·cos but near 45 degrees, where any two of one sum
// would do. The area of a box that was not turned back is width times height, which has to differ by a twentieth; any
// other one is as near by chance in one case of 50.
func (r *raw) turnedArea() bool {
	off := math.Abs(math.Remainder(float64(r.turn), 90)) * math.Pi / 180
	if off > mostTurned || r.flags&dataset.NoArea != 0 || !(r.area > 0) {
		return false
	}
	sin, cos := math.Sincos(off)
	by := cos*cos - sin*sin
	a, b := (r.box.W*cos-r.box.H*sin)/by, (r.box.H*cos-r.box.W*sin)/by
	whole := r.box.W * r.box.H
	return a > 0 && b > 0 && math.Abs(r.area-a*b) <= 0.01*r.area && math.Abs(r.area-whole) > 0.05*whole
}

// mostTurned is 40 degrees: up to there, the last digit of a side moves the sides of the rectangle by 6 of its like.
const mostTurned = 40 * math.Pi / 180

// turned returns the rotation of an object in degrees, and whether a box shows it: by more than
// one, up to multiples of 180.
func turned(b []byte) (turn float64, is bool) {
	if !bytes.Contains(b, []byte(`"rotation"`)) || b[0] != '{' {
		return 0, false
	}
	s := jsonscan.New(b, 0, true)
	s.Move(1)
	for s.Space(); s.Peek() == '"'; s.Space() {
		key, ok := s.Name()
		if !ok {
			return 0, false
		}
		if string(key) == "rotation" && s.Numeric() {
			turn, ok = s.Value()
			off := math.Abs(math.Remainder(turn, 180))
			is = ok && off > 1
		} else if !s.SkipValue(recordDepth) {
			return 0, false
		}
		if s.Space(); s.Peek() == ',' {
			s.Move(1)
		}
	}
	return turn, is
}
