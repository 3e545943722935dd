package labels

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"focalaudit/pkg/geom"
)

// counted counts images one after the other.
func counted(ims ...Image) *Rates {
	r := newRates()
	var e Evidence
	for i := range ims {
		Look(&e, &ims[i])
		r.add(&e, &ims[i])
	}
	return r
}

// TestRatesByHand: two objects of class 0, one under a detection of its class with
// 0.8, the other under nothing; and one of class 1 under a detection of class 2 with
// 0.6. The means are drawn to those of all three by 20 records.
func TestRatesByHand(t *testing.T) {
	a, b, c := box(0, 0, 50, 50), box(100, 0, 50, 50), box(200, 0, 50, 50)
	r := counted(Image{Size: geom.Size{W: 640, H: 480}, Objects: []Object{{a, 0}, {b, 0}, {c, 1}},
		Detections: []Detection{{a, 0, 0.8}, {c, 2, 0.6}}})
	support := 0.8 / 3 // of all: one weight of 0.8, score times an IoU of 1
	for _, x := range []struct {
		name      string
		got, want float64
	}{
		{"support of 0", r.support(0), (0.8 + 20*support) / 22},
		{"support of 1", r.support(1), (0 + 20*support) / 21},
		{"support of 7, which never comes", r.support(7), support},
		{"IoU of 0, the only one placed", r.iou(0), 1},
		{"IoU of 1, none placed", r.iou(1), 1},
		// of 3 objects one is confused, which is 1/3 for the one other class
		{"1 taken for 2", r.confusion(1, 2), math.Log((1 + 20*1.0/3) / 21)},
		{"1 taken for 0", r.confusion(1, 0), math.Log((20 * 1.0 / 3) / 21)},
		{"0 taken for 1", r.confusion(0, 1), math.Log((20 * 1.0 / 3) / 22)},
		// of the one detection with 0.8 one is right: (1+1)/(1+2), and drawn to it
		{"precision of 0 at 0.8", r.precision(0, 0.8), (1 + 20*2.0/3) / 21},
		{"precision of 2 at 0.6", r.precision(2, 0.6), (0 + 20*1.0/3) / 21},
		{"precision of 1 at 0.8, which never comes", r.precision(1, 0.8), 2.0 / 3},
		{"precision at 0.1, where nothing is", r.precision(0, 0.1), 0.5},
	} {
		if math.Abs(x.got-x.want) > 1e-12 {
			t.Errorf("%s: got %v, want %v", x.name, x.got, x.want)
		}
	}
}

// TestDoubtsBackConfusions: a detection of another class on an object counts as a confusion if its score is at most
// 0.8; those above count as far as there are as many of the others. Simulated errors follow all.
func TestDoubtsBackConfusions(t *testing.T) {
	for _, c := range []struct {
		scores         []float64
		counted, doubt float64
	}{
		{[]float64{0.8}, 1, 1}, {[]float64{0.81}, 0, 0}, {[]float64{0.9, 0.9, 0.9}, 0, 0}, {[]float64{0.9, 0.3}, 2, 1},
		{[]float64{0.9, 0.3, 1}, 2, 1}, {[]float64{0.5, 0.3, 1}, 3, 2}, {[]float64{0.5, 0.3, 1, 0.7, 0.9, 0.81, 1}, 6, 3},
	} {
		im := Image{Size: geom.Size{W: 640, H: 480}}
		for i := range 9 {
			b := box(float64(60*i), 0, 50, 50)
			im.Objects = append(im.Objects, Object{b, 0})
			if i < len(c.scores) {
				im.Detections = append(im.Detections, Detection{b, 1, c.scores[i]})
			}
		}
		r := counted(im)
		// one class has objects, and so one other is supposed
		want := math.Log(max(1e-9, (c.counted+20*c.doubt/9)/29))
		if got := r.confusion(0, 1); math.Abs(got-want) > 1e-12 || r.confusions[[2]int32{0, 1}] != int64(len(c.scores)) {
			t.Errorf("scores %v: %v of %v, want %v of all", c.scores, got, r.confusions, want)
		}
	}
}

// TestSilentIsNotCounted: detections on crowds are right about what is not in use.
func TestSilentIsNotCounted(t *testing.T) {
	a := box(0, 0, 50, 50)
	r := counted(Image{Size: geom.Size{W: 640, H: 480}, Silent: []geom.Box{a}, Detections: []Detection{{a, 0, 0.8}}})
	if got := r.precision(0, 0.8); got != 0.5 {
		t.Errorf("got %v, want a half, as where nothing is known", got)
	}
}

// TestRatesAddUp: images counted in any parts and order give the same counts, to the
// last bit: they are whole numbers.
func TestRatesAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 41))
	ims := make([]Image, 40)
	for i := range ims {
		ims[i] = crowded(rng, rng.IntN(6))
	}
	want := counted(ims...)
	for range 10 {
		rng.Shuffle(len(ims), func(i, k int) { ims[i], ims[k] = ims[k], ims[i] })
		got := newRates()
		for at := 0; at < len(ims); {
			to := min(len(ims), at+rng.IntN(15))
			got.merge(counted(ims[at:to]...))
			at = to
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatal("the counts depend on the order or the parts")
		}
	}
}

// TestRatesAreShares: within [0,1], confusions at most 0 as logarithms, with and
// without counts; and the more objects of a class are supported, the higher.
func TestRatesAreShares(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 42))
	r := newRates()
	for range 30 {
		for class := range int32(4) {
			shares := []float64{r.support(class), r.iou(class), r.precision(class, 0), r.precision(class, 1),
				r.precision(class, rng.Float64())}
			for _, v := range shares {
				if !(v >= 0 && v <= 1) {
					t.Fatalf("class %d: %v is no share", class, v)
				}
			}
			for as := range int32(4) {
				if v := r.confusion(class, as); !(v <= 0) || math.IsInf(v, 0) {
					t.Fatalf("%d taken for %d: %v", class, as, v)
				}
			}
		}
		r.merge(counted(crowded(rng, 4)))
		before := r.support(0)
		a := box(10, 10, 50, 50)
		full := Image{Size: geom.Size{W: 640, H: 480}, Objects: []Object{{a, 0}}, Detections: []Detection{{a, 0, 1}}}
		r.merge(counted(full))
		if after := r.support(0); after < before {
			t.Errorf("support of %v, with one more object that is supported fully %v", before, after)
		}
	}
}

// TestSteps: scores fall into 20 steps of 0.05, 1 into the last.
func TestSteps(t *testing.T) {
	for score, want := range map[float64]int32{0: 0, 0.049: 0, 0.051: 1, 0.5: 10, 0.949: 18, 0.951: 19, 1: 19} {
		if got := stepOf(score); got != want {
			t.Errorf("%v: step %d, want %d", score, got, want)
		}
	}
}

// TestOdd: of a class whose boxes are all 2 wide for 1 high but for one in two that is 1 for 2, the logarithms of the
// aspect are 1 and -1, so that a standard deviation is 1 and the mean 0, whatever the drawing to all classes,
// which are the same here. A box of 8 for 1 is 3 off, either way round.
func TestOdd(t *testing.T) {
	r := newRates()
	im := Image{Size: geom.Size{W: 100, H: 100}}
	for i := range 40 {
		im.Objects = append(im.Objects, Object{box(10, 10, 20, 10), 0})
		if i%2 == 0 {
			im.Objects[i].Box = box(10, 10, 10, 20)
		}
	}
	var e Evidence
	Look(&e, &im)
	r.add(&e, &im)
	for _, b := range []geom.Box{box(0, 0, 80, 10), box(0, 0, 10, 80)} {
		if got := r.odd(0, b); math.Abs(got-3) > 1e-9 {
			t.Errorf("%v: got %v, want 3", b, got)
		}
	}
	if got := r.odd(1, box(0, 0, 20, 10)); math.Abs(got-1) > 1e-9 { // an unknown class is judged by all
		t.Errorf("unknown class: got %v, want 1", got)
	}
}
