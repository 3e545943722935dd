package ledger

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"focalaudit/pkg/loss"
)

// TestScaleIsExact: a score's bin has its band, difficulties and bin of GHM-C, also next
// to every edge; its logarithms, and the losses and gradients of its cubics, are those of
// the score to the bounds of the comments.
func TestScaleIsExact(t *testing.T) {
	set := NewSetting(nil, loss.Focal{Alpha: 0.25, Gamma: 2}, []float64{0, 0.5, 1, 2, 5}, Edges{}, PerClass, 3)
	for _, edges := range []Edges{{Hard: 0.5, Easy: 0.9}, {Hard: 0.3, Easy: 0.99}, {Hard: 0.7, Easy: 0.7}} {
		floors := []float64{0.01, 0.005, 0.001, 0.0001}
		s := newScale(floors, edges)
		r := rand.New(rand.NewPCG(1, 5))
		var ps []float64
		for range 20000 {
			ps = append(ps, math.Exp(-10*r.Float64()), 1-math.Exp(-10*r.Float64()))
		}
		for _, p := range []float64{0.01, 0.005, 0.001, 0.1, 0.5, edges.Hard, edges.Easy, 1 - edges.Hard, 1 - edges.Easy, 0.2, 0.3, 0.6, 0.7} {
			for _, q := range []float64{p, p - Tolerance, p + Tolerance} {
				ps = append(ps, q, math.Nextafter(q, 0), math.Nextafter(q, 1))
			}
		}
		for e := 1; e < 20; e++ {
			p := math.Ldexp(1, -e)
			ps = append(ps, p, math.Nextafter(p, 0), 1-p, math.Nextafter(1-p, 0), math.Nextafter(1-p, 1))
		}
		worst := [MaxLosses]float64{}
		m := make(Moments, len(s.Bins))
		for _, p := range ps {
			if !s.Has(p) {
				continue
			}
			bin, place := s.At(p)
			b := &s.Bins[bin]
			exact := loss.ScoreOf(p)
			band := 0
			for band < len(floors) && p <= floors[band] {
				band++
			}
			if b.Band != band || b.Norm != int(p*10) || b.Difficulty != [2]Difficulty{edges.Of(exact.PT(0)), edges.Of(exact.PT(1))} {
				t.Fatalf("%v: bin %d of %+v", p, bin, b)
			}
			if p < b.From || p > b.To {
				t.Fatalf("%v is in the bin from %v to %v", p, b.From, b.To)
			}
			score := b.Score(p, place)
			for y := range loss.Target(2) {
				if got, want := score.CE(y), exact.CE(y); math.Abs(got/want-1) > 2e-11 {
					t.Fatalf("%v: cross entropy %v, want %v", p, got, want)
				}
				var losses, grads [MaxLosses]float64
				set.Bank.At(exact, y, losses[:], grads[:])
				of, powers := b.prices(set.Bank, y), PlaceOf(place)
				m[bin] = moment{}
				m.Add(bin, 3, &powers)
				for l, f := range set.Bank {
					bound := math.Pow(2+f.Gamma, 4)/(24*8*256*256*256*256) + 2e-11
					for _, pair := range [][2]float64{{m[bin].sum(&of.loss[l]), losses[l]}, {m[bin].sum(&of.grad[l]), grads[l]}} {
						off := math.Abs(pair[0]/(3*pair[1]) - 1)
						worst[l] = max(worst[l], off)
						if off > bound {
							t.Fatalf("%v, γ = %v: got %v, want 3 × %v to %.2g", p, f.Gamma, pair[0], pair[1], bound)
						}
					}
				}
			}
		}
		t.Logf("worst by loss: %.2g", worst)
	}
}

// TestPendingTermsAreAdded: terms that wait are those that were counted, whatever their
// number, their class, their level and the source that came between; and merging
// accounts leaves none out.
func TestPendingTermsAreAdded(t *testing.T) {
	set := setting(t)
	book := func() *Account { return NewBook(set, names, []int{1, 1}).Accounts[detector] }
	got, other, want := book(), book(), book()
	r := rand.New(rand.NewPCG(2, 6))
	for i := range 30000 {
		p, n := math.Exp(-5*r.Float64()), int64(1)
		if i%50 == 0 {
			n = r.Int64N(3 * MostTerms)
		}
		if !want.Scale.Has(p) || n == 0 {
			continue
		}
		source, level, class := i/10000%2, r.IntN(2), r.Int32N(3)
		bin, place := want.Scale.At(p)
		to := got
		if r.IntN(2) == 0 {
			to = other
		}
		terms := []uint64{Term(level, bin, place, n%MostTerms)}
		for range n / MostTerms {
			terms = append(terms, Term(level, bin, place, MostTerms))
		}
		to.Pend(class, append(to.Pending(source, class), terms...))
		powers := PlaceOf(place)
		want.Level(PerClass, source, level, Negative).Add(bin, n, &powers)
		want.Class(PerClass, class, Negative).Add(bin, n, &powers)
	}
	got.Add(other)
	if !reflect.DeepEqual(got.binned, want.binned) {
		t.Error("other terms are added")
	}
}

// TestCounts: terms that wait are those that are counted at once, in several tables and more of them than are read
// together, and none is counted twice.
func TestCounts(t *testing.T) {
	var got, want [3]Moments
	for i := range got {
		got[i], want[i] = make(Moments, 40), make(Moments, 40)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	var c Counts
	for range 3 {
		for range 2*reachable + 5 {
			of, bin, place := rng.IntN(3), rng.IntN(40), rng.Int64N(1<<placeBits)-1<<(placeBits-1)
			n := 1 + rng.Int64N(3)
			c.Add(got[of], bin, place, n)
			powers := PlaceOf(place)
			for range n {
				want[of].Add(bin, 1, &powers)
			}
		}
		c.Flush()
	}
	for i := range got {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("table %d: %v, want %v", i, got[i], want[i])
		}
	}
}
