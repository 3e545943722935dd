package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// The figure of an image without its picture: the frame, with all of its boxes.
const (
	frameSide  = 96.0 // the longer side, in units
	frameLeast = 1.5  // a side of a box at least, so that it can be seen
	frameBoxes = 30   // of the other boxes, as many at most
)

// frame draws the image of a finding: the other annotations faintly, the box that the
// finding is about solid, and the detection dashed. It is empty where the finding has no
// box, or the image no size.
func (p *painter) frame(f *findings.Finding) template.HTML {
	if f.Source < 0 || f.Image < 0 || !f.HasBox {
		return ""
	}
	src := &p.Data.Sources[f.Source]
	im := &src.Images[f.Image]
	if im.Size.W <= 0 || im.Size.H <= 0 {
		return ""
	}
	w, h := float64(im.Size.W), float64(im.Size.H)
	scale := frameSide / max(w, h)
	w, h = max(2, w*scale), max(2, h*scale)
	kind := "annotated"
	if f.Evidence != nil && f.Object < 0 {
		kind = "detected"
	}
	s := newSVG("frame", w, h, fmt.Sprintf("%s image, %d × %d px; the %s box is at %s", p.class(f.Class),
		im.Size.W, im.Size.H, kind, corners(f.Box)))
	s.rect("paper", 0, 0, w, h, "")
	var others strings.Builder
	for k, n := im.First, 0; k < im.Last && n < frameBoxes; k++ {
		if o := &src.Objects[k]; k != f.Object && o.LeftOut != dataset.NoBox {
			if b, ok := fitted(o.Box, scale, w, h); ok {
				others.WriteString("M" + num(b.X) + " " + num(b.Y) + "h" + num(b.W) + "v" + num(b.H) + "h" + num(-b.W) + "z")
				n++
			}
		}
	}
	if others.Len() > 0 {
		s.path("other", others.String(), "")
	}
	draw := func(class string, r geom.Rect) {
		if b, ok := fitted(r, scale, w, h); ok {
			s.rect(class, b.X, b.Y, b.W, b.H, "")
		}
	}
	if kind == "detected" {
		draw("det", f.Box)
		return s.end()
	}
	draw("ann", f.Box)
	if e := f.Evidence; e != nil && !math.IsNaN(e.Detection.Score) {
		draw("det", e.Detection.Box)
	}
	return s.end()
}

// corners writes a box.
func corners(r geom.Rect) string {
	return fmt.Sprintf("%.4g, %.4g, %.4g × %.4g px", r.X, r.Y, r.W, r.H)
}

// fitted returns a box in units of the figure, within it; ok is false if nothing of it is
// there, or its numbers are none.
func fitted(r geom.Rect, scale, w, h float64) (geom.Rect, bool) {
	b := geom.Box{X0: r.X * scale, Y0: r.Y * scale, X1: (r.X + r.W) * scale, Y1: (r.Y + r.H) * scale}
	b = b.Intersect(geom.Box{X1: w, Y1: h})
	if !(b.X1 >= b.X0 && b.Y1 >= b.Y0) {
		return geom.Rect{}, false
	}
	out := b.Rect()
	out.W, out.H = max(out.W, frameLeast), max(out.H, frameLeast)
	return out, true
}
