package labels

import (
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/pkg/geom"
)

// bruteIoU is the IoU by its definition.
func bruteIoU(a, b geom.Box) float64 {
	w := max(0, min(a.X1, b.X1)-max(a.X0, b.X0))
	h := max(0, min(a.Y1, b.Y1)-max(a.Y0, b.Y0))
	if w*h == 0 {
		return 0
	}
	return w * h / ((a.X1-a.X0)*(a.Y1-a.Y0) + (b.X1-b.X0)*(b.Y1-b.Y0) - w*h)
}

// crowded draws n objects and their detections so near to each other that many
// overlap, with a crowd here and there.
func crowded(rng *rand.Rand, n int) Image {
	im := Image{Size: geom.Size{W: 640, H: 480}}
	draw := func() geom.Box {
		return box(rng.Float64()*150, rng.Float64()*150, 20+rng.Float64()*100, 20+rng.Float64()*100)
	}
	near := func(b geom.Box) geom.Box {
		d := func() float64 { return rng.NormFloat64() * 8 }
		return geom.Box{X0: b.X0 + d(), Y0: b.Y0 + d(), X1: b.X1 + d(), Y1: b.Y1 + d()}
	}
	for range n {
		b := draw()
		im.Objects = append(im.Objects, Object{b, int32(rng.IntN(3))})
		for range rng.IntN(3) {
			im.Detections = append(im.Detections, Detection{near(b), int32(rng.IntN(3)), rng.Float64()})
		}
	}
	im.Detections = append(im.Detections, Detection{draw(), int32(rng.IntN(3)), rng.Float64()})
	if rng.IntN(3) == 0 {
		im.Silent = append(im.Silent, draw())
	}
	return im
}

// overlapOf is the IoU of what overlaps enough to be about each other, else 0.
func overlapOf(a, b geom.Box) float64 {
	if v := bruteIoU(a, b); v >= touching {
		return v
	}
	return 0
}

// nearest returns the object that a detection overlaps most, -1 if none.
func nearest(im *Image, d int) (on int, v float64) {
	on = -1
	for k, o := range im.Objects {
		if u := overlapOf(o.Box, im.Detections[d].Box); u > v {
			on, v = k, u
		}
	}
	return on, v
}

// TestObjectEvidence compares with the definitions of the fields, over all pairs of
// random images.
func TestObjectEvidence(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 31))
	var e Evidence
	for i := range 300 {
		im := crowded(rng, rng.IntN(9))
		Look(&e, &im)
		for k := range im.Objects {
			if got, want := e.Objects[k], objectEvidence(&im, k); !sameEvidence(got, want) {
				t.Fatalf("image %d, object %d:\n got %+v\nwant %+v", i, k, got, want)
			}
		}
	}
}

// objectEvidence is what the detections say of an object, field by field.
func objectEvidence(im *Image, k int) ObjectEvidence {
	none := said{detection: -1}
	o := &im.Objects[k]
	want := ObjectEvidence{Same: none, Other: none, Any: none, Twin: -1}
	for i, d := range im.Detections {
		if d.Class == o.Class {
			want.presence = max(want.presence, d.Score)
		}
		v := overlapOf(o.Box, d.Box)
		if v == 0 {
			continue
		}
		s := said{int32(i), d.Score, v}
		own := 0.0
		if on, _ := nearest(im, i); on == k {
			own = s.weight()
		}
		want.overlap = max(want.overlap, v)
		want.near = max(want.near, d.Score*min(1, 2*v))
		want.Any = heavierOf(want.Any, s)
		fits := d.Score * max(0, min(1, (v-0.3)/0.4)) // from 0 at IoU 0.3 to 1 at 0.7
		if d.Class == o.Class {
			want.Same = heavierOf(want.Same, s)
			want.fit, want.own = max(want.fit, fits), max(want.own, own)
		} else {
			want.Other = heavierOf(want.Other, s)
			want.otherFit, want.otherOwn = max(want.otherFit, fits), max(want.otherOwn, own)
		}
	}
	for i, d := range im.Detections { // the second best one of its class
		if v := overlapOf(o.Box, d.Box); v > 0 && d.Class == o.Class && int32(i) != want.Same.detection {
			want.second = max(want.second, d.Score*v)
		}
	}
	for i, other := range im.Objects {
		v := overlapOf(o.Box, other.Box)
		if i == k || v == 0 {
			continue
		}
		want.crowd = max(want.crowd, v)
		if other.Class == o.Class && v > want.TwinIoU {
			want.Twin, want.TwinIoU = int32(i), v
		}
	}
	return want
}

func heavierOf(a, b said) said {
	if b.score*b.iou > a.score*a.iou {
		return b
	}
	return a
}

// sameEvidence compares within rounding: the IoUs are computed in another order.
func sameEvidence(a, b ObjectEvidence) bool {
	near := func(x, y float64) bool { return math.Abs(x-y) < 1e-9 }
	word := func(x, y said) bool {
		return x.detection == y.detection && near(x.score, y.score) && near(x.iou, y.iou)
	}
	return word(a.Same, b.Same) && word(a.Other, b.Other) && word(a.Any, b.Any) && near(a.second, b.second) &&
		near(a.fit, b.fit) && near(a.otherFit, b.otherFit) && near(a.near, b.near) && near(a.own, b.own) &&
		near(a.otherOwn, b.otherOwn) && near(a.overlap, b.overlap) && near(a.presence, b.presence) &&
		a.Twin == b.Twin && near(a.TwinIoU, b.TwinIoU) && near(a.crowd, b.crowd)
}

// TestDetectionEvidence compares with the definitions of the fields, over all pairs of
// random images.
func TestDetectionEvidence(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 32))
	var e Evidence
	silent := 0
	for i := range 300 {
		im := crowded(rng, rng.IntN(9))
		Look(&e, &im)
		sum := 0.0
		for k := range im.Detections {
			got, want := e.Detections[k], detectionEvidence(&im, k)
			near := func(x, y float64) bool { return math.Abs(x-y) < 1e-9 }
			if got.Near != want.Near || got.silent != want.silent || got.surer != want.surer ||
				!near(got.IoU, want.IoU) || !near(got.same, want.same) || !near(got.shadow, want.shadow) ||
				!near(got.shadower, want.shadower) || !near(got.under, want.under) {
				t.Fatalf("image %d, detection %d:\n got %+v\nwant %+v", i, k, got, want)
			}
			if got.silent {
				silent++
			}
			sum += im.Detections[k].Score
		}
		if math.Abs(e.sure-sum) > 1e-9 {
			t.Fatalf("image %d: scores add up to %v, want %v", i, e.sure, sum)
		}
	}
	if silent < 20 {
		t.Errorf("only %d detections lie on a crowd", silent)
	}
}

// detectionEvidence is what objects and other detections say of a detection, field by
// field.
func detectionEvidence(im *Image, k int) DetectionEvidence {
	d := &im.Detections[k]
	on, v := nearest(im, k)
	want := DetectionEvidence{Near: int32(on), IoU: v}
	for _, o := range im.Objects {
		if o.Class == d.Class {
			want.same = max(want.same, overlapOf(o.Box, d.Box))
		}
	}
	for _, s := range im.Silent {
		w, h := min(d.Box.X1, s.X1)-max(d.Box.X0, s.X0), min(d.Box.Y1, s.Y1)-max(d.Box.Y0, s.Y0)
		want.silent = want.silent || w > 0 && h > 0 && w*h > d.Box.Area()/2
	}
	for i, other := range im.Detections {
		v := overlapOf(d.Box, other.Box)
		if i == k {
			continue
		}
		if other.Score > d.Score {
			want.surer++
			if v > want.shadow {
				want.shadow, want.shadower = v, other.Score
			}
		} else if v > 0.3 {
			want.under = max(want.under, other.Score)
		}
	}
	return want
}

// TestOverlooked by hand: what may be of an object that nobody annotated.
func TestOverlooked(t *testing.T) {
	at := box(100, 100, 40, 40)
	aside := box(110, 100, 40, 40) // IoU with at: 30/50 = 0.6
	far := box(300, 300, 40, 40)
	one := func(bs ...geom.Box) (ds []Detection) { // the first is the one asked about
		for i, b := range bs {
			ds = append(ds, Detection{b, 0, 0.5 + 0.1*float64(i)})
		}
		return ds
	}
	crowd := func(x float64) []geom.Box { return []geom.Box{box(x, 90, 80, 80)} }
	right := func(x float64) geom.Box { return box(100+x, 100, 40, 40) }
	for _, c := range []struct {
		name string
		im   Image
		want bool
	}{
		{"on nothing", Image{Detections: one(at)}, true},
		{"far from an object", Image{Objects: []Object{{far, 0}}, Detections: one(at)}, true},
		{"the best on its object", Image{Objects: []Object{{aside, 0}}, Detections: one(at)}, false},
		// the surer one is 12 px to the right: IoU 28/52 with at, so that they are in one place
		{"beside a better one", Image{Objects: []Object{{aside, 0}}, Detections: one(at, right(12))}, false},
		// the object has IoU 27/53 with at and 33/47 with the surer one; both have 20/60
		{"on an object with a better", Image{Objects: []Object{{right(13), 0}}, Detections: one(at, right(20))}, true},
		{"on a crowd", Image{Silent: crowd(90), Detections: one(at)}, false},
		{"less than half on a crowd", Image{Silent: crowd(121), Detections: one(at)}, true},
		{"in the place of a surer one", Image{Detections: one(at, aside)}, false},
		{"surer than one in its place", Image{Detections: []Detection{{at, 0, 0.9}, {aside, 0, 0.5}}}, true},
		{"the first of equally sure ones", Image{Detections: []Detection{{at, 0, 0.5}, {at, 0, 0.5}}}, true},
		{"without area", Image{Detections: one(box(100, 100, 0, 40))}, false},
		{"with corners the wrong way", Image{Detections: one(box(100, 100, -4, 40))}, false},
		{"with a surer one at its edge", Image{Detections: one(at, right(30))}, true}, // IoU 10/70
	} {
		c.im.Size = geom.Size{W: 640, H: 480}
		var e Evidence
		Look(&e, &c.im)
		if got := e.overlooked(0); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestLookForgets: the evidence of an image is the same in fresh and in used memory.
func TestLookForgets(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 33))
	var used Evidence
	for range 50 {
		im := crowded(rng, rng.IntN(12))
		var fresh Evidence
		Look(&used, &im)
		Look(&fresh, &im)
		for k := range im.Objects {
			if used.Objects[k] != fresh.Objects[k] {
				t.Fatalf("object %d: %+v, in fresh memory %+v", k, used.Objects[k], fresh.Objects[k])
			}
		}
		for k := range im.Detections {
			if used.Detections[k] != fresh.Detections[k] {
				t.Fatalf("detection %d: %+v, in fresh memory %+v", k, used.Detections[k], fresh.Detections[k])
			}
		}
	}
	if Look(&used, &Image{}); len(used.Objects)+len(used.Detections) > 0 {
		t.Errorf("an empty image: %+v", used)
	}
}

// TestManyInOnePlace: thousands of boxes in one place have evidence within sight of
// partners, in linear time, and the nearest ones of each are not lost.
func TestManyInOnePlace(t *testing.T) {
	im := Image{Size: geom.Size{W: 640, H: 480}}
	for i := range 3000 {
		b := box(100+0.001*float64(i), 100, 50, 50)
		im.Objects = append(im.Objects, Object{b, 0})
	}
	var e Evidence
	Look(&e, &im)
	for k := range im.Objects {
		if o := &e.Objects[k]; o.Twin < 0 || o.TwinIoU < 0.99 {
			t.Fatalf("object %d: %+v", k, o)
		}
	}
}

// TestOffsets by hand: a detection 10 px to the right of a box of 40 × 20 px is off by a
// quarter of its width; one that is twice as wide from the same corner reaches one
// width too far, and its centre is half a width off.
func TestOffsets(t *testing.T) {
	for _, c := range []struct {
		b    geom.Box
		want [6]float64
	}{
		{box(100, 100, 40, 20), [6]float64{}},
		{box(110, 100, 40, 20), [6]float64{0.25, 0.25}},
		{box(100, 95, 40, 20), [6]float64{0.25, 0, 0.25}},
		{box(100, 100, 80, 20), [6]float64{1, 0.5, 0, math.Ln2, math.Ln2, 0}},
		{box(100, 100, 80, 10), [6]float64{1, 0.5, 0.25, 0, math.Ln2, -math.Ln2}},
	} {
		im := &Image{Objects: []Object{{box(100, 100, 40, 20), 0}}, Detections: []Detection{{c.b, 0, 0.5}}}
		got := offsets(im, 0, said{detection: 0})
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 1e-12 {
				t.Errorf("%v: got %v, want %v", c.b, got, c.want)
				break
			}
		}
		if got := offsets(im, 0, said{detection: -1}); got != [6]float64{} {
			t.Errorf("no detection: %v", got)
		}
	}
}

// TestSizeAndEdges by hand, in an image of 400 × 200 px, whose edges are 2 and 1 px
// wide: a quarter of both sides is 1/16 of the area, 2^-4.
func TestSizeAndEdges(t *testing.T) {
	for _, c := range []struct {
		b           geom.Box
		size, edges float64
	}{
		{box(100, 100, 100, 50), -4, 0},
		{box(0, 0, 400, 200), 0, 4},
		{box(1.9, 50, 100, 50), -4, 1},
		{box(2.1, 50, 100, 50), -4, 0},
		{box(299, 0.5, 100, 50), -4, 2},
		{box(50, 50, 0, 0), math.Log2(1e-6), 0},
	} {
		im := &Image{Size: geom.Size{W: 400, H: 200}, Objects: []Object{{c.b, 0}}}
		if got := sizeOf(c.b, im.Size); math.Abs(got-c.size) > 1e-12 {
			t.Errorf("%v: size %v, want %v", c.b, got, c.size)
		}
		if got := edges(im, 0); got != c.edges {
			t.Errorf("%v: %v edges, want %v", c.b, got, c.edges)
		}
	}
}

// TestWidths: a row has as many numbers as the models are told, all finite.
func TestWidths(t *testing.T) {
	rng := rand.New(rand.NewPCG(34, 34))
	r := newRates()
	var e Evidence
	for range 50 {
		im := crowded(rng, 1+rng.IntN(6))
		Look(&e, &im)
		r.add(&e, &im)
		for k := range im.Objects {
			checkRow(t, r.object(nil, &e, &im, k), objectWidth)
		}
		for k := range im.Detections {
			checkRow(t, r.detection(nil, &e, &im, k), detectionWidth)
		}
	}
}

func checkRow(t *testing.T, x []float64, width int) {
	t.Helper()
	if len(x) != width {
		t.Fatalf("%d numbers, want %d", len(x), width)
	}
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("number %d is %v", i, v)
		}
	}
}
