package series

import (
	"math"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// nearTracks finds boxes of an image that may be of the same track as one of the next image: of one class, with an IoU
// of sameTrack, a half. Sides then differ by a factor of two at most, and centres by half of the smaller side.
type nearTracks struct {
	src   *dataset.Source
	boxes []int32
	cells map[trackCell][]int32 // nil for few boxes, where all are near
}

// trackCell is a class, the powers of two above a box's sides, and the place of its centre in cells of these sides.
type trackCell struct {
	class int32
	power [2]int
	at    [2]float64
}

// fewTracks boxes are faster gone through than looked up in dozens of cells.
const fewTracks = 32

// indexTracks returns the index of objects.
func indexTracks(src *dataset.Source, boxes []int32) nearTracks {
	x := nearTracks{src: src, boxes: boxes}
	if len(boxes) <= fewTracks {
		return x
	}
	x.cells = make(map[trackCell][]int32, len(boxes))
	for _, k := range boxes {
		o := &src.Objects[k]
		var c trackCell
		c.class = o.Class
		for axis, s := range sidesOf(&o.Box) {
			_, c.power[axis] = math.Frexp(s.length)
			c.at[axis] = math.Floor(math.Ldexp(s.centre, -c.power[axis]))
		}
		x.cells[c] = append(x.cells[c], k)
	}
	return x
}

// side is a side of a box and its centre.
type side struct{ centre, length float64 }

func sidesOf(b *geom.Rect) [2]side { return [2]side{{b.X + b.W/2, b.W}, {b.Y + b.H/2, b.H}} }

// has tells whether one of the boxes may be of the track of an object.
func (x *nearTracks) has(object int32) bool {
	o := &x.src.Objects[object]
	return x.each(o, func(k int32) bool {
		p := &x.src.Objects[k]
		return p.Class == o.Class && iou.Of(o.Box.Box(), p.Box.Box()) >= sameTrack
	})
}

// each calls f with boxes that are near an object, until it returns true.
func (x *nearTracks) each(o *dataset.Object, f func(k int32) bool) bool {
	if x.cells == nil {
		for _, k := range x.boxes {
			if f(k) {
				return true
			}
		}
		return false
	}
	if o.Box.W <= 0 || o.Box.H <= 0 {
		return false
	}
	const wider = 1 + 1e-9 // for rounding
	of := sidesOf(&o.Box)
	var low, high [2]int
	for axis, s := range of {
		_, low[axis] = math.Frexp(s.length / (2 * wider))
		_, high[axis] = math.Frexp(2 * wider * s.length)
	}
	c := trackCell{class: o.Class}
	for c.power[0] = low[0]; c.power[0] <= high[0]; c.power[0]++ {
		for c.power[1] = low[1]; c.power[1] <= high[1]; c.power[1]++ {
			if x.at(c, of, f) {
				return true
			}
		}
	}
	return false
}

// at calls f with the boxes of cells of some sides that are near two sides.
func (x *nearTracks) at(c trackCell, of [2]side, f func(k int32) bool) bool {
	var cells [2][3]float64 // a cell, the next one and the last, of two or three
	var n [2]int
	for axis, s := range of {
		// half of the smaller side, and what rounding adds
		reach := min(s.length, math.Ldexp(1, c.power[axis]))/2 + math.Abs(s.centre)*1e-15
		first := math.Floor(math.Ldexp(s.centre-reach, -c.power[axis]))
		last := math.Floor(math.Ldexp(s.centre+reach, -c.power[axis]))
		for _, v := range [3]float64{first, first + 1, last} {
			if n[axis] == 0 || v > cells[axis][n[axis]-1] && v <= last {
				cells[axis][n[axis]] = v
				n[axis]++
			}
		}
	}
	for _, x0 := range cells[0][:n[0]] {
		for _, y0 := range cells[1][:n[1]] {
			c.at = [2]float64{x0, y0}
			for _, k := range x.cells[c] {
				if f(k) {
					return true
				}
			}
		}
	}
	return false
}
