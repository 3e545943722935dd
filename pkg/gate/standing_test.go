package gate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// staysByAll is stays by a look at all labels.
func staysByAll(f *Finding, now, before []Label, known bool) bool {
	own := Label{Class: f.Class, Box: f.Box, NoBox: !f.HasBox}
	return slices.ContainsFunc(now, func(l Label) bool {
		if own.alike(&l, !known) {
			return true
		}
		others := 0 // labels of the old report that are alike, and not the record
		for _, b := range before {
			another := b.ID != f.Annotation
			if f.Annotation == "" {
				another = !own.alike(&b, false)
			}
			if another && b.alike(&l, false) {
				others++
			}
		}
		if f.Annotation != "" && l.ID == f.Annotation {
			same := 0
			for _, other := range now {
				if other.alike(&l, false) {
					same++
				}
			}
			return others == 0 || same > others
		}
		if others > 0 {
			return false
		}
		near := !own.NoBox && !l.NoBox && iou.Of(own.Box.Box(), l.Box.Box()) >= sameBox
		return near && (known || l.Class == own.Class)
	})
}

// TestStays: the labels that an index tells are those that a look at all tells, of images where many boxes are alike,
// ids stand twice, and boxes are lacking. Of 20,000 labels, findings look at few.
func TestStays(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 6))
	label := func() Label {
		b := geom.Rect{X: float64(rng.IntN(20)), Y: float64(rng.IntN(4)), W: 1 + float64(rng.IntN(5)), H: 1 + float64(rng.IntN(3))}
		b.X += float64(rng.IntN(3)) * 0.008
		return Label{Class: strconv.Itoa(rng.IntN(2)), Box: b, NoBox: rng.IntN(9) == 0, ID: strconv.Itoa(rng.IntN(30))}
	}
	counts := map[bool]int{}
	for range 300 {
		var now, before []Label
		for range rng.IntN(12) {
			now, before = append(now, label()), append(before, label())
		}
		for i := range now {
			if rng.IntN(3) > 0 {
				now[i].Box, now[i].Class = before[i].Box, before[i].Class
			}
		}
		known := rng.IntN(3) > 0
		if !known {
			before = nil
		}
		s := newStanding(now, before, known)
		for range 20 {
			of := label()
			if k := len(before); k > 0 && rng.IntN(2) > 0 {
				of = before[rng.IntN(k)]
			}
			f := Finding{Class: of.Class, Box: of.Box, HasBox: !of.NoBox, Annotation: of.ID}
			if rng.IntN(4) == 0 {
				f.Annotation = ""
			}
			if !known {
				f.Box.X, f.Box.W = math.Round(f.Box.X), math.Round(f.Box.W)
			}
			want := staysByAll(&f, now, before, known)
			if got := f.stays(s); got != want {
				t.Fatalf("%+v: %t, want %t\nnow %+v\nbefore %+v", f, got, want, now, before)
			}
			counts[want]++
		}
	}
	if min(counts[true], counts[false]) < 1000 {
		t.Error(counts)
	}
	const n = 20_000
	labels := make([]Label, n)
	for i := range labels {
		labels[i].Box = geom.Rect{X: float64(4 * i), W: 3, H: 3}
	}
	p, looks := placeLabels(labels), 0
	for i := range labels {
		p.near(&labels[i].Box, 1.5+roundedApart, func(int32) bool { looks++; return false })
	}
	if looks > 3*n {
		t.Errorf("%d looks at %d labels", looks, n)
	}
}
