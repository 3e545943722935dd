package answer

import (
	"fmt"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/fit"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// fewDropped is the part of the annotations below which what a loader leaves out decides nothing.
const fewDropped = 0.01

// Trainers says what a comparison of trainers means: how many objects the one with most users, or else
// the worst, never trains, and what twice its input side changes; and whose loader leaves out many. l is
// nil if no larger input changes anything.
func Trainers(t *analysis.Trainers, l *analysis.Larger) string {
	var all []string
	of := func(n [2]int64, i int) float64 { return float64(n[i]) / float64(max(1, l.Of[i])) }
	part := func(i int) float64 { return of(l.Never, i) }
	weak := func(i int) float64 { return part(i) + of(l.Weakly, i) }
	switch {
	case l != nil && weak(0) >= 0.0001 && part(0) < 0.01 && l.Weakly[0] > 0: // 0.01 %
		of := &t.Of[l.Trainer].Preset
		lack := "have no anchor that fits"
		if of.Matcher.Measure().Points() {
			lack = "hold fewer points than the trainer would give"
		}
		all = append(all, fmt.Sprintf("Under %s, at %s, %s of your objects %s and are trained weakly or never; at %s %s.",
			text.InLine(of.Name), l.Input[0], text.Percent(weak(0)), lack, l.Input[1], text.Percent(weak(1))))
	case l != nil && part(0) >= 0.0001:
		of := &t.Of[l.Trainer].Preset
		lack := "have no anchor"
		if of.Matcher.Measure().Points() {
			lack = "hold no point that is for them"
		}
		twice := "as many"
		if l.Never[1] != l.Never[0] {
			twice = text.Percent(part(1))
		}
		all = append(all, fmt.Sprintf("Under %s, at %s, %s of your objects %s and are never trained; at %s %s.",
			text.InLine(of.Name), l.Input[0], text.Percent(part(0)), lack, l.Input[1], twice))
	default:
		all = append(all, never(t))
	}
	if s := dropped(t); s != "" {
		all = append(all, s)
	}
	return strings.TrimSpace(strings.Join(all, " "))
}

// Best says which of several presets of one rule trains most objects well, and how far the first of them is behind, or
// the second best if that is the first; "" for one preset, or for several rules: trained means something else under
// each.
func Best(t *analysis.Trainers) string {
	if len(t.Of) < 2 {
		return ""
	}
	for i := range t.Of {
		if t.Of[i].Preset.Matcher.Name() != t.Of[0].Preset.Matcher.Name() {
			return ""
		}
	}
	well := func(i int) int64 { return t.Of[i].All().Objects[analysis.Trained] }
	name := func(i int) string { return text.InLine(t.Of[i].Preset.Name) }
	best, _ := most(t, analysis.Trained)
	other := 0
	if best == 0 {
		other = 1
		for i := range t.Of {
			if i > 0 && well(i) > well(other) {
				other = i
			}
		}
	}
	all := t.Of[best].All().Objects
	per := func(i int) string {
		if n := t.Of[i].Metrics.NegativesPerPositive; n != nil {
			return fmt.Sprintf(", at %s negatives per positive", text.Digits(*n))
		}
		return ""
	}
	if well(best) == well(other) {
		return fmt.Sprintf("%s and %s train equally many objects well: %s.", name(best), name(other), text.Group(well(best)))
	}
	return fmt.Sprintf("%s trains most objects well: %s of %s%s; %s trains %s%s.", name(best), text.Group(well(best)),
		text.Group(all[0]+all[1]+all[2]+all[3]), per(best), name(other), text.Group(well(other)), per(other))
}

// Sizes says what the largest input of a sweep does beside the preset's own size, or beside the smallest one where that
// is not in the sweep; "" for one size alone.
func Sizes(t *analysis.Trainers, own *trainer.Preset) string {
	from, to := 0, len(t.Of)-1
	for i := range t.Of {
		if own != nil && t.Of[i].Preset.Resize == own.Resize {
			from = i
		}
	}
	if from == to {
		from = 0
	}
	if from >= to {
		return ""
	}
	weak := func(i int) int64 {
		of := t.Of[i].All().Objects
		return of[analysis.Weakly] + of[analysis.Unassigned]
	}
	ratio := func(a, b int64) float64 { return float64(a) / float64(max(1, b)) }
	set := ""
	if input := fit.Input(&t.Of[to].Preset); input != "" {
		set = fmt.Sprintf(" Its trainer takes that size as %s.", input)
	}
	return fmt.Sprintf("At %s, %s are trained weakly or never; at %s %s, for %s.%s",
		t.Of[from].Preset.Input(), text.Group(weak(from))+" of "+text.Plural(int(t.Of[from].Total.Objects), "object"),
		t.Of[to].Preset.Input(), text.Group(weak(to)),
		costs(ratio(t.Of[to].Load.Anchors, t.Of[from].Load.Anchors), ratio(t.Of[to].Load.Pixels, t.Of[from].Load.Pixels)),
		set)
}

// most returns the trainer with most objects of a treatment, and the one with fewest: the first of equals.
func most(t *analysis.Trainers, of analysis.Treatment) (most, least int) {
	n := func(i int) int64 { return t.Of[i].All().Objects[of] }
	for i := range t.Of {
		if n(i) > n(most) {
			most = i
		}
		if n(i) < n(least) {
			least = i
		}
	}
	return most, least
}

// never says which trainer leaves most objects without an anchor.
func never(t *analysis.Trainers) string {
	worst, _ := most(t, analysis.Unassigned)
	of := &t.Of[worst]
	n := of.All().Objects[analysis.Unassigned]
	switch {
	case of.Total.Objects == 0:
		return ""
	case n == 0:
		return "Each of these trainers trains every object that takes part."
	}
	return fmt.Sprintf("At most %s of %s never trained, under %s.", text.Group(n),
		text.Plural(int(of.Total.Objects), "object")+" are", text.InLine(of.Preset.Name))
}

// dropped says whose loader leaves out most objects, "" if that is nearly the same for all.
func dropped(t *analysis.Trainers) string {
	worst, best := most(t, analysis.NotTrained)
	all, least := t.Of[worst].All().Objects, t.Of[best].All().Objects[analysis.NotTrained]
	n := all[analysis.NotTrained]
	annotations := all[0] + all[1] + all[2] + n
	if n == least || float64(n-least) < fewDropped*float64(annotations) {
		return ""
	}
	return fmt.Sprintf("The loader of %s leaves out %s of %s before training (%s), that of %s %s.",
		text.InLine(t.Of[worst].Preset.Name), text.Group(n), text.Plural(int(annotations), "annotation"),
		text.Percent(float64(n)/float64(annotations)), text.InLine(t.Of[best].Preset.Name), text.Group(least))
}
