package answer

import (
	"fmt"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/fit"
	"focalaudit/pkg/text"
)

// Option is a row of the table that goes with the answer on anchors: a choice of anchors and input size.
type Option struct {
	Anchors   string  `json:"anchors"` // in words
	Input     string  `json:"input"`   // in words
	Untrained int64   `json:"objects_without_positive"`
	Weakly    int64   `json:"objects_rescued"`
	Negatives float64 `json:"negatives_per_positive"`
	Cost      float64 `json:"anchors_of_todays"` // anchors, as a multiple of today's
	Pixels    float64 `json:"pixels_of_todays"`  // pixels of the padded images, likewise
}

// Options are today's anchors and others, each at both sizes of the input: rows for people and programs.
func Options(others string, of [2][2]analysis.Option) (out []Option) {
	for i, name := range []string{"today's", others} {
		for k := range of[i] {
			o := &of[i][k]
			out = append(out, Option{name, o.Input, o.Never, o.Weakly, o.Ratio, o.Cost, o.Pixels})
		}
	}
	return out
}

// Advice says which change comes first, the anchors or the input, and what both do; others is the name of the changed
// anchors. sample is "" if the options hold all objects, or says of which sample they are.
func Advice(others string, of [2][2]analysis.Option, sample string) string {
	weak := func(i, k int) int64 { return of[i][k].Weak() }
	today, anchors, input, both := weak(0, 0), weak(1, 0), weak(0, 1), weak(1, 1)
	larger := "an input of " + strings.TrimPrefix(of[0][1].Input, "a short side of ")
	leave := func(what string, n int64) string {
		if strings.Contains(what, ", ") {
			what += ","
		}
		return fmt.Sprintf("%s would leave %s of the %s%s", what, text.Group(n), text.Group(today), sample)
	}
	switch first(of) {
	case nothingHelps:
		return fmt.Sprintf("Neither %s nor %s helps.", others, larger)
	case inputOnly:
		return fmt.Sprintf("Train at a larger input: %s, for %s; %s do not help.", leave(larger, input),
			times(&of[0][1]), others)
	case anchorsFirst:
		return fmt.Sprintf("Change the anchors first: %s, for %s; %s %s, for %s; both %s.",
			leave(others, anchors), times(&of[1][0]), larger, text.Group(input), times(&of[0][1]), text.Group(both))
	}
	return fmt.Sprintf("A larger input does more here: %s, for %s; %s %s, for %s; both %s.",
		leave(larger, input), times(&of[0][1]), others, text.Group(anchors), times(&of[1][0]), text.Group(both))
}

// change is what to change first.
type change int

const (
	nothingHelps change = iota
	inputOnly
	anchorsFirst
	inputFirst
)

// first says what to change first, of today's anchors and others, each at two sizes of the input.
func first(of [2][2]analysis.Option) change {
	today, anchors, input := of[0][0].Weak(), of[1][0].Weak(), of[0][1].Weak()
	switch {
	case anchors >= today && input >= today:
		return nothingHelps
	case anchors >= today:
		return inputOnly
	case anchors <= input:
		return anchorsFirst
	}
	return inputFirst
}

// Remedy says in a few words what the answer on anchors advises, "" if no change was tried.
func Remedy(r *analysis.Result) string {
	t := r.Weak.Trial
	if t == nil {
		return ""
	}
	of, does := t.Options, nothingHelps
	switch table := of != [2][2]analysis.Option{}; {
	case table && fit.Fitted(&r.Config.Preset):
		if of[0][1].Weak() < of[0][0].Weak() {
			does = inputOnly
		}
	case table:
		does = first(of)
	case t.Weak[1] >= t.Weak[0]:
	case t.Sized:
		does = inputOnly
	case !fit.Fitted(&r.Config.Preset):
		does = anchorsFirst
	}
	switch does {
	case inputOnly:
		return "train at a larger input"
	case inputFirst:
		return "a larger input does more than other anchors"
	case anchorsFirst:
		return "change the anchors first"
	}
	if fit.Fitted(&r.Config.Preset) {
		return "the anchors were fitted already, and a larger input does not help"
	}
	return "neither other anchors nor a larger input helped"
}

// Larger says what a larger input does to today's anchors, [0]; sample is as Advice has it.
func Larger(of [2]analysis.Option, sample string) string {
	larger := "an input of " + strings.TrimPrefix(of[1].Input, "a short side of ")
	if of[1].Weak() >= of[0].Weak() {
		return fmt.Sprintf("%s does not help%s.", upper(larger), sample)
	}
	return fmt.Sprintf("%s would leave %s of the %s%s, for %s.", upper(larger), text.Group(of[1].Weak()),
		text.Group(of[0].Weak()), sample, times(&of[1]))
}

// times says how many anchors an option has, and how many pixels where these are others: computing grows with them.
func times(o *analysis.Option) string { return costs(o.Cost, o.Pixels) }

// costs says what a setting costs, as multiples of today's.
func costs(anchors, pixels float64) string {
	same := func(x float64) bool { return x > 0.99 && x < 1.01 }
	of, by := fmt.Sprintf("%.3g times as many", anchors), fmt.Sprintf("%.3g times as many", pixels)
	if same(anchors) {
		of = "as many"
	}
	switch {
	case same(pixels):
		return of + " anchors"
	case of == by:
		return of + " anchors and pixels, with which computing grows"
	}
	return of + " anchors and " + by + " pixels, with which computing grows"
}
