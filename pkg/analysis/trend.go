package analysis

// Trend tells how the mean losses of positives and of negatives changed since
// initialisation.
type Trend uint8

// The trends. A positive's loss falls as it is learnt, a negative's rises where the
// detector fires on background.
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
