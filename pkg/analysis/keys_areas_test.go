package analysis_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
)

// Areas that are one part of what they should be are told of; those of ellipses, of outlines of all kinds, and
// right ones are not.
func TestAreaParts(t *testing.T) {
	outline := func(x, y, w, h int, part float64) string { // a trapezoid that has a part of its box
		cut := float64(w) * 2 * (1 - part)
		return fmt.Sprintf(`[[%d,%d,%d,%d,%g,%d,%d,%d]]`, x, y, x+w, y, float64(x+w)-cut, y+h, x, y+h)
	}
	file := func(area func(i, w, h int) float64, segmentation func(i, x, y, w, h int) string) string {
		var all []string
		for i := range 40 {
			x, y, w, h := 10+7*i, 20+5*i, 60+3*i%50, 40+11*i%70
			all = append(all, fmt.Sprintf(
				`{"id":%d,"image_id":1,"category_id":1,"bbox":[%d,%d,%d,%d],"area":%g,"iscrowd":0,"segmentation":%s}`,
				i+1, x, y, w, h, area(i, w, h), segmentation(i, x, y, w, h)))
		}
		return testrun.COCO([]string{`{"id":1,"file_name":"a.jpg","width":800,"height":800}`}, all, `{"id":1,"name":"a"}`)
	}
	none := func(int, int, int, int, int) string { return "[]" }
	varied := func(i, x, y, w, h int) string { return outline(x, y, w, h, 0.55+float64(i)/100) }
	for _, c := range []struct {
		what         string
		area         func(i, w, h int) float64
		segmentation func(i, x, y, w, h int) string
		want         string
	}{
		{"right", func(_, w, h int) float64 { return float64(w * h) }, none, ""},
		{"a quarter", func(_, w, h int) float64 { return float64(w*h) / 4 }, none, "40 of 40 areas that were compared are about 0.25"},
		{"0.36", func(_, w, h int) float64 { return 0.36 * float64(w*h) }, none, "are about 0.36"},
		{"roots", func(_, w, h int) float64 { return math.Sqrt(float64(w * h)) }, none,
			"40 of 40 areas that were compared are below an eighth of"},
		{"parts of the image", func(_, w, h int) float64 { return float64(w*h) / 640000 }, none, "are below an eighth of"},
		{"ellipses", func(_, w, h int) float64 { return math.Pi / 4 * float64(w*h) }, none, ""},
		{"drawn", func(i, w, h int) float64 { return (0.3 + float64(i)/80) * float64(w*h) }, none, ""},
		{"those of outlines", func(i, w, h int) float64 { return (0.55 + float64(i)/100) * float64(w*h) }, varied, ""},
		{"half of outlines", func(i, w, h int) float64 { return (0.55 + float64(i)/100) * float64(w*h) / 2 }, varied, "are about 0.5"},
	} {
		got := message(t, file(c.area, c.segmentation), "area-impossible")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
