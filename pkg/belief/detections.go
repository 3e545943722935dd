package belief

import (
	"slices"

	"focalaudit/internal/anchorindex"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// detector scores anchors by boxes that speak for them: detections, or in the
// illustration the objects themselves.
type detector struct {
	terms
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

	// Where terms are binned, negative anchors take another way (negatives.go).
	bins      *binned // of the account at hand
	scale     *ledger.Scale
	patchwise iou.PatchReacher // reach, if it is one
	turn      uint32           // number of the class at hand among the image's
	spans     []span           // of each box
	reached   []reached        // the negative anchors of the image that boxes reach; the first entry is none's
	again     []int32          // those that boxes of a class reach that others reached before, class by class
	cells     []int32          // by anchor, as iou.PlaceOf numbers them if reach has patches: number in reached, or a mark
	special   []int32          // the numbers in cells of anchors that are marked
	claims    []claim          // those of them that are positive
	objects   []dataset.Object // of the image's source
	priced    priced           // the last positive anchor's score
	held      []held           // scratch of claimed
	counts    ledger.Counts    // terms of positive anchors, and those that negative anchors have beyond their highest
	packed    []uint64         // terms of negative anchors of the class at hand, as ledger.Account.Pending has them
	outside   []int32          // anchors with a score that has no bin: numbers in reached
}

// belief is the highest score that detections give each anchor.
type belief struct {
	index   anchorindex.Index
	entries []entry
}

type entry struct {
	anchor int32
	by     int32 // the box that gives it: the surest, the first among equals
	score  float64
	claim  int32 // number in claims, where terms are binned
	level  uint8
}

func (b *belief) reset() {
	b.index.Reset()
	b.entries = b.entries[:0]
}

func (b *belief) raise(e entry) {
	at, known := b.index.Add(e.anchor, int32(len(b.entries)))
	if !known {
		b.entries = append(b.entries, e)
	} else if old := &b.entries[at]; e.score > old.score {
		*old = e
	}
}

func newDetector(p *Plan, index int, scene *trainer.Scene) *detector {
	d := &detector{terms: newTerms(p, index, scene), results: p.Results[index]}
	rule := p.Trainer.Preset.Matcher
	d.thresholds = rule.Thresholds()
	if d.results == nil {
		d.reach = rule.Reacher(scores.GeometryFrom(d.thresholds.Low))
	} else {
		d.reach = rule.Reacher(0)
	}
	return d
}

// Image implements Scorer.
func (d *detector) Image(source, image int, into *ledger.Book) error {
	d.begin(source, into)
	if d.results == nil {
		d.placeObjects()
	} else {
		of := d.results.Of(source, image)
		d.place(of)
		d.account.Placed += int64(len(of))
		d.account.Outside += int64(len(of) - len(d.boxes))
		d.compare()
	}
	d.sort()
	d.any.reset()
	d.mark()
	out := &d.sums.Images[source][image]
	for from := 0; from < len(d.order); {
		class := d.of[d.order[from]].Class
		d.class.reset()
		to, first := from, len(d.spans)
		for ; to < len(d.order) && d.of[d.order[to]].Class == class; to++ {
			if d.binned != nil {
				d.gather(d.order[to])
			} else {
				d.raise(d.order[to])
			}
		}
		if d.binned != nil {
			for i := range d.class.entries {
				d.claimAny(d.class.entries[i])
			}
			d.claimed(out, ledger.PerClass, class, d.class.entries)
			d.negatives(out, class, d.spans[first:])
		} else {
			d.raised(out, class)
		}
		from = to
	}
	if d.binned != nil {
		d.claimed(out, ledger.Objectness, -1, d.any.entries)
	} else {
		for i := range d.any.entries {
			e := &d.any.entries[i]
			d.term(out, ledger.Objectness, -1, e, d.scene.Found.Of(e.anchor))
		}
	}
	d.unmark(out)
	d.end(into)
	return nil
}

// raised adds the terms of the anchors that boxes of a class have raised, and raises their highest scores.
func (d *detector) raised(out *[ledger.NumObjectives]ledger.ImageSums, class int32) {
	for i := range d.class.entries {
		e := &d.class.entries[i]
		d.any.raise(*e)
		if class >= 0 {
			d.term(out, ledger.PerClass, class, e, d.scene.Found.Of(e.anchor))
		}
	}
}

// place brings an image's detections into the trainer's frame.
func (d *detector) place(of []dataset.Detection) {
	d.boxes, d.of, d.from = d.boxes[:0], d.of[:0], d.from[:0]
	for k := range of {
		if box, inside := d.scene.PlaceDetection(of[k].Box); inside {
			d.boxes, d.of, d.from = append(d.boxes, box), append(d.of, of[k]), append(d.from, int32(k))
		}
	}
}

// placeObjects takes the objects that were matched.
func (d *detector) placeObjects() {
	d.boxes, d.of = append(d.boxes[:0], d.scene.Boxes...), d.of[:0]
	objects := d.plan.Data.Source(d.source).Objects
	for _, k := range d.scene.Index {
		d.of = append(d.of, dataset.Detection{Class: objects[k].Class})
	}
}

// SameObject is the IoU from which on a detection is taken to be about an object: COCO's
// first threshold.
const SameObject = 0.5

// sort orders the boxes by class.
func (d *detector) sort() {
	d.keys = d.keys[:0]
	for k := range d.boxes { // classes are at least -1
		d.keys = append(d.keys, uint64(d.of[k].Class+1)<<32|uint64(k))
	}
	slices.Sort(d.keys)
	d.order = d.order[:0]
	for _, key := range d.keys {
		d.order = append(d.order, int(uint32(key)))
	}
	d.reach.Prepare(d.scene.Frame.Grids, d.boxes)
}

// mostCompared is how many detections of an image, of the highest scores, are compared with its objects: COCO counts
// 100. With all of 65,000 on 65,000 objects, comparing took minutes.
const mostCompared = 1000

// compare counts how the classes of detections agree with those of the objects that they lie on: of several with one
// IoU, the one that agrees best.
func (d *detector) compare() {
	objects := d.plan.Data.Source(d.source).Objects
	next, agreement := &d.plan.neighbours, &d.account.Agreement
	for _, det := range d.of[:min(len(d.of), mostCompared)] { // the surest first
		box := det.Box.Box()
		var best float64
		var same, higher, lower bool
		for _, k := range d.scene.Index {
			v := iou.Of(box, objects[k].Box.Box())
			if v < SameObject || v < best {
				continue
			}
			if v > best {
				best, same, higher, lower = v, false, false, false
			}
			class := objects[k].Class
			same = same || class == det.Class
			higher = higher || class == next[0][det.Class]
			lower = lower || class == next[1][det.Class]
		}
		if best == 0 {
			continue
		}
		weight := int64(det.Score * 1000)
		agreement.Pairs++
		agreement.All += weight
		switch {
		case same:
			agreement.Same += weight
		case higher:
			agreement.Higher += weight
		case lower:
			agreement.Lower += weight
		}
	}
}

// raise raises what a box's anchors are believed to be.
func (d *detector) raise(k int) {
	d.reach.Each(d.boxes[k], func(anchor int32, level uint8, v float32, best bool) {
		d.class.raise(entry{anchor: anchor, by: int32(k), score: d.belief(k, v, best), level: level})
	})
}

// belief is the score that a box gives an anchor by their IoU.
func (d *detector) belief(k int, v float32, best bool) float64 {
	m := &d.thresholds
	if d.results == nil {
		return scores.Geometry(v, m.Low, m.High, scores.DefaultPrior)
	}
	return scores.Belief(d.of[k].Score, v, m.Low, m.High, best && m.Best)
}

// term adds a term of one anchor, unless no floor is below its score.
func (d *detector) term(
	out *[ledger.NumObjectives]ledger.ImageSums, o ledger.Objective, class int32, e *entry, match *iou.Match,
) {
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
	d.add(out, term{o, class, int(e.level), match, d.score, band, 1})
}

// Carried implements Scorer.
func (d *detector) Carried(source, image int, detections []int) []Cost {
	d.source = source
	d.place(d.plan.Found(source, image))
	d.sort()
	costs := make([]Cost, len(detections))
	for k, at := range detections {
		costs[k] = d.carried(slices.Index(d.from, int32(at)))
	}
	return costs
}

// Opposed implements Scorer.
func (d *detector) Opposed(source, image int, of []Opposition) ([]Cost, error) {
	if d.setting.Objective != ledger.PerClass {
		return nil, nil
	}
	d.source = source
	d.place(d.plan.Found(source, image))
	d.sort()
	floor := loss.ScoreOf(d.setting.Scores[d.index].Detector.Floor)
	costs := make([]Cost, len(of))
	for i, o := range of {
		d.class.reset()
		for k := range d.boxes {
			if d.of[k].Class == o.Class {
				d.raise(k)
			}
		}
		c := &costs[i]
		c.Terms = o.Positives
		add := func(score loss.Score, n int64) {
			d.setting.Bank.At(score, loss.Zero, d.loss[:], d.grad[:])
			for l := range d.setting.Bank {
				c.Loss[l] += float64(d.loss[l] * float64(n))
			}
		}
		rest := o.Positives // at the floor
		for k := range d.class.entries {
			e := &d.class.entries[k]
			m := d.scene.Found.Of(e.anchor)
			if e.score > floor.P && m.Label == iou.Positive && d.scene.Index[m.Object] == int(o.Object) {
				add(loss.ScoreOf(e.score), 1)
				rest--
			}
		}
		add(floor, max(0, rest)) // a rule whose positives depend on predictions gives a bound of them only
	}
	return costs, nil
}

// carried sums the terms of negative anchors that have their score from one box,
// -1 for one that lies outside of the image.
func (d *detector) carried(box int) (c Cost) {
	if box < 0 {
		return
	}
	class := d.of[box].Class
	d.class.reset()
	for k := range d.boxes {
		if d.of[k].Class == class || d.setting.Objective == ledger.Objectness {
			d.raise(k)
		}
	}
	floor := d.setting.Scores[d.index].Detector.Floor
	counts := map[loss.Logit]int64{}
	d.reach.Each(d.boxes[box], func(anchor int32, _ uint8, v float32, best bool) {
		p := d.belief(box, v, best)
		i, known := d.class.index.Lookup(anchor)
		if !known || p < d.class.entries[i].score || d.class.entries[i].by != int32(box) {
			return // another detection gives it its score
		}
		if p <= floor || d.scene.Found.Of(anchor).Label != iou.Negative {
			return
		}
		score := loss.ScoreOf(p)
		d.setting.Bank.At(score, loss.Zero, d.loss[:], d.grad[:])
		for l := range d.setting.Bank {
			c.Loss[l] += d.loss[l]
		}
		c.Terms++
		counts[score.Logit()]++
	})
	c.Logits = sortedCounts(counts)
	return c
}
