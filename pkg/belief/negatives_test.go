package belief

import (
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
)

// TestBinnedIsDirect holds the ledgers, what-ifs, rows and curves of binned terms against
// the same terms entered one by one: many detections of two classes on the same anchors,
// with scores on the floors and edges, beyond the bins, and equal ones, on an image with
// and without objects. No two of the scores complement each other: of a positive and a
// negative anchor that cost the same, rounding decides which one a scheme takes.
func TestBinnedIsDirect(t *testing.T) {
	binned, groups := 0, 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 3))
		var objects []geom.Box
		for range r.IntN(3) {
			objects = append(objects, square(2+8*r.Float64(), 2+12*r.Float64()))
		}
		floor := []float64{0.01, 0.1, 1e-7}[r.IntN(3)]
		type found struct {
			class int64
			score float64
			box   geom.Rect
		}
		var all []found
		for range 1 + r.IntN(40) {
			score := math.Exp(-9 * r.Float64())
			if r.IntN(3) == 0 {
				score = []float64{1, 0.9999, 0.8, 0.45, 0.1, 0.01, 0.001, 1e-6, 1e-8}[r.IntN(9)]
			}
			all = append(all, found{1 + r.Int64N(2), score, square(11*r.Float64(), 15*r.Float64()).Rect()})
		}
		book := func(direct bool) *ledger.Book {
			p, b, scene := planned(t, detectionSource(floor), objects...)
			counted(b, scene)
			builder, err := dataset.NewResultsBuilder("r.json", p.Data, "")
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range all {
				if reason, err := builder.Add(dataset.PlainID(1), dataset.PlainID(f.class), f.score, f.box); reason != "" || err != nil {
					t.Fatal(reason, err)
				}
			}
			if p.Results[2], err = builder.Join(); err != nil {
				t.Fatal(err)
			}
			if direct {
				b.Accounts[2].Scale = nil
			}
			s := p.Scorer(2, scene)
			if err := s.Image(0, 0, b); err != nil {
				t.Fatal(err)
			}
			if !direct {
				binned += len(s.(*detector).reached)
				groups += len(s.(*detector).bins.values)
			}
			return b
		}
		got, want := book(false), book(true)
		near := func(what string, got, want float64) {
			t.Helper()
			if math.Abs(got-want) > 1e-9*math.Abs(want)+1e-15 {
				t.Errorf("seed %d: %s: got %v, want %v", seed, what, got, want)
			}
		}
		var entries []ledger.Entry
		for e := range want.Entries() {
			entries = append(entries, e)
		}
		for e := range got.Entries() {
			if len(entries) == 0 {
				t.Fatalf("seed %d: one entry too many: %+v", seed, e)
			}
			w := entries[0]
			entries = entries[1:]
			if e.N != w.N || e.Set != w.Set || e.Difficulty != w.Difficulty || e.Name != w.Name || e.Objective != w.Objective {
				t.Fatalf("seed %d: got %+v, want %+v", seed, e, w)
			}
			near("a sum", e.Sum, w.Sum)
			near("a gradient", e.Grad, w.Grad)
		}
		if len(entries) > 0 {
			t.Errorf("seed %d: no entry %+v", seed, entries[0])
		}
		var whatIfs []ledger.WhatIf
		for w := range want.WhatIfs() {
			whatIfs = append(whatIfs, w)
		}
		k := 0
		for w := range got.WhatIfs() {
			near(w.Scheme.String()+" samples", w.Samples, whatIfs[k].Samples)
			near(w.Scheme.String(), w.Loss, whatIfs[k].Loss)
			near(w.Scheme.String()+" easy", w.EasyNegativeShare, whatIfs[k].EasyNegativeShare)
			k++
		}
		for o := range ledger.NumObjectives {
			a, b := got.Rows[2].Images[0][0][o], want.Rows[2].Images[0][0][o]
			if a.N != b.N || a.EasyNegatives != b.EasyNegatives {
				t.Errorf("seed %d: the image has %v terms, %d easy, want %v, %d", seed, a.N, a.EasyNegatives, b.N, b.EasyNegatives)
			}
			for l := range got.Setting.Losses {
				for set := range a.Sum[l] {
					near("the image", a.Sum[l][set], b.Sum[l][set])
				}
				near("the image's easy negatives", a.EasyNegativeSum[l], b.EasyNegativeSum[l])
			}
		}
		// The masses that curves are drawn from: mean and variance of a bin are kept, so that
		// a loss is off by the third order, (2+γ)³/(6·256³) of it.
		for _, f := range got.Setting.Losses {
			ofGot, ofWant := got.Spread(2, ledger.PerClass), want.Spread(2, ledger.PerClass)
			for set := range ofGot {
				bound := math.Pow(2+f.Gamma, 3) / (6 * 256 * 256 * 256)
				bound += (1 + f.Gamma) * (1 + f.Gamma) / (8 * 2048 * 2048) // of the other histogram
				if a, b := f.Sum(ofGot[set]), f.Sum(ofWant[set]); math.Abs(a-b) > bound*b+1e-15 {
					t.Errorf("seed %d: γ = %v: the masses cost %v, want %v to %.2g", seed, f.Gamma, a, b, bound)
				}
				var n [2]int64
				for i, of := range [2][]loss.Mass{ofGot[set], ofWant[set]} {
					for _, m := range of {
						n[i] += m.N
					}
				}
				if n[0] != n[1] {
					t.Errorf("seed %d: %d terms, want %d", seed, n[0], n[1])
				}
			}
		}
	}
	if binned < 1000 || groups < 20 {
		t.Errorf("%d anchors, %d terms sampled one by one: too few to tell", binned, groups)
	}
}
