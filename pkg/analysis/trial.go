package analysis

import (
	"context"
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// Weak says how many objects have no anchor on their own merit, and what would change it.
type Weak struct {
	Objects int64 // without a positive anchor, or with fallback (low-quality) matches only
	Without int64 // of these, without any positive anchor

	Cause   iou.Why // why most of them have none; Fine if there are none
	Caused  int64   // of Objects, for this reason
	Least   float64 // px after resizing: the smallest √(width·height) of these
	Most    float64 // px after resizing: the largest
	Extreme float64 // px: the smallest √(width·height) of any anchor as it is laid, or under TooLarge the largest

	Trial *Trial // what other anchors would do, nil if none was tried
}

// Trial is what a change of the preset does to objects with weak anchors.
type Trial struct {
	Change string // "anchors from 16 px"
	Of     int64  // objects that were matched under both: all, or those of a sample of images

	// Weak objects, and negatives per positive, under the preset and after the change.
	Weak  [2]int64
	Ratio [2]float64

	Sampled bool // the counts are those of a sample of the images
	Sized   bool // the change is a larger input

	// Options are today's anchors and the changed ones, [1], each at today's input size and at a larger one, [1]. The
	// zero value if the change is one of the input itself, or the trainer has one size.
	Options [2][2]Option
}

// Option is a choice of anchors and input size, and what it does to the objects.
type Option struct {
	Input  string  // in words: trainer.Preset.Input
	Never  int64   // objects without any positive anchor
	Weakly int64   // objects with fallback (low-quality) matches only
	Ratio  float64 // negatives per positive, 0 without positives
	Cost   float64 // anchors, as a multiple of today's
	Pixels float64 // of the padded images, as a multiple of today's: what a network computes grows with them
}

// Load is what a network computes for a data set.
type Load struct{ Anchors, Pixels int64 }

// Load counts the anchors and the pixels of the padded images of a run.
func (r *Result) Load() Load {
	of := Load{Anchors: r.Total.Anchors}
	for s := range r.Data.Sources {
		for _, im := range r.Images(s) {
			if im.Slot.LeftOut == (pass.LeftOut{}) {
				of.Pixels += int64(im.Slot.Padded.W) * int64(im.Slot.Padded.H)
			}
		}
	}
	return of
}

// Weak counts the objects without an anchor that fits.
func (o *Option) Weak() int64 { return o.Never + o.Weakly }

// OptionOf reads an option off what was matched under a preset, beside the load of today's setting.
func OptionOf(p *trainer.Preset, m *Metrics, t *ledger.Tally, of, today Load) Option {
	o := Option{
		Input: p.Input(), Never: m.ObjectsWithoutPositive, Weakly: m.ObjectsRescued,
		Cost:   float64(of.Anchors) / float64(max(1, today.Anchors)),
		Pixels: float64(of.Pixels) / float64(max(1, today.Pixels)),
	}
	if t.Positives > 0 {
		o.Ratio = float64(t.Negatives) / float64(t.Positives)
	}
	return o
}

// Enlarged returns a preset at one and a half times its input size; false if it has one size. Of 800 px that is
// 1,200 px, with 2.25 times the pixels.
func Enlarged(p *trainer.Preset) (trainer.Preset, bool) {
	at, err := p.AtSize(int(p.Resize.Short) * 3 / 2)
	return at, err == nil
}

// trialShare is the share of weak objects from which a change is tried, and trialObjects is how
// many objects are matched for it: a share of 0.3 is known to 2 % then.
const (
	trialShare   = 0.05
	trialObjects = 5000
)

// weak finds the commonest cause of weak anchors, and tries a change against it.
func (r *Result) weak(ctx context.Context) (*Weak, error) {
	w := &Weak{Without: r.Metrics[0].ObjectsWithoutPositive, Least: math.Inf(1)}
	w.Objects = w.Without + r.Metrics[0].ObjectsRescued
	whys := r.Digested().Weak
	for why := range whys {
		if n := whys[why].Without + whys[why].Rescued; iou.Why(why) != iou.Fine && n > w.Caused {
			w.Cause, w.Caused, w.Least, w.Most = iou.Why(why), n, whys[why].Least, whys[why].Most
		}
	}
	w.Extreme = extreme(r.Trainer.Layout, r.Config.Preset.Anchors.Levels, w.Cause == iou.TooLarge)
	if w.Caused == 0 {
		w.Least = 0
	}
	if float64(w.Objects) < trialShare*float64(r.Total.Objects) || r.Plan.Chooses() {
		return w, nil // of a changed trainer there are no predictions
	}
	changed, what := remedy(r.Config.Preset, w.Cause)
	if what == "" || changed.Validate() != nil { // ATSS takes one shape a level only
		return w, nil
	}
	var err error
	w.Trial, err = r.try(ctx, changed, what)
	return w, err
}

// extreme returns the smallest or the largest √(width·height) of a trainer's anchors in px, after it has rounded their
// corners; 0 for points.
func extreme(layout *anchors.Layout, levels []anchors.Level, largest bool) float64 {
	var sides []float64
	for level := range levels {
		if len(levels[level].Sizes)+len(levels[level].Boxes) == 0 {
			continue
		}
		for shape := range layout.Shapes(level) {
			b := layout.Box(level, shape)
			sides = append(sides, math.Sqrt(float64(b.Width())*float64(b.Height())))
		}
	}
	switch {
	case len(sides) == 0:
		return 0
	case largest:
		return slices.Max(sides)
	}
	return slices.Min(sides)
}

// remedy returns a preset that is changed against a cause of weak anchors, in the simplest way:
// anchors of half or twice the size, ratios beyond the preset's, a second size at each level, a larger
// input. The words say what it changes; they are empty where there is none. The trainer's rule may
// refuse the preset.
func remedy(p trainer.Preset, why iou.Why) (changed trainer.Preset, words string) {
	levels := slices.Clone(p.Anchors.Levels)
	least, most := math.Inf(1), 0.0
	resize := func(by float64) {
		for i := range levels {
			levels[i].Sizes = slices.Clone(levels[i].Sizes)
			for k := range levels[i].Sizes {
				levels[i].Sizes[k] *= by
				least, most = min(least, levels[i].Sizes[k]), max(most, levels[i].Sizes[k])
			}
			levels[i].Boxes = slices.Clone(levels[i].Boxes)
			for k, b := range levels[i].Boxes {
				levels[i].Boxes[k] = []float64{b[0] * by, b[1] * by}
				side := math.Sqrt(b[0]*b[1]) * by
				least, most = min(least, side), max(most, side)
			}
		}
		p.Anchors.Levels = levels
	}
	switch why {
	case iou.TooSmall:
		resize(0.5)
		return p, fmt.Sprintf("anchors of half the size, from %.3g px", least)
	case iou.TooLarge:
		resize(2)
		return p, fmt.Sprintf("anchors of twice the size, up to %.3g px", most)
	case iou.OffGrid, iou.NoPoint:
		large, ok := Enlarged(&p) // as fit and trainers --sizes enlarge it
		if !ok {
			return p, ""
		}
		return large, "an input with " + large.Input()
	case iou.SizeAspect:
		several := func(l anchors.Level) bool { return len(l.Sizes) != 1 }
		if p.Anchors.Arithmetic == anchors.SSDAnchors || slices.ContainsFunc(levels, several) {
			return p, ""
		}
		for i, l := range levels {
			levels[i].Sizes = []float64{l.Sizes[0], l.Sizes[0] * math.Sqrt2}
		}
		p.Anchors.Levels = levels
		return p, "two sizes a level, the second √2 times the first"
	case iou.Aspect:
		ratios := p.Anchors.Ratios
		if len(ratios) == 0 || slices.ContainsFunc(levels, func(l anchors.Level) bool { return len(l.Ratios) > 0 }) {
			return p, ""
		}
		low, high := slices.Min(ratios)/1.5, slices.Max(ratios)*1.5
		p.Anchors.Ratios = slices.Sorted(slices.Values(append(slices.Clone(ratios), low, high)))
		return p, fmt.Sprintf("the ratios %.2g and %.2g too", low, high)
	}
	return p, ""
}

// try matches the objects, or a sample of them, under the preset and under a changed one.
func (r *Result) try(ctx context.Context, changed trainer.Preset, what string) (*Trial, error) {
	d := r.Data.Sample(int(r.Total.Objects / trialObjects))
	c := Config{
		Preset: r.Config.Preset, Scores: scores.Default()[:1], Objective: r.Config.Objective, Classes: r.Config.Classes,
		Focal: r.Config.Focal, Edges: r.Config.Edges, SkipEmpty: r.Config.SkipEmpty, Workers: r.Config.Workers,
		Prevalence: r.Config.Prevalence, NoAudit: true,
	}
	trial := &Trial{Change: what, Sampled: d != r.Data, Sized: changed.Resize != r.Config.Preset.Resize}
	before := r
	if trial.Sampled {
		var err error
		if before, err = count(ctx, d, c); err != nil {
			return nil, err
		}
	}
	c.Preset = changed
	after, err := count(ctx, d, c)
	if err != nil {
		return nil, err
	}
	trial.Of = before.Total.Objects
	for i, t := range []*Result{before, after} {
		trial.Weak[i] = t.Metrics[0].ObjectsWithoutPositive + t.Metrics[0].ObjectsRescued
		if t.Total.Positives > 0 {
			trial.Ratio[i] = float64(t.Total.Negatives) / float64(t.Total.Positives)
		}
	}
	trial.Options, err = options(ctx, d, c, before, after)
	return trial, err
}

// options crosses the anchors of two results with a larger input; the zero value if it can't be larger, or the anchors
// of both are the same.
func options(ctx context.Context, d *dataset.Dataset, c Config, before, after *Result) (out [2][2]Option, err error) {
	today := before.Config.Preset.Resize
	if now := after.Config.Preset.Resize; now != today {
		return out, nil
	}
	load := before.Load()
	for i, r := range []*Result{before, after} {
		large, ok := Enlarged(&r.Config.Preset)
		if !ok {
			return [2][2]Option{}, nil
		}
		c.Preset = large
		larger, err := count(ctx, d, c)
		if err != nil {
			return out, err
		}
		for k, of := range []*Result{r, larger} {
			out[i][k] = OptionOf(&of.Config.Preset, &of.Metrics[0], &of.Total, of.Load(), load)
		}
	}
	return out, nil
}
