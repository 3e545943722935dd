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
	Scores        int // index of the source of scores that prices the terms
	Loss          ledger.NamedLoss
	Of            string  // "object", suspects among the positives, or "background", what is missing among the negatives
	Suspects      int64   // number of suspects of this side
	Terms         int64   // number of their terms
	Share         float64 // of their loss in that of all terms of this side; NaN if that is 0
	Total         float64 // of their loss in that of all terms; NaN if that is 0
	Amplification float64 // Share over the Share under cross entropy

	// Control is the amplification of samples that are no suspects but as hard: for each suspected object one of
	// nearest cross entropy per anchor, for background as many of the hardest other terms.
	Control float64
}

// noise compares what suspects cost under each loss. All sources of scores price the suspected objects; what is
// missing has terms under the scores of the detector that sees it alone.
func (a *auditor) noise() []Noise {
	var out []Noise
	for scores := range a.book.Setting.Scores {
		sides := []noisy{a.objects(scores)}
		if scores == a.out.Scores {
			sides = append(sides, a.background())
		}
		v := a.book.Views(scores)[0]
		for l, named := range a.book.Setting.Losses {
			total := v.Total(a.book.Setting.Objective, l)
			for _, side := range sides {
				n := Noise{Scores: scores, Loss: named, Of: side.of, Suspects: side.suspects, Terms: side.terms}
				n.Share = ledger.Share(side.sum(l), side.all(l))
				n.Total = ledger.Share(side.sum(l), total)
				n.Amplification = ledger.Share(n.Share, ledger.Share(side.sum(0), side.all(0)))
				n.Control = ledger.Share(ledger.Share(side.control(l), side.all(l)),
					ledger.Share(side.control(0), side.all(0)))
				out = append(out, n)
			}
		}
	}
	return out
}

// noisy is one side of the suspects: what they cost, what all such terms do, and
// what others do that are as hard, by loss.
type noisy struct {
	of                string
	suspects, terms   int64
	sum, all, control func(l int) float64
}

// priced is an object with its cross entropy per positive anchor. Objects that differ in neither figure cost the same
// under every loss in the common case, and nearly so otherwise: the order of records decides no more than that.
type priced struct {
	perAnchor      float64
	positives      int32
	focal          float64
	source, object int
}

// objects compares the suspects among the objects, under a source of scores.
func (a *auditor) objects(scores int) noisy {
	n := noisy{of: "object"}
	suspected := map[[2]int32]bool{}
	for i := range a.out.Suspects {
		if s := &a.out.Suspects[i]; s.Object >= 0 && s.Cost.Terms > 0 {
			suspected[[2]int32{s.Source, s.Object}] = true
			n.suspects++
			n.terms += s.Cost.Terms
		}
	}
	owns := a.book.Owns(scores)
	own := func(p priced) [ledger.MaxLosses]float64 {
		return owns.Of(p.source, p.object, int64(a.pass.ObjectSlots(p.source)[p.object].Positives))
	}
	var sums, all, controls [ledger.MaxLosses]loss.Exact // whatever the order of records
	add := func(to *[ledger.MaxLosses]loss.Exact, of [ledger.MaxLosses]float64) {
		for l := range a.book.Setting.Bank {
			to[l].Add(of[l])
		}
	}
	var suspects, others []priced
	for s := range a.pass.Data.Sources {
		for k := range a.pass.ObjectSlots(s) {
			positives := a.pass.ObjectSlots(s)[k].Positives
			if positives == 0 {
				continue
			}
			p := priced{source: s, object: k}
			of := own(p)
			p.perAnchor, p.positives = of[0]/float64(positives), positives
			p.focal = of[a.book.Setting.Index(a.book.Setting.Focal)]
			add(&all, of)
			if suspected[[2]int32{int32(s), int32(k)}] {
				add(&sums, of)
				suspects = append(suspects, p)
			} else {
				others = append(others, p)
			}
		}
	}
	for _, p := range paired(suspects, others) {
		add(&controls, own(p))
	}
	n.sum = func(l int) float64 { return sums[l].Total() }
	n.all = func(l int) float64 { return all[l].Total() }
	n.control = func(l int) float64 { return controls[l].Total() }
	return n
}

// paired returns for each suspect another object, as near as possible in cross entropy per anchor, none twice: the
// hardest suspect chooses first, and of two that are as near it takes the harder. It sorts both.
func paired(suspects, others []priced) []priced {
	figures := func(a, b priced) int {
		return cmp.Or(cmp.Compare(b.perAnchor, a.perAnchor), cmp.Compare(b.positives, a.positives),
			cmp.Compare(b.focal, a.focal))
	}
	hardest := func(a, b priced) int {
		return cmp.Or(figures(a, b), cmp.Compare(a.source, b.source), cmp.Compare(a.object, b.object))
	}
	slices.SortFunc(suspects, hardest)
	slices.SortFunc(others, hardest)
	// Taken objects lead to the next free one on either side: indices are moved by one, so that 0 and len+1 are ends.
	before, after := make([]int, len(others)+2), make([]int, len(others)+2)
	for i := range before {
		before[i], after[i] = i, i
	}
	free := func(next []int, i int) int {
		for next[i] != i {
			next[i] = next[next[i]]
			i = next[i]
		}
		return i
	}
	var out []priced
	for _, s := range suspects {
		at, _ := slices.BinarySearchFunc(others, s, figures) // before its equals, wherever its record stands
		harder, easier := free(before, at), free(after, at+1)
		best := easier
		switch {
		case harder == 0 && easier == len(others)+1:
			return out // more suspects than others
		case harder == 0:
		case easier == len(others)+1, others[harder-1].perAnchor-s.perAnchor <= s.perAnchor-others[easier-1].perAnchor:
			best = harder
		}
		out = append(out, others[best-1])
		before[best], after[best] = best-1, best+1
	}
	return out
}

// background takes terms in the place of objects: what is missing is several
// anchors.
func (a *auditor) background() noisy {
	n := noisy{of: "background"}
	o := a.book.Setting.Objective
	var sums [ledger.MaxLosses]loss.Sum
	var without []loss.Mass
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
			without = append(without, loss.Mass{N: c.N, Z: c.Z})
		}
	}
	masses := a.book.Spread(a.out.Scores, o)[ledger.Negative]
	rest := a.book.LiftedWithout(a.out.Scores, o, ledger.Negative, without)
	if last := len(masses) - 1; last >= 0 && masses[last].Z == a.book.Setting.Scores[a.out.Scores].Negative {
		rest = append(rest, masses[last]) // those at the floor
	}
	var left int64
	for _, m := range rest {
		left += m.N
	}
	n.sum = func(l int) float64 { return sums[l].Total() }
	n.all = func(l int) float64 { return a.book.Setting.Bank[l].Sum(masses) }
	n.control = func(l int) float64 {
		if left == 0 {
			return 0
		}
		f, part := a.book.Setting.Bank[l], min(1, float64(n.terms)/float64(left))
		return f.HardestShare(rest, part) * f.Sum(rest)
	}
	return n
}
