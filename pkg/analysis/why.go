package analysis

import (
	"fmt"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// Why says why no anchor reached the positive threshold for an object, or why
// none that did was assigned to it.
type Why uint8

// The reasons, in the order in which they are tried.
const (
	Fine        Why = iota
	OutCompeted     // anchors reach the threshold, but fit other objects better
	OffGrid         // a shape would reach it, centred on the object; where the anchors lie, none does
	TooSmall        // even an anchor of the object's own aspect would be too large
	TooLarge        // even an anchor of the object's own aspect would be too small
	Aspect          // no anchor is as long and thin
)

// String returns the reason as reports have it, "" for Fine.
func (w Why) String() string {
	return [...]string{"", "out-competed", "off-grid", "too-small", "too-large", "aspect"}[w]
}

// verdict is why an object has no anchor at the positive threshold, and how well
// the shapes could have suited it.
type verdict struct {
	why Why
	fit iou.Fit
}

// judge judges object i of the image at hand.
func (w *worker) judge(i int) verdict {
	b, box := &w.match.Objects[i], w.boxes[i]
	if b.Positives > b.Rescued {
		return verdict{}
	}
	fit := iou.FitOf(float64(box.Width()), float64(box.Height()), w.frame.Grids)
	if b.AtHigh > 0 {
		return verdict{OutCompeted, fit}
	}
	return verdict{whyShape(box, fit, float64(w.matcher.High)), fit}
}

// whyShape compares an object with the shapes alone. An anchor of the same
// aspect and s times the side has IoU s² or 1/s² at best.
func whyShape(o geom.Box32, fit iou.Fit, high float64) Why {
	area := float64(o.Width()) * float64(o.Height())
	switch {
	case fit.IoU >= high:
		return OffGrid
	case area < high*fit.Smallest*fit.Smallest:
		return TooSmall
	case high*area > fit.Largest*fit.Largest:
		return TooLarge
	}
	return Aspect
}

// explain puts the numbers to a reason.
func (w *worker) explain(i int, v verdict) string {
	b, box, fit := &w.match.Objects[i], w.boxes[i], v.fit
	size := fmt.Sprintf("%.4g × %.4g px after resizing", box.Width(), box.Height())
	switch v.why {
	case OutCompeted:
		return fmt.Sprintf("out-competed: %d anchors reach %g, each fits another object better (%s)", b.AtHigh, w.matcher.High, size)
	case OffGrid:
		return fmt.Sprintf("off grid: %s; centred, an anchor would reach IoU %.3f, where they lie the best has %.3f", size, fit.IoU, b.IoU)
	case TooSmall:
		return fmt.Sprintf("too small: %s, the smallest anchor is %.4g px; best IoU %.3f", size, fit.Smallest, b.IoU)
	case TooLarge:
		return fmt.Sprintf("too large: %s, the largest anchor is %.4g px; best IoU %.3f", size, fit.Largest, b.IoU)
	}
	return fmt.Sprintf("aspect: %s, no anchor is as long and thin; best IoU %.3f", size, b.IoU)
}
