package fit

import (
	"context"
	"math"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// World is objects, each with its place between the points of every level.
type World struct {
	Objects int
	Cells   []int64 // by level: places of all images
	Suit    iou.Suit

	sides []side    // by object
	at    [][]place // by level and object
}

// side is an object's width and height in the trainer's frame, px.
type side struct{ w, h float64 }

// place is where an object's centre lies on the grid of a level: px from its first point, how far apart points
// are, and how many there are.
type place struct {
	x, y             float32
	strideX, strideY float32
	cols, rows       int32
}

// NewWorld places the objects that a preset trains.
func NewWorld(ctx context.Context, d *dataset.Dataset, p trainer.Preset) (*World, error) {
	suit, err := Suit(&p)
	if err != nil {
		return nil, err
	}
	t, err := trainer.New(p)
	if err != nil {
		return nil, err
	}
	w := &World{Suit: suit, Cells: make([]int64, len(p.Anchors.Levels)), at: make([][]place, len(p.Anchors.Levels))}
	scene := t.NewScene(false)
	for s := range d.Sources {
		for i := range d.Source(s).Images {
			if i%1024 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if d.Source(s).Images[i].LeftOut == dataset.InUse && scene.See(d, s, i) == trainer.Seen {
				w.add(scene)
			}
		}
	}
	return w, nil
}

// add adds the objects of an image.
func (w *World) add(s *trainer.Scene) {
	for level := range s.Frame.Grids {
		g := &s.Frame.Grids[level]
		w.Cells[level] += int64(g.Rows) * int64(g.Cols)
		for k := range s.Boxes {
			b := &s.Boxes[k]
			w.at[level] = append(w.at[level], place{
				x: float32((b.X0+b.X1)/2 - float64(g.OffsetX)), y: float32((b.Y0+b.Y1)/2 - float64(g.OffsetY)),
				strideX: g.StrideX, strideY: g.StrideY, cols: int32(g.Cols), rows: int32(g.Rows),
			})
		}
	}
	for k := range s.Boxes {
		b := &s.Boxes[k]
		w.sides = append(w.sides, side{b.X1 - b.X0 + w.Suit.Edges, b.Y1 - b.Y0 + w.Suit.Edges})
	}
	w.Objects = len(w.sides)
}

// covered are the objects that a shape covers on a level, and how many of its anchors do.
type covered struct {
	set       []uint64 // a bit an object
	positives int64
}

// cover finds what a shape covers on a level.
func (w *World) cover(level int, shape geom.Box32, out *covered) {
	if need := (w.Objects + 63) / 64; len(out.set) != need {
		out.set = make([]uint64, need)
	}
	clear(out.set)
	out.positives = 0
	sw, sh := float64(shape.Width())+w.Suit.Edges, float64(shape.Height())+w.Suit.Edges
	places := w.at[level]
	if w.Suit.Measure == iou.BySides {
		for k := range w.sides {
			o := &w.sides[k]
			if max(o.w/sw, sw/o.w, o.h/sh, sh/o.h) < w.Suit.Threshold {
				out.set[k>>6] |= 1 << (k & 63)
				out.positives += cellsOfCentre
			}
		}
		return
	}
	t, area := w.Suit.Threshold/(1+w.Suit.Threshold), float64(sw*sh)
	for k := range w.sides {
		o := &w.sides[k]
		least := t * (area + float64(o.w*o.h)) // the intersection that gives the threshold
		across, down := min(o.w, sw), min(o.h, sh)
		if float64(across*down) < least {
			continue
		}
		p := &places[k]
		n := p.count((o.w+sw)/2, (o.h+sh)/2, across, down, least)
		if n > 0 {
			out.set[k>>6] |= 1 << (k & 63)
			out.positives += n
		}
	}
}

// cellsOfCentre is how many cells a shape of yolov5 is positive in for an object: that of its centre and two
// neighbours (utils/loss.py, build_targets).
const cellsOfCentre = 3

// rowsCounted is how many rows of points are counted for an object: of more rows every second, third, … one stands for
// its neighbours, since large objects have many and need them the least.
const rowsCounted = 6

// count counts the points of a grid where an anchor and an object overlap by an area of least px² or more. reach is
// how far apart, in px, their centres are where they just touch, along both axes; across and down are
// the most that they can share.
func (p *place) count(reachX, reachY, across, down, least float64) (n int64) {
	x, y, strideX, strideY := float64(p.x), float64(p.y), float64(p.strideX), float64(p.strideY)
	far := reachY - least/across
	from, to := max(0, math.Ceil((y-far)/strideY)), min(float64(p.rows-1), math.Floor((y+far)/strideY))
	step := max(1, math.Floor((to-from+1)/rowsCounted))
	for row := from; row <= to; row += step {
		high := min(down, reachY-math.Abs(float64(row*strideY)-y))
		wide := reachX - least/high
		if wide < 0 {
			continue
		}
		first, last := max(0, math.Ceil((x-wide)/strideX)), min(float64(p.cols-1), math.Floor((x+wide)/strideX))
		if last >= first {
			n += int64((last - first + 1) * step)
		}
	}
	return n
}

// shapeOf returns the shape of a size and ratio in a trainer's arithmetic.
func shapeOf(a anchors.Arithmetic, stride anchors.Whole, size, ratio float64) geom.Box32 {
	return anchors.New(anchors.Spec{Anchors: anchors.Anchors{
		Arithmetic: a, Ratios: []float64{ratio}, Levels: []anchors.Level{{Stride: stride, Sizes: []float64{size}}},
	}}).Box(0, 0)
}

// boxOf returns the shape of a width and height.
func boxOf(w, h float64) geom.Box32 {
	x, y := float32(w)/2, float32(h)/2
	return geom.Box32{X0: -x, Y0: -y, X1: x, Y1: y}
}
