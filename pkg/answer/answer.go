// Package answer says in a few sentences what a run means for the owner of a data set, and what to
// do: can the numbers be trusted, how are positives and negatives balanced, do the anchors fit the
// objects, which labels should be checked. Each answer begins with the verdict; the reason with its
// numbers follows, then the action.
package answer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/fit"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// Answer is one sentence or a few on one topic.
type Answer struct {
	Topic Topic `json:"topic"`
	Level Level `json:"level"`

	Verdict string `json:"verdict"` // what it means
	Reason  string `json:"reason"`  // the numbers, "" if the verdict has them
	Action  string `json:"action"`  // what to do, "" if nothing

	Options []Option `json:"options,omitempty"` // a table that goes with it
}

// Text returns the answer as one paragraph.
func (a *Answer) Text() string {
	var parts []string
	for _, part := range []string{a.Verdict, a.Reason, a.Action} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " ")
}

// Topic is what an answer is about.
type Topic string

// The topics.
const (
	Data    Topic = "data"    // only if the numbers can't be trusted
	Errors  Topic = "errors"  // only if there are some
	Classes Topic = "classes" // only if some have few objects
	Balance Topic = "balance" // of the loss of positives and negatives
	Anchors Topic = "anchors" // that fit the objects
	Labels  Topic = "labels"  // that look wrong
)

// Level is how bad it is.
type Level string

// The levels.
const (
	Fine    Level = "fine"    // nothing to do
	Note    Level = "note"    // worth to know
	Warning Level = "warning" // worth to mend before training
	Error   Level = "error"   // mend it first
)

// Of returns the answers of a run: one on data if its numbers can't be trusted, then one on each
// other topic that the run can tell about. What costs most comes first: the gravest, and of
// equals labels, then anchors, then the balance.
func Of(r *analysis.Result) []Answer {
	var all []Answer
	if a, ok := data(r); ok {
		all = append(all, a)
	} else if a, ok := errors(r); ok {
		all = append(all, a)
	}
	if r.Total.Objects > 0 {
		all = append(all, labelled(r), anchors(r))
		if a, ok := classes(r); ok {
			all = append(all, a)
		}
	}
	if r.Total.Positives > 0 && r.Total.Negatives > 0 {
		all = append(all, balance(r))
	}
	slices.SortStableFunc(all, func(a, b Answer) int { return a.Level.grade() - b.Level.grade() })
	return all
}

// grade orders levels, the gravest first.
func (l Level) grade() int { return slices.Index([]Level{Error, Warning, Note, Fine}, l) }

// spoilt are the codes whose findings make every number of a run doubtful.
var spoilt = map[string]bool{
	"no-objects": true, "box-convention": true, "image-size-convention": true, "boxes-carried-over": true,
}

// data says whether the numbers can be trusted at all.
func data(r *analysis.Result) (Answer, bool) {
	for i := range r.Findings {
		f := &r.Findings[i]
		single := f.Code == "box-convention" && f.Key == "corners" // the others are right
		column := f.Code == "columns-shifted" && f.Key != ""       // of numbers of boxes
		if !spoilt[f.Code] && !column || single || f.Severity() == findings.Info {
			continue
		}
		return Answer{
			Topic: Data, Level: Error, Verdict: "Mend the data first: the numbers below are about something else.",
			Reason: sentence(f.Message), Action: fmt.Sprintf("analyze explain %s tells more.", f.Code),
		}, true
	}
	return Answer{}, false
}

// errors counts the findings that lose records or stop a trainer.
func errors(r *analysis.Result) (Answer, bool) {
	n, codes := 0, []string{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Severity() != findings.Error || f.Suspected() {
			continue
		}
		if n++; !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	if n == 0 {
		return Answer{}, false
	}
	named := strings.Join(codes[:min(len(codes), maxCodes)], ", ")
	if more := len(codes) - maxCodes; more > 0 {
		named += fmt.Sprintf(" and %d more kinds", more)
	}
	return Answer{
		Topic: Errors, Level: Error,
		Verdict: fmt.Sprintf("Mend %s: records are lost, or a trainer stops or reads something else.",
			text.Plural(n, "error")),
		Reason: fmt.Sprintf("The findings list %s.", named),
		Action: fmt.Sprintf("`analyze explain %s` says what to do.", codes[0]),
	}, true
}

// maxCodes is how many codes of errors an answer names.
const maxCodes = 4

// classes counts the classes with few objects.
func classes(r *analysis.Result) (Answer, bool) {
	few, none, of := 0, 0, 0
	for i := range r.Findings {
		if r.Findings[i].Code == "class-rare" {
			few++
		}
	}
	for i := range r.Data.Classes {
		if r.Data.Classes[i].Known {
			of++
			if r.Classes[i].Objects == 0 {
				none++
			}
		}
	}
	if few == 0 || of < 2 {
		return Answer{}, false
	}
	a := Answer{
		Topic: Classes, Level: Note,
		Verdict: fmt.Sprintf("%s of %s %s fewer than %d usable objects: too few to learn from, or to measure by.",
			text.Group(int64(few)), text.Plural(of, "class"), have(few), analysis.RareBelow),
		Action: "Collect more, join them with others, or leave them out.",
	}
	if none > 0 {
		a.Reason = fmt.Sprintf("%s more %s none.", text.Group(int64(none)), have(none))
	}
	return a, true
}

// have is the verb for so many.
func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	s = text.Printable(s)
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

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

// others is what to do where no change of the preset helps.
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

// upper writes the first letter as a capital.
func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// trained returns a number of objects that are trained.
func trained(n int64) string {
	if n == 1 {
		return "1 is trained"
	}
	return text.Group(n) + " are trained"
}

// whole writes an expected number.
func whole(x float64) string {
	if x < 1 {
		return "less than 1"
	}
	return text.Group(int64(math.Round(x)))
}

// px writes a length with three digits, or all before the point.
func px(x float64) string {
	if x >= 100 {
		return text.Group(int64(math.Round(x)))
	}
	return fmt.Sprintf("%.3g", x)
}

// share is a metric that may be absent, 0 then.
func share(x analysis.Number) float64 {
	if x == nil {
		return 0
	}
	return *x
}
