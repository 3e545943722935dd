package loss

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestSoftIsHardAtTheEnds: targets 0 and 1 give the losses of hard targets.
func TestSoftIsHardAtTheEnds(t *testing.T) {
	bank := Bank{BCE, {0.25, 0}, {0.25, 0.5}, {0.25, 2}, {Off, 5}, {0.75, 1.3}}
	want, got, slope, gradient := make([]float64, 6), make([]float64, 6), make([]float64, 6), make([]float64, 6)
	for z := Logit(-12); z <= 12; z += 0.37 {
		for _, y := range []Target{Zero, One} {
			bank.At(z.Score(), y, want, slope)
			bank.Soft(z.Score(), float64(y), got, gradient)
			for i := range bank {
				if math.Abs(got[i]-want[i]) > 1e-9*want[i] || math.Abs(gradient[i]-slope[i]) > 1e-9*slope[i] {
					t.Errorf("%v, z = %v, target %v: got %v and %v, want %v and %v",
						bank[i], z, y, got[i], gradient[i], want[i], slope[i])
				}
			}
		}
	}
}

// TestSoftGradient compares with the quotient of differences, and the loss with its definition.
func TestSoftGradient(t *testing.T) {
	bank := Bank{BCE, {0.25, 1}, {0.25, 2}, {Off, 5}}
	rng := rand.New(rand.NewPCG(1, 2))
	losses, grads := make([]float64, 4), make([]float64, 4)
	for range 2000 {
		z, target := rng.NormFloat64()*4, rng.Float64()
		bank.Soft(Logit(z).Score(), target, losses, grads)
		for i, f := range bank {
			at := func(z float64) float64 {
				p := 1 / (1 + math.Exp(-z))
				ce := -target*math.Log(p) - (1-target)*math.Log(1-p)
				w := 1.0
				if f.Alpha >= 0 {
					w = f.Alpha*target + (1-f.Alpha)*(1-target)
				}
				return w * math.Pow(math.Abs(p-target), f.Gamma) * ce
			}
			if want := at(z); math.Abs(losses[i]-want) > 1e-9*max(1, want) {
				t.Errorf("%v, z = %v, target %v: loss %v, want %v", f, z, target, losses[i], want)
			}
			m := Mass{N: 1, Z: Logit(z), Target: One, Less: 1 - target}
			if got := f.Sum([]Mass{m}); math.Abs(got-losses[i]) > 1e-9*max(1, got) {
				t.Errorf("%v, z = %v, target %v: mass %v, want %v", f, z, target, got, losses[i])
			}
			const h = 1e-5
			if want := math.Abs(at(z+h)-at(z-h)) / (2 * h); math.Abs(grads[i]-want) > 1e-5*max(1, want) {
				t.Errorf("%v, z = %v, target %v: gradient %v, want %v", f, z, target, grads[i], want)
			}
		}
	}
}

// TestSoftHistogram: bins add up to the same in any order, and keep the sums of losses to the stated bound.
func TestSoftHistogram(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	parts := []SoftHistogram{{}, {}, {}}
	var exact []Mass
	for range 3000 {
		z, target := Logit(rng.NormFloat64()*3-2), rng.Float64()
		switch rng.IntN(20) {
		case 0:
			target = 0
		case 1:
			target = 1
		case 2:
			z = 1e6
		}
		parts[rng.IntN(3)].Add(z, target)
		exact = append(exact, Mass{N: 1, Z: max(-MaxLogit, min(z, MaxLogit)), Target: One, Less: 1 - target})
	}
	a, b := SoftHistogram{}, SoftHistogram{}
	for i := range parts {
		a.Merge(parts[i])
		b.Merge(parts[len(parts)-1-i])
	}
	ms, other := a.Masses(nil), b.Masses(nil)
	n := int64(0)
	for i := range ms {
		n += ms[i].N
		if ms[i] != other[i] {
			t.Errorf("bin %d: %+v, in another order %+v", i, ms[i], other[i])
		}
	}
	if n != 3000 {
		t.Errorf("%d terms, want 3,000", n)
	}
	if got, want := BCE.Sum(ms), BCE.Sum(exact); math.Abs(got-want) > 3000*8e-6 {
		t.Errorf("cross entropy %v, want %v", got, want)
	}
	f := Focal{Alpha: 0.25, Gamma: 2}
	if got, want := f.Sum(ms), f.Sum(exact); math.Abs(got-want) > 1e-3*want {
		t.Errorf("focal loss %v, want %v", got, want)
	}
	if c := f.Curve(ms); c == nil || c[len(c)-1] != (Point{1, 1}) {
		t.Errorf("curve %v", c)
	}
	if share := f.HardestShare(ms, 1); math.Abs(share-1) > 1e-12 {
		t.Errorf("all terms carry %v of the loss", share)
	}
}

// TestBalanceOfSoft: at the γ of Balance both sides weigh the same.
func TestBalanceOfSoft(t *testing.T) {
	ms := []Mass{{N: 500, Z: 0, Target: One, Less: 0.3}, {N: 40, Z: -1, Target: One, Less: 1}, {N: 90000, Z: -3, Target: Zero}}
	g, err := Balance(ms, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	f := Focal{Alpha: 0.25, Gamma: g}
	if a, b := f.Sum(ms[:2]), f.Sum(ms[2:]); math.Abs(a/b-1) > 1e-5 {
		t.Errorf("γ = %v: %v and %v", g, a, b)
	}
}
