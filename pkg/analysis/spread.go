package analysis

import (
	"iter"
	"slices"

	"focalaudit/pkg/loss"
)

// Curve is how the focal loss is spread over the terms of one set: figure 4 of
// the focal-loss paper, under the run's objective.
type Curve struct {
	Scores string
	Gamma  float64
	Set    Set // Positive or Negative
	Points []loss.Point
}

// Curves yields the curves of every source of scores, γ and set that has a loss.
func (r *Result) Curves() iter.Seq[Curve] {
	return func(yield func(Curve) bool) {
		o := slices.Index(Objectives, r.Objective)
		for i, s := range r.Config.Scores {
			terms := r.spread(i, o)
			for _, l := range r.Config.Losses() {
				if l.Name != "focal" {
					continue
				}
				for _, set := range []int{0, 2} {
					if points := l.Curve(terms[set]); points != nil && !yield(Curve{s.Name, l.Gamma, sets[set], points}) {
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
func (r *Result) WhatIfs() iter.Seq[WhatIf] {
	return func(yield func(WhatIf) bool) {
		for i, s := range r.Config.Scores {
			for k, u := range r.Uses[i] {
				all := u.Positive + u.Negative
				w := WhatIf{s.Name, loss.Scheme(k), u.Samples, all, share(u.Positive, all), share(u.Negative, all), share(u.EasyNegative, all)}
				if !yield(w) {
					return
				}
			}
		}
	}
}
