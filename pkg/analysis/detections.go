package analysis

import (
	"cmp"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// detector scores anchors by boxes that speak for them: detections, or in the
// illustration the objects themselves.
type detector struct {
	*terms
	results *dataset.Results // nil for the illustration
	reach   iou.Reacher      // which anchors a box speaks for

	thresholds iou.Thresholds

	boxes []geom.Box
	of    []dataset.Detection // of the boxes
	from  []int32             // of the boxes: index among the image's detections
	order []int               // the boxes by class
	class belief              // of one class's output
	any   belief              // of the largest output
	score loss.Score          // the last one: neighbours often have the same
}

// belief is the highest score that detections give each anchor.
type belief struct {
	index   iou.Index
	entries []entry
}

type entry struct {
	anchor int32
	by     int32 // the box that gives it, the first among equals
	score  float64
	level  uint8
}

func (b *belief) reset() {
	b.index.Reset()
	b.entries = b.entries[:0]
}

func (b *belief) raise(e entry) {
	at, known := b.index.Find(e.anchor, int32(len(b.entries)))
	if !known {
		b.entries = append(b.entries, e)
	} else if old := &b.entries[at]; e.score > old.score {
		old.score = e.score
	}
}

func (w *worker) newDetector(index int) *detector {
	d := &detector{terms: w.newTerms(index), results: w.r.Config.Results[index]}
	rule := w.r.Trainer.Preset.Matcher
	d.thresholds = rule.Thresholds()
	if d.results == nil {
		d.reach = rule.Reacher(scores.GeometryFrom(d.thresholds.Low))
	} else {
		d.reach = rule.Reacher(0)
	}
	return d
}

// image scores the anchors of the image that the worker has matched.
func (d *detector) image(source, i int, uses *loss.Uses) error {
	if d.results == nil {
		d.placeObjects()
	} else {
		d.place(d.results.Of(source, i))
		d.compare(source)
	}
	d.sort()
	d.any.reset()
	out := &d.w.r.Accounts[d.index].images[source][i]
	for from := 0; from < len(d.order); {
		class := d.of[d.order[from]].Class
		d.class.reset()
		to := from
		for ; to < len(d.order) && d.of[d.order[to]].Class == class; to++ {
			d.raise(d.order[to])
		}
		for _, e := range d.class.entries {
			d.any.raise(e)
			if class >= 0 {
				d.term(&out[1], 1, class, e)
			}
		}
		from = to
	}
	for _, e := range d.any.entries {
		d.term(&out[0], 0, -1, e)
	}
	d.use(uses)
	return nil
}

// place brings an image's detections into the trainer's frame.
func (d *detector) place(of []dataset.Detection) {
	d.boxes, d.of, d.from = d.boxes[:0], d.of[:0], d.from[:0]
	for k := range of {
		box, inside := d.w.scene.PlaceDetection(of[k].Box)
		d.placed++
		if !inside {
			d.outside++
		} else {
			d.boxes, d.of, d.from = append(d.boxes, box), append(d.of, of[k]), append(d.from, int32(k))
		}
	}
}

// placeObjects takes the objects that were matched.
func (d *detector) placeObjects() {
	d.boxes, d.of = append(d.boxes[:0], d.w.scene.Boxes...), d.of[:0]
	objects := d.w.r.Data.Sources[d.w.source].Objects
	for _, k := range d.w.scene.Index {
		d.of = append(d.of, dataset.Detection{Class: objects[k].Class})
	}
}

// sort orders the boxes by class.
func (d *detector) sort() {
	d.order = d.order[:0]
	for k := range d.boxes {
		d.order = append(d.order, k)
	}
	slices.SortStableFunc(d.order, func(i, j int) int { return cmp.Compare(d.of[i].Class, d.of[j].Class) })
	d.reach.Prepare(d.w.scene.Frame.Grids, d.boxes)
}

// compare counts how the classes of detections agree with those of the objects
// that they lie on.
func (d *detector) compare(source int) {
	objects := d.w.r.Data.Sources[source].Objects
	next := &d.w.r.Accounts[d.index].neighbours
	for _, det := range d.of {
		box := det.Box.Box()
		best, on := sameObject, int32(-1)
		for _, k := range d.w.scene.Index {
			if v := iou.Of(box, objects[k].Box.Box()); v >= best {
				best, on = v, objects[k].Class
			}
		}
		if on < 0 {
			continue
		}
		weight := int64(det.Score * 1000)
		d.agreement.pairs++
		d.agreement.all += weight
		switch on {
		case det.Class:
			d.agreement.same += weight
		case next[0][det.Class]:
			d.agreement.higher += weight
		case next[1][det.Class]:
			d.agreement.lower += weight
		}
	}
}

// neighbours finds the classes whose category ids are one apart.
func (r *Result) neighbours() [2][]int32 {
	byID := map[int64]int32{}
	for s := range r.Data.Sources {
		for _, c := range r.Data.Sources[s].Categories {
			if id, ok := c.ID.Int(); ok {
				byID[id] = c.Class
			}
		}
	}
	var next [2][]int32
	for k := range next {
		next[k] = slices.Repeat([]int32{-1}, len(r.Data.Classes))
		for s := range r.Data.Sources {
			for _, c := range r.Data.Sources[s].Categories {
				if id, ok := c.ID.Int(); ok {
					if other, ok := byID[id+int64(1-2*k)]; ok && next[k][c.Class] < 0 {
						next[k][c.Class] = other
					}
				}
			}
		}
	}
	return next
}

// raise raises what a box's anchors are believed to be.
func (d *detector) raise(k int) {
	d.reach.Each(d.boxes[k], func(anchor int32, level uint8, v float32, best bool) {
		d.class.raise(entry{anchor, int32(k), d.belief(k, v, best), level})
	})
}

// belief is the score that a box gives an anchor by their IoU.
func (d *detector) belief(k int, v float32, best bool) float64 {
	m := &d.thresholds
	if d.results == nil {
		return scores.Geometry(v, m.Low, m.High, d.floors[d.main])
	}
	return scores.Belief(d.of[k].Score, v, m.Low, m.High, best && m.Best)
}

// term adds a term of one anchor, unless no floor is below its score.
func (d *detector) term(out *imageSums, objective int, class int32, e entry) {
	match := d.w.scene.Found.Of(e.anchor)
	if match.Label == iou.Ignored || e.score <= d.floors[len(d.floors)-1] {
		return
	}
	band := 0
	for e.score <= d.floors[band] {
		band++
	}
	if d.score.P != e.score {
		d.score = loss.ScoreOf(e.score)
	}
	d.terms.add(out, objective, class, e.level, match, d.score, band)
}
