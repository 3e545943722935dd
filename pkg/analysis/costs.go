package analysis

// PositiveCost is the loss of the own term of one positive anchor, under the first
// source of scores.
type PositiveCost struct{ BCE, Focal float64 }

// PositiveCost returns the loss of one positive anchor under cross entropy and the
// run's focal loss.
func (r *Result) PositiveCost() PositiveCost {
	bce, focal := r.PositiveLoss()
	return PositiveCost{bce, focal}
}

// Of returns the loss of n positive anchors.
func (c PositiveCost) Of(n int64) PositiveCost {
	return PositiveCost{float64(n) * c.BCE, float64(n) * c.Focal}
}

// All returns the objects of all sizes together, those without a box and so without a
// size included.
func (t *Trainer) All() TrainerSize {
	all := TrainerSize{Positives: t.Total.Positives}
	all.Objects[NotTrained] = t.NoBox
	for s := range t.Sizes {
		z := &t.Sizes[s]
		for what, n := range z.Objects {
			all.Objects[what] += n
		}
		all.ShareBCE += z.ShareBCE
		all.ShareFocal += z.ShareFocal
	}
	return all
}

// Trend is what became of the mean loss of positives and of negatives since
// initialisation.
type Trend uint8

// What became of it. A positive's loss falls as it is learnt, a negative's rises where
// the detector fires on background.
const (
	Unchanged       Trend = iota
	PositivesOnly         // positives cost less; negatives cost no more than before
	PositivesFiring       // positives cost less, negatives more
	NegativesOnly         // negatives cost less, positives as much as before
	Firing                // negatives cost more, positives as much as before
	PositivesWorse        // positives cost more; negatives cost no more than before
	BothWorse             // both cost more
)

// sameMean is the relative change up to which a mean loss counts as unchanged.
const sameMean = 0.02

// TrendOf compares the mean BCE of positives and negatives of two sources of scores.
// ok is false if there are no positives or no negatives to compare.
func TrendOf(before, after *Metrics) (t Trend, ok bool) {
	if before.MeanPositive.BCE == nil || before.MeanNegative.BCE == nil {
		return Unchanged, false
	}
	positive := *after.MeanPositive.BCE / *before.MeanPositive.BCE
	negative := *after.MeanNegative.BCE / *before.MeanNegative.BCE
	better, worse := positive < 1-sameMean, positive > 1+sameMean
	calmer, louder := negative < 1-sameMean, negative > 1+sameMean
	switch {
	case better && louder:
		return PositivesFiring, true
	case better:
		return PositivesOnly, true
	case louder && worse:
		return BothWorse, true
	case louder:
		return Firing, true
	case worse:
		return PositivesWorse, true
	case calmer:
		return NegativesOnly, true
	}
	return Unchanged, true
}
