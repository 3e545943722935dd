package analysis

import (
	"math"
	"slices"

	"focalaudit/pkg/audit"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
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
	// Images counts those in use, Annotations those that were read, Objects the annotations
	// in use.
	Images      int64 `json:"images" expr:"images"`
	Annotations int64 `json:"annotations" expr:"annotations"`
	Objects     int64 `json:"objects" expr:"objects"`

	// Anchors, Positives, Negatives and Ignored count anchors; the last three add up.
	Anchors   int64 `json:"anchors" expr:"anchors"`
	Positives int64 `json:"positives" expr:"positives"`
	Negatives int64 `json:"negatives" expr:"negatives"`
	Ignored   int64 `json:"ignored" expr:"ignored"`

	NegativesPerPositive Number `json:"negatives_per_positive" expr:"negatives_per_positive"`

	// EasyNegativeFraction is the share of the negatives that are easy, by number.
	EasyNegativeFraction Number `json:"easy_negative_fraction" expr:"easy_negative_fraction"`

	EasyNegativeShare ByLoss `json:"easy_negative_share" expr:"easy_negative_share"`
	NegativeShare     ByLoss `json:"negative_share" expr:"negative_share"`

	// Domination is the loss of the negatives over that of the positives.
	Domination ByLoss `json:"domination" expr:"domination"`

	// MeanPositive is the mean loss of a positive anchor's own term, MeanNegative that of
	// a negative anchor's term.
	MeanPositive ByLoss `json:"mean_positive" expr:"mean_positive"`
	MeanNegative ByLoss `json:"mean_negative" expr:"mean_negative"`

	// Hardest1pctShare is the share of the 1 % of terms with the highest loss.
	Hardest1pctShare ByLoss `json:"hardest_1pct_share" expr:"hardest_1pct_share"`

	// GammaBalance is the γ at which both targets weigh the same, GammaBalanceWhy the
	// reason where there is none.
	GammaBalance    Number `json:"gamma_balance" expr:"gamma_balance"`
	GammaBalanceWhy string `json:"gamma_balance_why,omitempty" expr:"gamma_balance_why"`

	ObjectsWithoutPositive int64 `json:"objects_without_positive" expr:"objects_without_positive"`

	// ObjectsRescued counts objects whose positive anchors are the low-quality rule's alone.
	ObjectsRescued int64 `json:"objects_rescued" expr:"objects_rescued"`

	// ImagesWithoutPositive counts images with matched objects and no positive anchor.
	ImagesWithoutPositive int64 `json:"images_without_positive" expr:"images_without_positive"`

	// SuspectShare is the share of suspected labels in the loss of all terms. It and
	// NoiseAmplification are of the suspects of the detector that audits the labels. Under other scores their objects
	// are priced, what is missing is not: null, as is SuspectShare.
	SuspectShare       ByLoss        `json:"suspect_share" expr:"suspect_share"`
	NoiseAmplification Amplification `json:"noise_amplification" expr:"noise_amplification"`

	// EstimatedWrong is the auditing detector's too.
	EstimatedWrong Wrong `json:"estimated_wrong" expr:"estimated_wrong"`

	// EstimatedWrongLow and EstimatedWrongHigh are the ends of 95 % intervals, where labels.Bounds gives one.
	EstimatedWrongLow  Wrong `json:"estimated_wrong_low" expr:"estimated_wrong_low"`
	EstimatedWrongHigh Wrong `json:"estimated_wrong_high" expr:"estimated_wrong_high"`
}

// Wrong is how many labels are estimated to be wrong, by kind, as a share of the labels. A detector that was trained
// on these labels repeats their errors, and the estimate is far too low. Null if a kind could not be estimated.
type Wrong struct {
	Missing   Number `json:"missing" expr:"missing"`
	Spurious  Number `json:"spurious" expr:"spurious"`
	Location  Number `json:"location" expr:"location"`
	Class     Number `json:"class" expr:"class"`
	Duplicate Number `json:"duplicate" expr:"duplicate"`
}

// Of returns the share of a kind.
func (w *Wrong) Of(k labels.Kind) Number { return *w.of(k) }

func (w *Wrong) of(k labels.Kind) *Number {
	return [...]*Number{
		labels.Missing: &w.Missing, labels.Spurious: &w.Spurious, labels.Location: &w.Location, labels.Class: &w.Class,
		labels.Duplicate: &w.Duplicate,
	}[k]
}

// Amplification is by how much the run's focal loss raises the share that suspects
// have of the loss, over cross entropy: of the positives' loss for objects, of the
// negatives' for what is missing. Controls are no suspects but as hard: for each suspected object another one of
// nearest cross entropy per anchor, for what is missing as many of the hardest other negatives.
type Amplification struct {
	Objects        Number `json:"objects" expr:"objects"`
	ControlObjects Number `json:"control_objects" expr:"control_objects"`
	Missing        Number `json:"missing" expr:"missing"`
	ControlMissing Number `json:"control_missing" expr:"control_missing"`
}

// metrics computes the headline figures of every source of scores.
func (r *Result) metrics() []Metrics {
	base := Metrics{
		Images: r.Total.Images, Annotations: r.annotations(), Objects: r.Total.Objects,
		Anchors: r.Total.Anchors, Positives: r.Total.Positives, Negatives: r.Total.Negatives, Ignored: r.Total.Ignored,
		NegativesPerPositive: number(ledger.Share(float64(r.Total.Negatives), float64(r.Total.Positives))),
	}
	d := r.Digested()
	base.ImagesWithoutPositive = d.ImagesWithoutPositive
	for i := range d.Weak {
		base.ObjectsWithoutPositive += d.Weak[i].Without
		base.ObjectsRescued += d.Weak[i].Rescued
	}
	ms := make([]Metrics, len(r.Config.Scores))
	for i := range r.Config.Scores {
		ms[i] = base
		ms[i].price(r, i)
	}
	if r.Audit != nil {
		for i := range ms {
			ms[i].suspect(r, i)
		}
		ms[r.Audit.Scores].estimate(r)
	}
	return ms
}

// estimate fills in how many labels are wrong.
func (m *Metrics) estimate(r *Result) {
	for k, e := range r.Audit.Estimates {
		if e.Steps != nil && !e.Vague {
			*m.EstimatedWrong.of(labels.Kind(k)) = number(e.Share)
			*m.EstimatedWrongLow.of(labels.Kind(k)) = number(e.Low)
			*m.EstimatedWrongHigh.of(labels.Kind(k)) = number(e.High)
		}
	}
}

// suspect fills in what suspects have of the loss under a source of scores.
func (m *Metrics) suspect(r *Result, scores int) {
	at := func(name string, gamma float64, of string) *audit.Noise {
		for i := range r.Audit.Noise {
			n := &r.Audit.Noise[i]
			if n.Scores == scores && n.Loss.Name == name && (name != "focal" || n.Loss.Gamma == gamma) && n.Of == of {
				return n
			}
		}
		return &audit.Noise{Total: math.NaN(), Amplification: math.NaN(), Control: math.NaN()}
	}
	both := func(name string, gamma float64) Number {
		return number(at(name, gamma, "object").Total + at(name, gamma, "background").Total)
	}
	gamma := r.Config.Focal.Gamma
	m.SuspectShare = ByLoss{BCE: both("bce", 0), AlphaBCE: both("focal", 0), Focal: both("focal", gamma)}
	objects, missing := at("focal", gamma, "object"), at("focal", gamma, "background")
	m.NoiseAmplification = Amplification{
		number(objects.Amplification), number(objects.Control),
		number(missing.Amplification), number(missing.Control),
	}
}

// price fills in what depends on the scores.
func (m *Metrics) price(r *Result, source int) {
	v := r.Views(source)[0]
	o := r.Setting.Objective
	terms := r.Terms(o)
	negatives := v.Set(o, ledger.Negative, r.Setting.Index(loss.BCE))
	m.EasyNegativeFraction = number(ledger.Share(float64(negatives[ledger.Easy].N), float64(terms[ledger.Negative])))
	m.EasyNegativeShare = r.byLoss(func(l int) float64 {
		lines := v.Set(o, ledger.Negative, l)
		return ledger.Share(lines[ledger.Easy].Sum, v.Total(o, l))
	})
	m.NegativeShare = negativeShare(r, v)
	sum := func(set ledger.Set, l int) float64 {
		lines := v.Set(o, set, l)
		return lines.Sum()
	}
	m.Domination = r.byLoss(func(l int) float64 { return ledger.Share(sum(ledger.Negative, l), sum(ledger.Positive, l)) })
	mean := func(set ledger.Set) ByLoss {
		return r.byLoss(func(l int) float64 { return ledger.Share(sum(set, l), float64(terms[set])) })
	}
	m.MeanPositive, m.MeanNegative = mean(ledger.Positive), mean(ledger.Negative)
	all := r.Spread(source, o)
	m.Hardest1pctShare = r.byLoss(func(l int) float64 {
		return r.Setting.Bank[l].HardestShare(slices.Concat(all[:]...), 0.01)
	})
	g, err := loss.Balance(slices.Concat(all[ledger.Positive], all[ledger.Negative]), r.Config.Focal.Alpha)
	m.GammaBalance = number(g)
	if err != nil {
		m.GammaBalanceWhy = err.Error()
	}
}

// negativeShare returns the negatives' share of the loss under a source of scores and
// one of its floors.
func negativeShare(r *Result, v ledger.View) ByLoss {
	o := r.Setting.Objective
	return r.byLoss(func(l int) float64 {
		lines := v.Set(o, ledger.Negative, l)
		return ledger.Share(lines.Sum(), v.Total(o, l))
	})
}

// AtFloor is the negatives' share of the loss under one floor of a detector.
type AtFloor struct {
	Floor         float64
	NegativeShare ByLoss
}

// AtFloors returns the negatives' share of the loss under the floors of a source
// of scores that is a detector's, its own first.
func (r *Result) AtFloors(source int) []AtFloor {
	var out []AtFloor
	for _, v := range r.Views(source) {
		out = append(out, AtFloor{v.Floor, negativeShare(r, v)})
	}
	return out
}

// byLoss computes a metric under the losses that headline figures have, by their index.
func (r *Result) byLoss(f func(l int) float64) ByLoss {
	at := func(of loss.Focal) Number { return number(f(r.Setting.Index(of))) }
	return ByLoss{BCE: at(loss.BCE), AlphaBCE: at(loss.Focal{Alpha: r.Config.Focal.Alpha}), Focal: at(r.Config.Focal)}
}

// number returns nil for NaN.
func number(x float64) Number {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}
