package labels

import "math"

// edgeSlack is how near to the image's edge, in parts of its side, a box counts as
// cut off: 3 px of 600.
const edgeSlack = 0.005

// objectWidth and detectionWidth are the numbers by which objects and detections
// are judged. They are relative to boxes and images, never pixels. Left out on
// purpose is what would give away how errors are simulated rather than what they
// are: how many objects an image has. A box's aspect counts as far as it is unusual
// for its class; simulated spurious labels have the aspects of right ones.
const (
	objectWidth    = 32
	detectionWidth = 14
)

// object appends what is known of an object.
func (r *Rates) object(x []float64, e *Evidence, im *Image, k int) []float64 {
	o, of := &e.Objects[k], &im.Objects[k]
	confusion, twin := 0.0, 0.0
	if o.Other.detection >= 0 {
		confusion = r.confusion(of.Class, im.Detections[o.Other.detection].Class)
	}
	if o.Twin >= 0 {
		twin = e.Objects[o.Twin].own
	}
	speaker := o.Same
	if speaker.detection < 0 {
		speaker = o.Any
	}
	off := offsets(im, k, speaker)
	return rounded(append(x, o.Same.weight(), o.Other.weight(), o.fit, o.otherFit, o.near,
		o.Same.score, o.Same.iou, o.Other.score, o.Other.iou, o.Any.score, o.Any.iou,
		o.own, o.otherOwn, o.second, o.overlap, o.presence,
		sizeOf(of.Box, im.Size), edges(im, k), o.crowd, o.TwinIoU, twin, e.sure,
		r.support(of.Class), r.iou(of.Class), confusion,
		off[0], off[1], off[2], off[3], off[4], off[5], r.odd(of.Class, of.Box)))
}

// rounded rounds numbers to float32: what differs in its last digits, as logarithms do on other processors, is one
// number to the models then.
func rounded(x []float64) []float64 {
	for i := range x {
		x[i] = float64(float32(x[i]))
	}
	return x
}

// offsets says how far a detection's box is from an object's: the largest
// distance of two of their sides and those of their centres, in sides of the
// object; and the logarithms of the quotients of areas, widths and heights.
func offsets(im *Image, k int, s said) [6]float64 {
	if s.detection < 0 {
		return [6]float64{}
	}
	a, b := im.Objects[k].Box, im.Detections[s.detection].Box
	w, h := a.X1-a.X0, a.Y1-a.Y0
	left, right, top, bottom := (b.X0-a.X0)/w, (b.X1-a.X1)/w, (b.Y0-a.Y0)/h, (b.Y1-a.Y1)/h
	wide, high := math.Log((b.X1-b.X0)/w), math.Log((b.Y1-b.Y0)/h)
	return [6]float64{max(math.Abs(left), math.Abs(right), math.Abs(top), math.Abs(bottom)),
		math.Abs(left+right) / 2, math.Abs(top+bottom) / 2, wide + high, wide, high}
}

// edges counts the image's edges that an object touches: what is cut off is
// harder to place.
func edges(im *Image, k int) float64 {
	b, n := im.Objects[k].Box, 0.0
	w, h := float64(im.Size.W), float64(im.Size.H)
	nearX, nearY := float64(edgeSlack*w), float64(edgeSlack*h)
	for _, at := range []bool{b.X0 < nearX, b.Y0 < nearY, b.X1 > w-nearX, b.Y1 > h-nearY} {
		if at {
			n++
		}
	}
	return n
}

// detection appends what is known of a detection that may be of an overlooked
// object.
func (r *Rates) detection(x []float64, e *Evidence, im *Image, i int) []float64 {
	d, of := &e.Detections[i], &im.Detections[i]
	precision := r.precision(of.Class, of.Score)
	near := 0.0 // how well the object beside is explained by other detections
	if d.Near >= 0 {
		if o := &e.Objects[d.Near]; o.Same.detection != int32(i) {
			near = o.Same.weight()
		}
	}
	free := 1 - d.IoU
	return rounded(append(x, of.Score, precision, precision*of.Score*free*free, d.IoU, d.same, near,
		d.shadow, d.shadower, d.under, float64(d.surer), e.sure, float64(len(im.Objects)),
		sizeOf(of.Box, im.Size), r.support(of.Class)))
}
