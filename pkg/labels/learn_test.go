package labels

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/boost"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/inject"
)

// TestSample: by rising key until there are maxObjects objects; images of equal keys come
// together. The sample does not depend on the order of the images.
func TestSample(t *testing.T) {
	const each = maxObjects / 10
	keys := []uint64{12, 3, 40, 7, 9, 31, 22, 5, 18, 25, 60, 51, 25, 70}
	s := Source{N: len(keys), At: func(i int, im *Image) { im.Key, im.Objects = keys[i], make([]Object, each) }}
	c := survey{keys: keys}
	var got []uint64
	for _, im := range s.sample(&c) {
		got = append(got, im.Key)
	}
	if want := []uint64{3, 5, 7, 9, 12, 18, 22, 25, 25, 31}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestKnowingNothing: models without trees know what is common only, and then the chance of an
// error is its prevalence, whatever the simulation's share of it. A kind that is not known has no
// chance, and what it leaves is divided among the others.
func TestKnowingNothing(t *testing.T) {
	rows := &boost.Rows{Width: 1}
	for kind := range uint8(NumKinds) { // 1 right one, 2 spurious, and so on
		for range 1 + kind {
			rows.Add([]float64{1}, kind)
		}
	}
	j := &Judge{prevalence: Supposed}
	for kind := range NumKinds {
		j.known[kind] = true
	}
	models := panel{{boost.Fit(context.Background(), rows, int(NumKinds), boost.Settings{}), 1, 1}}
	p := j.posterior(models.wrong([]float64{1}))
	for kind := Spurious; kind < NumKinds; kind++ {
		if math.Abs(p[kind]-Supposed[kind]) > 1e-12 {
			t.Errorf("%v: %v, want %v", kind, p[kind], Supposed[kind])
		}
	}
	j.known[Class] = false
	p = j.posterior(models.wrong([]float64{1}))
	if want := Supposed[Location] / (1 - Supposed[Class]); p[Class] != 0 || math.Abs(p[Location]-want) > 1e-12 {
		t.Errorf("without class errors: class %v, location %v, want 0, %v", p[Class], p[Location], want)
	}
}

// TestOverlookedKnowingNothing: of detections, 4 of 12 rows are of missed objects, which the
// simulation puts in at its rate in one round; so the odds 1/2 count 0.01/0.08 times: 1/16, a
// chance of 1/17.
func TestOverlookedKnowingNothing(t *testing.T) {
	rows := &boost.Rows{Width: 1}
	for i := range 12 {
		rows.Add([]float64{1}, uint8(i/8))
	}
	j := &Judge{prevalence: Supposed}
	models := panel{{boost.Fit(context.Background(), rows, 2, boost.Settings{}), 1, 1}}
	if got, want := j.overlooked(models.missing([]float64{1})), 1.0/17; math.Abs(got-want) > 1e-12 {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestRatesAreOthers: what an image says of a class does not count when it is judged itself.
func TestRatesAreOthers(t *testing.T) {
	ims := images(9, 50)
	j := &Judge{}
	if _, err := j.count(context.Background(), source(ims), 2); err != nil {
		t.Fatal(err)
	}
	for f := range folds {
		want := 0
		for i := range ims {
			if ims[i].fold() != f {
				want += len(ims[i].Objects)
			}
		}
		if got := j.rates[f].all.n; int(got) != want {
			t.Errorf("fold %d: rates of %d objects, want the %d of the others", f, got, want)
		}
	}
}

// TestCompared: of 100 labels as they are 8 have a score of 9 and the others one of 1, of 100 simulated errors 80 have
// 9. So 9 is the threshold at each step, at which a label counts a quarter: 8/4 labels and 80/4 errors, which stand for
// errors of all 100 labels: (2+0.1) / (20 + 0.1/0.01).
func TestCompared(t *testing.T) {
	var simulated []weighted
	var asTheyAre []float64
	for i := range 100 {
		high := func(yes bool) float64 {
			if yes {
				return 9
			}
			return 1
		}
		simulated = append(simulated, weighted{high(i < 80), 1})
		asTheyAre = append(asTheyAre, high(i < 8))
	}
	e := compared(simulated, asTheyAre, 100, 100, 0.01, 0)
	last := e.Steps[len(e.Steps)-1]
	low, high := poisson(2, 1)
	if math.Abs(e.Low-low/20) > 1e-12 || math.Abs(e.High-high/20) > 1e-12 {
		t.Errorf("got %v to %v, want those of a count of 2 among 20", e.Low, e.High)
	}
	if want := 2.1 / (20 + 10); math.Abs(e.Share-want) > 1e-12 || last.Above != 2 || math.Abs(last.Caught-0.2) > 1e-12 {
		t.Errorf("got %+v, want a share of %v", e, want)
	}
}

// TestAgreement: of 300 labels 5 % are wrong, with scores as evenly spread as the simulated errors', and the others have
// none. The smallest of ten quotients is then too low in the mean, by more than a tenth; that of large counts which
// agree with all others is not. Where another fifth of the labels have scores like the lower half of the errors, the
// quotient down to 0.3 is (0.05·0.7 + 0.2·0.4)/0.7 = 0.16: with 3,000 labels, steps differ too much for it.
func TestAgreement(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	draw := func(labels int, lookalikes, z float64) (mean float64) {
		var simulated []weighted
		for i := range 1000 {
			simulated = append(simulated, weighted{(float64(i) + 0.5) / 10, 1})
		}
		const draws = 400
		for range draws {
			asTheyAre := make([]float64, labels)
			for i := range asTheyAre {
				switch u := rng.Float64(); {
				case u < 0.05:
					asTheyAre[i] = 100 * rng.Float64()
				case u < 0.05+lookalikes:
					asTheyAre[i] = 50 * rng.Float64()
				}
			}
			e := compared(slices.Clone(simulated), asTheyAre, 1000, labels, 0.05, z)
			mean += e.Share / draws
			if e.Share < e.Low || e.Share > e.High {
				t.Errorf("a share of %v is not within %v to %v", e.Share, e.Low, e.High)
			}
		}
		return mean
	}
	if least := draw(300, 0, 0); least > 0.045 {
		t.Errorf("the smallest quotient is %v in the mean, want at most 0.045", least)
	}
	if share := draw(300, 0, agreement[Class]); math.Abs(share-0.05) > 0.0025 {
		t.Errorf("the agreeing one is %v in the mean, want 0.05", share)
	}
	if share := draw(3000, 0.2, agreement[Class]); share > 0.06 {
		t.Errorf("with look-alikes it is %v in the mean, want at most 0.06", share)
	}
}

// TestSecondBoxesAreCounted: second boxes that lie close to the first ones, nearer than most of those that are
// simulated without pairs to learn from, are found to be common where they are and not where they aren't. 5 of 100
// objects have one, at an IoU of 0.9 to 0.95. The least of several quotients is too low rather than too high.
func TestSecondBoxesAreCounted(t *testing.T) {
	learnsLong(t)
	for _, share := range []float64{0, 0.05} {
		ims := images(12, 700)
		clean := make([]inject.Image, len(ims))
		for i := range ims {
			clean[i].Key, clean[i].Size = ims[i].Key, ims[i].Size
			for _, o := range ims[i].Objects {
				clean[i].Objects = append(clean[i].Objects, inject.Object{Box: o.Box.Rect(), Class: o.Class})
			}
		}
		in := inject.New(clean, 3)
		in.Twin = func(rng *rand.Rand) float64 { return 0.9 + 0.05*rng.Float64() }
		n, second := 0, 0
		for i, im := range in.Inject(inject.Rates{Duplicate: share}, 98) {
			ims[i].Objects = nil
			for _, o := range im.Objects {
				ims[i].Objects = append(ims[i].Objects, Object{o.Box.Box(), o.Class})
				n++
				if o.Error == inject.Duplicated {
					second++
				}
			}
		}
		j, err := Learn(context.Background(), source(ims), 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := float64(second) / float64(n)
		if got := j.Estimates()[Duplicate].Share; !(got >= want/4 && got <= want+0.01) {
			t.Errorf("%d of %d boxes are second ones: %.4f are estimated, want about %.4f", second, n, got, want)
		}
	}
}

// TestOn: a box is that of an object from an IoU of a half on. Of boxes 10 wide that
// are 10/3 apart the intersection is 20/3 and the union 40/3.
func TestOn(t *testing.T) {
	objects := []inject.Object{{Box: box(100, 100, 10, 10).Rect()}, {Box: box(0, 0, 10, 10).Rect()}}
	for x, want := range map[float64]bool{0: true, 3.3: true, 3.4: false, 50: false, 100: false} {
		if got := on(box(x, 0, 10, 10), objects) >= 0; got != want {
			t.Errorf("at %v: %v, want %v", x, got, want)
		}
	}
	if on(box(0, 0, 10, 10), nil) >= 0 {
		t.Error("a box is that of none of no objects")
	}
}

// TestLearnStops: a context that is done is the error.
func TestLearnStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Learn(ctx, source(cleanSet()), 2, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	for _, after := range []int{1, 61, 100} { // images that are asked for while counting and sampling
		ctx, cancel := context.WithCancel(context.Background())
		s := source(cleanSet())
		at, n := s.At, 0
		s.At = func(i int, im *Image) {
			if n++; n == after {
				cancel()
			}
			at(i, im)
		}
		if _, err := Learn(ctx, s, 1, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("after %d images: got %v, want %v", after, err, context.Canceled)
		}
		cancel()
	}
}

// verdicts judges one image by the learnt judge.
func verdicts(im Image) Verdicts {
	var v Verdicts
	learnt().Image(&v, &im)
	return v
}

// plain is an image with three objects, each under a detection of its own that it
// equals.
func plain() Image {
	im := Image{Size: geom.Size{W: 640, H: 480}}
	for i, b := range []geom.Box{box(50, 60, 90, 70), box(300, 80, 60, 100), box(420, 300, 110, 90)} {
		im.Objects = append(im.Objects, Object{b, int32(i)})
		im.Detections = append(im.Detections, Detection{b, int32(i), 0.9})
	}
	return im
}

// TestCleanIsUnsuspicious: objects that equal sure detections are less suspicious than
// labels that nobody looked at, and none is missing.
func TestCleanIsUnsuspicious(t *testing.T) {
	v := verdicts(plain())
	unseen := Supposed[Spurious] + Supposed[Location] + Supposed[Class] + Supposed[Duplicate]
	for k, c := range v.Chances {
		if !(c < unseen) {
			t.Errorf("object %d: chance %v, %+v", k, c, v.Likeliest[k])
		}
	}
	for _, s := range v.Missing {
		t.Errorf("missing: %+v", s)
	}
}

// TestErrorsAreSuspicious: each error of a label that was right makes it many times
// as suspicious, of that kind before the others, and leaves the others as sound.
func TestErrorsAreSuspicious(t *testing.T) {
	before := verdicts(plain())
	for kind, spoil := range map[Kind]func(im *Image){
		Spurious: func(im *Image) { im.Detections = im.Detections[1:] },
		Class:    func(im *Image) { im.Objects[0].Class = 2 },
		Location: func(im *Image) { im.Objects[0].Box.X0 += 25; im.Objects[0].Box.X1 += 25 },
		Duplicate: func(im *Image) {
			o := im.Objects[0]
			o.Box.X0 += 1
			im.Objects = append(im.Objects, o)
		},
	} {
		im := plain()
		spoil(&im)
		v := verdicts(im)
		k := 0
		if kind == Duplicate && v.Chances[3] > v.Chances[0] {
			k = 3
		}
		if s := v.Likeliest[k]; s.Kind != kind || !(v.Chances[k] > 10*before.Chances[0]) {
			t.Errorf("%v: chance %v, before %v, likeliest %+v", kind, v.Chances[k], before.Chances[0], s)
		}
		for k := 1; k < 3; k++ {
			if !(v.Chances[k] < 0.05) {
				t.Errorf("%v of object 0: object %d has a chance of %v", kind, k, v.Chances[k])
			}
		}
	}
	im := plain()
	im.Objects = im.Objects[1:]
	if v := verdicts(im); len(v.Missing) != 1 || v.Missing[0].Detection != 0 || !(v.Missing[0].Score > 0.1) {
		t.Errorf("missing: %+v", v.Missing)
	}
}

// TestCertain: a label is contradicted with certainty if a detection of another class lies on it with a score above
// 0.8 and on no other object more, and none of its class does.
func TestCertain(t *testing.T) {
	for name, c := range map[string]struct {
		change func(im *Image)
		want   bool
	}{
		"another class":  {func(im *Image) { im.Objects[0].Class = 1 }, true},
		"as it is":       {func(*Image) {}, false},
		"a score of 0.8": {func(im *Image) { im.Objects[0].Class, im.Detections[0].Score = 1, 0.8 }, false},
		"an IoU of 0.4":  {func(im *Image) { im.Objects[0].Class = 1; im.Objects[0].Box.X1 -= 54 }, false},
		"its own class, too": {func(im *Image) {
			im.Detections = append(im.Detections, Detection{im.Objects[0].Box, 1, 0.5})
			im.Objects[0].Class = 1
		}, false},
		"another object's": {func(im *Image) {
			im.Objects = append(im.Objects, im.Objects[0])
			im.Objects[0].Class, im.Objects[0].Box.X1 = 1, im.Objects[0].Box.X1-9
		}, false},
	} {
		im := plain()
		c.change(&im)
		v := verdicts(im)
		for _, s := range v.Kinds {
			if want := c.want && s.Object == 0 && s.Kind == Class; s.Certain != want {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
}

// TestSuspectsAreConsistent over random images: chances are probabilities; that of
// any error is at least the highest and at most the sum of all; indices are in range,
// and IoUs are those of the boxes that they name.
func TestSuspectsAreConsistent(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 21))
	for i := range 40 {
		im := crowded(rng, 1+rng.IntN(8))
		var v Verdicts
		learnt().Image(&v, &im)
		if len(v.Kinds) != len(im.Objects)*int(NumKinds-1) {
			t.Fatalf("image %d: %d suspects of %d objects", i, len(v.Kinds), len(im.Objects))
		}
		sums, tops := make([]float64, len(im.Objects)), make([]float64, len(im.Objects))
		for _, s := range v.Kinds {
			sums[s.Object] += s.Score
			tops[s.Object] = max(tops[s.Object], s.Score)
			checkSuspect(t, &im, s)
			if s.Any != v.Chances[s.Object] {
				t.Errorf("image %d: %+v, of chance %v", i, s, v.Chances[s.Object])
			}
		}
		for k, c := range v.Chances {
			if !(c >= tops[k]-1e-12 && c <= sums[k]+1e-12) || v.Likeliest[k].Score != tops[k] {
				t.Errorf("image %d, object %d: chance %v, of %v at most and %v in all", i, k, c, tops[k], sums[k])
			}
		}
		for _, s := range v.Missing {
			checkSuspect(t, &im, s)
		}
	}
}

func checkSuspect(t *testing.T, im *Image, s Suspect) {
	t.Helper()
	in := func(i int32, n int) bool { return i >= -1 && int(i) < n }
	if !in(s.Object, len(im.Objects)) || !in(s.Other, len(im.Objects)) || !in(s.Detection, len(im.Detections)) ||
		!(s.Score >= 0 && s.Score <= 1 && s.Any >= 0 && s.Any <= 1) || (s.Object < 0) != (s.Kind == Missing) {
		t.Errorf("%+v", s)
		return
	}
	var a, b geom.Box
	switch {
	case s.Kind == Missing && s.Other >= 0:
		a, b = im.Detections[s.Detection].Box, im.Objects[s.Other].Box
	case s.Kind == Missing:
		return
	case s.Other >= 0:
		a, b = im.Objects[s.Object].Box, im.Objects[s.Other].Box
		if s.Kind != Duplicate || im.Objects[s.Object].Class != im.Objects[s.Other].Class || s.Object == s.Other {
			t.Errorf("%+v: the other is no twin", s)
		}
	case s.Detection >= 0:
		a, b = im.Objects[s.Object].Box, im.Detections[s.Detection].Box
		if s.Kind == Class && im.Objects[s.Object].Class == im.Detections[s.Detection].Class {
			t.Errorf("%+v: the detection is of the object's class", s)
		}
	}
	if want := bruteIoU(a, b); math.Abs(s.IoU-want) > 1e-12 {
		t.Errorf("%+v: want IoU %v", s, want)
	}
}

// TestOrderIsFree: objects and detections in another order have the same verdicts, but
// for the rounding of sums.
func TestOrderIsFree(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 22))
	for range 30 {
		im := crowded(rng, 2+rng.IntN(8))
		turned := im
		turned.Objects, turned.Detections = slices.Clone(im.Objects), slices.Clone(im.Detections)
		slices.Reverse(turned.Objects)
		slices.Reverse(turned.Detections)
		a, b := verdicts(im), verdicts(turned)
		slices.Reverse(b.Chances)
		for k := range a.Chances {
			if math.Abs(a.Chances[k]-b.Chances[k]) > 1e-9 {
				t.Fatalf("object %d: %v, in reverse %v", k, a.Chances[k], b.Chances[k])
			}
		}
		if len(a.Missing) != len(b.Missing) {
			t.Fatalf("%d missing, in reverse %d", len(a.Missing), len(b.Missing))
		}
		for k, s := range a.Missing {
			o := b.Missing[len(b.Missing)-1-k]
			if math.Abs(s.Score-o.Score) > 1e-9 || int(s.Detection) != len(im.Detections)-1-int(o.Detection) {
				t.Fatalf("missing: %+v, in reverse %+v", s, o)
			}
		}
	}
}

// TestInterval: where counts vary twice as much, an end lies as far off as that of twice the standard deviations: of a
// count of 400, 2·1.96·20 = 78.4 below it, but for terms of the order of z² (2·(2·1.96)²/9 = 3.4), and the ends of a
// kind are as wide as Bounds says.
func TestInterval(t *testing.T) {
	e := Estimate{Count: Counted{400, 8000}, Most: Counted{400, 8000}, Share: 0.05}
	low, high := e.Interval(2)
	if math.Abs(low*8000-(400-78.4)) > 6 || math.Abs(high*8000-(401+78.5)) > 6 {
		t.Errorf("got %v to %v", low*8000, high*8000)
	}
	for kind, b := range Bounds {
		of := e
		of.bound(Kind(kind))
		low, high := e.Interval(b.Widened)
		if !b.High && !(math.IsNaN(of.Low) && math.IsNaN(of.High)) || b.High && of.High != high ||
			b.Low && of.Low != low || b.High && !b.Low && of.Low != 0 {
			t.Errorf("%v: %v to %v, want the ends %+v of %v to %v", Kind(kind), of.Low, of.High, b, low, high)
		}
	}
}

// TestPoisson: against the exact interval, whose ends are the means under which the count, or more, and the count,
// or less, have a chance of 2.5 %: found by bisection.
func TestPoisson(t *testing.T) {
	below := func(k int, mean float64) (p float64) { // chance of a count of at most k
		term := math.Exp(-mean)
		for i := 0; i <= k; i++ {
			p += term
			term *= mean / float64(i+1)
		}
		return p
	}
	mean := func(k int, chance float64) float64 {
		lo, hi := 0.0, 400.0
		for range 100 {
			if mid := (lo + hi) / 2; below(k, mid) > chance {
				lo = mid
			} else {
				hi = mid
			}
		}
		return lo
	}
	for _, count := range []int{0, 1, 2, 3, 5, 10, 50, 200} {
		low, high := poisson(float64(count), 1)
		wantLow := 0.0
		if count > 0 {
			wantLow = mean(count-1, 0.975)
		}
		if want := mean(count, 0.025); math.Abs(high-want) > 0.03 || math.Abs(low-wantLow) > 0.03 {
			t.Errorf("count of %d: got %v to %v, want %v to %v", count, low, high, wantLow, want)
		}
	}
}

// TestDrawsStay: a label that is taken away leaves what is simulated on other images as it was, but for copies of it and
// for draws that land next to it: once in each of ten simulations of 300 images. Draws by places in a list change 52 cases.
func TestDrawsStay(t *testing.T) {
	ims := images(23, 300)
	rng := rand.New(rand.NewPCG(23, 1))
	for i := range ims { // what looks like an object where none is
		at := box(rng.Float64()*500, rng.Float64()*350, 100, 100)
		ims[i].Detections = append(ims[i].Detections, Detection{Box: at, Class: 1, Score: rng.Float64()})
	}
	const mended = 150
	drawn := func() (out []string) {
		j := &Judge{}
		s := source(ims)
		c, err := j.count(context.Background(), s, 2)
		if err != nil {
			t.Fatal(err)
		}
		sim := newSimulation(&j.rates, s.sample(c), s.Classes)
		for seed := range uint64(10) {
			wrong := sim.errors.Inject(simulated, seed)
			sim.imagine(wrong, seed)
			for i := range wrong {
				out = append(out, fmt.Sprint(wrong[i].Key, wrong[i].Objects))
			}
		}
		return out
	}
	before := drawn()
	ims[mended].Objects = ims[mended].Objects[1:]
	others := 0
	for i, now := range drawn() {
		if now != before[i] && !strings.HasPrefix(now, fmt.Sprint(mended, " ")) {
			others++
		}
	}
	if others > 10 {
		t.Errorf("without one label, other errors are simulated in %d other cases", others)
	}
}

// TestEstimateIsSteady: one label as it is more or less, or scores that each move by up to 0.2, change the estimate of
// a kind by no more than what one label in the count, or the noise of as many, explains: never by a choice of another
// step. 30 of 3,000 labels are wrong, and 150 look like the lower half of the errors.
func TestEstimateIsSteady(t *testing.T) {
	rng := rand.New(rand.NewPCG(24, 1))
	var simulated []weighted
	for range 4000 {
		simulated = append(simulated, weighted{6 * rng.Float64(), 1})
	}
	var asTheyAre []float64
	for i := range 3000 {
		switch {
		case i < 30:
			asTheyAre = append(asTheyAre, 6*rng.Float64())
		case i < 180:
			asTheyAre = append(asTheyAre, 3*rng.Float64())
		default:
			asTheyAre = append(asTheyAre, -6*rng.Float64())
		}
	}
	for _, z := range []float64{0, agreement[Class]} {
		share := func(scores []float64) float64 {
			return compared(slices.Clone(simulated), slices.Clone(scores), 4000, len(scores), 0.01, z).Share
		}
		before := share(asTheyAre)
		for i := range 180 {
			if after := share(slices.Delete(slices.Clone(asTheyAre), i, i+1)); math.Abs(after-before) > 0.15*before {
				t.Errorf("z %v: without label %d the share is %v in place of %v", z, i, after, before)
			}
		}
		for range 100 {
			moved := slices.Clone(asTheyAre)
			for i := range moved {
				moved[i] += 0.4*rng.Float64() - 0.2
			}
			if after := share(moved); math.Abs(after-before) > 0.15*before {
				t.Errorf("z %v: with scores that move the share is %v in place of %v", z, after, before)
			}
		}
	}
}

// TestDriftsAreDrawnEvenly: over many simulations each pair of a label and its detection is drawn about as often as any
// other. A draw falls to the next hash, and lengths between hashes have a standard deviation as large as their mean; so
// counts of 36 simulations have one of 1/6 of it, and those of one set of hashes would keep all of it. Poisson's share,
// with 50 draws of each, is 0.14; both together are 0.22.
func TestDriftsAreDrawnEvenly(t *testing.T) {
	const n, seeds = 200, 36
	s := &simulation{}
	for i := range n {
		s.drift = append(s.drift, drift{mixed(uint64(i)), [4]float64{float64(i)}})
	}
	rng := rand.New(rand.NewPCG(25, 1))
	var counts [n]float64
	for seed := range uint64(seeds) {
		all := s.drifts(simulationSeeds + seed)
		for range 50 * n / seeds {
			counts[int(drifting(all, rng)[0])]++
		}
	}
	mean, squares := 0.0, 0.0
	for _, c := range counts {
		mean += c / n
	}
	for _, c := range counts {
		squares += (c - mean) * (c - mean) / n
	}
	if sd := math.Sqrt(squares) / mean; sd > 0.3 {
		t.Errorf("standard deviation of the counts: %.2f of their mean", sd)
	}
}

// TestFaded: what a bound tells ends by degrees, by hand: log2 of its quotient with 20 %, and around the limit half of
// a factor of 2 earlier, for a bound that is one standard deviation lower; by that a count of 3 halves it.
func TestFaded(t *testing.T) {
	for _, c := range []struct {
		around             bool
		bound, count, want float64
	}{
		{false, 0.2, 1e9, 0}, {false, 0.2 * math.Sqrt2, 3, 0.5}, {false, 0.4, 3, 1}, {false, 1, 3, 1}, {false, 0.01, 3, 0},
		{true, 0.2 / math.Sqrt2, math.Inf(1), 0}, {true, 0.2, math.Inf(1), 0.5}, {true, 0.2 * math.Sqrt2, math.Inf(1), 1},
		{true, 0.2, 3, 0}, {true, 0.4 / math.Sqrt2, 3, 0.5}, {true, 0.4, 3, 1}, {true, 0.1, 0, 0}, {true, 1, 0, 1},
	} {
		if got := faded(c.bound, c.count, c.around); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestOneClassForAnother: where one label in 25 has the next class of the list, a detector that is certain of all
// objects and makes no mistake exposes most of them, as where the wrong classes are random, and no right label. While
// its certain contradictions counted as confusions it exposed one in forty of the former.
func TestOneClassForAnother(t *testing.T) {
	learnsLong(t)
	const classes = 20
	for how, another := range map[string]func(rng *rand.Rand) int{
		"next": func(*rand.Rand) int { return 1 }, "random": func(rng *rand.Rand) int { return 1 + rng.IntN(classes-1) },
	} {
		rng := rand.New(rand.NewPCG(44, 44))
		ims, n := images(44, 400), 0
		wrong := make([][]bool, len(ims))
		for i := range ims {
			im := &ims[i]
			im.Detections = nil
			for k := range im.Objects {
				o := &im.Objects[k]
				o.Class = int32(rng.IntN(classes))
				d := func() float64 { return rng.NormFloat64() }
				box := geom.Box{X0: o.Box.X0 + d(), Y0: o.Box.Y0 + d(), X1: o.Box.X1 + d(), Y1: o.Box.Y1 + d()}
				im.Detections = append(im.Detections, Detection{box, o.Class, 1 - rng.Float64()/10})
				n++
				wrong[i] = append(wrong[i], n%25 == 0)
				if n%25 == 0 {
					o.Class = int32((int(o.Class) + another(rng)) % classes)
				}
			}
		}
		s := source(ims)
		s.Classes = classes
		j, err := Learn(context.Background(), s, 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		found, beside := 0, 0
		for i := range ims {
			for _, s := range verdictsOf(j, &ims[i]) {
				switch {
				case s.Kind != Class || s.Score < 0.25:
				case wrong[i][s.Object]:
					found++
				default:
					beside++
				}
			}
		}
		t.Logf("%s: %d of %d found, %d beside", how, found, n/25, beside)
		if found < n/50 || beside > 0 {
			t.Errorf("%s: of %d wrong classes %d were found, and %d right ones suspected", how, n/25, found, beside)
		}
	}
}
