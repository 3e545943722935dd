package labels

import (
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/pkg/geom"
)

func box(x, y, w, h float64) geom.Box { return geom.Box{X0: x, Y0: y, X1: x + w, Y1: y + h} }

// images draws images whose objects are mostly detected, near where they are.
func images(seed uint64, n int) []Image {
	rng := rand.New(rand.NewPCG(seed, 3))
	out := make([]Image, n)
	for i := range out {
		im := &out[i]
		im.Size = geom.Size{W: 640, H: 480}
		for range 1 + rng.IntN(5) {
			o := Object{Box: box(rng.Float64()*500, rng.Float64()*350, 10+rng.Float64()*120, 10+rng.Float64()*120), Class: int32(rng.IntN(3))}
			im.Objects = append(im.Objects, o)
			if rng.IntN(10) > 0 {
				d := func() float64 { return rng.NormFloat64() * 3 }
				im.Detections = append(im.Detections, Detection{Box: geom.Box{X0: o.Box.X0 + d(), Y0: o.Box.Y0 + d(), X1: o.Box.X1 + d(), Y1: o.Box.Y1 + d()},
					Class: o.Class, Score: 0.5 + rng.Float64()/2})
			}
		}
	}
	return out
}

// audit returns the suspects of images by kind, image by image.
func audit(ims []Image) (out [NumKinds][]Suspect) {
	var r Rates
	evidence := make([]Evidence, len(ims))
	for i := range ims {
		Look(&evidence[i], &ims[i])
		r.Add(&evidence[i], &ims[i])
	}
	for i := range ims {
		r.Judge(&evidence[i], &ims[i], func(s Suspect) { out[s.Kind] = append(out[s.Kind], s) })
	}
	return out
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
// one that lies on a crowd is not, nor the weaker of two detections of one.
func TestMissingBesideLabelled(t *testing.T) {
	im := Image{Size: geom.Size{W: 640, H: 480}, Objects: []Object{{box(100, 100, 80, 80), 0}},
		Detections: []Detection{{box(100, 100, 80, 80), 0, 0.95}, {box(150, 100, 80, 80), 0, 0.9}, {box(152, 101, 80, 80), 0, 0.6}, {box(400, 300, 40, 40), 1, 0.99}},
		Silent:     []geom.Box{box(380, 280, 200, 180)}}
	missing := of(im)[Missing]
	if len(missing) != 1 || missing[0].Detection != 1 || missing[0].Score < 0.3 {
		t.Errorf("got %+v, want the second detection", missing)
	}
}

// TestLargeUnsupportedIsWorse: where small objects are often not detected and large
// ones always are, an unsupported large one is the more suspicious.
func TestLargeUnsupportedIsWorse(t *testing.T) {
	var ims []Image
	for i := range 200 {
		im := Image{Size: geom.Size{W: 640, H: 480}, Objects: []Object{{box(10, 10, 12, 12), 0}, {box(200, 100, 200, 200), 0}},
			Detections: []Detection{{box(200, 100, 200, 200), 0, 0.9}}}
		if i%2 == 0 {
			im.Detections = append(im.Detections, Detection{box(10, 10, 12, 12), 0, 0.9})
		}
		ims = append(ims, im)
	}
	ims[0].Detections = ims[0].Detections[1:]
	ims[1].Detections = nil
	var n [2]int
	for _, s := range audit(ims)[Spurious] {
		if s.Score < 0.2 {
			continue // it is supported
		}
		n[s.Object]++
		if small := s.Object == 0; small && s.Score > 0.6 || !small && s.Score < 0.9 {
			t.Errorf("small %v: score %v", small, s.Score)
		}
	}
	if n != [2]int{100, 2} {
		t.Errorf("%d small, %d large objects without support", n[0], n[1])
	}
}
