package loss

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// terms draws losses of every size that the tables have: from a focal loss of an
// anchor that is sure to that of many thousand hard ones.
func terms(r *rand.Rand, n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = math.Exp(r.Float64()*90 - 70)
	}
	return xs
}

// TestExactIsExact compares with a sum of unbounded precision: each term loses less
// than the unit of 2^-116, the total a rounding.
func TestExactIsExact(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 31))
		xs := terms(r, 1+r.IntN(2000))
		var s Exact
		want := new(big.Float).SetPrec(500)
		for _, x := range xs {
			s.Add(x)
			want.Add(want, new(big.Float).SetFloat64(x))
		}
		exact, _ := want.Float64()
		if got := s.Total(); math.Abs(got-exact) > 2e-16*exact+float64(len(xs))*0x1p-116 {
			t.Fatalf("seed %d: got %g, want %g", seed, got, exact)
		}
	}
}

// TestExactInAnyOrder: shuffled, and split in parts that are added in any order, the
// sum has the same bits.
func TestExactInAnyOrder(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 32))
		xs := terms(r, 1+r.IntN(500))
		var want Exact
		for _, x := range xs {
			want.Add(x)
		}
		r.Shuffle(len(xs), func(i, k int) { xs[i], xs[k] = xs[k], xs[i] })
		parts := make([]Exact, 1+r.IntN(5))
		for _, x := range xs {
			parts[r.IntN(len(parts))].Add(x)
		}
		var got Exact
		for _, k := range r.Perm(len(parts)) {
			got.Merge(&parts[k])
		}
		if got != want {
			t.Fatalf("seed %d: got %+v, want %+v", seed, got, want)
		}
	}
}

// TestExactKnown: by hand, 0.5 + 0.25 + 2^-100, which no float64 tells from 0.75.
func TestExactKnown(t *testing.T) {
	var s Exact
	for _, x := range []float64{0.5, 0x1p-100, 0.25} {
		s.Add(x)
	}
	if want := (Exact{hi: 768, mid: 0, lo: 1 << 16}); s != want || s.Total() != 0.75 {
		t.Errorf("got %+v = %v, want %+v = 0.75", s, s.Total(), want)
	}
}

func BenchmarkExact(b *testing.B) {
	xs := terms(rand.New(rand.NewPCG(1, 33)), 1024)
	var s Exact
	for i := range b.N {
		s.Add(xs[i&1023])
	}
	if s.Total() == 0 {
		b.Fatal("nothing was added")
	}
}
