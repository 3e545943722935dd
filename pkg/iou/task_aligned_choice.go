package iou

import (
	"math"

	"focalaudit/pkg/geom"
)

// Predicted is what a detector predicts at every point of a scene, for rules that choose points
// by it (Thresholds.Chooses). Points are numbered as the grids number anchors.
type Predicted struct {
	Boxes   []geom.Box32 // by point, decoded, in px of the frame of the grids
	Logits  []float32    // by point and output, before the sigmoid
	Outputs []int32      // by object of the scene: the output of its class
	K       int          // outputs of a point
}

// The choice by predictions follows TaskAlignedAssigner of ultralytics (utils/tal.py) in these steps, in
// float32 and in the order of its operations:
//
//  1. A candidate's overlap is the complete IoU of its predicted box with the object (CIoU: Zheng et
//     al., 2020, Distance-IoU Loss), negative ones being 0. Its metric is the root of the predicted
//     score of the object's class times the sixth power of the overlap; no other point has any.
//  2. An object claims the Top points of the highest metric. Of equal ones the lower number comes first,
//     as torch.topk has it on GPUs. Where fewer than Top points have a metric above 0, it takes the first
//     points of the image that have none: these are claims only if they are candidates.
//  3. A point of several claims goes to the object that its box overlaps most, of all those whose
//     candidate it is, claimed or not; the first among equals, and the first of the image if there is
//     no overlap at all. So an object can end with more than Top points.
//  4. The target of a positive point is its metric, scaled so that the object's highest metric
//     becomes its highest overlap.
//
// Sigmoid, root and arithmetic are torch's to the digit but for the exponential, the arc tangent and the
// sixth power, which are rounded from float64 here; torch's own differ by the last digit between
// processors.

// choice is the scratch of the choice by predictions.
type choice struct {
	top     []offer
	several []bool    // by match: more than one object claims it
	claims  []int     // by object
	aspect  []float32 // by object: the arc tangent of its aspect
	scale   []scale   // by object
}

// offer is a candidate of the object at hand.
type offer struct {
	anchor int32
	level  uint8
	fit
}

// fit is how well a point predicts an object.
type fit struct{ overlap, metric float32 }

// scale is the highest fit of an object's points.
type scale fit

// choose assigns the points of the scene by what is predicted. Candidates are known.
func (a *assignTaskAligned) choose() {
	n := len(a.scene.Objects)
	a.several = a.several[:0]
	a.claims = append(a.claims[:0], make([]int, n)...)
	a.aspect = a.aspect[:0]
	for i := range a.scene.Objects {
		b := a.scene.Objects[i].Narrow()
		a.aspect = append(a.aspect, aspectOf(b))
	}
	for i := range a.scene.Objects {
		a.rank(i)
		a.claim(i)
	}
	for k := range a.Matches {
		if m := &a.Matches[k]; a.several[k] {
			m.Object = a.most(m)
		}
		a.several[k] = false
	}
	a.positive()
	a.target()
}

// rank finds the candidates of an object that have the highest metrics, the highest first.
func (a *assignTaskAligned) rank(i int) {
	a.top = a.top[:0]
	for level := range a.scene.Grids {
		g, of := &a.scene.Grids[level], a.areas[a.at(level, i)]
		for row := of.rows.first; row < of.rows.first+of.rows.n; row++ {
			for col := of.cols.first; col < of.cols.first+of.cols.n; col++ {
				anchor := int32(g.Index(row, col, 0))
				f := a.fit(i, anchor)
				if !(f.metric > 0) || len(a.top) == a.rule.Top && f.metric <= a.top[len(a.top)-1].metric {
					continue
				}
				if len(a.top) < a.rule.Top {
					a.top = append(a.top, offer{})
				}
				at := len(a.top) - 1
				for ; at > 0 && a.top[at-1].metric < f.metric; at-- {
					a.top[at] = a.top[at-1]
				}
				a.top[at] = offer{anchor, uint8(level), f}
			}
		}
	}
}

// claim claims the points of an object: those ranked, and where they are too few, those of the image's
// first points without a metric that are candidates. What counts as no object has no candidates.
func (a *assignTaskAligned) claim(i int) {
	for _, o := range a.top {
		a.enter(i, o.anchor, o.level)
	}
	left := a.rule.Top - len(a.top)
	for level := range a.scene.Grids {
		g := &a.scene.Grids[level]
		for k := g.First; k < g.First+g.Len() && left > 0; k++ {
			if a.ranked(int32(k)) {
				continue
			}
			left--
			if a.holds(level, i, int32(k)) {
				a.enter(i, int32(k), uint8(level))
			}
		}
	}
}

// ranked reports whether a point is among those of the object at hand.
func (a *assignTaskAligned) ranked(anchor int32) bool {
	for k := range a.top {
		if a.top[k].anchor == anchor {
			return true
		}
	}
	return false
}

// enter notes a claim.
func (a *assignTaskAligned) enter(i int, anchor int32, level uint8) {
	a.claims[i]++
	if at, known := a.table.Add(anchor, int32(len(a.Matches))); known {
		a.several[at] = true
		return
	}
	a.Matches = append(a.Matches, Match{Anchor: anchor, Object: int32(i), Level: level})
	a.several = append(a.several, false)
}

// holds reports whether a point is a candidate of an object.
func (a *assignTaskAligned) holds(level, i int, anchor int32) bool {
	row, col, _ := a.scene.Grids[level].Place(int(anchor))
	of := a.areas[a.at(level, i)]
	return of.rows.has(row) && of.cols.has(col)
}

func (s span) has(i int) bool { return i >= s.first && i < s.first+s.n }

// most returns the object that has a point of several claims.
func (a *assignTaskAligned) most(m *Match) (best int32) {
	highest := float32(0)
	for i := range a.scene.Objects {
		if !a.holds(int(m.Level), i, m.Anchor) {
			continue
		}
		if v := a.fit(i, m.Anchor).overlap; v > highest {
			best, highest = int32(i), v
		}
	}
	return best
}

// target sets the targets of the matches.
func (a *assignTaskAligned) target() {
	a.scale = append(a.scale[:0], make([]scale, len(a.scene.Objects))...)
	of := func(m *Match) fit {
		if !a.holds(int(m.Level), int(m.Object), m.Anchor) {
			return fit{}
		}
		return a.fit(int(m.Object), m.Anchor)
	}
	for k := range a.Matches {
		m := &a.Matches[k]
		f, s := of(m), &a.scale[m.Object]
		m.IoU = f.overlap
		s.overlap, s.metric = max(s.overlap, f.overlap), max(s.metric, f.metric)
	}
	const nothing = float32(1e-9)
	a.targets, a.soft = a.targets[:0], true
	for k := range a.Matches {
		m := &a.Matches[k]
		s := &a.scale[m.Object]
		a.targets = append(a.targets, float32(of(m).metric*s.overlap)/(s.metric+nothing))
	}
}

// fit says how well a point predicts an object.
func (a *assignTaskAligned) fit(i int, anchor int32) fit {
	p := a.scene.Predicted
	u := max(0, completeIoU(a.scene.Objects[i].Narrow(), p.Boxes[anchor], a.aspect[i]))
	if !(u > 0) {
		return fit{}
	}
	score := sigmoid32(p.Logits[int(anchor)*p.K+int(p.Outputs[i])])
	square := float64(u) * float64(u)
	return fit{u, float32(math.Sqrt(float64(score))) * float32(square*square*square)}
}

// sigmoid32 is torch's sigmoid of float32.
func sigmoid32(z float32) float32 { return 1 / (1 + float32(math.Exp(-float64(z)))) }

// overlapEps keeps quotients of completeIoU finite, as eps of bbox_iou does.
const overlapEps = float32(1e-7)

// aspectOf returns the arc tangent of a box's width over its height.
func aspectOf(b geom.Box32) float32 {
	return float32(math.Atan(float64((b.X1 - b.X0) / (b.Y1 - b.Y0 + overlapEps))))
}

// completeIoU follows utils/metrics.py bbox_iou with CIoU: it counts heights larger by overlapEps, and
// widths not. Sides of predicted boxes can be negative.
func completeIoU(o, b geom.Box32, aspect float32) float32 {
	w1, h1 := o.X1-o.X0, o.Y1-o.Y0+overlapEps
	w2, h2 := b.X1-b.X0, b.Y1-b.Y0+overlapEps
	inter := float32(max(0, min(o.X1, b.X1)-max(o.X0, b.X0)) * max(0, min(o.Y1, b.Y1)-max(o.Y0, b.Y0)))
	union := float32(w1*h1) + float32(w2*h2) - inter + overlapEps
	iou := inter / union
	cw, ch := max(o.X1, b.X1)-min(o.X0, b.X0), max(o.Y1, b.Y1)-min(o.Y0, b.Y0)
	diagonal := float32(cw*cw) + float32(ch*ch) + overlapEps
	dx, dy := b.X0+b.X1-o.X0-o.X1, b.Y0+b.Y1-o.Y0-o.Y1
	distance := (float32(dx*dx) + float32(dy*dy)) / 4
	turn := float32(math.Atan(float64(w2/h2))) - aspect
	v := float32(float32(4/(math.Pi*math.Pi)) * float32(turn*turn))
	alpha := v / (v - iou + float32(1+1e-7))
	return iou - (distance/diagonal + float32(v*alpha))
}
