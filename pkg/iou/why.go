package iou

import (
	"fmt"

	"focalaudit/pkg/geom"
)

// Why says why no anchor is positive for an object on its own merit: none suits
// it, or none of those that do was assigned to it. The catalogue's reasons (package
// findings) explain each to people.
type Why uint8

// The reasons that several rules have. A reason of one rule stands in that rule's
// file.
var (
	OutCompeted = newWhy("out-competed") // anchors suit it, but each was given to another object
	OffGrid     = newWhy("off-grid")     // a shape would suit it, centred on the object; where the anchors lie, none does
	TooSmall    = newWhy("too-small")    // even an anchor of the object's own aspect would be too large
	TooLarge    = newWhy("too-large")    // even an anchor of the object's own aspect would be too small
	Aspect      = newWhy("aspect")       // no anchor has an aspect near enough to its, whatever its size
	SizeAspect  = newWhy("size-aspect")  // no anchor is near enough to it in size and aspect at once
)

// Fine is no reason: some anchor is positive for the object on its own merit.
const Fine Why = 0

// whys are the codes of all reasons, by number.
var whys = []string{Fine: ""}

// newWhy enters a reason under the code that reports have.
func newWhy(code string) Why {
	whys = append(whys, code)
	return Why(len(whys) - 1)
}

// Whys returns how many reasons there are, with Fine, which is 0.
func Whys() int { return len(whys) }

// String returns the reason as reports have it, "" for Fine.
func (w Why) String() string { return whys[w] }

// Verdict is why an object has no anchor on its own merit, and how well the shapes
// could have suited it.
type Verdict struct {
	Why   Why
	Fit   Fit     // the zero value under Fine
	Short float64 // in [0,1]: how far the object's best anchor is from being like it
}

// shortOfIoU is the verdict of rules that ask for IoU.
func shortOfIoU(why Why, fit Fit, o *Object) Verdict {
	return Verdict{Why: why, Fit: fit, Short: 1 - float64(o.IoU)}
}

// whyShape compares an object with the shapes alone. An anchor of the same
// aspect and s times the side has IoU s² or 1/s² at best.
func whyShape(width, height float64, fit Fit, high float64) Why {
	area := width * height
	switch {
	case fit.IoU >= high:
		return OffGrid
	case area < high*fit.Smallest*fit.Smallest:
		return TooSmall
	case high*area > fit.Largest*fit.Largest:
		return TooLarge
	case fit.Aspect() < high:
		return Aspect
	}
	return SizeAspect
}

// explainShape puts the numbers to a reason of whyShape. edges is by how many px
// boxes are wider and higher than their corners say.
func explainShape(object geom.Box, o *Object, v Verdict, high float32, edges float64) string {
	size, best := sides(object), "best IoU "+below(float64(o.IoU))
	switch v.Why {
	case OutCompeted:
		return fmt.Sprintf("out-competed: %d anchors reach %g, and each was given to another object (%s)",
			o.AtHigh, high, size)
	case OffGrid:
		return fmt.Sprintf("off grid: %s; centred, an anchor would reach IoU %s, where they lie the best has %s",
			size, below(v.Fit.IoU), below(float64(o.IoU)))
	case SizeAspect:
		return fmt.Sprintf(
			"size and aspect: %s, no anchor is near enough in both; centred on it the best would reach IoU %s of %g; %s",
			size, below(v.Fit.IoU), high, best)
	}
	return explainSize(v, size, best, edges)
}

// explainSize puts the numbers to the reasons that compare sizes or aspects.
func explainSize(v Verdict, size, best string, edges float64) string {
	switch v.Why {
	case TooSmall:
		return fmt.Sprintf("too small: %s, the smallest anchor is %.4g px; %s", size, v.Fit.Smallest-edges, best)
	case TooLarge:
		return fmt.Sprintf("too large: %s, the largest anchor is %.4g px; %s", size, v.Fit.Largest-edges, best)
	case SizeAspect:
		return fmt.Sprintf("size and aspect: %s, no anchor is near enough in both; %s", size, best)
	}
	return fmt.Sprintf("aspect: %s, no anchor's aspect is near enough; %s", size, best)
}
