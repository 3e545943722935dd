package fit

import (
	"math"

	"focalaudit/pkg/iou"
)

// Beyond counts the objects that no shape covers at these strides, whatever it is: the nearest point of every level
// is too far from their centre. Nobody can do better.
func (w *World) Beyond() int {
	if w.Suit.Measure == iou.BySides {
		return 0
	}
	n := 0
	for k := range w.sides {
		if !w.reachable(k) {
			n++
		}
	}
	return n
}

// reachable reports whether some shape on some level reaches the threshold with an object.
func (w *World) reachable(k int) bool {
	o := &w.sides[k]
	for level := range w.at {
		p := &w.at[level][k]
		dx := nearest(float64(p.x), float64(p.strideX), p.cols)
		dy := nearest(float64(p.y), float64(p.strideY), p.rows)
		if best(o.w, o.h, dx, dy) >= w.Suit.Threshold {
			return true
		}
	}
	return false
}

// nearest is how far a coordinate is from the nearest of n points, from 0 on.
func nearest(x, stride float64, n int32) float64 {
	k := max(0, min(math.Round(x/stride), float64(n-1)))
	return math.Abs(x - float64(k*stride))
}

// best is the highest IoU that an anchor of any shape reaches with an object of w by h px, dx and dy px away.
//
// Along x both share w - dx + u·dx/2 px if the anchor is w + u·dx px wide, -2 <= u <= 2: at -2 it lies within the
// object, at 2 it holds the object, and beyond it only loses. Whether the IoU rises or falls in u depends on the
// anchor's height alone (the sign of its derivative is that of w·h/height - w + 2·dx), and likewise along y. So it is
// highest at one of the four corners.
func best(w, h, dx, dy float64) (high float64) {
	for _, u := range [2]float64{-2, 2} {
		for _, v := range [2]float64{-2, 2} {
			wide, tall := max(0, w+float64(u*dx)), max(0, h+float64(v*dy))
			shared := float64(min(w, wide) * min(h, tall))
			high = max(high, shared/(float64(w*h)+float64(wide*tall)-shared))
		}
	}
	return high
}
