package analysis

import (
	"cmp"
	"slices"

	"focalaudit/pkg/loss"
)

// Noise is how much more of the loss training gives to suspects under focal loss
// than under cross entropy, which gives them too much already: a wrong label is
// hard.
type Noise struct {
	Loss          NamedLoss
	Of            string  // "object", suspects among the positives, or "background", what is missing among the negatives
	Suspects      int64   // so many
	Terms         int64   // of theirs
	Share         float64 // of the loss of all such terms; NaN if that is 0
	Total         float64 // of the loss of all terms; NaN if that is 0
	Amplification float64 // Share over what it is under cross entropy
	Hardest       float64 // the same of as many of the hardest that are no suspects
}

// noise compares what suspects cost under each loss.
func (r *Result) noise(a *Audit) []Noise {
	var out []Noise
	o := slices.Index(Objectives, r.Objective)
	v := r.views(a.Scores)[0]
	positives, negatives := r.noisyObjects(a), r.noisyBackground(a)
	for l, named := range r.Config.Losses() {
		if named.Name == "alpha_bce" {
			continue // focal at γ = 0
		}
		total := v.total(r, o, l, named.Focal)
		for _, side := range []noisy{positives, negatives} {
			n := Noise{Loss: named, Of: side.of, Suspects: side.suspects, Terms: side.terms}
			n.Share = share(side.sum(l), side.all(l))
			n.Total = share(side.sum(l), total)
			n.Amplification = share(n.Share, share(side.sum(0), side.all(0)))
			n.Hardest = share(share(side.hardest(l), side.all(l)), share(side.hardest(0), side.all(0)))
			out = append(out, n)
		}
	}
	return out
}

// noisy is one side of the suspects: what they cost, what all such terms do, and
// as many of the hardest others, by loss.
type noisy struct {
	of                string
	suspects, terms   int64
	sum, all, hardest func(l int) float64
}

func (r *Result) noisyObjects(a *Audit) noisy {
	n := noisy{of: "object"}
	suspected := map[[2]int32]bool{}
	for i := range a.Suspects {
		if s := &a.Suspects[i]; s.Object >= 0 && s.terms > 0 {
			suspected[[2]int32{s.Source, s.Object}] = true
			n.suspects++
			n.terms += s.terms
		}
	}
	type cost struct {
		bce          float64
		source, item int
	}
	var sums, all, top [maxLosses]loss.Sum
	var rest []cost
	for s := range r.Objects {
		for k := range r.Objects[s] {
			if r.Objects[s][k].Positives == 0 {
				continue
			}
			_, of := r.own(a.Scores, s, k)
			for l := range r.bank {
				all[l].Add(of[l])
				if suspected[[2]int32{int32(s), int32(k)}] {
					sums[l].Add(of[l])
				}
			}
			if !suspected[[2]int32{int32(s), int32(k)}] {
				rest = append(rest, cost{of[0], s, k})
			}
		}
	}
	slices.SortStableFunc(rest, func(a, b cost) int { return cmp.Compare(b.bce, a.bce) })
	for _, c := range rest[:min(int(n.suspects), len(rest))] {
		_, of := r.own(a.Scores, c.source, c.item)
		for l := range r.bank {
			top[l].Add(of[l])
		}
	}
	n.sum = func(l int) float64 { return sums[l].Total() }
	n.all = func(l int) float64 { return all[l].Total() }
	n.hardest = func(l int) float64 { return top[l].Total() }
	return n
}

// noisyBackground takes terms in the place of objects: what is missing is several
// anchors.
func (r *Result) noisyBackground(a *Audit) noisy {
	n := noisy{of: "background"}
	o := slices.Index(Objectives, r.Objective)
	var sums [maxLosses]loss.Sum
	var others loss.Histogram
	others.Merge(&r.Accounts[a.Scores].spread[o][2])
	for i := range a.Suspects {
		s := &a.Suspects[i]
		if s.Object >= 0 {
			continue
		}
		if s.terms > 0 {
			n.suspects++
		}
		n.terms += s.terms
		for l := range r.bank {
			sums[l].Add(s.loss[l])
		}
		for _, c := range s.logits {
			others.AddN(c.z, -c.n)
		}
	}
	masses := r.spread(a.Scores, o)[2]
	rest := others.Masses(nil, loss.Zero)
	if last := len(masses) - 1; last >= 0 && masses[last].Z == r.Config.Scores[a.Scores].Negative {
		rest = append(rest, masses[last]) // those at the floor
	}
	var left int64
	for _, m := range rest {
		left += m.N
	}
	n.sum = func(l int) float64 { return sums[l].Total() }
	n.all = func(l int) float64 { return r.bank[l].Sum(masses) }
	n.hardest = func(l int) float64 {
		if left == 0 {
			return 0
		}
		return r.bank[l].HardestShare(rest, min(1, float64(n.terms)/float64(left))) * r.bank[l].Sum(rest)
	}
	return n
}
