package page

import (
	"encoding/base64"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// svg is a figure that is being drawn. All texts in it are escaped; numbers are written with
// as few digits as the eye can tell apart.
type svg struct{ b strings.Builder }

// newSVG begins a figure of so many units. Its label is what screen readers say in its
// place; without one they pass it over.
func newSVG(class string, width, height float64, label string) *svg {
	s := &svg{}
	s.b.WriteString(`<svg class="` + class + `" viewBox="0 0 ` + num(width) + " " + num(height) + `"`)
	if label == "" {
		s.b.WriteString(` aria-hidden="true"`)
	} else {
		s.b.WriteString(` role="img" aria-label="` + html.EscapeString(label) + `"`)
	}
	s.b.WriteString(">")
	return s
}

// end ends the figure.
func (s *svg) end() template.HTML {
	s.b.WriteString("</svg>")
	return template.HTML(s.b.String()) // its texts are escaped
}

// rect draws a rectangle; title is shown under the pointer.
func (s *svg) rect(class string, x, y, w, h float64, title string) {
	s.b.WriteString(`<rect class="` + class + `" x="` + num(x) + `" y="` + num(y) + `" width="` + num(w) +
		`" height="` + num(h) + `"`)
	s.close("rect", title)
}

// gridLine draws a line of a grid.
func (s *svg) gridLine(x1, y1, x2, y2 float64) {
	s.b.WriteString(`<line class="grid" x1="` + num(x1) + `" y1="` + num(y1) + `" x2="` + num(x2) +
		`" y2="` + num(y2) + `"/>`)
}

// polyline draws a line through points.
func (s *svg) polyline(class string, points [][2]float64, title string) {
	s.b.WriteString(`<polyline class="` + class + `" points="`)
	for i, p := range points {
		if i > 0 {
			s.b.WriteByte(' ')
		}
		s.b.WriteString(num(p[0]) + "," + num(p[1]))
	}
	s.b.WriteByte('"')
	s.close("polyline", title)
}

// path draws a path.
func (s *svg) path(class, d, title string) {
	s.b.WriteString(`<path class="` + class + `" d="` + d + `"`)
	s.close("path", title)
}

// image draws a JPEG.
func (s *svg) image(jpeg []byte, w, h float64) {
	s.b.WriteString(`<image href="data:image/jpeg;base64,` + base64.StdEncoding.EncodeToString(jpeg))
	s.b.WriteString(`" width="` + num(w) + `" height="` + num(h) + `"/>`)
}

// text writes a text.
func (s *svg) text(class string, x, y float64, t string) {
	s.b.WriteString(`<text class="` + class + `" x="` + num(x) + `" y="` + num(y) + `">`)
	s.b.WriteString(html.EscapeString(t) + `</text>`)
}

// close ends an element, with a title if there is one.
func (s *svg) close(element, title string) {
	if title == "" {
		s.b.WriteString("/>")
		return
	}
	s.b.WriteString("><title>" + html.EscapeString(title) + "</title></" + element + ">")
}

// num writes a coordinate to a hundredth.
func num(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "0"
	}
	return strconv.FormatFloat(math.Round(x*100)/100+0, 'f', -1, 64)
}

// part is a segment of a bar.
type part struct {
	Class string  // of its colour
	Share float64 // of the bar's length, [0,1]
}

// bar draws parts side by side, from the left. The lengths are the shares, to six digits:
// 1 unit is the width of the bar.
func bar(parts ...part) template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="bar" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">`)
	x := 0.0
	for _, p := range parts {
		if !(p.Share > 0) {
			continue
		}
		b.WriteString(`<rect class="` + p.Class + `" x="` + fine(x) + `" width="` + fine(p.Share) + `" height="1"/>`)
		x += p.Share
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) // classes are ours, the rest are numbers
}

// fine writes a share to six digits.
func fine(x float64) string { return strconv.FormatFloat(math.Round(x*1e6)/1e6, 'f', -1, 64) }
