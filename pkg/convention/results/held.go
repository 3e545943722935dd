package results

import (
	"fmt"

	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/text"
)

// usual: in the pairs of real files that belong together, 81 % of the objects or more are overlapped by a detection
// (docs/conventions.md, section 3). Fewer than four in five are told of.
const usual = 0.8

// Held says in figures how the boxes and class numbers of annotations compare with detections, or "" if none was
// compared. It never says that they agree: a third of the boxes may be wrong where a detector finds two thirds.
func (v *Verdict) Held(name string) string {
	if v.Objects == 0 {
		return ""
	}
	out := fmt.Sprintf("%s of %s that were held against the detector's results (%s) are overlapped by a detection with "+
		"an IoU of %s or more", say.Group(v.Overlapped), say.Plural(v.Objects, "object"), text.Printable(name),
		text.Short(overlap))
	if w := &v.Swap; w.Pairs > 0 {
		out += fmt.Sprintf("; of %s that one overlaps with a score of %s or more, %s %s by one of their class",
			say.Group(w.Pairs), text.Short(confident), say.Group(w.Same), say.Are(w.Same))
	}
	if float64(v.Overlapped) < usual*float64(v.Objects) {
		out += fmt.Sprintf(". In real files that belong together, %s %% of the objects or more are overlapped: a part of "+
			"these boxes may be wrong, or the detector is weak", say.Percent(usual))
	}
	return out + ". Results have no class names."
}
