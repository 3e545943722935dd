package results

import (
	"fmt"

	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/text"
)

// mirroredIn looks for a stretch of the images in which the detections of the mirrored pictures stand beside those of
// the pictures: half of the detections of an image that a mirror moves, two at least, have another of their class
// there.
func (v *Verdict) mirroredIn(d *dataset.Dataset) Within {
	return v.within(d, func(s *sampled) vote {
		switch {
		case s.moved < 2:
			return abstains
		case 2*s.mirrored >= s.moved:
			return has
		}
		return hasNot
	})
}

// mirroredMessage says in which images detections stand twice, once mirrored.
func mirroredMessage(d *dataset.Dataset, w *Within) string {
	src := d.Source(int(w.First[0]))
	return fmt.Sprintf("in a part of the results, %s, most detections have another of their class where a mirror "+
		"shows them: in %s of %s, and in %s of %s in the rest. The detections of the mirrored pictures "+
		"(augmentation at test time) seem to be added as they stand: mirror their boxes back, x becomes width - x "+
		"- w, and suppress repeated ones. The first is %s of "+
		"%s", w.Part, say.Group(w.Yes), say.Plural(w.Of, "image"), say.Group(w.Others), say.Group(w.Rest),
		say.Label(&src.Images[w.First[1]]), text.Printable(src.Name))
}
