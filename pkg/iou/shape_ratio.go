package iou

import (
	"fmt"
	"math"

	"focalaudit/pkg/geom"
)

// ShapeRatio assigns anchors as yolov5 does (utils/loss.py, build_targets). A
// shape suits an object if neither side is Most times as long as the object's, or
// the object's as long as its. Of every shape that does, on every level, the
// anchor in the cell of the object's centre is positive, and those in the nearer
// one of the cells left and right of it and of those above and below. If several
// objects would have an anchor, the centre's cell yields to the left, that to the
// upper, right and lower one, and of the same kind the earlier object to the
// later one: there the last row written stays. No anchor is ignored, and IoU plays
// no part.
//
// Objects are float32 centres and sides as parts of the padded image, which must
// be as many cells as every level has; their float64 corners in pixels give them
// back. Anchors are in pixels, those in the trainer in cells.
type ShapeRatio struct {
	// Most is the factor that the sides of object and anchor differ by less than.
	Most float64 `yaml:"max_ratio,omitempty" json:"max_ratio,omitempty"`
}

const nameShapeRatio = "shape-ratio"

var _ = Register(nameShapeRatio, func() Rule { return &ShapeRatio{} })

// Validate implements Rule.
func (s *ShapeRatio) Validate([]int) error {
	return within("max_ratio", s.Most, 1.01, 1000)
}

// String implements Rule.
func (s *ShapeRatio) String() string {
	return fmt.Sprintf("%s: sides within a factor of %g, in the centre's cell and up to two beside it",
		nameShapeRatio, s.Most)
}

// Thresholds implements Rule.
func (s *ShapeRatio) Thresholds() Thresholds { return reached }

// Suit implements Suiter.
func (s *ShapeRatio) Suit() Suit { return Suit{Measure: BySides, Threshold: s.Most} }

// Measure implements Rule.
func (s *ShapeRatio) Measure() Measure { return BySides }

// Covers implements Rule.
func (s *ShapeRatio) Covers() string { return "that would be its if it were an object" }

// Assigner implements Rule. It lists every match.
func (s *ShapeRatio) Assigner(bool) Assigner { return &assignShapeRatio{most: float32(s.Most)} }

// assignShapeRatio is ShapeRatio at work.
type assignShapeRatio struct {
	Result
	most  float32
	spots []spot
	scene Scene
}

// parts is a box by its centre and sides, as parts of the padded image.
type parts struct{ x, y, w, h float32 }

func partsOf(o geom.Box, g *geom.Grid) parts {
	w, h := float64(g.Cols)*float64(g.StrideX), float64(g.Rows)*float64(g.StrideY)
	return parts{
		float32((o.X0 + o.X1) / 2 / w), float32((o.Y0 + o.Y1) / 2 / h),
		float32(o.Width() / w), float32(o.Height() / h),
	}
}

// ratio returns by which factor the sides of an object and of a shape differ at
// most.
func (p *parts) ratio(g *geom.Grid, shape int) float32 {
	s := &g.Shapes[shape]
	w := float32(p.w*float32(g.Cols)) / (s.Width() / g.StrideX)
	h := float32(p.h*float32(g.Rows)) / (s.Height() / g.StrideY)
	return max(w, 1/w, h, 1/h)
}

// spot is a cell, and which of an object's five it is.
type spot struct {
	row, col int
	kind     int32 // 0 the centre's, 1 left, 2 above, 3 right, 4 below
}

// spots returns the cells of a level that an object's anchors are in.
func (p *parts) spots(g *geom.Grid, into []spot) []spot {
	x, y := float32(p.x*float32(g.Cols)), float32(p.y*float32(g.Rows))
	into = append(into[:0], spot{cellOf(y, g.Rows), cellOf(x, g.Cols), 0})
	add := func(near bool, kind int32, dx, dy float32) {
		if near {
			into = append(into, spot{cellOf(y+dy, g.Rows), cellOf(x+dx, g.Cols), kind})
		}
	}
	add(nearEdge(x), 1, -0.5, 0)
	add(nearEdge(y), 2, 0, -0.5)
	add(nearEdge(float32(g.Cols)-x), 3, 0.5, 0)
	add(nearEdge(float32(g.Rows)-y), 4, 0, 0.5)
	return into
}

func cellOf(x float32, n int) int { return min(max(int(x), 0), n-1) }

// nearEdge reports whether a place is in the first half of its cell, and not in
// the first cell.
func nearEdge(x float32) bool {
	return float64(x)-math.Floor(float64(x)) < 0.5 && x > 1
}

// Assign implements Assigner.
func (r *assignShapeRatio) Assign(s Scene) *Result {
	r.scene = s
	objects, grids := s.Objects, s.Grids
	r.reset(len(objects), grids)
	for i := range objects {
		b := &r.Objects[i]
		r.tied = r.tied[:0]
		for level := range grids {
			g := &grids[level]
			p := partsOf(objects[i], g)
			r.spots = p.spots(g, r.spots)
			for k := range g.Shapes {
				ratio := p.ratio(g, k)
				if ratio == b.Ratio {
					r.tied = append(r.tied, r.first[level]+k)
				}
				if b.Ratio == 0 || ratio < b.Ratio {
					b.Ratio, b.Ties = ratio, 1
					r.tied = append(r.tied[:0], r.first[level]+k)
					b.Anchor, b.Level, b.Shape = int32(g.Index(r.spots[0].row, r.spots[0].col, k)), uint8(level), uint16(k)
				}
				if !(ratio < r.most) {
					continue
				}
				b.AtHigh += len(r.spots)
				for _, at := range r.spots {
					r.write(Match{
						Anchor: int32(g.Index(at.row, at.col, k)), Object: int32(i),
						Level: uint8(level), Shape: uint16(k), owner: at.kind,
					})
				}
			}
		}
		b.AtLow = b.AtHigh
		r.prefer(r.tied)
	}
	r.positive()
	return &r.Result
}

// Why implements Assigner.
func (r *assignShapeRatio) Why(i int) Verdict {
	o, box := &r.Objects[i], r.scene.Objects[i]
	if o.Positives > 0 {
		return Verdict{}
	}
	v := Verdict{Why: OutCompeted, Fit: fitOf(box.Width(), box.Height(), r.scene.Grids, 0), Short: 1 - 1/float64(o.Ratio)}
	if o.AtHigh == 0 {
		v.Why = whySides(box, v.Fit, float64(r.most))
	}
	return v
}

// whySides compares an object with the shapes where none has both sides within
// a factor. An anchor of the same aspect and s times the side differs by s or 1/s.
func whySides(o geom.Box, fit Fit, most float64) Why {
	side := math.Sqrt(o.Width() * o.Height())
	switch {
	case side*most <= fit.Smallest:
		return TooSmall
	case side >= most*fit.Largest:
		return TooLarge
	case fit.Stretch >= most:
		return Aspect
	}
	return SizeAspect
}

// Explain implements Assigner.
func (r *assignShapeRatio) Explain(i int, v Verdict) string {
	o, size := &r.Objects[i], sides(r.scene.Objects[i])
	if v.Why == OutCompeted {
		return fmt.Sprintf(
			"out-competed: its shape gives it %d rows of targets, and over each another object's was written (%s)",
			o.AtHigh, size)
	}
	s := &r.scene.Grids[o.Level].Shapes[o.Shape]
	best := fmt.Sprintf("the most similar anchor, %.4g × %.4g px, differs by a factor of %.3g, allowed is less than %g",
		s.Width(), s.Height(), o.Ratio, r.most)
	if math.IsInf(float64(o.Ratio), 1) {
		best = "clipped to the image it has no side left"
	}
	return explainSize(v, size, best, 0)
}

// Hazard implements Assigner: nothing is forced.
func (r *assignShapeRatio) Hazard(int) string { return "" }

// Background implements Assigner.
func (r *assignShapeRatio) Background(box geom.Box) int {
	return r.background(&reachByRatio{most: r.most}, box, r.scene.Grids)
}

// write enters a match, over that of an earlier row: owner is the kind of the
// cell, by which rows are in order before they are by objects.
func (r *assignShapeRatio) write(f Match) {
	at, known := r.table.Add(f.Anchor, int32(len(r.Matches)))
	switch {
	case !known:
		r.Matches = append(r.Matches, f)
	case f.owner >= r.Matches[at].owner: // objects come in their order
		r.Matches[at] = f
	}
}

// Reacher returns what finds the anchors that would be a box's.
func (s *ShapeRatio) Reacher(float32) Reacher { return &reachByRatio{most: float32(s.Most)} }

type reachByRatio struct {
	most  float32
	grids []geom.Grid
	spots []spot
}

// Prepare implements Reacher.
func (r *reachByRatio) Prepare(grids []geom.Grid, _ []geom.Box) { r.grids = grids }

// Each calls f with the anchors that the box has rows of targets for, each once.
func (r *reachByRatio) Each(box geom.Box, f func(anchor int32, level uint8, v float32, best bool)) {
	for level := range r.grids {
		g := &r.grids[level]
		p := partsOf(box, g)
		r.spots = p.spots(g, r.spots)
		for k := range g.Shapes {
			if !(p.ratio(g, k) < r.most) {
				continue
			}
			for i, at := range r.spots {
				if !repeats(r.spots[:i], at) {
					f(int32(g.Index(at.row, at.col, k)), uint8(level), 1, false)
				}
			}
		}
	}
}

// repeats reports whether a cell is among earlier ones: at the image's edge two
// of an object's cells can be the same.
func repeats(earlier []spot, at spot) bool {
	for _, e := range earlier {
		if e.row == at.row && e.col == at.col {
			return true
		}
	}
	return false
}
