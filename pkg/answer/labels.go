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
