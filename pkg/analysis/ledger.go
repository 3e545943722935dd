package analysis

import (
	"iter"
	"math"
	"math/bits"
	"strconv"

	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// Set is what the terms of a loss belong to. The sets are disjoint.
type Set string

// The sets.
const (
	Positive   Set = "positive"    // the terms of positive anchors for their object (target 1)
	OtherClass Set = "other_class" // the other K-1 terms of positive anchors (target 0); none under objectness
	Negative   Set = "negative"    // the terms of negative anchors (target 0)
)

var sets = [...]Set{Positive, OtherClass, Negative}

// Scope is the part of the data set that a sum is over.
type Scope string

// The scopes. Of classes and size classes, only what belongs to their objects
// is theirs, but that each class has a term of its own on every other anchor.
const (
	All         Scope = "all"
	BySource    Scope = "source"
	ByClass     Scope = "class"
	BySizeClass Scope = "size_class"
	ByLevel     Scope = "level"
)

// Terms counts the terms of a loss by set.
type Terms [len(sets)]int64

// terms returns the terms of a part of the data set.
func (t *Tally) terms(o Objective, k int) Terms {
	if o == Objectness {
		return Terms{t.Positives, 0, t.Negatives}
	}
	return Terms{t.Positives, t.Positives * int64(max(0, k-1)), t.Negatives * int64(k)}
}

// termsOf returns the terms of one class: its positives, and under PerClass
// its own output on every other anchor that counts.
func (r *Result) termsOf(c *Class, o Objective) Terms {
	if o == Objectness {
		return Terms{c.Positives, 0, 0}
	}
	return Terms{c.Positives, r.Total.Positives - c.Positives, r.Total.Negatives}
}

// masses gives every term its score. A mass stands at the index of its set.
func masses(n Terms, s scores.Source) [len(sets)]loss.Mass {
	return [...]loss.Mass{
		{N: n[0], Z: s.Positive, Target: loss.One},
		{N: n[1], Z: s.Negative, Target: loss.Zero},
		{N: n[2], Z: s.Negative, Target: loss.Zero},
	}
}

// Entry is a sum of losses over the terms of one set and difficulty within a
// scope.
type Entry struct {
	Scores     string
	Objective  Objective
	Loss       NamedLoss
	Scope      Scope
	Name       string // of the source, class, size class or level; "" for All
	Set        Set
	Difficulty Difficulty
	N          int64   // terms
	Sum        float64 // of the loss, nats
	Grad       float64 // of the magnitude of the gradient by the logit
	Share      float64 // of the loss of all terms; NaN if that is 0
}

// Entries yields the ledger of every source of scores, objective, loss and
// scope, without the sets that have no terms. After a detector's ledger under its
// own floor, named as the source, come those under its other floors, named
// source@floor.
func (r *Result) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for i := range r.Config.Scores {
			for _, v := range r.views(i) {
				for o, objective := range Objectives {
					if !v.account.has(objective) {
						continue
					}
					for l, named := range r.Config.Losses() {
						if !r.entries(Entry{Scores: v.name, Objective: objective, Loss: named}, v, o, l, yield) {
							return
						}
					}
				}
			}
		}
	}
}

// view is a source of scores under one floor.
type view struct {
	name     string
	constant scores.Source // of the terms that no detection lifts above the floor
	account  *Account      // nil unless a detector's
	floor    int           // index of the account's floors
}

// views returns a source under its own floor, then under the others.
func (r *Result) views(i int) []view {
	s, a := r.Config.Scores[i], r.Accounts[i]
	if a == nil {
		return []view{{name: s.Name, constant: s}}
	}
	vs := []view{{s.Name, s, a, a.Main}}
	for k, f := range a.Floors {
		if k != a.Main {
			at := s
			at.Positive, at.Negative = loss.LogitOf(f), loss.LogitOf(f)
			vs = append(vs, view{s.Name + "@" + strconv.FormatFloat(f, 'g', -1, 64), at, a, k})
		}
	}
	return vs
}

// sums returns one set of a scope by difficulty: n terms, of which those in p have
// scores above the floor; l is the index of the loss f.
func (v *view) sums(r *Result, set, l int, f loss.Focal, p part, n int64) (out [len(difficulties)]struct {
	n         int64
	sum, grad float64
}) {
	m := masses(Terms{1, 1, 1}, v.constant)[set]
	rest := n
	for d := range out {
		o := &out[d]
		o.n, o.sum, o.grad = v.account.special(p, set, d, v.floor, l)
		rest -= o.n
	}
	o := &out[r.Config.Edges.Of(loss.PT(m.Z, m.Target)).index()]
	o.n += rest
	o.sum += float64(rest) * f.Loss(m.Z, m.Target)
	o.grad += float64(rest) * f.Grad(m.Z, m.Target)
	return out
}

// total returns the loss of all terms.
func (v *view) total(r *Result, objective, l int, f loss.Focal) float64 {
	terms := r.Total.terms(Objectives[objective], r.K)
	var total loss.Sum
	for set, n := range terms {
		for _, o := range v.sums(r, set, l, f, v.account.part(objective, scopeName{Scope: All}), n) {
			total.Add(o.sum)
		}
	}
	return total.Total()
}

// entries yields the scopes of one ledger; false if the caller has enough.
func (r *Result) entries(e Entry, v view, objective, l int, yield func(Entry) bool) bool {
	total := v.total(r, objective, l, e.Loss.Focal)
	for scope, terms := range r.scopes(e.Objective) {
		e.Scope, e.Name = scope.Scope, scope.Name
		p := v.account.part(objective, scope)
		for set, n := range terms {
			if n == 0 {
				continue
			}
			e.Set = sets[set]
			for d, o := range v.sums(r, set, l, e.Loss.Focal, p, n) {
				if o.n == 0 {
					continue
				}
				e.Difficulty, e.N, e.Sum, e.Grad = difficulties[d], o.n, o.sum, o.grad
				e.Share = share(e.Sum, total)
				if !yield(e) {
					return false
				}
			}
		}
	}
	return true
}

type scopeName struct {
	Scope Scope
	Name  string
	index int
}

// scopes yields every part of the data set with its terms.
func (r *Result) scopes(o Objective) iter.Seq2[scopeName, Terms] {
	return func(yield func(scopeName, Terms) bool) {
		if !yield(scopeName{All, "", 0}, r.Total.terms(o, r.K)) {
			return
		}
		for i := range r.Sources {
			if !yield(scopeName{BySource, r.Data.Sources[i].Name, i}, r.Sources[i].terms(o, r.K)) {
				return
			}
		}
		for i := range r.Classes {
			if !yield(scopeName{ByClass, r.Data.Classes[i].Name, i}, r.termsOf(&r.Classes[i], o)) {
				return
			}
		}
		for i := range r.Sizes {
			if !yield(scopeName{BySizeClass, Size(i).String(), i}, r.Sizes[i].terms(o, r.K)) {
				return
			}
		}
		for i := range r.Levels {
			if !yield(scopeName{ByLevel, r.LevelName(i), i}, r.Levels[i].terms(o, r.K)) {
				return
			}
		}
	}
}

// ImageLoss is what one image's anchors cost under one loss.
type ImageLoss struct {
	N               Terms              // by set
	Sum             [len(sets)]float64 // of the loss by set, nats
	EasyNegatives   int64              // terms of the set Negative that are easy
	EasyNegativeSum float64
	Normalised      float64 // all terms' loss over max(1, positive anchors), as torchvision divides
}

// Price gives the losses of single images under one source of scores and loss.
type Price struct {
	Scores    string
	Objective Objective
	Loss      NamedLoss
	each      [len(sets)]float64 // what one term of each set costs, but for those that a detector lifts above its floor
	easy      bool               // such negatives are easy
	k         int
	account   *Account
	objective int
	loss      int
}

// Prices returns the price of every source of scores, objective and loss but
// α-balanced cross entropy, which is focal loss at γ = 0.
func (r *Result) Prices() []Price {
	losses := r.Config.Losses()
	var ps []Price
	for i, s := range r.Config.Scores {
		for o, objective := range Objectives {
			if !r.Accounts[i].has(objective) {
				continue
			}
			for l, named := range losses {
				if named.Name == "alpha_bce" {
					continue
				}
				p := Price{Scores: s.Name, Objective: objective, Loss: named, k: r.K, account: r.Accounts[i], objective: o, loss: l}
				p.easy = r.Config.Edges.Of(loss.PT(s.Negative, loss.Zero)) == Easy
				for set, m := range masses(Terms{1, 1, 1}, s) {
					p.each[set] = named.Focal.Loss(m.Z, m.Target)
				}
				ps = append(ps, p)
			}
		}
	}
	return ps
}

// Of sets l to the losses of an image, the i-th of a source.
func (p *Price) Of(l *ImageLoss, source, i int, im *Image) {
	t := Tally{Positives: int64(im.Positives), Negatives: int64(im.Negatives)}
	*l = ImageLoss{N: t.terms(p.Objective, p.k)}
	if p.account == nil {
		for set, n := range l.N {
			l.Sum[set] = float64(n) * p.each[set]
		}
		if p.easy {
			l.EasyNegatives, l.EasyNegativeSum = l.N[2], l.Sum[2]
		}
	} else {
		s := &p.account.images[source][i][p.objective]
		for set, n := range l.N {
			l.Sum[set] = s.sum[p.loss][set] + float64(n-s.n[set])*p.each[set]
		}
		l.EasyNegatives, l.EasyNegativeSum = s.easy[2], s.easySum[p.loss][2]
		if p.easy {
			l.EasyNegatives += l.N[2] - s.n[2]
			l.EasyNegativeSum += float64(l.N[2]-s.n[2]) * p.each[2]
		}
	}
	l.Normalised = (l.Sum[0] + l.Sum[1] + l.Sum[2]) / float64(max(1, im.Positives))
}

// PositiveLoss returns the cross entropy and the run's focal loss of one
// positive anchor under the first source of scores, the prior.
func (r *Result) PositiveLoss() (bce, focal float64) {
	z := r.Config.Scores[0].Positive
	return loss.BCE.Loss(z, loss.One), r.Config.Focal.Loss(z, loss.One)
}

// LevelName returns the name of a level: P and the power of two of its stride
// where that is one, as feature pyramids are numbered.
func (r *Result) LevelName(level int) string {
	stride := int(r.Config.Preset.Anchors.Levels[level].Stride)
	if stride&(stride-1) == 0 {
		return "P" + strconv.Itoa(bits.TrailingZeros(uint(stride)))
	}
	return "stride " + strconv.Itoa(stride)
}

// share is part over total, NaN if there is nothing to share.
func share(part, total float64) float64 {
	if total == 0 {
		return math.NaN()
	}
	return part / total
}
