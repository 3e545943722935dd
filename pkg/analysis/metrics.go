package analysis

import (
	"math"

	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// Number is a metric that may have nothing to divide by: nil then, null in JSON.
type Number = *float64

// ByLoss is a metric under cross entropy, α-balanced cross entropy and the
// run's focal loss.
type ByLoss struct {
	BCE      Number `json:"bce" expr:"bce"`
	AlphaBCE Number `json:"alpha_bce" expr:"alpha_bce"`
	Focal    Number `json:"focal" expr:"focal"`
}

// Metrics are the headline figures under one source of scores and the run's
// objective. Their names in summary.json and in the gate's expressions are one
// contract: the tags. Shares are of the loss of all terms; negatives are the
// terms of negative anchors.
type Metrics struct {
	Anchors                int64  `json:"anchors" expr:"anchors"`
	Positives              int64  `json:"positives" expr:"positives"` // anchors, as the next two
	Negatives              int64  `json:"negatives" expr:"negatives"`
	Ignored                int64  `json:"ignored" expr:"ignored"`
	NegativesPerPositive   Number `json:"negatives_per_positive" expr:"negatives_per_positive"`
	EasyNegativeFraction   Number `json:"easy_negative_fraction" expr:"easy_negative_fraction"` // easy ones among the negatives
	EasyNegativeShare      ByLoss `json:"easy_negative_share" expr:"easy_negative_share"`
	NegativeShare          ByLoss `json:"negative_share" expr:"negative_share"`
	Domination             ByLoss `json:"domination" expr:"domination"`                 // loss of negatives over loss of positives
	Hardest1pctShare       ByLoss `json:"hardest_1pct_share" expr:"hardest_1pct_share"` // of the loss, on the 1 % of terms with the highest
	GammaBalance           Number `json:"gamma_balance" expr:"gamma_balance"`
	GammaBalanceWhy        string `json:"gamma_balance_why,omitempty" expr:"gamma_balance_why"` // why there is none
	ObjectsWithoutPositive int64  `json:"objects_without_positive" expr:"objects_without_positive"`
	ObjectsRescued         int64  `json:"objects_rescued" expr:"objects_rescued"`                 // with positives that only the low-quality rule made
	ImagesWithoutPositive  int64  `json:"images_without_positive" expr:"images_without_positive"` // with matched objects
}

// metrics computes the headline figures of every source of scores.
func (r *Result) metrics() []Metrics {
	base := Metrics{
		Anchors: r.Total.Anchors, Positives: r.Total.Positives, Negatives: r.Total.Negatives, Ignored: r.Total.Ignored,
		NegativesPerPositive: number(share(float64(r.Total.Negatives), float64(r.Total.Positives))),
	}
	for s := range r.Objects {
		for i := range r.Objects[s] {
			base.countObject(&r.Objects[s][i])
		}
		for i := range r.Images[s] {
			if im := &r.Images[s][i]; im.Objects > 0 && im.Positives == 0 {
				base.ImagesWithoutPositive++
			}
		}
	}
	ms := make([]Metrics, len(r.Config.Scores))
	for i, s := range r.Config.Scores {
		ms[i] = base
		ms[i].price(r, s)
	}
	return ms
}

func (m *Metrics) countObject(o *Object) {
	switch {
	case !o.Matched():
	case o.Positives == 0:
		m.ObjectsWithoutPositive++
	case o.Rescued == o.Positives:
		m.ObjectsRescued++
	}
}

// price fills in what depends on the scores.
func (m *Metrics) price(r *Result, s scores.Source) {
	all := masses(r.Total.terms(r.Objective, r.K), s)
	positive, negative := all[:1], all[2:]
	var easy []loss.Mass
	if r.Config.Edges.Of(loss.PT(s.Negative, loss.Zero)) == Easy {
		easy = negative
	}
	m.EasyNegativeFraction = number(share(float64(count(easy)), float64(count(negative))))
	m.EasyNegativeShare = r.byLoss(func(f loss.Focal) float64 { return share(f.Sum(easy), f.Sum(all[:])) })
	m.NegativeShare = r.byLoss(func(f loss.Focal) float64 { return share(f.Sum(negative), f.Sum(all[:])) })
	m.Domination = r.byLoss(func(f loss.Focal) float64 { return share(f.Sum(negative), f.Sum(positive)) })
	m.Hardest1pctShare = r.byLoss(func(f loss.Focal) float64 { return f.HardestShare(all[:], 0.01) })
	g, err := loss.Balance([]loss.Mass{positive[0], negative[0]}, r.Config.Focal.Alpha)
	m.GammaBalance = number(g)
	if err != nil {
		m.GammaBalanceWhy = err.Error()
	}
}

func (r *Result) byLoss(f func(loss.Focal) float64) ByLoss {
	return ByLoss{BCE: number(f(loss.BCE)), AlphaBCE: number(f(loss.Focal{Alpha: r.Config.Focal.Alpha})), Focal: number(f(r.Config.Focal))}
}

func count(ms []loss.Mass) int64 {
	var n int64
	for _, m := range ms {
		n += m.N
	}
	return n
}

// number returns nil for NaN.
func number(x float64) Number {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}
