package answer

import (
	"fmt"
	"math"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/text"
)

// worthTelling is how many labels the detector contradicts with certainty before the answer tells of them: 10, as many
// as a person looks at in a minute.
const worthTelling = 10

// contradicted tells of labels on which the detector finds another class with certainty, where the chances hold most of
// them for right: then the detector has a habit, or one class was written for another again and again. It is "" if the
// chances tell of them, and where they are fewer than wrong classes are supposed before anything is known (1 % of all
// labels), unless one class has five times this share, the factor by which a label becomes a suspect.
func contradicted(r *analysis.Result) string {
	n, wrong := 0, 0.0
	for _, c := range r.Audit.Contradictions {
		n += c.Labels
		wrong += c.Wrong
	}
	if float64(n)-wrong < worthTelling || wrong > float64(n)/2 {
		return ""
	}
	most := &r.Audit.Contradictions[0]
	of, all := 0, 0
	for s, chances := range r.Audit.Chances {
		objects := r.Data.Source(s).Objects
		for k, chance := range chances {
			if math.IsNaN(float64(chance)) {
				continue
			}
			all++
			if objects[k].Class == most.Class {
				of++
			}
		}
	}
	usual := labels.Supposed[labels.Class]
	if float64(n) < float64(usual*float64(all)) && float64(most.Labels) < float64(5*usual*float64(of)) {
		return ""
	}
	name := func(class int32) string { return fmt.Sprintf("%q", text.Printable(r.Data.ClassName(class))) }
	return fmt.Sprintf(" On %s the detector finds another class with a score above 0.8, and not the label's; by the "+
		"chances %s of these should be wrong. Most often it finds %s on %s of %s labels %s. Either it takes one class for "+
		"another or the annotators did, and only people can tell: look at some.", text.Plural(n, "label"), whole(wrong),
		name(most.Seen), text.Group(int64(most.Labels)), text.Group(int64(of)), name(most.Class))
}
