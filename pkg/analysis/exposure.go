package analysis

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
)

// Exposure is how much of the loss sits on the samples with the highest: a wrong
// label is a hard sample, so this is what training has at stake with them.
type Exposure struct {
	Scores string
	Loss   ledger.NamedLoss

	// Of is "object", with the loss of an object's own terms, or "background", with that
	// of one negative term.
	Of string

	Fraction float64 // of the samples that carry a loss
	N        float64 // number of these samples
	Share    float64 // of the loss of all such samples; NaN if that is 0
	Total    float64 // of the loss of all terms; NaN if that is 0
}

// fractions are the parts of the samples that exposures are given for.
var fractions = []float64{0.001, 0.01, 0.05}

// Exposures yields the exposure of every source of scores and loss, under the
// run's objective.
func (r *Result) Exposures() iter.Seq[Exposure] {
	return func(yield func(Exposure) bool) {
		o := r.Setting.Objective
		for i, s := range r.Config.Scores {
			v := r.Views(i)[0]
			negatives := r.Spread(i, o)[ledger.Negative]
			var rank ranking
			for l, named := range r.Setting.Losses {
				total := v.Total(o, l)
				e := Exposure{Scores: s.Name, Loss: named, Of: "object"}
				if l == 0 || r.Accounts[i] != nil { // constants rank objects the same under every loss
					rank = r.rank(rank[:0], i, l)
				}
				price := named.Focal.Loss(s.Positive, loss.One)
				if r.Accounts[i] != nil {
					price = 1
				}
				if !rank.exposures(e, price, total, yield) || !background(e, named.Focal, negatives, total, yield) {
					return
				}
			}
		}
	}
}

// ranking is objects by falling loss, those of one loss together: under constant
// scores, by their positives.
type ranking []ranked

type ranked struct{ each, n float64 }

// rank appends the objects to an empty ranking.
func (r *Result) rank(rank ranking, source, l int) ranking {
	if r.Accounts[source] == nil {
		return r.rankByPositives()
	}
	owns := r.Owns(source)
	for i := range r.Data.Sources {
		for k := range r.ObjectSlots(i) {
			if o := &r.ObjectSlots(i)[k]; o.Positives > 0 {
				rank = append(rank, ranked{owns.Loss(l, i, k, int64(o.Positives)), 1})
			}
		}
	}
	rank.sort()
	return rank
}

func (r *Result) rankByPositives() ranking {
	var rank ranking
	for positives, n := range r.Digested().Positives {
		rank = append(rank, ranked{float64(positives), float64(n)})
	}
	rank.sort()
	return rank
}

func (rank ranking) sort() {
	slices.SortFunc(rank, func(a, b ranked) int { return cmp.Compare(b.each, a.each) })
}

// exposures yields the exposures of objects.
func (rank ranking) exposures(e Exposure, price, total float64, yield func(Exposure) bool) bool {
	var all loss.Sum
	n := 0.0
	for _, v := range rank {
		all.Add(v.n * v.each * price)
		n += v.n
	}
	for _, f := range fractions {
		e.Fraction, e.N = f, f*n
		var top loss.Sum
		left := e.N
		for _, v := range rank {
			if left <= 0 {
				break
			}
			top.Add(min(left, v.n) * v.each * price)
			left -= v.n
		}
		e.Share, e.Total = ledger.Share(top.Total(), all.Total()), ledger.Share(top.Total(), total)
		if !yield(e) {
			return false
		}
	}
	return true
}

// background yields the exposures of negative terms.
func background(e Exposure, f loss.Focal, negatives []loss.Mass, total float64, yield func(Exposure) bool) bool {
	e.Of = "background"
	n := 0.0
	for _, m := range negatives {
		n += float64(m.N)
	}
	sum := f.Sum(negatives)
	for _, part := range fractions {
		e.Fraction, e.N = part, part*n
		e.Share = math.NaN()
		if n > 0 {
			e.Share = f.HardestShare(negatives, part)
		}
		e.Total = ledger.Share(e.Share*sum, total)
		if n == 0 {
			e.Total = ledger.Share(0, total)
		}
		if !yield(e) {
			return false
		}
	}
	return true
}
