package results

import (
	"cmp"
	"fmt"
	"slices"

	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/text"
)

// TopIn says that in a stretch of the images that have more objects than Most, nearly all have exactly so many
// detections.
type TopIn struct {
	Within
	Most int
}

// mostTops is how many numbers of detections are asked: the commonest ones of images with more objects.
const mostTops = 5

// topIn looks for a stretch of the images in which the results seem to be cut to the best few of each image. Images
// with fewer detections speak against it, too: a weak detector finds any number.
func (v *Verdict) topIn(d *dataset.Dataset) (best TopIn) {
	if v.Capped.Found() {
		return best
	}
	images := map[int]int{}
	for i := range v.sample {
		if s := &v.sample[i]; len(s.objects) > len(s.detections) {
			images[len(s.detections)]++
		}
	}
	var tops []int
	for n, of := range images {
		if of >= leastPartImages {
			tops = append(tops, n)
		}
	}
	slices.SortFunc(tops, func(a, b int) int { return cmp.Or(images[b]-images[a], a-b) })
	for _, most := range tops[:min(len(tops), mostTops)] {
		w := v.within(d, func(s *sampled) vote {
			switch {
			case len(s.objects) <= most:
				return abstains
			case len(s.detections) == most:
				return has
			}
			return hasNot
		})
		if w.Found() && w.nats > best.nats && 20*w.Yes >= 19*w.Of && v.noneAbove(w.members, most) {
			best = TopIn{w, most}
		}
	}
	return best
}

// noneAbove tells whether no image of a stretch, but for one in 50, has more detections: of those with few objects,
// too.
func (v *Verdict) noneAbove(members []int, most int) bool {
	above := 0
	for _, k := range members {
		if len(v.sample[k].detections) > most {
			above++
		}
	}
	return 50*above <= len(members)
}

// message says which images have the best few detections only.
func (t *TopIn) message(d *dataset.Dataset) string {
	src := d.Source(int(t.First[0]))
	return fmt.Sprintf("a part of the results seems to be cut to the best %s of each image, %s: of %s with more objects, "+
		"%s have exactly as many, and %s of %s in the rest. Results can say nothing of the other objects. Run the detector "+
		"again there with a low score threshold and at least 100 detections an image. The first is %s of %s",
		detectionsOf(t.Most), t.Part, say.Plural(t.Of, "image"), say.Group(t.Yes), say.Group(t.Others), say.Group(t.Rest),
		say.Label(&src.Images[t.First[1]]), text.Printable(src.Name))
}

// detectionsOf counts detections; one has no number.
func detectionsOf(n int) string {
	if n == 1 {
		return "detection"
	}
	return say.Plural(n, "detection")
}
