package belief

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

// output is an output of an anchor that is about an object, as it says.
type output struct {
	z      float64
	anchor int32
	class  int32
	level  uint8
}

// highest gathers an image's high outputs.
type highest struct {
	from float64 // logit
	all  []output
}

func (p *highest) reset() { p.from, p.all = float64(loss.LogitOf(peakScore)), p.all[:0] }

func (p *highest) add(h output) {
	if p.all = append(p.all, h); len(p.all) >= 4*peakMost {
		p.cut()
		p.from = p.all[len(p.all)-1].z
	}
}

// cut keeps the peakMost highest ones.
func (p *highest) cut() {
	slices.SortFunc(p.all, func(a, b output) int {
		return cmp.Or(cmp.Compare(b.z, a.z), cmp.Compare(a.anchor, b.anchor), cmp.Compare(a.class, b.class))
	})
	p.all = p.all[:min(len(p.all), peakMost)]
}

// peaks is what an image's logits say as detections: anchors of one class
// that overlap the highest of them are one, at the mean of their boxes.
type peaks struct {
	read       bool // there are logits
	detections []dataset.Detection
	costs      []Cost // of the negative anchors of each
}

// join makes peaks of the high outputs of the image at hand.
func (d *dense) join() (out peaks) {
	d.high.cut()
	out.read = true
	all := d.high.all
	f := &d.scene.Frame
	box := func(h output) geom.Box {
		if d.plan.ChosenBy(d.index) {
			return f.Back(d.scene.Predicted.Boxes[h.anchor].Wide())
		}
		g := &f.Grids[h.level]
		return f.Back(g.At(g.Place(int(h.anchor))).Wide())
	}
	boxes := make([]geom.Box, len(all))
	for i := range all {
		boxes[i] = box(all[i])
	}
	taken := make([]bool, len(all))
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
		var cost Cost
		counts := map[loss.Logit]int64{}
		for k := i; k < len(all); k++ {
			if taken[k] || all[k].class != all[i].class || k != i && iou.Of(boxes[i], boxes[k]) < SameObject {
				continue
			}
			taken[k] = true
			score := loss.Logit(all[k].z).Score()
			mean.X0 += float64(score.P * boxes[k].X0)
			mean.Y0 += float64(score.P * boxes[k].Y0)
			mean.X1 += float64(score.P * boxes[k].X1)
			mean.Y1 += float64(score.P * boxes[k].Y1)
			weight += score.P
			if d.scene.Found.Of(all[k].anchor).Label == iou.Negative {
				d.setting.Bank.At(score, loss.Zero, d.loss[:], d.grad[:])
				for l := range d.setting.Bank {
					cost.Loss[l] += d.loss[l]
				}
				cost.Terms++
				counts[score.Logit()]++
			}
		}
		b := geom.Box{X0: mean.X0 / weight, Y0: mean.Y0 / weight, X1: mean.X1 / weight, Y1: mean.Y1 / weight}.Intersect(frame)
		if b.Empty() {
			continue
		}
		cost.Logits = sortedCounts(counts)
		score := loss.Logit(all[i].z).P()
		out.detections = append(out.detections, dataset.Detection{Class: all[i].class, Score: score, Box: b.Rect()})
		out.costs = append(out.costs, cost)
	}
	return out
}
