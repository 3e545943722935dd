package labels

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/inject"
)

func box(x, y, w, h float64) geom.Box { return geom.Box{X0: x, Y0: y, X1: x + w, Y1: y + h} }

// learnsLong skips a test that learns for a second or more, if tests are to be short.
func learnsLong(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("learns models for seconds; run without -short")
	}
}

// images draws images whose objects are mostly detected, near where they are.
func images(seed uint64, n int) []Image {
	rng := rand.New(rand.NewPCG(seed, 3))
	out := make([]Image, n)
	for i := range out {
		im := &out[i]
		im.Key, im.Size = uint64(i), geom.Size{W: 640, H: 480}
		for range 1 + rng.IntN(5) {
			o := Object{Box: box(rng.Float64()*500, rng.Float64()*350, 10+rng.Float64()*120, 10+rng.Float64()*120), Class: int32(rng.IntN(3))}
			im.Objects = append(im.Objects, o)
			if rng.IntN(40) > 0 {
				d := func() float64 { return rng.NormFloat64() * 3 }
				im.Detections = append(im.Detections, Detection{Box: geom.Box{X0: o.Box.X0 + d(), Y0: o.Box.Y0 + d(), X1: o.Box.X1 + d(), Y1: o.Box.Y1 + d()},
					Class: o.Class, Score: 0.5 + rng.Float64()/2})
			}
		}
	}
	return out
}

func source(ims []Image) Source {
	return Source{N: len(ims), Classes: 3, At: func(i int, im *Image) { *im = ims[i] }}
}

// audit returns the suspects of images by kind, image by image.
func audit(ims []Image) (out [NumKinds][]Suspect) {
	j, err := Learn(context.Background(), source(ims), 2, nil)
	if err != nil {
		panic(err)
	}
	for i := range ims {
		for _, s := range verdictsOf(j, &ims[i]) {
			out[s.Kind] = append(out[s.Kind], s)
		}
	}
	return out
}

// verdictsOf returns all suspects of an image.
func verdictsOf(j *Judge, im *Image) []Suspect {
	var v Verdicts
	j.Image(&v, im)
	return slices.Concat(v.Kinds, v.Missing)
}

// of returns the suspects of one image among others.
func of(im Image) [NumKinds][]Suspect {
	ims := append([]Image{im}, images(1, 200)...)
	all := audit(ims)
	rest := audit(ims[1:])
	var out [NumKinds][]Suspect
	for k := range all {
		out[k] = all[k][:len(all[k])-len(rest[k])]
	}
	return out
}

func TestScoresAreInRange(t *testing.T) {
	learnsLong(t)
	n := 0
	for k, ss := range audit(images(2, 300)) {
		for _, s := range ss {
			n++
			if !(s.Score >= 0 && s.Score <= 1) || (s.Object < 0) != (Kind(k) == Missing) {
				t.Errorf("%v: %+v", Kind(k), s)
			}
		}
	}
	if n < 500 {
		t.Errorf("only %d suspects", n)
	}
}

// TestScaleFree: images and boxes twice as large give the same suspects.
func TestScaleFree(t *testing.T) {
	learnsLong(t)
	ims := images(3, 100)
	double := images(3, 100)
	for i := range double {
		im := &double[i]
		im.Size = geom.Size{W: 2 * im.Size.W, H: 2 * im.Size.H}
		for k := range im.Objects {
			im.Objects[k].Box = twice(im.Objects[k].Box)
		}
		for k := range im.Detections {
			im.Detections[k].Box = twice(im.Detections[k].Box)
		}
	}
	a, b := audit(ims), audit(double)
	for k := range a {
		if len(a[k]) != len(b[k]) {
			t.Fatalf("%v: %d suspects, doubled %d", Kind(k), len(a[k]), len(b[k]))
		}
		for i := range a[k] {
			if math.Abs(a[k][i].Score-b[k][i].Score) > 1e-12 {
				t.Errorf("%v: %+v, doubled %+v", Kind(k), a[k][i], b[k][i])
			}
		}
	}
}

func twice(b geom.Box) geom.Box {
	return geom.Box{X0: 2 * b.X0, Y0: 2 * b.Y0, X1: 2 * b.X1, Y1: 2 * b.Y1}
}

// TestMissingBesideLabelled: a missed object that overlaps a labelled one is seen,
// one that lies on a crowd is not, nor the weaker of two detections of one. In a world without errors the score stays
// low, ten times what the report lists.
func TestMissingBesideLabelled(t *testing.T) {
	learnsLong(t)
	im := Image{Size: geom.Size{W: 640, H: 480}, Objects: []Object{{box(100, 100, 80, 80), 0}},
		Detections: []Detection{{box(100, 100, 80, 80), 0, 0.95}, {box(150, 100, 80, 80), 0, 0.9}, {box(152, 101, 80, 80), 0, 0.6}, {box(400, 300, 40, 40), 1, 0.99}},
		Silent:     []geom.Box{box(380, 280, 200, 180)}}
	missing := of(im)[Missing]
	if len(missing) != 1 || missing[0].Detection != 1 || missing[0].Score < 0.01 {
		t.Errorf("got %+v, want the second detection", missing)
	}
}

// TestLargeUnsupportedIsWorse: where small objects are often not detected and large
// ones always are, an unsupported large one is the more suspicious.
func TestLargeUnsupportedIsWorse(t *testing.T) {
	learnsLong(t)
	var ims []Image
	rng := rand.New(rand.NewPCG(8, 8))
	for i := range 300 {
		small, large := box(rng.Float64()*600, rng.Float64()*80, 12, 12), box(rng.Float64()*400, 100+rng.Float64()*170, 200, 200)
		im := Image{Key: uint64(i), Size: geom.Size{W: 640, H: 480}, Objects: []Object{{small, 0}, {large, 0}}, Detections: []Detection{{large, 0, 0.9}}}
		if i%2 == 0 {
			im.Detections = append(im.Detections, Detection{small, 0, 0.9})
		}
		ims = append(ims, im)
	}
	ims[0].Detections = ims[0].Detections[1:]
	ims[1].Detections = nil
	var top [2]float64 // of small ones, of large ones
	for _, s := range audit(ims)[Spurious] {
		top[s.Object] = max(top[s.Object], s.Score)
	}
	if !(top[1] > 5*top[0]) {
		t.Errorf("a small object without support has %v, a large one %v", top[0], top[1])
	}
}

// TestFindsInjected: on images whose objects are mostly detected, errors of each kind
// that were put in come first: 8 of 10 of the first 50; half of the spurious ones,
// since one right object in 40 goes undetected just as they do.
func TestFindsInjected(t *testing.T) {
	learnsLong(t)
	ims := images(4, 1500)
	clean := make([]inject.Image, len(ims))
	for i := range ims {
		clean[i].Key, clean[i].Size = ims[i].Key, ims[i].Size
		for _, o := range ims[i].Objects {
			clean[i].Objects = append(clean[i].Objects, inject.Object{Box: o.Box.Rect(), Class: o.Class})
		}
	}
	wrong := inject.New(clean, 3).Inject(inject.Rates{Drop: 0.03, Shift: 0.03, Swap: 0.03, Spurious: 0.03, Duplicate: 0.03}, 99)
	for i := range ims {
		ims[i].Objects = nil
		for _, o := range wrong[i].Objects {
			ims[i].Objects = append(ims[i].Objects, Object{o.Box.Box(), o.Class})
		}
	}
	j, err := Learn(context.Background(), source(ims), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	type hit struct {
		score float64
		right bool
	}
	var lists [NumKinds][]hit
	for i := range ims {
		for _, s := range verdictsOf(j, &ims[i]) {
			var right bool
			if s.Kind == Missing {
				right = on(ims[i].Detections[s.Detection].Box, wrong[i].Dropped) >= 0
			} else {
				of := wrong[i].Objects[s.Object]
				twin := s.Other >= 0 && wrong[i].Objects[s.Other].Error == inject.Duplicated
				right = kindOf[of.Error] == uint8(s.Kind) || s.Kind == Duplicate && twin
			}
			lists[s.Kind] = append(lists[s.Kind], hit{s.Score, right})
		}
	}
	for k, list := range lists {
		slices.SortStableFunc(list, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
		n := 0
		for _, h := range list[:50] {
			if h.right {
				n++
			}
		}
		if least := map[bool]int{true: 25, false: 40}[Kind(k) == Spurious]; n < least {
			t.Errorf("%v: %d of the first 50", Kind(k), n)
		}
	}
}

// TestLearnIsTheSame at any number of workers.
func TestLearnIsTheSame(t *testing.T) {
	n := 120
	if testing.Short() {
		n = 20
	}
	ims := images(5, n)
	var got []string
	for _, workers := range []int{1, 2, 5} {
		j, err := Learn(context.Background(), source(ims), workers, nil)
		if err != nil {
			t.Fatal(err)
		}
		var all []Suspect
		for i := range ims {
			all = append(all, verdictsOf(j, &ims[i])...)
		}
		got = append(got, fmt.Sprint(all))
	}
	if got[0] != got[1] || got[0] != got[2] {
		t.Error("suspects depend on the number of workers")
	}
}

// TestNothingToLearnFrom: images without detections, without objects, none at all.
func TestNothingToLearnFrom(t *testing.T) {
	bare := images(6, 60)
	for i := range bare {
		bare[i].Detections = nil
	}
	empty := images(6, 60)
	for i := range empty {
		empty[i].Objects = nil
	}
	for name, ims := range map[string][]Image{"no detections": bare, "no objects": empty, "no images": nil, "one image": images(6, 1)} {
		for _, ss := range audit(ims) {
			for _, s := range ss {
				if !(s.Score >= 0 && s.Score <= 1) || s.Score > 0.5 {
					t.Errorf("%s: %+v", name, s)
				}
			}
		}
	}
}

// TestRecordsInAnyOrder: images, objects and detections in another order have the same scores, to
// the last bit.
func TestRecordsInAnyOrder(t *testing.T) {
	n := 120
	if testing.Short() {
		n = 20
	}
	scores := func(ims []Image) (all []string) {
		j, err := Learn(context.Background(), source(ims), 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range ims {
			for _, s := range verdictsOf(j, &ims[i]) {
				at := Detection{}
				if s.Object >= 0 {
					at.Box, at.Class = ims[i].Objects[s.Object].Box, ims[i].Objects[s.Object].Class
				} else {
					at = ims[i].Detections[s.Detection]
				}
				all = append(all, fmt.Sprint(ims[i].Key, at, s.Kind, s.Score, s.Any))
			}
		}
		slices.Sort(all)
		return all
	}
	turned := images(7, n)
	slices.Reverse(turned)
	for i := range turned {
		slices.Reverse(turned[i].Objects)
		slices.Reverse(turned[i].Detections)
	}
	if !slices.Equal(scores(images(7, n)), scores(turned)) {
		t.Error("other scores in another order")
	}
}
