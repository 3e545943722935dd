package analysis

import (
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/pass"
	"math"
)

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

// leastNegative is the least change of the negatives' mean loss that counts.
const leastNegative = 0.02

// Margin is by how much the mean loss of a positive and of a negative may change, as a
// share of what it was, without telling anything.
type Margin struct{ Positive, Negative float64 }

// Margin returns the margin of a detector's scores:
//
//   - three standard errors of each mean, with images as clusters (the ratio estimator:
//     Cochran, Sampling Techniques, 1977, section 6.3);
//   - of negatives, whose mean is mostly the floor's and hardly varies, at least
//     leastNegative: what three digits show;
//   - for positives also the share of objects that a detection of another image
//     overlaps, with three standard errors: by so much at most could detections that
//     know nothing of their images lower the mean.
func (r *Result) Margin(source int) Margin {
	m := Margin{
		Positive: r.clustered(source, ledger.Positive),
		Negative: max(leastNegative, r.clustered(source, ledger.Negative)),
	}
	if v := r.Verdicts[source]; v != nil && v.Objects > 0 {
		n := float64(v.Objects)
		p := float64(v.Chance) / n
		m.Positive += p + float64(3*math.Sqrt(p*(1-p)/n))
	}
	return m
}

// clustered returns three standard errors of the mean BCE of a set's terms, as a share
// of that at initialisation.
func (r *Result) clustered(source int, set ledger.Set) float64 {
	o, bce := r.Setting.Objective, r.Setting.Index(loss.BCE)
	if !r.Accounts[source].Has(o) {
		return 0
	}
	price := r.Price(source, o, bce)
	type cluster struct{ n, sum float64 }
	var all []cluster
	var total cluster
	var l ledger.ImageLoss
	for s := range r.Data.Sources {
		for i, at := range r.Images(s) {
			im := at.Slot
			if im.LeftOut != (pass.LeftOut{}) {
				continue
			}
			price.Of(&l, s, i, int64(im.Positives), int64(im.Negatives))
			c := cluster{float64(l.N[set]), l.Sum[set]}
			all = append(all, c)
			total.n += c.n
			total.sum += c.sum
		}
	}
	before := r.Views(0)[0]
	lines := before.Set(o, set, bce)
	at := lines.Sum() / float64(r.Terms(o)[set])
	if total.n == 0 || len(all) < 2 || !(at > 0) {
		return 0
	}
	mean, squares := total.sum/total.n, 0.0
	for _, c := range all {
		d := c.sum - float64(mean*c.n)
		squares += float64(d * d)
	}
	m := float64(len(all))
	return 3 * math.Sqrt(m/(m-1)*squares) / total.n / at
}

// TrendOf compares the mean BCE of positives and negatives of two sources of scores: a
// change within the margin is none. ok is false if there are no positives or no
// negatives to compare.
func TrendOf(before, after *Metrics, m Margin) (t Trend, ok bool) {
	if before.MeanPositive.BCE == nil || before.MeanNegative.BCE == nil {
		return Unchanged, false
	}
	positive := *after.MeanPositive.BCE / *before.MeanPositive.BCE
	negative := *after.MeanNegative.BCE / *before.MeanNegative.BCE
	better, worse := positive < 1-m.Positive, positive > 1+m.Positive
	calmer, louder := negative < 1-m.Negative, negative > 1+m.Negative
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
