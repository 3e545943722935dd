package loss

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBankIsFocal compares each loss of a bank with the one computed alone, for
// scores as near to 0 and 1 as float32 has them.
func TestBankIsFocal(t *testing.T) {
	bank := Bank{BCE, {0.25, 0}, {0.25, 0.5}, {0.25, 1}, {0.4, 2}, {Off, 5}, {0.25, 3.3}}
	loss, grad := make([]float64, len(bank)), make([]float64, len(bank))
	scores := []float64{1e-30, 1e-9, 0.5, 1 - 1.0/(1<<24)}
	for p := 0.001; p < 1; p += 0.0137 {
		scores = append(scores, p)
	}
	var all []Score
	for _, p := range scores {
		all = append(all, ScoreOf(p))
	}
	for z := Logit(-39); z <= 39; z += 0.73 {
		all = append(all, z.Score())
	}
	for _, s := range all {
		p, z := s.P, s.Logit()
		for _, y := range []Target{Zero, One} {
			bank.At(s, y, loss, grad)
			if !close(s.PT(y), PT(z, y), 1e-13) {
				t.Errorf("p %v, target %d: p_t %v, want %v", p, y, s.PT(y), PT(z, y))
			}
			for i, f := range bank {
				if !close(loss[i], f.Loss(z, y), 1e-13) || !close(grad[i], f.Grad(z, y), 1e-13) {
					t.Errorf("p %v, target %d, %+v: got %v and %v, want %v and %v", p, y, f, loss[i], grad[i], f.Loss(z, y), f.Grad(z, y))
				}
			}
		}
	}
}

func close(a, b, within float64) bool { return math.Abs(a-b) <= within*math.Abs(b) }

// spread draws logits as detectors give them: most near the floor, some sure.
func spread(seed uint64, n int) []Logit {
	rng := rand.New(rand.NewPCG(seed, 1))
	zs := make([]Logit, n)
	for i := range zs {
		zs[i] = Logit(rng.NormFloat64()*4 - 3)
	}
	return zs
}

// TestHistogramBound holds the sums of histograms, filled in two parts, to the
// stated bound.
func TestHistogramBound(t *testing.T) {
	zs := spread(1, 100000)
	var a, b Histogram
	for i, z := range zs {
		if i%3 == 0 {
			a.Add(z)
		} else {
			b.Add(z)
		}
	}
	b.Merge(&a)
	b.Merge(&Histogram{})
	for _, gamma := range []float64{0, 0.5, 2, 5, 10} {
		for _, y := range []Target{Zero, One} {
			f := Focal{0.25, gamma}
			var want Sum
			for _, z := range zs {
				want.Add(f.Loss(z, y))
			}
			bound := (1+gamma)*(1+gamma)/(24*2048*2048) + 1e-9 // places are cut to 2^-31
			if got := f.Sum(b.Masses(nil, y)); !close(got, want.Total(), bound) {
				t.Errorf("γ %v, target %d: got %v, want %v: off by %g, bound %g", gamma, y, got, want.Total(), got/want.Total()-1, bound)
			}
		}
	}
}

// TestCurve holds curves against a sort of all terms.
func TestCurve(t *testing.T) {
	zs := spread(2, 20000)
	var h Histogram
	for _, z := range zs {
		h.Add(z)
	}
	floor := LogitOf(0.01)
	masses := h.Masses([]Mass{{N: 50000, Z: floor, Target: Zero}}, Zero)
	for _, gamma := range []float64{0, 2, 5} {
		f := Focal{0.25, gamma}
		points := f.Curve(masses)
		all := make([]Mass, 0, 70000)
		for _, z := range zs {
			all = append(all, Mass{N: 1, Z: z, Target: Zero})
		}
		for range 50000 {
			all = append(all, Mass{N: 1, Z: floor, Target: Zero})
		}
		sorted := f.byLoss(all)
		total := f.Sum(all)
		var y Sum
		k := 0
		for i := range sorted {
			m := sorted[len(sorted)-1-i]
			y.Add(f.Loss(m.Z, m.Target))
			x := float64(i+1) / float64(len(sorted))
			for points[k+1].X < x {
				k++
			}
			a, b := points[k], points[k+1]
			got := a.Y + (b.Y-a.Y)*(x-a.X)/(b.X-a.X)
			if math.Abs(got-y.Total()/total) > 1e-3 {
				t.Fatalf("γ %v, x %v: got y %v, want %v", gamma, x, got, y.Total()/total)
			}
		}
		if len(points) > 3000 || points[0] != (Point{0, 0}) || points[len(points)-1] != (Point{1, 1}) {
			t.Errorf("γ %v: %d points from %v to %v", gamma, len(points), points[0], points[len(points)-1])
		}
	}
	if (BCE.Curve(nil)) != nil {
		t.Error("a curve of nothing")
	}
}

// TestHistogramTakesMemoryWhereTermsAre: far fewer bins than there are for terms within a logit of each other, and what
// is merged from such parts is what one histogram of all terms holds.
func TestHistogramTakesMemoryWhereTermsAre(t *testing.T) {
	var low, high, all Histogram
	for i := range 1000 {
		z := Logit(float64(i) / 1000)
		low.Add(z - 12)
		high.Add(z + 7)
		all.Add(z + 7)
		all.Add(z - 12)
	}
	if n := len(low.n) + len(high.n); n > bins/8 {
		t.Errorf("terms within a logit take %d bins of %d", n, bins)
	}
	high.Merge(&low)
	if got, want := high.Masses(nil, Zero), all.Masses(nil, Zero); len(got) == 0 || !slices.Equal(got, want) {
		t.Errorf("merged: %d masses, want %d, or others", len(got), len(want))
	}
}
