package answer

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/fit"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// causes are what keeps objects from anchors of their own, with their least and largest size after resizing and the
// extreme size of the anchors, in px. needs is the IoU that makes an anchor positive, 0 where the rule asks for none.
var causes = map[iou.Why]func(w *analysis.Weak, needs float64) string{
	iou.TooSmall: func(w *analysis.Weak, needs float64) string {
		if needs == 0 {
			return fmt.Sprintf("at most %s px large after resizing, and the smallest anchor has %s px", px(w.Most),
				px(w.Extreme))
		}
		return fmt.Sprintf("under %s px after resizing: the smallest anchor has %s px, and can't overlap a smaller object "+
			"by the IoU of %s that the trainer asks for", px(w.Extreme*math.Sqrt(needs)), px(w.Extreme), text.Short(needs))
	},
	iou.TooLarge: func(w *analysis.Weak, needs float64) string {
		if needs == 0 {
			return fmt.Sprintf("at least %s px large after resizing, and the largest anchor has %s px", px(w.Least),
				px(w.Extreme))
		}
		return fmt.Sprintf("over %s px after resizing: the largest anchor has %s px, and can't overlap a larger object by "+
			"the IoU of %s that the trainer asks for", px(w.Extreme/math.Sqrt(needs)), px(w.Extreme), text.Short(needs))
	},
	iou.Aspect: func(*analysis.Weak, float64) string { return "more elongated than the anchors" },
	iou.SizeAspect: func(*analysis.Weak, float64) string {
		return "between the anchors in size and aspect: none is near enough in both"
	},
	iou.OffGrid: func(*analysis.Weak, float64) string {
		return "in between the places of anchors whose shape would fit"
	},
	iou.NoPoint: func(w *analysis.Weak, _ float64) string {
		return fmt.Sprintf("too small or too thin for the grids: no point lies where the trainer wants one; "+
			"they are up to %s px large after resizing", px(w.Most))
	},
	iou.NoPointAtLevel: func(*analysis.Weak, float64) string {
		return "too thin for the level that is for their size: the points in them are those of other levels"
	},
	iou.NoOverlap: func(*analysis.Weak, float64) string {
		return "objects whose points the model predicts no fitting box at, as it does early in training or for hard objects"
	},
	iou.OutCompeted: func(*analysis.Weak, float64) string {
		return "crowded: anchors fit them, but were given to other objects"
	},
}

// fewPoints counts the objects that can have positives, but fewer than a rule of points gives.
func fewPoints(r *analysis.Result) (n int64) {
	for s := range r.Digests {
		n += r.Digests[s].FewPoints
	}
	return n
}

// anchors says how many objects have no anchor that fits, why, and what would change it.
func anchors(r *analysis.Result) Answer {
	w, of := r.Weak, r.Total.Objects
	part := float64(w.Objects) / float64(of)
	a := Answer{Topic: Anchors, Level: Fine}
	points := r.Config.Preset.Matcher.Measure() == iou.ByPoints
	if part < 0.05 {
		a.Verdict = fmt.Sprintf("The anchors fit: %s of %s have at least one of their own.",
			text.Group(of-w.Objects), text.Plural(int(of), "object"))
		if points {
			a.Verdict = fmt.Sprintf("The points are dense enough: %s of %s can have at least one.",
				text.Group(of-w.Objects), text.Plural(int(of), "object"))
			if r.Plan.Chooses() {
				a.Verdict = fmt.Sprintf("By the predictions of %s, %s of %s get at least one point.",
					text.Printable(r.Config.Scores[r.Plan.Chooser()].Name), text.Group(of-w.Objects), text.Plural(int(of), "object"))
			}
			if n := fewPoints(r); n > 0 {
				a.Level = Note
				a.Reason = fmt.Sprintf("But %s (%s) hold fewer than the trainer would give them, and are trained the more weakly "+
					"for it: small or thin objects.", text.Group(n), text.Percent(float64(n)/float64(of)))
				preset, _ := named(r)
				a.Action = fmt.Sprintf("`analyze trainers PATH -a %s --sizes 640..1536` shows what the input size changes.", preset)
			}
		}
		return a
	}
	a.Level = Note
	if part >= analysis.MostlyUnfit {
		a.Level = Warning
	}
	lack, untrained := "have no anchor that fits", " and are not trained."
	switch {
	case r.Plan.Chooses():
		lack = "get no point by the predictions of " + text.Printable(r.Config.Scores[r.Plan.Chooser()].Name)
		untrained = ", and are not trained at that moment."
	case points:
		lack = "hold no point that is for them"
	}
	a.Verdict = fmt.Sprintf("%s of %s (%s) %s", text.Group(w.Objects), text.Plural(int(of), "object"),
		text.Percent(part), lack)
	switch rescued := w.Objects - w.Without; {
	case rescued == 0:
		a.Verdict += untrained
	case w.Without == 0:
		a.Verdict += ": they are trained weakly, on fallback (low-quality) matches."
	default:
		a.Verdict += fmt.Sprintf(": %s on fallback (low-quality) matches only, %s not at all.", trained(rescued),
			text.Group(w.Without))
	}
	if say := causes[w.Cause]; say != nil {
		a.Reason = fmt.Sprintf("Of these, %s are %s.", text.Group(w.Caused), say(w, needs(r.Config.Preset.Matcher.Rule)))
	}
	switch preset, _ := named(r); {
	case w.Trial != nil:
		a.trial(r, w.Trial)
	case fit.Fitted(&r.Config.Preset) && sized(r) && !r.Plan.Chooses():
		a.Action = fmt.Sprintf("The anchors were fitted already. `analyze trainers PATH -a %s --sizes 640..1536` shows what "+
			"the input size changes.", preset)
	default:
		a.Action = others
	}
	return a
}

// others is the advice where no change of the preset helps.
const others = "`analyze trainers PATH` compares the presets of other trainers."

// trial says what other anchors and a larger input would change, and which command finds the best ones.
func (a *Answer) trial(r *analysis.Result, t *analysis.Trial) {
	sample := ""
	if t.Sampled {
		sample = fmt.Sprintf(" in a sample of %s", text.Plural(int(t.Of), "object"))
	}
	preset, own := named(r)
	sizes := fmt.Sprintf(" `analyze trainers PATH -a %s --sizes 640..1536` shows other sizes of the input.", preset)
	table := t.Options != [2][2]analysis.Option{}
	if fit.Fitted(&r.Config.Preset) {
		a.Action = "The anchors were fitted already; the input size is left."
		switch {
		case table:
			a.Action += " " + Larger(t.Options[0], sample) + sizes
		case t.Sized:
			a.Action += " " + changed(t, sample) + sizes
		case sized(r):
			a.Action += sizes
		}
		return
	}
	helps := t.Weak[1] < t.Weak[0]
	if table {
		helps = helps || t.Options[0][1].Weak() < t.Weak[0]
		a.Action, a.Options = Advice(t.Change, t.Options, sample), Options(t.Change, t.Options)
	} else {
		a.Action = changed(t, sample)
	}
	output := "mine.yaml"
	if own {
		output = "fitted.yaml"
	}
	_, err := fit.Suit(&r.Config.Preset)
	switch {
	case !helps:
		a.Action += " " + others
	case err == nil && t.Sized:
		a.Action += fmt.Sprintf(" `analyze fit PATH -a %s -o %s` says whether other anchors help too.", preset, output)
	case err == nil:
		a.Action += fmt.Sprintf(" `analyze fit PATH -a %s -o %s` finds anchors that suit your objects, and says the same of "+
			"them.", preset, output)
	case sized(r):
		a.Action += sizes
	}
}

// changed says what one change does.
func changed(t *analysis.Trial, sample string) string {
	if t.Weak[1] >= t.Weak[0] {
		return fmt.Sprintf("%s did not help%s.", upper(t.Change), sample)
	}
	return fmt.Sprintf("With %s, there would be %s instead of %s%s, at %s negatives per positive instead of %s.",
		t.Change, text.Group(t.Weak[1]), text.Group(t.Weak[0]), sample, text.Digits(t.Ratio[1]), text.Digits(t.Ratio[0]))
}

// sized reports whether the trainer has other sizes of the input.
func sized(r *analysis.Result) bool {
	_, sized := analysis.Enlarged(&r.Config.Preset)
	return sized
}

// named is what commands call the preset of the run: FILE if it is the user's own, which may have another name.
func named(r *analysis.Result) (preset string, own bool) {
	if preset = r.Config.Preset.Name; slices.Contains(trainer.Names(), preset) {
		return preset, false
	}
	return "FILE", true
}

// needs is the IoU that makes an anchor positive under a rule, 0 where it asks for no IoU, or for another one
// from object to object.
func needs(rule iou.Rule) float64 {
	if of, ok := rule.(iou.Suiter); ok && of.Suit().Measure == iou.ByIoU {
		return of.Suit().Threshold
	}
	return 0
}

// trained returns a number of objects that are trained.
func trained(n int64) string {
	if n == 1 {
		return "1 is trained"
	}
	return text.Group(n) + " are trained"
}

// px writes a length with three digits, or all before the point.
func px(x float64) string {
	if x >= 100 {
		return text.Group(int64(math.Round(x)))
	}
	return fmt.Sprintf("%.3g", x)
}
