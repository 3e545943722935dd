package answer

import (
	"fmt"
	"math"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/text"
)

// Suspects counts the labels that look wrong and that nobody kept, how many of them should be wrong, and those that
// people looked at and kept, which would be suspects too.
func Suspects(r *analysis.Result) (n int, expected float64, kept int) {
	s := suspectsOf(r)
	return s.all, s.total, s.reviewed
}

// By how many times the true number of wrong labels may be lower and higher than the sum of chances, beside what a
// count of so many varies by: the smallest factors at which at most one case in twenty of each group of data sets is
// missed on either side, two of 91 in all. Boxes that annotators draw loosely look like wrong ones, so that the sum is
// rather too large (bench/label_errors -only estimates; docs/label-errors.md, "How many labels are wrong").
const (
	lessBy = 1.75
	moreBy = 1.25
)

// Expected says how many labels of objects were judged and nobody kept, and how many of them should be wrong.
func Expected(r *analysis.Result) (judged int, wrong float64) {
	for _, chances := range r.Audit.Chances {
		for _, chance := range chances {
			if !math.IsNaN(float64(chance)) {
				judged++
				wrong += float64(chance)
			}
		}
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Evidence != nil && f.Reviewed && f.Object >= 0 {
			judged--
			wrong -= f.Evidence.Score
		}
	}
	return judged, max(0, wrong)
}

// RangeOf returns the range of a sum of chances: two standard deviations of a Poisson count beyond what lessBy and
// moreBy make of it, in two digits.
func RangeOf(wrong float64, judged int) (low, high int) {
	least, most := wrong/lessBy, float64(wrong*moreBy)
	least, most = least-2*math.Sqrt(least), most+2*math.Sqrt(most)
	return int(twoDigits(max(0, least), math.Floor)), min(judged, int(twoDigits(most, math.Ceil)))
}

// twoDigits rounds to two digits, and below 100 to whole numbers.
func twoDigits(x float64, round func(float64) float64) float64 {
	unit := 1.0
	for x/unit >= 100 {
		unit *= 10
	}
	return round(x/unit) * unit
}

// expected says how many labels should be wrong in all, with the range; "" if no label was judged. Of a model that was
// learnt from other labels no range was measured.
func expected(r *analysis.Result) string {
	judged, wrong := Expected(r)
	if judged == 0 {
		return ""
	}
	of := ""
	if low, high := RangeOf(wrong, judged); r.Config.Learnt == nil {
		of = fmt.Sprintf(" (%s to %s; more if the detector makes the same mistakes, as one that was trained on them does)",
			text.Group(int64(low)), text.Group(int64(high)))
	}
	return fmt.Sprintf("Expect about %s of %s that %s judged to be wrong%s.", whole(wrong), text.Plural(judged, "label"),
		were(judged), of)
}

// were is the verb for so many in the past.
func were(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// unjudged says of how many annotations the labels that were judged are a part, and why the others were not; "" if all
// were, or judged is no number of theirs.
func unjudged(r *analysis.Result, judged int) string {
	var all, had, flagged, unseen, rest int
	for s, chances := range r.Audit.Chances {
		objects := r.Data.Source(s).Objects
		for k, chance := range chances {
			o := &objects[k]
			all++
			switch {
			case !math.IsNaN(float64(chance)):
				had++
			case o.Flags&(dataset.Crowd|dataset.Ignore) != 0:
				flagged++
			case !r.ObjectSlots(s)[k].Matched() || o.Class < 0:
				rest++
			default: // of an image with detections, all others are judged
				unseen++
			}
		}
	}
	if had != judged || had == all {
		return ""
	}
	var parts []string
	add := func(n int, why string) {
		if n > 0 {
			parts = append(parts, text.Group(int64(n))+" "+why)
		}
	}
	add(flagged, "with iscrowd or ignore")
	add(unseen, "in images without detections")
	add(rest, "left out of training or without a usable box or class")
	return fmt.Sprintf("of %s: %s", text.Group(int64(all)), strings.Join(parts, ", "))
}
