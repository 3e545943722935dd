package loss

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// single is one anchor, for the direct computation.
type single struct {
	z        Logit
	positive bool
}

func (s single) target() Target {
	if s.positive {
		return One
	}
	return Zero
}

// direct computes the schemes anchor by anchor, ties broken in all ways at once
// by giving equal ones the mean.
func direct(all []single, f Focal, easy func(single) bool) Uses {
	var u Uses
	var p, n float64
	for _, a := range all {
		if a.positive {
			p++
		} else {
			n++
		}
	}
	use := func(s Scheme, a single, weight, loss, samples float64) {
		u[s].Samples += samples
		if a.positive {
			u[s].Positive += weight * loss
			return
		}
		u[s].Negative += weight * loss
		if easy(a) {
			u[s].EasyNegative += weight * loss
		}
	}
	var bin [10]float64
	filled := 0.0
	norm := func(a single) int { return min(9, int(10*math.Abs(a.z.P()-float64(a.target())))) }
	for _, a := range all {
		if bin[norm(a)]++; bin[norm(a)] == 1 {
			filled++
		}
	}
	for _, a := range all {
		y := a.target()
		bce := BCE.Loss(a.z, y)
		use(AllBCE, a, 1, bce, 1)
		use(AllAlphaBCE, a, 1, Focal{Alpha: f.Alpha}.Loss(a.z, y), 1)
		use(AllFocal, a, 1, f.Loss(a.z, y), 1)
		rpn, article := min(p, 128)/p, 1.0
		if !a.positive {
			rpn, article = min(n, 256-min(p, 128))/n, min(n, 3*p)/n
		}
		use(RPN256, a, rpn, bce, rpn)
		use(OneToThree, a, article, bce, article)
		use(GHMC, a, 1/(bin[norm(a)]*filled), bce, 1)
		hard := 1.0
		if !a.positive {
			hard = chance(all, a, 3*p, func(b single) bool { return !b.positive })
		}
		use(HardNegatives, a, hard, bce, hard)
		for s, size := range map[Scheme]float64{OHEM128: 128, OHEM256: 256, OHEM512: 512} {
			c := chance(all, a, size, func(single) bool { return true })
			use(s, a, c, bce, c)
		}
	}
	return u
}

// chance is how likely an anchor is among the size ones of the highest loss.
func chance(all []single, a single, size float64, of func(single) bool) float64 {
	mine := BCE.Loss(a.z, a.target())
	var above, same float64
	for _, b := range all {
		if !of(b) {
			continue
		}
		switch l := BCE.Loss(b.z, b.target()); {
		case l > mine:
			above++
		case l == mine:
			same++
		}
	}
	return max(0, min(1, (size-above)/same))
}

// TestWhatIfsAreDirect compares with anchors taken one by one, ties included.
func TestWhatIfsAreDirect(t *testing.T) {
	f := Focal{0.25, 2}
	seeds := uint64(60)
	if testing.Short() {
		seeds = 6
	}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 4))
		var all []single
		for range rng.IntN(700) {
			z := Logit(rng.NormFloat64() * 3)
			if rng.IntN(2) == 0 {
				z = Logit(float64(rng.IntN(5) - 2)) // ties, also of z with -z
			}
			all = append(all, single{z, rng.IntN(6) == 0})
		}
		easy := func(a single) bool { return PT(a.z, a.target()) >= 0.9 }
		var positives, negatives []Sample
		for _, a := range all {
			s := SampleOf(1, a.z, a.target(), f, easy(a))
			if a.positive {
				positives = append(positives, s)
			} else {
				negatives = append(negatives, s)
			}
		}
		for _, ss := range [][]Sample{positives, negatives} {
			slices.SortStableFunc(ss, func(a, b Sample) int { return cmp.Compare(b.BCE, a.BCE) })
		}
		var got Uses
		got.Image(positives, negatives)
		want := direct(all, f, easy)
		for s := range got {
			g, w := got[s], want[s]
			for i, pair := range [][2]float64{{g.Samples, w.Samples}, {g.Positive, w.Positive}, {g.Negative, w.Negative}, {g.EasyNegative, w.EasyNegative}} {
				if math.Abs(pair[0]-pair[1]) > 1e-9*(1+math.Abs(pair[1])) {
					t.Fatalf("seed %d, %d anchors, %v, value %d: got %+v, want %+v", seed, len(all), Scheme(s), i, g, w)
				}
			}
		}
	}
}
