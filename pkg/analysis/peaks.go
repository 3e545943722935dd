package analysis

import (
	"cmp"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/loss"
)

// What detectors take from their outputs before they suppress neighbours, and how
// much of it they leave: detectron2's thresholds and numbers (torchvision's differ
// in the last one, 300).
const (
	peakScore = 0.05
	peakMost  = 1000
	peaksLeft = 100
)

// high is an output of an anchor that is about an object, as it says.
type high struct {
	z      float64
	anchor int32
	class  int32
	level  uint8
}

// peaks gathers an image's high outputs.
type peaks struct {
	from float64 // logit
	high []high
}

func (p *peaks) reset() { p.from, p.high = float64(loss.LogitOf(peakScore)), p.high[:0] }

func (p *peaks) add(h high) {
	if p.high = append(p.high, h); len(p.high) >= 4*peakMost {
		p.cut()
		p.from = p.high[len(p.high)-1].z
	}
}

// cut keeps the peakMost highest ones.
func (p *peaks) cut() {
	slices.SortFunc(p.high, func(a, b high) int {
		return cmp.Or(cmp.Compare(b.z, a.z), cmp.Compare(a.anchor, b.anchor), cmp.Compare(a.class, b.class))
	})
	p.high = p.high[:min(len(p.high), peakMost)]
}

// imagePeaks is what an image's logits say as detections: anchors of one class
// that overlap the highest of them are one, at the mean of their boxes.
type imagePeaks struct {
	read       bool // there are logits
	detections []dataset.Detection
	costs      []peakCost
}

// peakCost is what a peak's negative anchors cost.
type peakCost struct {
	terms  int64
	loss   [maxLosses]float64
	logits []logitCount
}

func (p *imagePeaks) carried(i int) (int64, [maxLosses]float64, []logitCount) {
	c := &p.costs[i]
	return c.terms, c.loss, c.logits
}

// join makes peaks of the high outputs of the image at hand.
func (d *dense) join() (out imagePeaks) {
	d.peaks.cut()
	out.read = true
	all := d.peaks.high
	f := &d.w.scene.Frame
	box := func(h high) geom.Box {
		g := &f.Grids[h.level]
		return f.Back(g.At(g.Place(int(h.anchor))).Wide())
	}
	boxes := make([]geom.Box, len(all))
	for i := range all {
		boxes[i] = box(all[i])
	}
	taken := make([]bool, len(all))
	var losses, grad [maxLosses]float64
	frame := geom.Box{X1: float64(f.Image.W), Y1: float64(f.Image.H)}
	for i := range all {
		if taken[i] {
			continue
		}
		if len(out.detections) == peaksLeft {
			break
		}
		var mean geom.Box
		var weight float64
		var cost peakCost
		counts := map[loss.Logit]int64{}
		for k := i; k < len(all); k++ {
			if taken[k] || all[k].class != all[i].class || k != i && iou.Of(boxes[i], boxes[k]) < sameObject {
				continue
			}
			taken[k] = true
			score := loss.Logit(all[k].z).Score()
			mean.X0 += score.P * boxes[k].X0
			mean.Y0 += score.P * boxes[k].Y0
			mean.X1 += score.P * boxes[k].X1
			mean.Y1 += score.P * boxes[k].Y1
			weight += score.P
			if d.w.scene.Found.Of(all[k].anchor).Label == iou.Negative {
				d.w.r.bank.At(score, loss.Zero, losses[:], grad[:])
				for l := range d.w.r.bank {
					cost.loss[l] += losses[l]
				}
				cost.terms++
				counts[score.Logit()]++
			}
		}
		b := geom.Box{X0: mean.X0 / weight, Y0: mean.Y0 / weight, X1: mean.X1 / weight, Y1: mean.Y1 / weight}.Intersect(frame)
		if b.Empty() {
			continue
		}
		cost.logits = sortedCounts(counts)
		out.detections = append(out.detections, dataset.Detection{Class: all[i].class, Score: loss.Logit(all[i].z).P(), Box: b.Rect()})
		out.costs = append(out.costs, cost)
	}
	return out
}
