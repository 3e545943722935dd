package ledger

import (
	"iter"

	"focalaudit/pkg/loss"
)

// Spread returns the terms of each set by score. Those that a detector lifts
// above its floor are gathered in narrow bins (loss.Histogram).
func (b *Book) Spread(source int, o Objective) (out [NumSets][]loss.Mass) {
	for set, n := range b.Terms(o) {
		m := loss.Mass{N: n, Z: scoreOf(b.Setting.Scores[source], Set(set)), Target: Set(set).Target()}
		if a := b.Accounts[source]; a != nil {
			out[set] = a.masses(o, Set(set), nil)
			for _, l := range out[set] {
				m.N -= l.N
			}
		}
		if m.N > 0 {
			out[set] = append(out[set], m)
		}
	}
	return out
}

// masses returns the terms of a set that are lifted above the detector's own floor,
// without some of them.
func (a *Account) masses(o Objective, set Set, without []loss.Mass) []loss.Mass {
	hist := &a.spread[o][set]
	var all, less Moments
	if a.Scale != nil {
		a.all() // nothing is pending
		all, less = make(Moments, len(a.Scale.Bins)), make(Moments, len(a.Scale.Bins))
		for s := range a.binned[o].levels {
			for level := range a.binned[o].levels[s] {
				all.merge(a.level(o, s, level, set))
			}
		}
	}
	if len(without) > 0 {
		hist = &loss.Histogram{}
		hist.Merge(&a.spread[o][set])
		for _, m := range without {
			if p := m.Z.P(); a.Scale != nil && a.Scale.Has(p) {
				bin, at := a.Scale.At(p)
				place := PlaceOf(at)
				less.Add(bin, m.N, &place)
			} else {
				hist.AddN(m.Z, -m.N)
			}
		}
	}
	ms := hist.Masses(nil, set.Target())
	if set == Positive {
		ms = a.soft[o].Masses(ms)
	}
	if a.Scale == nil {
		return ms
	}
	return all.without(less).masses(ms, a.Scale, a.Main, set.Target())
}

// LiftedWithout returns the terms of a set that a detector lifts above its floor, by
// score, without some of them.
func (b *Book) LiftedWithout(source int, o Objective, set Set, without []loss.Mass) []loss.Mass {
	return b.Accounts[source].masses(o, set, without)
}

// Curve is how the focal loss is spread over the terms of one set: figure 4 of
// the focal-loss paper, under the run's objective.
type Curve struct {
	Scores string
	Gamma  float64
	Set    Set // Positive or Negative
	Points []loss.Point
}

// Curves yields the curves of every source of scores, γ and set that has a loss.
func (b *Book) Curves() iter.Seq[Curve] {
	return func(yield func(Curve) bool) {
		for i, s := range b.Setting.Scores {
			terms := b.Spread(i, b.Setting.Objective)
			for _, l := range b.Setting.Losses {
				if l.Name != "focal" {
					continue
				}
				for _, set := range []Set{Positive, Negative} {
					if points := l.Curve(terms[set]); points != nil && !yield(Curve{s.Name, l.Gamma, set, points}) {
						return
					}
				}
			}
		}
	}
}

// WhatIf is what training would use of the anchors under a scheme.
type WhatIf struct {
	Scores                                          string
	Scheme                                          loss.Scheme
	Samples                                         float64 // anchors, where they are drawn the expected number
	Loss                                            float64
	PositiveShare, NegativeShare, EasyNegativeShare float64 // of the loss; NaN if it is 0
}

// WhatIfs yields every source of scores and scheme. An anchor is one sample:
// its objectness.
func (b *Book) WhatIfs() iter.Seq[WhatIf] {
	return func(yield func(WhatIf) bool) {
		for i, s := range b.Setting.Scores {
			for k := range b.uses[i] {
				u := &b.uses[i][k]
				positive, negative := u.positive.Total(), u.negative.Total()
				all := positive + negative
				w := WhatIf{
					s.Name, loss.Scheme(k), u.samples, all,
					Share(positive, all), Share(negative, all), Share(u.easy.Total(), all),
				}
				if !yield(w) {
					return
				}
			}
		}
	}
}
