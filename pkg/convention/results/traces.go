package results

import (
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// Traces are what programs leave in results that write something else than a detector's boxes, classes and scores.
// Counts are of the images that are looked at.
type Traces struct {
	Detections int
	Whole      int     // that span their image
	Snapped    int     // whose four numbers are multiples of Step
	Step       float64 // px
	Pairs      int     // of a hit and a stray in one image
	Ordered    float64 // of these: in which the hit has the higher score; equal scores count half
	Mixed      int     // images with objects of two classes or more and two detections or more
	OneClass   int     // of these: whose detections are all of one class
	Boxes      int     // places with a detection
	AllClasses int     // of these: with a detection of every class
}

// WholeImages reports whether many detections are the image itself: a fifth, and 20. In the real results 0.1 % are
// at most.
func (t *Traces) WholeImages() bool { return t.Whole >= 20 && 5*t.Whole >= t.Detections }

// leastOnGrid is how many detections show whether their numbers are multiples of one.
const leastOnGrid = 100

// OnGrid reports whether nine detections in ten are on a grid. In the real results none is.
func (t *Traces) OnGrid() bool { return t.Detections >= leastOnGrid && 10*t.Snapped >= 9*t.Detections }

// Shuffled reports whether scores rank nothing within an image: of 1,000 pairs fewer than 55 in 100 are in order. In
// real results 74 are at least, and 51 in COCO's made-up ones, whose scores are drawn.
func (t *Traces) Shuffled() bool { return t.Pairs >= 1000 && 100*t.Ordered < 55*float64(t.Pairs) }

// OfImage reports whether detections seem to have the class of their image: nine in ten of 30 images with objects of
// several classes have detections of one. In the real results 1 % have at most.
func (t *Traces) OfImage() bool { return t.Mixed >= 30 && 10*t.OneClass >= 9*t.Mixed }

// EachClass reports whether most places, and 20, have a detection of every class, of three at least.
func (t *Traces) EachClass() bool { return t.AllClasses >= 20 && 2*t.AllClasses >= t.Boxes }

// maxTraced is how many detections of an image are looked at, the surest.
const maxTraced = 300

// traces looks at detections of the sample.
func (v *Verdict) traces(d *dataset.Dataset, r *dataset.Results) Traces {
	var t Traces
	classes := map[int32]bool{}
	for i := range r.Detections {
		classes[r.Detections[i].Class] = true
	}
	var grid [len(reading.Grids)]int
	for i := range v.sample {
		s := &v.sample[i]
		all := s.detections[:min(maxTraced, len(s.detections))]
		t.Detections += len(all)
		places := map[geom.Rect]map[int32]bool{}
		alike := len(all) > 1
		for k := range all {
			b := all[k].Box
			t.Whole += sample.One(b.X <= 1 && b.Y <= 1 && b.X+b.W >= s.w-1 && b.Y+b.H >= s.h-1)
			for g, step := range reading.Grids {
				grid[g] += sample.One(reading.Multiple(b.X, step) && reading.Multiple(b.Y, step) && reading.Multiple(b.W, step) &&
					reading.Multiple(b.H, step))
			}
			alike = alike && all[k].Class == all[0].Class
			if places[b] == nil {
				places[b] = map[int32]bool{}
			}
			places[b][all[k].Class] = true
		}
		t.Boxes += len(places)
		for _, of := range places {
			t.AllClasses += sample.One(len(classes) >= 3 && len(of) == len(classes))
		}
		first := d.Source(int(s.source)).Objects[s.objects[0]].Class
		for _, k := range s.objects {
			if len(all) > 1 && d.Source(int(s.source)).Objects[k].Class != first {
				t.Mixed++
				t.OneClass += sample.One(alike)
				break
			}
		}
		t.order(d, s, all)
	}
	for g, n := range grid {
		if n > t.Snapped {
			t.Snapped, t.Step = n, reading.Grids[g]
		}
	}
	return t
}

// order counts pairs of a hit and a stray in one image.
func (t *Traces) order(d *dataset.Dataset, s *sampled, all boxSet) {
	hits, strays := 0, 0
	for from := 0; from < len(all); { // detections of one score, by falling score
		to, tied, misses := from, 0, 0
		for ; to < len(all) && all[to].Score == all[from].Score; to++ {
			if s.hit(d, &all[to]) {
				tied++
			} else {
				misses++
			}
		}
		t.Ordered += float64(misses) * (float64(hits) + float64(tied)/2)
		hits, strays, from = hits+tied, strays+misses, to
	}
	t.Pairs += hits * strays
}

// hit tells whether a detection overlaps an object of its class.
func (s *sampled) hit(d *dataset.Dataset, x *dataset.Detection) bool {
	b := x.Box.Box()
	for j, c := range s.boxes {
		if d.Source(int(s.source)).Objects[s.objects[j]].Class == x.Class && c.X0 < b.X1 && b.X0 < c.X1 &&
			iou.Of(b, c) >= overlap {
			return true
		}
	}
	return false
}

// ofTraces tells of them.
func (v *Verdict) ofTraces(about teller) {
	t := &v.Traces
	if t.WholeImages() {
		about("detections-disagree", findings.Warning, t.Whole, "%s of %s that were looked at span their image. A "+
			"default box "+
			"seems to stand where the model gave none: leave these records out", say.Group(t.Whole),
			say.Plural(t.Detections, "detection"))
	}
	if t.OnGrid() {
		step := text.Short(t.Step)
		about("detections-disagree", findings.Warning, t.Snapped, "the four numbers of %s of %s are multiples of %s px. The "+
			"boxes seem to be cells of a grid, or anchors that were not refined: write the boxes as the model decodes them",
			say.Group(t.Snapped), say.Plural(t.Detections, "detection"), step)
	}
	if t.OfImage() {
		about("detections-disagree", findings.Warning, t.OneClass, "in %s of %s with objects of several classes, all "+
			"detections are of one. Detections seem to have the class of their image: write each one's own",
			say.Group(t.OneClass), say.Plural(t.Mixed, "image"))
	}
	if t.EachClass() {
		about("detections-repeated", findings.Info, t.AllClasses, "%s of %s have a detection of every class. The scores "+
			"of all "+
			"classes seem to be written for each box, without a threshold: precision and what is said of missing objects "+
			"count each of them", say.Group(t.AllClasses), say.Plural(t.Boxes, "place"))
	}
}
