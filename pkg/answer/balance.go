package answer

import (
	"fmt"
	"math"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// balance says how the negatives weigh against the positives before training, whether the trainer's own loss
// answers it, and how they weigh under a detector's scores if there is one.
func balance(r *analysis.Result) Answer {
	a := Answer{Topic: Balance, Level: Fine}
	m := &r.Metrics[0]
	gamma := text.Short(r.Config.Focal.Gamma)
	ce, focal := share(m.NegativeShare.BCE), share(m.NegativeShare.Focal)
	a.Reason = fmt.Sprintf("%s negatives per positive carry %s of cross entropy and %s of focal loss%s.",
		text.Digits(*m.NegativesPerPositive), text.Percent(ce), text.Percent(focal), reference(r))
	switch own, known := Own(r); {
	case known:
		a.own(r, own)
	case ce < 0.5:
		a.Verdict = "Before training, negatives do not dominate the loss."
	case focal < 0.5:
		a.Verdict = fmt.Sprintf("Before training, negatives dominate cross entropy, and focal loss with γ = %s mutes them "+
			"while background scores near %s.", gamma, text.Short(prior(r)))
	default:
		a.Level = Warning
		a.Verdict = fmt.Sprintf("Before training, negatives dominate the loss, under focal loss with γ = %s too.", gamma)
		a.Action = lead
	}
	for i := range r.Metrics {
		if i == 0 || r.Accounts[i] == nil || r.Config.Scores[i].Geometry || r.Verdicts[i] != nil && r.Verdicts[i].Foreign() {
			continue
		}
		after := &r.Metrics[i]
		a.Reason += fmt.Sprintf(" Under %s: %s and %s.", text.Printable(r.Config.Scores[i].Name),
			text.Percent(share(after.NegativeShare.BCE)), text.Percent(share(after.NegativeShare.Focal)))
		break
	}
	return a
}

// lead is what to do where negatives lead the loss.
const lead = "Give more objects anchors that fit, start from a lower prior π, or sample negatives."

// OwnLoss is how negatives weigh in the trainer's own loss before training.
type OwnLoss struct {
	Imbalance trainer.Imbalance
	Name      string  // of the loss, such as "cross entropy"
	Share     float64 // of the negatives, by the trainer's own initial outputs; NaN where it draws from the negatives
	Start     float64 // the probability that the outputs of the first level start at
}

// Led reports whether negatives lead the trainer's own loss.
func (o *OwnLoss) Led() bool { return o.Share >= 0.5 }

// Own returns how negatives weigh in the trainer's own loss before training; false where the preset does not say
// which it is.
func Own(r *analysis.Result) (o OwnLoss, known bool) {
	o = OwnLoss{Imbalance: r.Config.Preset.Imbalance, Share: math.NaN(), Start: r.Start(0)}
	switch o.Imbalance.By {
	case "":
		return o, false
	case trainer.ByFocal:
		o.Name = fmt.Sprintf("focal loss (γ = %s, α = %s)", text.Short(o.Imbalance.Gamma), text.Short(o.Imbalance.Alpha))
	case trainer.ByNothing:
		o.Name = "cross entropy"
	default:
		return o, true
	}
	s := r.OwnFromStart()
	if s == nil {
		return o, false
	}
	o.Share = *s
	return o, true
}

// own answers for the trainer's own loss.
func (a *Answer) own(r *analysis.Result, o OwnLoss) {
	name := text.Printable(r.Config.Preset.Name)
	carry := fmt.Sprintf("negatives carry %s of the %s that %s trains with", text.Percent(o.Share), o.Name, name)
	if p := prior(r); math.Abs(o.Start-p) > p/10 {
		a.Reason = fmt.Sprintf("If outputs started at %s, as RetinaNet's do, %s", text.Short(p),
			strings.Replace(a.Reason, " carry ", " would carry ", 1))
	}
	switch {
	case o.Led():
		a.Level = Warning
		a.Verdict = "Before training, " + carry + "."
		a.Action = lead
		if o.Start > 0.05 {
			a.Action = fmt.Sprintf("Its class outputs start at %s: set the bias of its last layer to "+
				"-ln((1-0.01)/0.01) = -4.6, so that they start at 0.01.", text.Short(o.Start))
		}
	case o.Imbalance.By == trainer.ByFocal:
		a.Verdict = fmt.Sprintf("Nothing to do: %s trains with %s, which mutes the negatives.", name, o.Name)
		if own := r.Config.Focal; own.Gamma != o.Imbalance.Gamma || own.Alpha != o.Imbalance.Alpha {
			a.Reason += fmt.Sprintf(" With the trainer's own γ and α they carry %s.", text.Percent(o.Share))
		}
		a.Action = fmt.Sprintf("Its head starts at %s by itself; in a head of your own, set the last bias to "+
			"-ln((1-%[1]s)/%[1]s) = %[2]s.", text.Short(o.Start), text.Short(math.Round(100*math.Log(o.Start/(1-o.Start)))/100))
	case o.Imbalance.By == trainer.ByNothing:
		a.Verdict = "Nothing to do: before training, " + carry + "."
	case o.Imbalance.By == trainer.ByMining:
		a.Verdict = fmt.Sprintf("Nothing to do: %s trains on the three negatives with the highest loss for each "+
			"positive. The others cost nothing.", name)
		a.Reason = "If all counted, " + a.Reason
	case o.Imbalance.By == trainer.BySample:
		a.Verdict = fmt.Sprintf("Nothing to do: %s trains on 256 anchors of each image, positives first, up to half of "+
			"them. The other negatives cost nothing.", name)
		a.Reason = "If all counted, " + a.Reason
	default:
		a.Verdict = fmt.Sprintf("Nothing to do: %s weighs each negative by its score, which mutes easy ones as focal loss "+
			"does.", name)
	}
}

// Answers says in a sentence who answers the imbalance.
func (o *OwnLoss) Answers() string {
	switch by := o.Imbalance.By; {
	case o.Led():
		return fmt.Sprintf("They carry %s of the trainer's own loss before training.", text.Percent(o.Share))
	case by == trainer.ByFocal:
		return "The trainer's focal loss makes up for it."
	case by == trainer.ByMining:
		return "The trainer takes three for each positive, and leaves out the others."
	case by == trainer.BySample:
		return "The trainer takes 256 anchors of each image, and leaves out the others."
	case by == trainer.ByScore:
		return "The trainer weighs each by its score, which makes up for it."
	}
	return fmt.Sprintf("They carry %s of the trainer's own loss before training: nothing to do.", text.Percent(o.Share))
}

// prior is the score of every anchor before training.
func prior(r *analysis.Result) float64 { return math.Round(1e6*r.Config.Scores[0].Negative.P()) / 1e6 }

// Muted says by how much focal loss mutes the negatives before training, and that it is their score that does it:
// in the article's example they score more. It says nothing where focal loss does not mute them.
func Muted(r *analysis.Result) string {
	if m := &r.Metrics[0]; share(m.NegativeShare.BCE) < 0.5 || share(m.NegativeShare.Focal) >= 0.5 {
		return ""
	}
	p, gamma := prior(r), r.Config.Focal.Gamma
	out := fmt.Sprintf("Focal loss multiplies the cost of a negative of score %s by %s^γ = %s", text.Short(p),
		text.Short(p), text.Digits(math.Pow(p, gamma)))
	for i := range r.Config.Scores {
		s, m := &r.Config.Scores[i], &r.Metrics[i]
		if s.Name != "article" || m.NegativeShare.Focal == nil || *m.NegativeShare.Focal < 0.5 {
			continue
		}
		return out + fmt.Sprintf("; if background scored %s, as in the article's example, negatives would carry %s of focal "+
			"loss too.", text.Digits(s.Negative.P()), text.Percent(*m.NegativeShare.Focal))
	}
	return out + "."
}

// COCO returns how many negatives for one positive COCO train2017 has under a run's preset, as something to
// compare with; false if nobody counted.
func COCO(r *analysis.Result) (ratio float64, known bool) {
	ratio, known = cocoRatio[r.Config.Preset.Name]
	return ratio, known
}

// reference says which shares the negatives of COCO train2017 have under the same preset, outputs
// and loss: as every negative costs the same before training, and every positive too, only the number of
// negatives to one positive differs.
func reference(r *analysis.Result) string {
	coco, known := COCO(r)
	m := &r.Metrics[0]
	if !known || m.Domination.BCE == nil || m.Domination.Focal == nil {
		return ""
	}
	times := coco / *m.NegativesPerPositive
	of := func(d float64) string { return text.Percent(float64(d*times) / (1 + float64(d*times))) }
	return fmt.Sprintf(" (COCO: %s, %s and %s)", text.Digits(coco),
		of(*m.Domination.BCE), of(*m.Domination.Focal))
}
