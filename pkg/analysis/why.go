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
	OutCompeted     // anchors suit it, but fit other objects better
	OffGrid         // a shape would suit it, centred on the object; where the anchors lie, none does
	TooSmall        // even an anchor of the object's own aspect would be too large
	TooLarge        // even an anchor of the object's own aspect would be too small
	Aspect          // no anchor is as long and thin, whatever its size
	Between         // its size or aspect lies between those of the anchors
	NoCentre        // under ATSS: no anchor that stands out is centred in it
	NumWhys     = int(iota)
)

// String returns the reason as reports have it, "" for Fine.
func (w Why) String() string {
	return [...]string{"", "outside", "out-competed", "off-grid", "too-small", "too-large", "aspect", "between", "no-centre"}[w]
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
	case b.AtHigh > 0 && m.Inside && w.outside(box):
		return verdict{Outside, fit}
	case b.AtHigh > 0:
		return verdict{OutCompeted, fit}
	case m.Rule == anchors.ATSS:
		return verdict{NoCentre, fit}
	case m.Rule == anchors.ShapeRatio:
		return verdict{w.whySides(i, fit, m.MaxRatio), fit}
	}
	return verdict{whyShape(box.Width()+by, box.Height()+by, fit, float64(w.matcher.High)), fit}
}

// edges is by how many px boxes are wider and higher than their corners say.
func (w *worker) edges() float64 {
	if w.r.Config.Preset.Matcher.Rule == anchors.InclusiveIoU {
		return 1
	}
	return 0
}

// outside reports whether all anchors that reach the positive threshold with an
// object are ignored for their place, or some other's.
func (w *worker) outside(box geom.Box) bool {
	by := w.assigner.Reacher()
	by.Prepare(w.frame.Grids, []geom.Box{box})
	ignored := false
	by.Each(box, func(anchor int32, _ uint8, v float32, _ bool) {
		ignored = ignored || float64(v) >= w.r.Config.Preset.Matcher.Positive && w.match.Of(anchor).Label == iou.Ignored
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
	return Between
}

// whySides compares object i with the shapes where none of these has both sides
// within a factor: by the best of any size if none has the aspect for it, else by the
// sides of the most similar one that fail.
func (w *worker) whySides(i int, fit iou.Fit, most float64) Why {
	if fit.Stretch >= most {
		return Aspect
	}
	b, o := &w.match.Objects[i], w.boxes[i]
	s := &w.frame.Grids[b.Level].Shapes[b.Shape]
	wide, high := o.Width()/float64(s.Width()), o.Height()/float64(s.Height())
	switch small, large := min(wide, high)*most <= 1.000001, max(wide, high) >= most*0.999999; {
	case small && !large:
		return TooSmall
	case large && !small:
		return TooLarge
	}
	return Between
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
		return fmt.Sprintf("outside: of %d anchors that reach %g, those it could have are ignored, since their centres are outside the image (%s)", b.AtHigh, w.matcher.High, size)
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
	case Between:
		if m.Rule == anchors.ShapeRatio {
			return fmt.Sprintf("between: %s, no anchor has both sides near enough; %s", size, best)
		}
		return fmt.Sprintf("between: %s, which lies between the anchors; centred on it the best would reach IoU %s of %g; %s", size, below(fit.IoU), w.matcher.High, best)
	}
	return fmt.Sprintf("aspect: %s, no anchor is as long and thin; %s", size, best)
}

// below writes an IoU with three digits, cut off rather than rounded: what is
// below a threshold does not look as if it were on it.
func below(v float64) string { return fmt.Sprintf("%.3f", math.Floor(v*1000)/1000) }

func (w *worker) explainCompetition(b *iou.Object, size string) string {
	switch w.r.Config.Preset.Matcher.Rule {
	case anchors.ATSS:
		return fmt.Sprintf("out-competed: %d anchors stand out and are centred in it, each fits another object better (%s)", b.AtHigh, size)
	case anchors.ShapeRatio:
		return fmt.Sprintf("out-competed: its shape gives it %d rows of targets, and over each another object's was written (%s)", b.AtHigh, size)
	}
	return fmt.Sprintf("out-competed: %d anchors reach %g, each fits another object better (%s)", b.AtHigh, w.matcher.High, size)
}

func (w *worker) explainATSS(box geom.Box, size string) string {
	look := iou.ATSS{Candidates: int(w.r.Config.Preset.Matcher.Candidates)}.Look(box, w.frame.Grids)
	if look.Of < 2 {
		return fmt.Sprintf("no centre: %s; there is one anchor in all, and with one there is no standard deviation to stand out by", size)
	}
	return fmt.Sprintf("no centre: %s; of the %d anchors nearest to it, %d reach its own threshold of IoU %.3f, and none of these is centred in it", size, look.Of, look.Reached, look.Threshold)
}
