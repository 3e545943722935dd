package boost

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// predictions returns the probabilities of all rows by a model fitted on fit.
func predictions(fit, rows *Rows, kinds int, s Settings) [][]float64 {
	m := Fit(context.Background(), fit, kinds, s)
	out := make([][]float64, rows.Len())
	for i := range out {
		out[i] = make([]float64, kinds)
		m.Predict(row(rows, i), out[i])
	}
	return out
}

// apart is the largest difference of two lists of probabilities.
func apart(a, b [][]float64) (most float64) {
	for i := range a {
		for k := range a[i] {
			most = max(most, math.Abs(a[i][k]-b[i][k]))
		}
	}
	return most
}

// mapped returns rows with every row's numbers changed.
func mapped(r *Rows, f func(x []float64) []float64) *Rows {
	out := &Rows{Width: r.Width}
	for i, kind := range r.Kind {
		out.Add(f(slices.Clone(row(r, i))), kind)
	}
	return out
}

var few = Settings{Trees: 12, Leaves: 5, Rate: 0.2, Lambda: 1, Least: 10}

// TestLossFalls: every round lowers the mean log loss of the rows, and the model of
// more rounds begins with that of fewer.
func TestLossFalls(t *testing.T) {
	r := draw(4, 600)
	last := math.Inf(1)
	for trees := range 30 {
		s := settings
		s.Trees = trees
		sum := 0.0
		for i, p := range predictions(r, r, 3, s) {
			sum -= math.Log(p[r.Kind[i]])
		}
		if sum >= last {
			t.Fatalf("%d trees: loss %v, with one less %v", trees, sum, last)
		}
		last = sum
	}
	m, short := Fit(context.Background(), r, 3, settings), Fit(context.Background(), r, 3, few)
	if few.Trees >= settings.Trees || len(m.trees) != settings.Trees || len(short.trees) != few.Trees {
		t.Errorf("%d and %d rounds, want %d and %d", len(m.trees), len(short.trees), settings.Trees, few.Trees)
	}
}

// TestFeatureOrderIsFree: to exchange columns changes nothing but rounding.
func TestFeatureOrderIsFree(t *testing.T) {
	a := draw(5, 500)
	turn := func(x []float64) []float64 { return []float64{x[2], x[0], x[1]} }
	b := mapped(a, turn)
	if d := apart(predictions(a, a, 3, few), predictions(b, b, 3, few)); d > 1e-9 {
		t.Errorf("probabilities differ by %v", d)
	}
}

// TestKindOrderIsFree: to number the kinds otherwise gives the same probabilities
// under the other numbers.
func TestKindOrderIsFree(t *testing.T) {
	a := draw(6, 500)
	b := &Rows{Width: a.Width, X: a.X}
	for _, k := range a.Kind {
		b.Kind = append(b.Kind, (k+1)%3)
	}
	pa, pb := predictions(a, a, 3, few), predictions(b, b, 3, few)
	for i := range pb {
		pb[i] = []float64{pb[i][1], pb[i][2], pb[i][0]}
	}
	if d := apart(pa, pb); d > 1e-9 {
		t.Errorf("probabilities differ by %v", d)
	}
}

// TestMonotoneTransforms: trees see the order of numbers only, so that what keeps it
// keeps every row's probabilities, to the last bit.
func TestMonotoneTransforms(t *testing.T) {
	a := draw(7, 500)
	want := predictions(a, a, 3, few)
	for name, f := range map[string]func(float64) float64{
		"cube": func(x float64) float64 { return x * x * x }, "exp": math.Exp, "atan": math.Atan,
		"shift": func(x float64) float64 { return x + 100 }, "scale": func(x float64) float64 { return 1e-6 * x },
	} {
		b := mapped(a, func(x []float64) []float64 { return []float64{f(x[0]), x[1], f(x[2])} })
		if d := apart(want, predictions(b, b, 3, few)); d != 0 {
			t.Errorf("%s: probabilities differ by %v", name, d)
		}
	}
}

// TestUselessFeature: a constant column is never asked.
func TestUselessFeature(t *testing.T) {
	a := draw(8, 300)
	b := mapped(a, func(x []float64) []float64 { return []float64{x[0], 7, x[2]} })
	c := mapped(a, func(x []float64) []float64 { return []float64{x[0], -3, x[2]} })
	if d := apart(predictions(b, b, 3, few), predictions(b, c, 3, few)); d != 0 {
		t.Errorf("a constant column changes probabilities by %v", d)
	}
}

// TestRowsTwice: every row twice, with twice the penalty and the least rows, is the
// same problem: all sums and gains are twice as large. 512 rows have the same bins
// as 1,024.
func TestRowsTwice(t *testing.T) {
	a := draw(9, 512)
	b := &Rows{Width: a.Width, X: slices.Concat(a.X, a.X), Kind: slices.Concat(a.Kind, a.Kind)}
	s := few
	s.Lambda, s.Least = 2*s.Lambda, 2*s.Least
	if d := apart(predictions(a, a, 3, few), predictions(b, a, 3, s)); d > 1e-9 {
		t.Errorf("probabilities differ by %v", d)
	}
}

// TestProbabilities: inside of (0,1) and adding up to 1 for numbers far from the
// rows', infinite ones and NaN.
func TestProbabilities(t *testing.T) {
	m := Fit(context.Background(), draw(10, 400), 3, settings)
	p := make([]float64, 3)
	far := []float64{0, 1, -1, 1e300, -1e300, math.Inf(1), math.Inf(-1), math.NaN()}
	for _, x := range far {
		for _, y := range far {
			m.Predict([]float64{x, y, x}, p)
			if s := p[0] + p[1] + p[2]; math.Abs(s-1) > 1e-12 || slices.Min(p) <= 0 || slices.Max(p) >= 1 {
				t.Errorf("(%v, %v): %v", x, y, p)
			}
		}
	}
}

// TestStrangeRows: NaN and infinities among the rows' numbers leave probabilities
// finite, and other columns as useful as they are.
func TestStrangeRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 11))
	r := &Rows{Width: 2}
	for i := range 200 {
		strange := []float64{math.NaN(), math.Inf(1), math.Inf(-1), rng.Float64()}[rng.IntN(4)]
		r.Add([]float64{strange, float64(i)}, uint8(i/100))
	}
	for i, p := range predictions(r, r, 2, settings) {
		if !(p[i/100] > 0.95) || !(p[1-i/100] > 0) {
			t.Errorf("row %d: %v", i, p)
		}
	}
}

// TestShape: trees have as many leaves as asked for at most, each of as many rows as
// asked for at least; a path is no longer than the leaves allow.
func TestShape(t *testing.T) {
	r := draw(12, 300)
	for _, limits := range []struct{ leaves, least int }{{1, 1}, {2, 30}, {7, 25}, {500, 1}, {5, 10}} {
		s := Settings{Trees: 4, Leaves: limits.leaves, Rate: 0.1, Lambda: 1, Least: limits.least}
		most := 0
		for _, round := range Fit(context.Background(), r, 3, s).trees {
			for _, tr := range round {
				rows, depth := shape(tr, r)
				most = max(most, len(rows))
				if len(rows) > s.Leaves || len(tr.values) != len(rows) || depth >= max(1, len(rows)) && depth > 0 {
					t.Errorf("%+v: rows in %d leaves of %d, depth %d", s, len(rows), len(tr.values), depth)
				}
				for _, n := range rows {
					if n < s.Least {
						t.Errorf("%+v: a leaf of %d rows", s, n)
					}
				}
			}
		}
		if want := min(s.Leaves, 5); most < want {
			t.Errorf("%+v: %d leaves at most, want at least %d", s, most, want)
		}
	}
}

// shape returns the rows of each leaf, and how often the rows of one were divided.
func shape(t tree, r *Rows) (rows map[int32]int, depth int) {
	rows = map[int32]int{}
	for i := range r.Len() {
		at, d := int32(0), 0
		for s, by := range t.divisions {
			if by.leaf != at {
				continue
			}
			if d++; !(row(r, i)[by.feature] <= by.cut) {
				at = int32(s + 1)
			}
		}
		rows[at]++
		depth = max(depth, d)
	}
	return rows, depth
}

// TestStep: a step between two rows is learnt at the middle between them, and from
// there on nothing else matters: up to as many rows as bins, every middle is tried.
func TestStep(t *testing.T) {
	for _, at := range []int{1, 5, 32, 60, 63} {
		r := &Rows{Width: 1}
		for i := range 64 {
			kind := uint8(0)
			if i >= at {
				kind = 1
			}
			r.Add([]float64{float64(i)}, kind)
		}
		m := Fit(context.Background(), r, 2, Settings{Trees: 100, Leaves: 2, Rate: 0.5, Lambda: 0.01, Least: 1})
		var p [2]float64
		for x, want := range map[float64]int{-1e9: 0, float64(at) - 0.5001: 0, float64(at) - 0.4999: 1, 1e9: 1} {
			if m.Predict([]float64{x}, p[:]); p[want] < 0.99 {
				t.Errorf("step at %d, x = %v: %v", at, x, p)
			}
		}
	}
}

// xor draws n rows of each corner of the unit square, one more where both are 0.
func xor(n, more int) *Rows {
	r := &Rows{Width: 2}
	for corner := range 4 {
		x, y := corner%2, corner/2
		times := n
		if corner == 0 {
			times += more
		}
		for range times {
			r.Add([]float64{float64(x), float64(y)}, uint8(x^y))
		}
	}
	return r
}

// TestXOR: four leaves learn it; two can't, since their logits add up over the
// numbers: the logits of (0,0) and (1,1) have the sum of those of (0,1) and (1,0). If
// all corners are equally common no division gains anything, and a greedy tree stays
// at the shares.
func TestXOR(t *testing.T) {
	corners := xor(1, 0)
	s := Settings{Trees: 100, Leaves: 4, Rate: 0.3, Lambda: 1, Least: 1}
	for i, p := range predictions(xor(20, 3), corners, 2, s) {
		if p[corners.Kind[i]] < 0.99 {
			t.Errorf("corner %v: %v", row(corners, i), p)
		}
	}
	s.Leaves = 2
	var logits [4]float64
	for i, p := range predictions(xor(20, 3), corners, 2, s) {
		logits[i] = math.Log(p[1] / p[0])
	}
	if d := logits[0] + logits[3] - logits[1] - logits[2]; math.Abs(d) > 1e-9 {
		t.Errorf("two leaves: logits %v do not add up, by %v", logits, d)
	}
	s.Leaves = 4
	for i, p := range predictions(xor(20, 0), corners, 2, s) {
		if math.Abs(p[0]-0.5) > 1e-9 {
			t.Errorf("equal corners, %v: %v, want halves", row(corners, i), p)
		}
	}
}

// TestSettings: twice the rate is twice the first step, and under a penalty beyond
// all rows there is no step.
func TestSettings(t *testing.T) {
	r := draw(13, 400)
	step := func(s Settings) (logits []float64) {
		s.Trees = 1
		base := predictions(r, r, 3, Settings{})
		for i, p := range predictions(r, r, 3, s) {
			logits = append(logits, math.Log(p[1]/p[0])-math.Log(base[i][1]/base[i][0]))
		}
		return logits
	}
	double, heavy := few, few
	double.Rate *= 2
	heavy.Lambda = 1e12
	one, two, none := step(few), step(double), step(heavy)
	for i := range one {
		if math.Abs(two[i]-2*one[i]) > 1e-9 || math.Abs(none[i]) > 1e-9 {
			t.Fatalf("row %d: a step of %v, at twice the rate %v, under a heavy penalty %v", i, one[i], two[i], none[i])
		}
	}
}

// TestWithoutTrees: without rounds, or under a context that is done, a model gives the
// shares; a kind without rows counts as half a one of the 12. The zero value finds
// all equally likely, whatever p held.
func TestWithoutTrees(t *testing.T) {
	r := &Rows{Width: 1}
	for i := range 12 {
		r.Add([]float64{float64(i)}, uint8(i/9)) // 9 of kind 0, 3 of kind 1, none of kind 2
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for name, m := range map[string]*Model{
		"no rounds": Fit(context.Background(), r, 3, Settings{Leaves: 4, Rate: 1, Lambda: 1, Least: 1}),
		"stopped":   Fit(done, r, 3, settings),
	} {
		p := []float64{7, 8, 9}
		m.Predict([]float64{3}, p)
		for k, want := range []float64{9 / 12.5, 3 / 12.5, 0.5 / 12.5} {
			if math.Abs(p[k]-want) > 1e-12 || math.Abs(m.Prior(k)-want*12.5/12) > 1e-12 {
				t.Errorf("%s: kind %d: %v of share %v, want %v", name, k, p[k], m.Prior(k), want)
			}
		}
	}
	p := []float64{7, 8, 9, 10}
	if new(Model).Predict(nil, p); !slices.Equal(p, []float64{0.25, 0.25, 0.25, 0.25}) {
		t.Errorf("the zero value: %v, want quarters", p)
	}
}

// TestCuts: bins end at the middle between different numbers, rise, and hold about
// as many numbers each; equal numbers are never divided.
func TestCuts(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 14))
	for _, c := range []struct {
		sorted, want []float64
	}{
		{nil, nil}, {[]float64{3}, nil}, {[]float64{3, 3, 3}, nil},
		{[]float64{1, 2}, []float64{1.5}}, {[]float64{1, 1, 1, 5}, []float64{3}}, {[]float64{-1, 0, 8}, []float64{-0.5, 4}},
	} {
		if got := cutsOf(c.sorted); !slices.Equal(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.sorted, got, c.want)
		}
	}
	for range 50 {
		xs := make([]float64, 1+rng.IntN(2000))
		for i := range xs {
			xs[i] = math.Round(rng.NormFloat64() * 100)
		}
		slices.Sort(xs)
		cuts := cutsOf(xs)
		if len(cuts) >= bins || !slices.IsSorted(cuts) || len(slices.Compact(slices.Clone(cuts))) != len(cuts) {
			t.Fatalf("%d cuts: %v", len(cuts), cuts)
		}
		for _, c := range cuts {
			at, equal := slices.BinarySearch(xs, c)
			if equal || at == 0 || at == len(xs) || c != (xs[at-1]+xs[at])/2 {
				t.Fatalf("cut %v is not the middle of neighbours", c)
			}
		}
	}
}

// TestSeedsDrawApart: a round draws its part of the rows, the same rows for the same seed. Two seeds, or two rounds of
// one, have no more of them in common than chance gives: n/16 of n rows, of which each draws a quarter, within five
// standard deviations. So have a row and its neighbour under the next seed. Keys are sums as those of labels are. A
// row is drawn or not whatever other rows there are.
func TestSeedsDrawApart(t *testing.T) {
	const n, rounds, oneOf = 1 << 12, 40, 4
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = mix(uint64(i/16)) + uint64(i%4)<<40 + uint64(i/4%4)<<20
	}
	of := func(seed uint64, keys []uint64) (drawn [rounds][]bool) {
		table := &Table{key: keys, kind: make([]uint8, len(keys))}
		rows := make([]int32, len(keys))
		for i := range rows {
			rows[i] = int32(i)
		}
		g := newGrower(table, rows, Settings{Seed: seed}, nil)
		for round := range drawn {
			g.draw(oneOf, uint64(round))
			drawn[round] = make([]bool, len(keys))
			for _, i := range g.drawn {
				drawn[round][i] = true
			}
		}
		return drawn
	}
	both := func(a, b []bool) (count float64) {
		for i := range a {
			if a[i] && b[i] {
				count++
			}
		}
		return count
	}
	chance := func(what string, got, share float64) {
		if want := n * share; math.Abs(got-want) > 5*math.Sqrt(want*(1-share)) {
			t.Errorf("%s: %v rows, want about %v", what, got, want)
		}
	}
	var all [][]bool
	for seed := range uint64(4) {
		drawn := of(seed, keys)
		all = append(all, drawn[:]...)
	}
	for i, a := range all {
		chance("a round", both(a, a), 1./oneOf)
		for _, b := range all[:i] {
			chance("two draws", both(a, b), 1./oneOf/oneOf)
			chance("a draw, and another of the rows' neighbours", both(a, slices.Concat(b[4:], b[:4])), 1./oneOf/oneOf)
		}
	}
	for round, some := range of(3, keys[n/2:]) {
		if !slices.Equal(some, all[3*rounds+round][n/2:]) {
			t.Errorf("round %d: half of the rows draw others than among all", round)
		}
	}
}
