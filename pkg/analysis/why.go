package analysis

import (
	"fmt"
	"math"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// Why says why no anchor is positive for an object on its own merit: none suits
// it, or none of those that do was assigned to it.
type Why uint8

// The reasons, in the order in which they are tried.
const (
	Fine        Why = iota
	Outside         // anchors suit it, but those that nobody else has are ignored for a centre outside the image
	OutCompeted     // anchors suit it, but each was given to another object
	OffGrid         // a shape would suit it, centred on the object; where the anchors lie, none does
	TooSmall        // even an anchor of the object's own aspect would be too large
	TooLarge        // even an anchor of the object's own aspect would be too small
	Aspect          // no anchor has an aspect near enough to its, whatever its size
	SizeAspect      // no anchor is near enough to it in size and aspect at once
	NoCentre        // under ATSS: no anchor that stands out is centred in it
	NumWhys     = int(iota)
)

// String returns the reason as reports have it, "" for Fine.
func (w Why) String() string {
	return [...]string{"", "outside", "out-competed", "off-grid", "too-small", "too-large", "aspect", "size-aspect", "no-centre"}[w]
}

// verdict is why an object has no anchor on its own merit, and how well the
// shapes could have suited it.
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
	m, by := &w.r.Config.Preset.Matcher, w.edges()
	fit := iou.FitOf(box.Width(), box.Height(), w.frame.Grids, by)
	switch {
	case b.AtHigh > 0 && m.Inside && w.outside(i):
		return verdict{Outside, fit}
	case b.AtHigh > 0:
		return verdict{OutCompeted, fit}
	case m.Rule == anchors.ATSS:
		return verdict{NoCentre, fit}
	case m.Rule == anchors.ShapeRatio:
		return verdict{whySides(box, fit, m.MaxRatio), fit}
	}
	return verdict{whyShape(box.Width()+by, box.Height()+by, fit, float64(w.thresholds.High)), fit}
}

// edges is by how many px boxes are wider and higher than their corners say.
func (w *worker) edges() float64 {
	if w.r.Config.Preset.Matcher.Rule == anchors.InclusiveIoU {
		return 1
	}
	return 0
}

// outside reports whether an anchor that reaches the positive threshold with an
// object, and would be its, is ignored for its place.
func (w *worker) outside(i int) bool {
	by := w.assigner.Reacher()
	by.Prepare(w.frame.Grids, w.boxes[i:i+1])
	ignored := false
	by.Each(w.boxes[i], func(anchor int32, _ uint8, v float32, _ bool) {
		m := w.match.Of(anchor)
		ignored = ignored || float64(v) >= w.r.Config.Preset.Matcher.Positive && m.Label == iou.Ignored && int(m.Object) == i
	})
	return ignored
}

// whyShape compares an object with the shapes alone. An anchor of the same
// aspect and s times the side has IoU s² or 1/s² at best.
func whyShape(width, height float64, fit iou.Fit, high float64) Why {
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

// whySides compares an object with the shapes where none has both sides within
// a factor. An anchor of the same aspect and s times the side differs by s or 1/s.
func whySides(o geom.Box, fit iou.Fit, most float64) Why {
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

// explain puts the numbers to a reason.
func (w *worker) explain(i int, v verdict) string {
	b, box, fit := &w.match.Objects[i], w.boxes[i], v.fit
	size := fmt.Sprintf("%.4g × %.4g px after resizing", box.Width(), box.Height())
	m := &w.r.Config.Preset.Matcher
	best := "best IoU " + below(float64(b.IoU))
	if m.Rule == anchors.ShapeRatio {
		s := &w.frame.Grids[b.Level].Shapes[b.Shape]
		best = fmt.Sprintf("the most similar anchor, %.4g × %.4g px, differs by a factor of %.3g, allowed is less than %g", s.Width(), s.Height(), b.Ratio, m.MaxRatio)
		if math.IsInf(float64(b.Ratio), 1) {
			best = "clipped to the image it has no side left"
		}
	}
	switch v.why {
	case Outside:
		return fmt.Sprintf("outside: of %d anchors that reach %g, those it could have are ignored, since their centres are outside the image (%s)", b.AtHigh, w.thresholds.High, size)
	case OutCompeted:
		return w.explainCompetition(b, size)
	case NoCentre:
		return w.explainATSS(box, size)
	case OffGrid:
		return fmt.Sprintf("off grid: %s; centred, an anchor would reach IoU %s, where they lie the best has %s", size, below(fit.IoU), below(float64(b.IoU)))
	case TooSmall:
		return fmt.Sprintf("too small: %s, the smallest anchor is %.4g px; %s", size, fit.Smallest-w.edges(), best)
	case TooLarge:
		return fmt.Sprintf("too large: %s, the largest anchor is %.4g px; %s", size, fit.Largest-w.edges(), best)
	case SizeAspect:
		if m.Rule == anchors.ShapeRatio {
			return fmt.Sprintf("size and aspect: %s, no anchor is near enough in both; %s", size, best)
		}
		return fmt.Sprintf("size and aspect: %s, no anchor is near enough in both; centred on it the best would reach IoU %s of %g; %s", size, below(fit.IoU), w.thresholds.High, best)
	}
	return fmt.Sprintf("aspect: %s, no anchor's aspect is near enough; %s", size, best)
}

// below writes an IoU with three digits, cut off rather than rounded: what is
// below a threshold does not look as if it were on it.
func below(v float64) string { return fmt.Sprintf("%.3f", math.Floor(v*1000)/1000) }

func (w *worker) explainCompetition(b *iou.Object, size string) string {
	switch w.r.Config.Preset.Matcher.Rule {
	case anchors.ATSS:
		return fmt.Sprintf("out-competed: %d anchors stand out and are centred in it, and each was given to another object (%s)", b.AtHigh, size)
	case anchors.ShapeRatio:
		return fmt.Sprintf("out-competed: its shape gives it %d rows of targets, and over each another object's was written (%s)", b.AtHigh, size)
	}
	return fmt.Sprintf("out-competed: %d anchors reach %g, and each was given to another object (%s)", b.AtHigh, w.thresholds.High, size)
}

func (w *worker) explainATSS(box geom.Box, size string) string {
	look := iou.ATSS{Candidates: int(w.r.Config.Preset.Matcher.Candidates)}.Look(box, w.frame.Grids)
	if look.Of < 2 {
		return fmt.Sprintf("no centre: %s; there is one anchor in all, and with one there is no standard deviation to stand out by", size)
	}
	return fmt.Sprintf("no centre: %s; of the %d anchors nearest to it, %d reach its own threshold of IoU %.3f, and none of these is centred in it", size, look.Of, look.Reached, look.Threshold)
}
