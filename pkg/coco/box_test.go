package coco

import (
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// A box is one of integers if Python makes four ints of it: none has a point or an
// exponent, whatever its value; booleans are ints.
func TestIntegerBox(t *testing.T) {
	ten := geom.Rect{X: 10, Y: 10, W: 20, H: 20}
	for _, c := range []struct {
		box      string
		want     geom.Rect
		integers bool
		flawed   bool
	}{
		{`[10, 10, 20, 20]`, ten, true, false},
		{`[10,10,20,20]`, ten, true, false},
		{`[ 10 , 10 , 20 , 20 ]`, ten, true, false},
		{`[10.0, 10, 20, 20]`, ten, false, false},
		{`[10, 10, 20, 20.0]`, ten, false, false},
		{`[1e1, 10, 20, 20]`, ten, false, false},
		{`[10, 10, 2E1, 20]`, ten, false, false},
		{`[-3, -0, 20, 20]`, geom.Rect{X: -3, W: 20, H: 20}, true, false},
		{`[-3.0, -0, 20, 20]`, geom.Rect{X: -3, W: 20, H: 20}, false, false},
		{`[9007199254740993, 10, 20, 9223372036854775808]`, geom.Rect{X: 1 << 53, Y: 10, W: 20, H: 1 << 63}, true, false},
		{`[true, 10, 20, false]`, geom.Rect{X: 1, Y: 10, W: 20}, true, true},
		{`[true, 10.5, 20, 20]`, geom.Rect{X: 1, Y: 10.5, W: 20, H: 20}, false, true},
		{`[10, 10, 20, 20], "bbox": [10.5, 10, 20, 20]`, geom.Rect{X: 10.5, Y: 10, W: 20, H: 20}, false, false},
		{`[true, 10, 20, 20], "bbox": [10, 10, 20, 20]`, ten, true, false},
	} {
		s, _ := source(t, file("", `{"id": 1, "image_id": 1, "category_id": 1, "bbox": `+c.box+`}`, ""))
		o := &s.Objects[0]
		if o.Box != c.want || o.Flags&dataset.IntegerBox != 0 != c.integers || o.LeftOut != dataset.InUse {
			t.Errorf("%s: got %+v, flags %b, left out %q", c.box, o.Box, o.Flags, o.LeftOut)
		}
		flawed := false
		for _, f := range s.Flaws {
			flawed = flawed || f.Code == dataset.BoxMalformed
		}
		if flawed != c.flawed {
			t.Errorf("%s: flaws %+v", c.box, s.Flaws)
		}
	}
}
