package loss

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// near compares with a relative tolerance.
func near(got, want, rel float64) bool {
	return got == want || math.Abs(got-want) <= rel*math.Abs(want)
}

// TestAgainstDefinition holds the losses against their defining formula in p,
// where that is precise: p_t from 1e-3 to 1-1e-3.
func TestAgainstDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(1e-3, 1-1e-3).Draw(t, "p")
		f := Focal{rapid.Float64Range(0, 1).Draw(t, "alpha"), rapid.Float64Range(0, 6).Draw(t, "gamma")}
		for _, y := range []Target{Zero, One} {
			pt, weight := p, f.Alpha
			if y == Zero {
				pt, weight = 1-p, 1-f.Alpha
			}
			want := -weight * math.Pow(1-pt, f.Gamma) * math.Log(pt)
			if got := f.Loss(LogitOf(p), y); !near(got, want, 1e-10) {
				t.Fatalf("%+v, p=%v, target %d: got %v, want %v", f, p, y, got, want)
			}
		}
	})
}

// TestGradIsTheDerivative compares with a central difference.
func TestGradIsTheDerivative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := Logit(rapid.Float64Range(-8, 8).Draw(t, "z"))
		f := Focal{rapid.SampledFrom([]float64{Off, 0.25, 0.75}).Draw(t, "alpha"), rapid.Float64Range(0, 5).Draw(t, "gamma")}
		y := rapid.SampledFrom([]Target{Zero, One}).Draw(t, "target")
		const h = 1e-5
		want := math.Abs(f.Loss(z+h, y)-f.Loss(z-h, y)) / (2 * h)
		if got := f.Grad(z, y); math.Abs(got-want) > 1e-8+1e-6*want {
			t.Fatalf("%+v, z=%v, target %d: got %v, want %v", f, z, y, got, want)
		}
	})
}

func TestFocalIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Focal{0.25, rapid.Float64Range(0, 5).Draw(t, "gamma")}
		a, b := rapid.Float64Range(-40, 40).Draw(t, "a"), rapid.Float64Range(-40, 40).Draw(t, "b")
		a, b = min(a, b), max(a, b)
		if f.Loss(Logit(a), One) < f.Loss(Logit(b), One) || f.Loss(Logit(a), Zero) > f.Loss(Logit(b), Zero) {
			t.Fatalf("γ=%v: a better score costs more, between %v and %v", f.Gamma, a, b)
		}
	})
}

// TestFarEnds: to first order ln(1+e) = e and σ = e for e = e^-40, so that the
// loss of a negative at logit -40 is 3/4·e², e = e^-40: 3/4·(e^-40)³ at γ=2. The
// library formulas give 0 there.
func TestFarEnds(t *testing.T) {
	e := math.Exp(-40)
	if got, want := (Focal{0.25, 2}).Loss(-40, Zero), 0.75*e*e*e; !near(got, want, 1e-12) {
		t.Errorf("negative at logit -40: got %v, want %v", got, want)
	}
	if got := (Focal{Off, 2}).Loss(-800, One); got != 800 {
		t.Errorf("positive at logit -800: got %v, want 800", got)
	}
	for _, z := range []Logit{-1e4, 1e4} {
		for _, y := range []Target{Zero, One} {
			if v := (Focal{0.25, 2}).Loss(z, y); math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("logit %v, target %d: got %v", z, y, v)
			}
		}
	}
}

// TestLogitOf: the bias of RetinaNet's last layer at initialisation is
// -ln((1-π)/π) = -4.59512 for π = 0.01 (section 4.1 of the article).
func TestLogitOf(t *testing.T) {
	if got := float64(LogitOf(0.01)); math.Abs(got+4.59511985013459) > 1e-14 {
		t.Errorf("LogitOf(0.01) = %.17g", got)
	}
	for _, p := range []float64{1e-300, 0.1, 0.5, 0.9, 1 - 1e-10} {
		if got := LogitOf(p).P(); !near(got, p, 1e-12) {
			t.Errorf("LogitOf(%v).P() = %v", p, got)
		}
	}
}

// TestSum: Neumaier's own example, 1 + 1e100 + 1 - 1e100 = 2.
func TestSum(t *testing.T) {
	var s Sum
	for _, x := range []float64{1, 1e100, 1, -1e100} {
		s.Add(x)
	}
	if s.Total() != 2 {
		t.Errorf("got %v, want 2", s.Total())
	}
}

// TestBalance: with one score π for all, n₁ positives and n₀ negatives weigh
// the same where n₁·α·(1-π)^γ·ln(1/π) = n₀·(1-α)·π^γ·ln(1/(1-π)), so that
// γ = ln(n₀(1-α)ln(1/(1-π)) / (n₁·α·ln(1/π))) / ln((1-π)/π).
func TestBalance(t *testing.T) {
	const n1, n0, alpha, pi = 33, 182318, 0.25, 0.01
	z := LogitOf(pi)
	want := math.Log(n0*(1-alpha)*-math.Log1p(-pi)/(n1*alpha*-math.Log(pi))) / math.Log((1-pi)/pi)
	got, err := Balance([]Mass{{N: n1, Z: z, Target: One}, {N: n0, Z: z, Target: Zero}}, alpha)
	if err != nil || math.Abs(got-want) > 1e-6 {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if v := (Focal{alpha, got}).Sum([]Mass{{N: n1, Z: z, Target: One}}) / (Focal{alpha, got}).Sum([]Mass{{N: n0, Z: z, Target: Zero}}); math.Abs(v-1) > 1e-5 {
		t.Errorf("at γ=%v the sides are %v to 1", got, v)
	}
}

func TestBalanceHasReasons(t *testing.T) {
	z := LogitOf(0.01)
	for _, c := range []struct {
		masses []Mass
		want   string
	}{
		{[]Mass{{N: 5, Z: z, Target: Zero}}, "there are no positives"},
		{[]Mass{{N: 5, Z: z, Target: One}}, "there are no negatives"},
		{[]Mass{{N: 1e9, Z: z, Target: One}, {N: 1, Z: z, Target: Zero}}, "positives weigh more at every γ up to 10"},
		{[]Mass{{N: 1, Z: LogitOf(0.99), Target: One}, {N: 1e9, Z: LogitOf(0.5), Target: Zero}}, "negatives weigh more at every γ up to 10"},
	} {
		if g, err := Balance(c.masses, 0.25); err == nil || err.Error() != c.want || !math.IsNaN(g) {
			t.Errorf("got %v, %v, want NaN, %q", g, err, c.want)
		}
	}
}

// TestHardestShare: 10 terms of loss 3 and 990 of 0.1 make 30 + 99; the hardest
// 1 % are the ten, the hardest 2 % have ten of the others too: 31 of 129.
func TestHardestShare(t *testing.T) {
	hard, easy := Logit(-math.Log(math.Expm1(3))), Logit(math.Log(math.Expm1(0.1)))
	masses := []Mass{{N: 990, Z: easy, Target: Zero}, {N: 10, Z: hard, Target: One}}
	for _, c := range []struct{ fraction, want float64 }{{0.01, 30.0 / 129}, {0.02, 31.0 / 129}, {1, 1}} {
		if got := BCE.HardestShare(masses, c.fraction); !near(got, c.want, 1e-12) {
			t.Errorf("hardest %v: got %v, want %v", c.fraction, got, c.want)
		}
	}
	if got := BCE.HardestShare(nil, 0.01); !math.IsNaN(got) {
		t.Errorf("nothing: got %v, want NaN", got)
	}
}

func BenchmarkLoss(b *testing.B) {
	f := Focal{0.25, 2}
	s := 0.0
	for i := range b.N {
		s += f.Loss(Logit(i%17-8), Target(i&1))
	}
	if s == 0 {
		b.Fatal("no loss")
	}
}

// TestLogarithmOfTinyScores: numbers below the smallest normal one are m·2^-1074, whose logarithm is ln m - 1074 ln 2.
func TestLogarithmOfTinyScores(t *testing.T) {
	for _, m := range []float64{1, 2, 3, 1000, 1 << 40, 1<<52 - 1, 1 << 52, 1<<52 + 1} {
		p := m * 0x1p-1074
		want := math.Log(m) - 1074*math.Ln2
		if got := float64(LogitOf(p)); !near(got, want, 1e-14) {
			t.Errorf("%g: %v, want %v", p, got, want)
		}
		if got := -ScoreOf(p).CE(One); !near(got, want, 1e-14) {
			t.Errorf("%g: %v, want %v", p, got, want)
		}
	}
}
