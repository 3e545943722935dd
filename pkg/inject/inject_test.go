package inject

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

func images(n int) []Image {
	rng := rand.New(rand.NewPCG(1, 2))
	out := make([]Image, n)
	for i := range out {
		out[i].Key = uint64(i)
		out[i].Size = geom.Size{W: 300 + rng.IntN(300), H: 200 + rng.IntN(300)}
		for range rng.IntN(8) {
			w, h := 5+rng.Float64()*150, 5+rng.Float64()*150
			out[i].Objects = append(out[i].Objects, Object{Class: int32(rng.IntN(5)),
				Box: geom.Rect{X: rng.Float64() * (float64(out[i].Size.W) - w), Y: rng.Float64() * (float64(out[i].Size.H) - h), W: w, H: h}})
		}
	}
	return out
}

// TestInject: each error comes at its rate, within five standard deviations, is
// what its name says, and the truth is kept.
func TestInject(t *testing.T) {
	in := images(4000)
	r := Rates{Drop: 0.05, Shift: 0.04, Swap: 0.03, Spurious: 0.06, Duplicate: 0.05}
	out := New(in, 5).Inject(r, 7)
	var n, changed [NumErrors]int
	for i := range in {
		left := len(out[i].Objects) + len(out[i].Dropped)
		n[None] += len(in[i].Objects)
		n[Dropped] += len(out[i].Dropped)
		for _, o := range out[i].Objects {
			changed[o.Error]++
			b := o.Box
			if b.X < -1e-9 || b.Y < -1e-9 || b.X+b.W > float64(out[i].Size.W)+1e-9 || b.Y+b.H > float64(out[i].Size.H)+1e-9 || b.W <= 0 || b.H <= 0 {
				t.Errorf("image %d: %+v sticks out of %v", i, o, out[i].Size)
			}
			switch v := iou.Of(b.Box(), o.Was.Box()); {
			case o.Error == Shifted && (v < MinIoU || v > MaxIoU):
				t.Errorf("image %d: shifted to IoU %v", i, v)
			case o.Error == Swapped && (o.Class == o.Old || o.Class < 0 || o.Class > 4):
				t.Errorf("image %d: swapped from %d to %d", i, o.Old, o.Class)
			case o.Error == Duplicated && (v < MinTwin || v > MaxTwin):
				t.Errorf("image %d: duplicated at IoU %v", i, v)
			case o.Error == Spurious || o.Error == Duplicated:
				left--
			}
		}
		if left != len(in[i].Objects) {
			t.Errorf("image %d: %d objects left of %d", i, left, len(in[i].Objects))
		}
	}
	for e, rate := range map[Error]float64{Shifted: r.Shift, Swapped: r.Swap, Spurious: r.Spurious, Duplicated: r.Duplicate} {
		n[e] = changed[e]
		check(t, e, n[e], n[None], rate)
	}
	check(t, Dropped, n[Dropped], n[None], r.Drop)
}

func check(t *testing.T, e Error, got, of int, rate float64) {
	t.Helper()
	if want := rate * float64(of); math.Abs(float64(got)-want) > 5*math.Sqrt(want) {
		t.Errorf("%v: %d of %d objects, want about %.0f", e, got, of, want)
	}
}

func TestInjectIsTheSame(t *testing.T) {
	in := images(50)
	r := Rates{0.1, 0.1, 0.1, 0.1, 0.1}
	a, b, c := fmt.Sprint(New(in, 5).Inject(r, 1)), fmt.Sprint(New(in, 5).Inject(r, 1)), fmt.Sprint(New(in, 5).Inject(r, 2))
	if a != b || a == c {
		t.Error("the same seed differs, or another one does not")
	}
	if fmt.Sprint(in) != fmt.Sprint(images(50)) {
		t.Error("the images given were changed")
	}
}

// TestInjectAtTheEdges: one class can't be swapped, one image has no other to copy
// from, a box that fills its image can still be shifted.
func TestInjectAtTheEdges(t *testing.T) {
	in := []Image{{Size: geom.Size{W: 100, H: 100}, Objects: []Object{{Box: geom.Rect{W: 100, H: 100}}}}}
	for seed := range uint64(50) {
		out := New(in, 1).Inject(Rates{Shift: 0.5, Swap: 0.5, Spurious: 1}, seed)
		if o := out[0].Objects; len(o) != 1 || o[0].Error == Swapped {
			t.Fatalf("seed %d: %+v", seed, o)
		}
	}
}

// TestOrderIsFree: what befalls an object does not depend on where it stands, nor its image.
func TestOrderIsFree(t *testing.T) {
	in := images(60)
	turned := images(60)
	slices.Reverse(turned)
	for i := range turned {
		slices.Reverse(turned[i].Objects)
	}
	r := Rates{0.1, 0.1, 0.1, 0.1, 0.1}
	fates := func(out []Image) (all []string) {
		for i := range out {
			for _, o := range slices.Concat(out[i].Objects, out[i].Dropped) {
				o.From = 0
				all = append(all, fmt.Sprint(out[i].Key, o))
			}
		}
		slices.Sort(all)
		return all
	}
	if a, b := fates(New(in, 5).Inject(r, 3)), fates(New(turned, 5).Inject(r, 3)); !slices.Equal(a, b) {
		t.Error("other fates in another order")
	}
}

// TestScaledKeepsShape: a box that is brought to another image keeps its aspect and lies in the image; with room for
// it, its area is the same part of the image.
func TestScaledKeepsShape(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	side := func() int { return 50 + rng.IntN(500) }
	for range 2000 {
		from, to := geom.Size{W: side(), H: side()}, geom.Size{W: side(), H: side()}
		w, h := (0.05+0.95*rng.Float64())*float64(from.W), (0.05+0.95*rng.Float64())*float64(from.H)
		b := geom.Rect{X: rng.Float64() * (float64(from.W) - w), Y: rng.Float64() * (float64(from.H) - h), W: w, H: h}
		got := scaled(b, from, to)
		if math.Abs(got.W/got.H-w/h) > 1e-9*w/h {
			t.Fatalf("%v of %v in %v: %v has another shape", b, from, to, got)
		}
		if got.X < 0 || got.Y < 0 || got.X+got.W > float64(to.W)+1e-9 || got.Y+got.H > float64(to.H)+1e-9 {
			t.Fatalf("%v of %v in %v: %v reaches beyond it", b, from, to, got)
		}
		part := w * h / float64(from.W*from.H)
		if is := got.W * got.H / float64(to.W*to.H); got.W < 0.999*float64(to.W) && got.H < 0.999*float64(to.H) &&
			math.Abs(is-part) > 1e-9 {
			t.Fatalf("%v of %v in %v: %v is %v of it, want %v", b, from, to, got, is, part)
		}
	}
}

// TestTwin: with IoUs of their own, second boxes keep them with the first ones, the whole box included.
func TestTwin(t *testing.T) {
	in := New(images(2000), 5)
	drawn := map[float64]int{0.62: 0, 0.97: 0, 1: 0}
	in.Twin = func(rng *rand.Rand) float64 { return []float64{0.62, 0.97, 1}[rng.IntN(3)] }
	for i, im := range in.Inject(Rates{Duplicate: 0.3}, 3) {
		for _, o := range im.Objects {
			if o.Error != Duplicated {
				continue
			}
			v := iou.Of(o.Box.Box(), o.Was.Box())
			want := math.Round(100*v) / 100
			if _, ok := drawn[want]; !ok || math.Abs(v-want) > 1e-6 {
				t.Fatalf("image %d: IoU %v", i, v)
			}
			drawn[want]++
		}
	}
	for v, n := range drawn {
		if n < 100 {
			t.Errorf("IoU %v: %d second boxes", v, n)
		}
	}
}

// TestSpuriousAmongCopies: a spurious object comes from another image also where all images are copies of one, so that their
// objects have one hash, and where one image has nearly all objects.
func TestSpuriousAmongCopies(t *testing.T) {
	with := func(key uint64, n int) Image {
		im := Image{Key: key, Size: geom.Size{W: 640, H: 480}}
		for k := range n {
			im.Objects = append(im.Objects, Object{Box: geom.Rect{X: float64(k) / 10, Y: 20, W: 30, H: 40}})
		}
		return im
	}
	for name, all := range map[string][]Image{
		"copies": {with(7, 1), with(7, 1), with(7, 1)}, "a crowd": {with(1, 5000), with(2, 1)},
	} {
		spurious, objects := 0, 0
		for _, im := range New(all, 5).Inject(Rates{Spurious: 1}, 3) {
			for _, o := range im.Objects {
				if objects++; o.Error == Spurious {
					spurious++
				}
			}
		}
		if 2*spurious != objects {
			t.Errorf("%s: %d of %d objects are spurious, want half", name, spurious, objects)
		}
	}
}

// TestCopiesAreDrawnEvenly: over many seeds each object is copied about as often as any other. A draw falls to the next
// hash, and lengths between hashes have a standard deviation as large as their mean; so counts of 36 seeds have one of
// 1/6 of it, and those of one set of hashes would keep all of it. Poisson's share, with 50 draws of each, is 0.14; both
// together are 0.22.
func TestCopiesAreDrawnEvenly(t *testing.T) {
	in := New(images(60), 5)
	rng := rand.New(rand.NewPCG(8, 8))
	counts := map[place]float64{}
	n := len(in.all)
	const seeds = 36
	for seed := range uint64(seeds) {
		all := in.places(seed)
		for range 50 * n / seeds {
			p := anyOf(all, rng)
			p.hash = 0
			counts[p]++
		}
	}
	mean, squares := 0.0, 0.0
	for _, c := range counts {
		mean += c / float64(n)
	}
	for _, c := range counts {
		squares += (c - mean) * (c - mean) / float64(n)
	}
	if sd := math.Sqrt(squares) / mean; sd > 0.3 || len(counts) < n {
		t.Errorf("%d of %d objects are copied, with a standard deviation of %.2f of the mean", len(counts), n, sd)
	}
}

// TestIdentities: an object's hash is that of what it is, and of how many equal ones stand before it.
func TestIdentities(t *testing.T) {
	rng := rand.New(rand.NewPCG(28, 11))
	im := Image{Key: 7, Size: geom.Size{W: 100, H: 50}}
	for range 200 {
		im.Objects = append(im.Objects, Object{
			Box: geom.Rect{X: float64(rng.IntN(3)), Y: 1, W: 5, H: float64(1 + rng.IntN(2))}, Class: rng.Int32N(2)})
	}
	before := func(k int) (n int) {
		for i := range k {
			if compare(&im.Objects[i], &im.Objects[k]) == 0 {
				n++
			}
		}
		return n
	}
	type number struct {
		Object
		before int
	}
	seen := map[uint64]number{}
	all := identities(&im)
	for k, h := range all {
		if other, again := seen[h]; again {
			t.Errorf("object %d has the hash of %+v", k, other)
		}
		seen[h] = number{im.Objects[k], before(k)}
	}
	mixed := Image{Key: im.Key, Size: im.Size, Objects: slices.Clone(im.Objects)}
	rng.Shuffle(len(mixed.Objects), func(i, k int) {
		mixed.Objects[i], mixed.Objects[k] = mixed.Objects[k], mixed.Objects[i]
	})
	im = mixed
	for k, h := range identities(&mixed) {
		if want := (number{mixed.Objects[k], before(k)}); seen[h] != want {
			t.Errorf("in another order, object %d: %+v, want %+v", k, seen[h], want)
		}
	}
}
