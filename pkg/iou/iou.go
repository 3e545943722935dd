// Package iou labels the anchors of an image: positive, ignored or negative, as a trainer's
// rule says. It also says how much two boxes overlap.
//
//  1. A Rule is one trainer's rule with its parameters: MaxIoU, InclusiveIoU, ATSS,
//     ShapeRatio, the rules of points FCOS, TaskAligned and SimOTA, and OneToOne, each in a
//     file of its own and registered under its name (Register, New).
//  2. Rule.Assigner gives one goroutine the rule at work. Assigner.Assign labels the
//     anchors of one Scene, and Assigner.Why and Explain say why an object has none.
//  3. Rule.Reacher finds the anchors that single boxes would have, whatever else is in
//     the image.
//
// No rule looks at every anchor: grids are geometry (geom.Grid), and each rule computes
// where the few anchors lie that can matter. MaxIoU, the rule of most trainers, does so
// through Matcher.Match, in this order:
//
//  1. search finds, in closed form, the rectangles of anchors (patches) that hold all
//     anchors whose IoU with one object reaches a threshold, and evaluates these. For an
//     object without any anchor at the lower threshold it runs once more, with a
//     threshold that is known to be reached.
//  2. share compares the patches of one shape with each other. A patch that meets no
//     other object's is settled by counting (count).
//  3. The anchors of the others are entered one by one (claim): each goes to the object
//     with which its IoU is highest, the first object among equals.
//  4. The best anchors of each object, all ties, are forced to be positive. Every other
//     anchor is negative, and counted by subtraction.
//
// IoU for matching is computed in float32, in the order of operations that torchvision's
// box_iou, detectron2's pairwise_iou and mmdetection's bbox_overlaps share, so that labels
// and ties come out as theirs do.
package iou

import "focalaudit/pkg/geom"

// Of returns the intersection over union of two boxes of the annotated image:
// in [0,1], symmetric, 1 for a non-empty box and itself, 0 if either is empty.
func Of(a, b geom.Box) float64 {
	inter := a.Intersect(b).Area()
	if inter == 0 {
		return 0
	}
	return inter / (a.Area() + b.Area() - inter)
}

// Of32 returns the intersection over union of an object and an anchor as the
// trainers compute it, every operation rounded to float32. The anchor's area
// must be positive; the object may be degenerate, which gives 0.
func Of32(object, anchor geom.Box32) float32 {
	w := max(0, min(object.X1, anchor.X1)-max(object.X0, anchor.X0))
	h := max(0, min(object.Y1, anchor.Y1)-max(object.Y0, anchor.Y0))
	inter := float32(w * h)
	return inter / (float32(object.Area()+anchor.Area()) - inter)
}
