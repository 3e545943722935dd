package ledger

import (
	"math"

	"focalaudit/pkg/loss"
)

// ImageLoss is what one image's anchors cost under one loss.
type ImageLoss struct {
	N               Terms            // by set
	Sum             [NumSets]float64 // of the loss by set, nats
	EasyNegatives   int64            // terms of the set Negative that are easy
	EasyNegativeSum float64

	// Normalised is all terms' loss over max(1, positive anchors), as torchvision divides; where
	// targets are soft, over max(1, their sum), as ultralytics does.
	Normalised float64
}

// Price gives the losses of single images under one source of scores and loss.
type Price struct {
	Scores    string
	Objective Objective
	Loss      NamedLoss
	each      [NumSets]float64 // what one term of each set costs, but for those that a detector lifts above its floor
	easy      bool             // such negatives are easy
	setting   *Setting
	rows      *Rows
	loss      int
}

// Prices returns the price of every source of scores, objective and loss.
func (b *Book) Prices() []Price {
	var ps []Price
	for i := range b.Setting.Scores {
		for o := range Objective(NumObjectives) {
			if !b.Accounts[i].Has(o) {
				continue
			}
			for l := range b.Setting.Losses {
				ps = append(ps, b.Price(i, o, l))
			}
		}
	}
	return ps
}

// Price returns the price of one source of scores under an objective that it has (Account.Has),
// and one of the setting's losses, by its index.
func (b *Book) Price(source int, o Objective, l int) Price {
	s, named := b.Setting.Scores[source], b.Setting.Losses[l]
	p := Price{
		Scores: s.Name, Objective: o, Loss: named, setting: b.Setting, rows: b.Rows[source], loss: l,
		easy: b.Setting.Edges.Of(loss.PT(s.Negative, loss.Zero)) == Easy,
	}
	for set := range Set(NumSets) {
		p.each[set] = named.Focal.Loss(scoreOf(s, set), set.Target())
	}
	return p
}

// RunPrices returns the prices of one source of scores under the run's objective, which it must
// have: cross entropy, and the run's focal loss.
func (b *Book) RunPrices(source int) (bce, focal Price) {
	o := b.Setting.Objective
	return b.Price(source, o, b.Setting.Index(loss.BCE)), b.Price(source, o, b.Setting.Index(b.Setting.Focal))
}

// Constant reports whether every term of a set costs the same, so that an image's losses are its
// counts times what a term costs.
func (p *Price) Constant() bool { return p.rows == nil }

// Of sets l to the losses of an image with the given counts of anchors, the i-th of a
// source.
func (p *Price) Of(l *ImageLoss, source, i int, positives, negatives int64) {
	*l = ImageLoss{N: p.setting.termsOf(positives, negatives, p.Objective)}
	if p.rows == nil {
		for set, n := range l.N {
			l.Sum[set] = float64(n) * p.each[set]
		}
		if p.easy {
			l.EasyNegatives, l.EasyNegativeSum = l.N[Negative], l.Sum[Negative]
		}
	} else {
		s := &p.rows.Images[source][i][p.Objective]
		for set, n := range l.N {
			l.Sum[set] = s.Sum[p.loss][set] + float64(float64(n-s.N[set])*p.each[set])
		}
		l.EasyNegatives, l.EasyNegativeSum = s.EasyNegatives, s.EasyNegativeSum[p.loss]
		if p.easy {
			l.EasyNegatives += l.N[Negative] - s.N[Negative]
			l.EasyNegativeSum += float64(float64(l.N[Negative]-s.N[Negative]) * p.each[Negative])
		}
	}
	norm := float64(max(1, positives))
	if p.rows != nil {
		if s := &p.rows.Images[source][i][p.Objective]; s.Soft {
			norm = max(1, s.Targets)
		}
	}
	l.Normalised = (l.Sum[Positive] + l.Sum[OtherClass] + l.Sum[Negative]) / norm
}

// Owns prices what objects' own terms cost under a source of scores: those of their positive anchors.
type Owns struct {
	rows   *Rows              // nil without a detector
	floor  [MaxLosses]float64 // what one term costs that no detector lifts
	losses int
}

// Owns returns the prices of objects under a source of scores.
func (b *Book) Owns(scores int) Owns {
	o := Owns{rows: b.Rows[scores], losses: len(b.Setting.Bank)}
	for l, f := range b.Setting.Bank {
		o.floor[l] = f.Loss(b.Setting.Scores[scores].Positive, loss.One)
	}
	return o
}

// Of returns what an object with so many positive anchors costs, by loss.
func (o *Owns) Of(source, object int, positives int64) (sums [MaxLosses]float64) {
	for l := range o.losses {
		sums[l] = o.Loss(l, source, object, positives)
	}
	return sums
}

// Loss returns what an object with so many positive anchors costs under one loss.
func (o *Owns) Loss(l, source, object int, positives int64) float64 {
	sum := 0.0
	if o.rows != nil {
		own := &o.rows.Objects[source][object]
		positives -= own.N
		sum = own.Loss[l]
	}
	return sum + float64(float64(positives)*o.floor[l])
}

// PositiveCost is the loss of the own term of one positive anchor, under the first
// source of scores, the prior.
type PositiveCost struct{ BCE, Focal float64 }

// PositiveCost returns the loss of one positive anchor under cross entropy and the
// run's focal loss.
func (b *Book) PositiveCost() PositiveCost {
	z := b.Setting.Scores[0].Positive
	return PositiveCost{loss.BCE.Loss(z, loss.One), b.Setting.Focal.Loss(z, loss.One)}
}

// Of returns the loss of n positive anchors.
func (c PositiveCost) Of(n int64) PositiveCost {
	return PositiveCost{float64(n) * c.BCE, float64(n) * c.Focal}
}

// ClassBalance returns the γ at which the focal loss of a class's positives equals that of its
// output on the negative anchors, under the first source of scores, the prior. It is NaN where
// there is none up to loss.MaxGamma, and under objectness, which has no outputs of classes.
func (b *Book) ClassBalance(class int) float64 {
	terms, prior := b.classTerms(&b.Classes[class], b.Setting.Objective), b.Setting.Scores[0]
	gamma, err := loss.Balance([]loss.Mass{
		{N: terms[Positive], Z: prior.Positive, Target: loss.One},
		{N: terms[Negative], Z: prior.Negative, Target: loss.Zero},
	}, b.Setting.Focal.Alpha)
	if err != nil {
		return math.NaN()
	}
	return gamma
}
