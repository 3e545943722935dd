package page

import (
	"fmt"
	"html/template"
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

// drawn is the crop of a finding, by its rank from 0, or its frame.
func (p *painter) drawn(f *findings.Finding, rank int) template.HTML {
	if p.crops != nil {
		if c, ok := p.crops.By[rank]; ok {
			return p.crop(f, &c)
		}
	}
	return p.frame(f)
}

// frame draws the image of a finding: the other annotations faintly, the box that the
// finding is about solid, and the detection dashed. It is empty where the finding has no
// box, or the image no size.
func (p *painter) frame(f *findings.Finding) template.HTML {
	if !drawable(p.Result, f) {
		return ""
	}
	im := p.Data.Image(int(f.Source), int(f.Image))
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
	objects := p.Data.Objects(int(f.Source), int(f.Image))
	for k, n := 0, 0; k < len(objects) && n < frameBoxes; k++ {
		if o := &objects[k]; im.First+int32(k) != f.Object && o.LeftOut != dataset.NoBox {
			if b, ok := fitted(o.Box, scale, w, h); ok {
				others.WriteString("M" + num(b.X) + " " + num(b.Y) + "h" + num(b.W) + "v" + num(b.H) + "h" + num(-b.W) + "z")
				n++
			}
		}
	}
	if others.Len() > 0 {
		s.path("other", others.String(), "")
	}
	boxes(s, f, "", func(r geom.Rect) (geom.Rect, bool) { return fitted(r, scale, w, h) })
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
