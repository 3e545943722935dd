package coco

import (
	"bytes"

	"focalaudit/pkg/geom"
)

// detected is a record of a file of detections. Nearly all are plain: whole numbers as ids, a box with sides > 0 and a
// score in [0,1]. Of the others a raw record tells more.
type detected struct {
	image, category int64
	score           float64
	box             geom.Rect
	offset          int64
	line            int32 // newlines between the beginning of the stretch and the record
	raw             int32 // number in part.recs, from 1; 0 if the record is plain
}

// quick reads a plain detection whose keys stand as those of the record before. Of any other record it reads nothing,
// or fails where record would.
func (s *scan) quick() bool {
	const needed = 1<<fImage | 1<<fCategory | 1<<fBox | 1<<fScore
	from := s.Pos()
	at := s.Place(from)
	d := detected{offset: at.Offset, line: at.Line}
	has := keys(0)
	for i := range s.habits {
		h := &s.habits[i]
		if h.field >= fOther || has.has(h.field) || !bytes.HasPrefix(s.Ahead(), h.text) {
			break
		}
		s.Move(len(h.text))
		s.Space()
		if !s.plain(&d, h.field) {
			break
		}
		has |= 1 << h.field
	}
	s.Space()
	if s.Peek() != '}' || has&needed != needed || s.Pos()+1-from > s.limit {
		s.Move(from - s.Pos())
		return false
	}
	s.Move(1)
	s.found = append(s.found, d)
	return true
}

// plain reads the value of a field of a plain detection.
func (s *scan) plain(d *detected, f field) bool {
	switch f {
	case fID, fImage, fCategory:
		n, places, ok := s.Short()
		if f == fImage {
			d.image = n
		} else if f == fCategory {
			d.category = n
		}
		return ok && places == 0
	case fScore:
		v, ok := s.plainNumber()
		d.score = v
		return ok && v >= 0 && v <= 1
	case fBox:
		return s.plainBox(&d.box)
	}
	return false
}

// plainNumber reads a number.
func (s *scan) plainNumber() (v float64, ok bool) {
	if !s.Numeric() {
		return 0, false
	}
	return s.Value()
}

// plainBox reads a box of four finite numbers with sides > 0.
func (s *scan) plainBox(box *geom.Rect) bool {
	var v [4]float64
	closing := byte('[')
	for i := range v {
		if s.Peek() != closing {
			return false
		}
		s.Move(1)
		s.Space()
		var ok bool
		if v[i], ok = s.plainNumber(); !ok || !isFinite(v[i]) {
			return false
		}
		s.Space()
		closing = ','
	}
	if s.Peek() != ']' {
		return false
	}
	s.Move(1)
	*box = geom.Rect{X: v[0], Y: v[1], W: v[2], H: v[3]}
	return v[2] > 0 && v[3] > 0
}
