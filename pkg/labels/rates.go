package labels

// Rates counts how common evidence is in a data set. Counts are whole numbers:
// parts add up to the same in any order.
type Rates struct {
	any       distribution // of ObjectEvidence.Any, by size and crowding, then by class and size
	iou       distribution // of ObjectEvidence.IoU of objects that are supported, by size, then by class and size
	all, good count        // detections by score, and those of them that lie on an object of their class
}

// prior is the weight, in records, of what is known of a larger group when a
// smaller one is judged.
const prior = 20

// histogram counts values in [0,1].
type histogram [101]int64

func (h *histogram) add(v float64) { h[int(v*100)]++ }

// upTo returns how many values are at most v, to the bin, and how many there are.
func (h *histogram) upTo(v float64) (n, all float64) {
	if h == nil {
		return 0, 0
	}
	for bin, c := range h {
		all += float64(c)
		if bin <= int(v*100) {
			n += float64(c)
		}
	}
	return n, all
}

// distribution is a quantity's, overall, by a coarse group and by a fine one.
type distribution struct {
	overall histogram
	coarse  map[int32]*histogram
	fine    map[[2]int32]*histogram
}

func (d *distribution) add(coarse int32, fine [2]int32, v float64) {
	if d.coarse == nil {
		d.coarse, d.fine = map[int32]*histogram{}, map[[2]int32]*histogram{}
	}
	if d.coarse[coarse] == nil {
		d.coarse[coarse] = &histogram{}
	}
	if d.fine[fine] == nil {
		d.fine[fine] = &histogram{}
	}
	d.overall.add(v)
	d.coarse[coarse].add(v)
	d.fine[fine].add(v)
}

// tail returns how common it is that the quantity is at most v: the fine group's
// share, drawn to the coarse group's, drawn to the overall one, each as if prior
// records of it had been seen.
func (d *distribution) tail(coarse int32, fine [2]int32, v float64) float64 {
	n, all := d.overall.upTo(v)
	share := n / max(1, all)
	n, all = d.coarse[coarse].upTo(v)
	share = (n + prior*share) / (all + prior)
	n, all = d.fine[fine].upTo(v)
	return (n + prior*share) / (all + prior)
}

// count counts detections by step of score, overall and by class.
type count struct {
	steps   [scoreBins]int64
	byClass map[[2]int32]int64
}

func (c *count) add(class, step int32) {
	if c.byClass == nil {
		c.byClass = map[[2]int32]int64{}
	}
	c.steps[step]++
	c.byClass[[2]int32{class, step}]++
}

// Add counts the evidence of an image.
func (r *Rates) Add(e *Evidence, im *Image) {
	for k := range e.Objects {
		o := &e.Objects[k]
		r.any.add(o.group(), [2]int32{o.class, o.size}, o.Any)
		if o.placed(im) {
			r.iou.add(o.size, [2]int32{o.class, o.size}, o.IoU)
		}
	}
	for i := range e.Detections {
		if d := &e.Detections[i]; !d.Silent {
			r.all.add(d.class, d.step)
			if d.same {
				r.good.add(d.class, d.step)
			}
		}
	}
}

// group is the object's size and whether others crowd it, which detectors'
// suppression hides.
func (o *ObjectEvidence) group() int32 {
	if o.crowded {
		return 2*o.size + 1
	}
	return 2 * o.size
}

// placed tells whether a detection says where the object is.
func (o *ObjectEvidence) placed(im *Image) bool {
	return o.Best >= 0 && o.IoU > loose && im.Detections[o.Best].Score > minScore
}

// minScore is the score below which a detection's place says nothing.
const minScore = 0.2

// precision is how often a detection of a class and step of score lies on an
// object of its class.
func (r *Rates) precision(d *DetectionEvidence) float64 {
	share := (float64(r.good.steps[d.step]) + 1) / (float64(r.all.steps[d.step]) + 2)
	at := [2]int32{d.class, d.step}
	return (float64(r.good.byClass[at]) + prior*share) / (float64(r.all.byClass[at]) + prior)
}

// Suspect is a label that may be wrong.
type Suspect struct {
	Kind      Kind
	Score     float64 // in [0,1]
	Object    int32   // of the image, -1 for Missing
	Detection int32   // what contradicts the label, -1 if nothing does
	IoU       float64 // of both, or with the nearest object for Missing
}

// Judge yields the suspects of an image: of each object what is suspected, of
// each detection that lies on no object whether one is missing.
func (r *Rates) Judge(e *Evidence, im *Image, yield func(Suspect)) {
	for k := range e.Objects {
		o := &e.Objects[k]
		yield(Suspect{Spurious, (1 - o.Any) * (1 - r.any.tail(o.group(), [2]int32{o.class, o.size}, o.Any)), int32(k), -1, 0})
		if s := o.Other * (1 - o.Same); s > 0 {
			yield(Suspect{Class, s, int32(k), o.Second, 0})
		}
		if o.placed(im) {
			s := im.Detections[o.Best].Score * (1 - o.IoU) * (1 - r.iou.tail(o.size, [2]int32{o.class, o.size}, o.IoU))
			yield(Suspect{Location, s, int32(k), o.Best, o.IoU})
		}
	}
	for i := range e.Detections {
		d := &e.Detections[i]
		if d.Silent || d.Shadowed || d.IoU > same {
			continue
		}
		free := 1 - d.IoU
		yield(Suspect{Missing, r.precision(d) * im.Detections[i].Score * free * free, -1, int32(i), d.IoU})
	}
}
