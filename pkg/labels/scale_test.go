package labels

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestScaleByHand: two groups of rows have as many parameters as scales, so that the
// fit hits both shares. logit(1/4) = -ln 3, logit(1/2) = 0, logit(3/4) = ln 3.
func TestScaleByHand(t *testing.T) {
	group := func(z, wrong, right float64) []row { return []row{{z, wrong, true}, {z, right, false}} }
	for _, c := range []struct {
		rows []row
		want scale
	}{
		{append(group(-1, 1, 3), group(1, 3, 1)...), scale{0, math.Log(3)}},
		{append(group(0, 1, 3), group(2, 3, 1)...), scale{-math.Log(3), math.Log(3)}},
		{append(group(0, 2, 2), group(1, 30, 10)...), scale{0, math.Log(3)}},
		{append(group(-3, 1, 3), group(1, 2, 2)...), scale{-math.Log(3) / 4, math.Log(3) / 4}},
		{append(group(-math.Log(3), 10, 30), group(math.Log(3), 0.3, 0.1)...), scale{0, 1}}, // right as it is
	} {
		if got := fitScale(c.rows); math.Abs(got.shift-c.want.shift) > 1e-6 || math.Abs(got.slope-c.want.slope) > 1e-6 {
			t.Errorf("%v: got %v, want %v", c.rows, got, c.want)
		}
	}
}

// TestScaleGivesUp: where the rows do not tell, nothing changes.
func TestScaleGivesUp(t *testing.T) {
	for name, rows := range map[string][]row{
		"no rows":         nil,
		"one row":         {{1, 1, true}},
		"one place":       {{1, 1, true}, {1, 5, false}},
		"only right ones": {{1, 1, false}, {2, 1, false}},
		"divided":         {{-1, 1, false}, {1, 1, true}},
		"the wrong way":   {{-1, 3, true}, {-1, 1, false}, {1, 1, true}, {1, 3, false}},
		"without weight":  {{-1, 0, true}, {1, 0, false}},
	} {
		if got := fitScale(rows); got != (scale{0, 1}) {
			t.Errorf("%s: got %v, want no change", name, got)
		}
	}
}

// TestScaleBalances: at the best logistic fit the chances add up to the wrong weight,
// and so do they times the logits: the derivatives of the log loss are 0.
func TestScaleBalances(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 51))
	for range 20 {
		shift, slope := rng.NormFloat64(), 0.5+rng.Float64()*2
		var rows []row
		for range 400 {
			z := rng.NormFloat64() * 2
			rows = append(rows, row{z, 0.1 + rng.Float64(), rng.Float64() < sigmoid(shift+slope*z)})
		}
		s := fitScale(rows)
		var sum, moment float64
		for _, r := range rows {
			d := sigmoid(s.shift + s.slope*r.z)
			if r.wrong {
				d--
			}
			sum += r.weight * d
			moment += r.weight * d * r.z
		}
		if math.Abs(sum) > 1e-6 || math.Abs(moment) > 1e-6 {
			t.Errorf("%v: the chances are off by %v, and %v times the logits", s, sum, moment)
		}
		if math.Abs(s.slope-slope) > 1 || math.Abs(s.shift-shift) > 1 { // about 4 standard errors
			t.Errorf("got %v, drawn with %v, %v", s, shift, slope)
		}
	}
}

// TestScaleKeepsOrder: whatever rows a scale is fitted on, it maps [0,1] into [0,1] and
// keeps the order; the one that changes nothing gives back what it gets.
func TestScaleKeepsOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(52, 52))
	for range 100 {
		var rows []row
		for range rng.IntN(12) {
			rows = append(rows, row{rng.NormFloat64() * 3, rng.Float64(), rng.IntN(2) == 0})
		}
		s := fitScale(rows)
		last := -1.0
		for k := range 101 {
			p := s.of(float64(k) / 100)
			if !(p >= 0 && p <= 1) || p < last {
				t.Fatalf("%v: %v after %v at %v", s, p, last, float64(k)/100)
			}
			last = p
		}
	}
	for _, p := range []float64{0, 1e-9, 0.01, 0.5, 0.99, 1} {
		if got := (scale{0, 1}).of(p); math.Abs(got-p) > 2e-12 {
			t.Errorf("no change: %v becomes %v", p, got)
		}
	}
}

// TestLogitIsInverse of sigmoid, and finite at 0 and 1.
func TestLogitIsInverse(t *testing.T) {
	for _, z := range []float64{-20, -3, 0, 0.5, 8} {
		if got := logit(sigmoid(z)); math.Abs(got-z) > 1e-6 {
			t.Errorf("%v: got %v", z, got)
		}
	}
	if lo, hi := logit(0), logit(1); !(lo < -27 && lo > -28) || !(hi > 27 && hi < 28) { // ln 1e-12 = -27.6
		t.Errorf("logit of 0 and 1: %v, %v", lo, hi)
	}
}

// TestCalibrateAtPrevalence: the simulation has 100 of 1,000 rows misplaced, which the
// model gives a chance of a half, and the others one of 0.01. Brought to a prevalence
// of 1 in 100, of those with a half 80 misplaced and 50 right ones have the weights
// 0.01·900/100 each and 0.9698 each.
func TestCalibrateAtPrevalence(t *testing.T) {
	j := &Judge{prevalence: Supposed}
	j.known[Location] = true
	l := learner{objects: &rows{}, seen: &rows{}}
	a := &answers{}
	add := func(n int, kind uint8, p float64) {
		for range n {
			l.objects.Kind, l.objects.at = append(l.objects.Kind, kind), append(l.objects.at, origin{})
			var r ratios // whose posterior is p, by Bayes' rule
			left := 1 - j.prevalence[Spurious] - j.prevalence[Location] - j.prevalence[Class] - j.prevalence[Duplicate]
			r[Location] = math.Log(p / (1 - p) * left / j.prevalence[Location])
			a.objects = append(a.objects, r)
		}
	}
	add(80, uint8(Location), 0.5)
	add(20, uint8(Location), 0.01)
	add(50, right, 0.5)
	add(850, right, 0.01)
	j.calibrate(&fitting{simulations: 1}, a, &l)
	left := 1 - Supposed[Spurious] - Supposed[Location] - Supposed[Class] - Supposed[Duplicate]
	each := Supposed[Location] * 900 / 100
	for p, n := range map[float64][2]float64{0.5: {80, 50}, 0.01: {20, 850}} {
		want := n[0] * each / (n[0]*each + n[1]*left)
		if got := j.scales[Location].of(p); math.Abs(got-want) > 1e-6 {
			t.Errorf("%v: got %v, want %v", p, got, want)
		}
	}
	if j.scales[Class] != (scale{0, 1}) {
		t.Errorf("class, which is not known: %v", j.scales[Class])
	}
}

// TestCalibrateAgainstLabels: of spurious labels the model gives 80 of 100 simulated ones a chance of a half, and 20 of
// 1,000 labels as they are. If 1 in 100 of these, 10, are spurious, 8 of them are among the 20: the chance there is
// 0.4; and 2 among the other 980. What is simulated beside is not asked.
func TestCalibrateAgainstLabels(t *testing.T) {
	j := &Judge{prevalence: Supposed}
	j.known[Spurious] = true
	left := 1 - Supposed[Spurious] - Supposed[Location] - Supposed[Class] - Supposed[Duplicate]
	of := func(p float64) (r ratios) {
		r[Spurious] = math.Log(p / (1 - p) * left / Supposed[Spurious])
		return r
	}
	l := learner{objects: &rows{}, seen: &rows{}}
	a := &answers{}
	for i := range 100 {
		l.objects.Kind = append(l.objects.Kind, uint8(Spurious), right)
		l.objects.at = append(l.objects.at, origin{}, origin{})
		p := 0.5
		if i >= 80 {
			p = 0.01
		}
		a.objects = append(a.objects, of(p), of(0.5))
	}
	for i := range 1000 {
		p := 0.5
		if i >= 20 {
			p = 0.01
		}
		a.labels = append(a.labels, of(p))
	}
	j.calibrate(&fitting{simulations: 1}, a, &l)
	for p, want := range map[float64]float64{0.5: 8.0 / 20, 0.01: 2.0 / 980} {
		if got := j.scales[Spurious].of(p); math.Abs(got-want) > 1e-5 { // shift and slope have steps of 2^-16
			t.Errorf("%v: got %v, want %v", p, got, want)
		}
	}
}
