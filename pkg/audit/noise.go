package audit

import (
	"cmp"
	"slices"

	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
)

// Noise is how much more of the loss training gives to suspects under focal loss
// than under cross entropy, which gives them too much already: a wrong label is
// hard.
type Noise struct {
	Loss          ledger.NamedLoss
	Of            string  // "object", suspects among the positives, or "background", what is missing among the negatives
	Suspects      int64   // number of suspects of this side
	Terms         int64   // number of their terms
	Share         float64 // of their loss in that of all terms of this side; NaN if that is 0
	Total         float64 // of their loss in that of all terms; NaN if that is 0
	Amplification float64 // Share over the Share under cross entropy
	Hardest       float64 // the same for as many of the hardest others
}

// noise compares what suspects cost under each loss.
func (a *auditor) noise() []Noise {
	var out []Noise
	set := a.book.Setting
	v := a.book.Views(a.out.Scores)[0]
	positives, negatives := a.objects(), a.background()
	for l, named := range set.Losses {
		total := v.Total(set.Objective, l)
		for _, side := range []noisy{positives, negatives} {
			n := Noise{Loss: named, Of: side.of, Suspects: side.suspects, Terms: side.terms}
			n.Share = ledger.Share(side.sum(l), side.all(l))
			n.Total = ledger.Share(side.sum(l), total)
			n.Amplification = ledger.Share(n.Share, ledger.Share(side.sum(0), side.all(0)))
			n.Hardest = ledger.Share(ledger.Share(side.hardest(l), side.all(l)), ledger.Share(side.hardest(0), side.all(0)))
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

// objects compares the suspects among the objects.
func (a *auditor) objects() noisy {
	n := noisy{of: "object"}
	suspected := map[[2]int32]bool{}
	for i := range a.out.Suspects {
		if s := &a.out.Suspects[i]; s.Object >= 0 && s.Cost.Terms > 0 {
			suspected[[2]int32{s.Source, s.Object}] = true
			n.suspects++
			n.terms += s.Cost.Terms
		}
	}
	type cost struct {
		bce          float64
		source, item int
	}
	var sums, all, top [ledger.MaxLosses]loss.Sum
	var rest []cost
	for s := range a.pass.Objects {
		for k := range a.pass.Objects[s] {
			if a.pass.Objects[s][k].Positives == 0 {
				continue
			}
			of := a.own(s, k)
			for l := range a.book.Setting.Bank {
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
		of := a.own(c.source, c.item)
		for l := range a.book.Setting.Bank {
			top[l].Add(of[l])
		}
	}
	n.sum = func(l int) float64 { return sums[l].Total() }
	n.all = func(l int) float64 { return all[l].Total() }
	n.hardest = func(l int) float64 { return top[l].Total() }
	return n
}

// background takes terms in the place of objects: what is missing is several
// anchors.
func (a *auditor) background() noisy {
	n := noisy{of: "background"}
	o := a.book.Setting.Objective
	var sums [ledger.MaxLosses]loss.Sum
	var others loss.Histogram
	others.Merge(a.book.Accounts[a.out.Scores].Histogram(o, ledger.Negative))
	for i := range a.out.Suspects {
		s := &a.out.Suspects[i]
		if s.Object >= 0 {
			continue
		}
		if s.Cost.Terms > 0 {
			n.suspects++
		}
		n.terms += s.Cost.Terms
		for l := range a.book.Setting.Bank {
			sums[l].Add(s.Cost.Loss[l])
		}
		for _, c := range s.Cost.Logits {
			others.AddN(c.Z, -c.N)
		}
	}
	masses := a.book.Spread(a.out.Scores, o)[ledger.Negative]
	rest := others.Masses(nil, loss.Zero)
	if last := len(masses) - 1; last >= 0 && masses[last].Z == a.book.Setting.Scores[a.out.Scores].Negative {
		rest = append(rest, masses[last]) // those at the floor
	}
	var left int64
	for _, m := range rest {
		left += m.N
	}
	n.sum = func(l int) float64 { return sums[l].Total() }
	n.all = func(l int) float64 { return a.book.Setting.Bank[l].Sum(masses) }
	n.hardest = func(l int) float64 {
		if left == 0 {
			return 0
		}
		f, part := a.book.Setting.Bank[l], min(1, float64(n.terms)/float64(left))
		return f.HardestShare(rest, part) * f.Sum(rest)
	}
	return n
}

// own returns what an object's own terms cost, by loss.
func (a *auditor) own(source, object int) [ledger.MaxLosses]float64 {
	return a.book.Own(a.out.Scores, source, object, int64(a.pass.Objects[source][object].Positives))
}
