package coco

import (
	"math"

	"focalaudit/pkg/dataset"
)

// measure compares the area of a record with its box. The tolerance is that of numbers
// rounded to whole pixels: half a pixel for each end of a side.
func (s *scan) measure(r *raw) {
	if !r.has.has(fArea) || r.flags&dataset.NoArea != 0 {
		return
	}
	switch {
	case r.flags&dataset.AreaNotAbove0 != 0:
		if len(s.segment) > len("[[]]") {
			r.flags |= dataset.AreaZeroOutline
		}
	case r.boxed == boxRead && r.area > (math.Abs(r.box.W)+1)*(math.Abs(r.box.H)+1):
		r.flags |= dataset.AreaAboveBox
	}
}
