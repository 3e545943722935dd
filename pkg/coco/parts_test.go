package coco

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
)

// polygon returns n points around an ellipse that wobbles, in a place of an image, as pairs or as all x and then all y.
func polygon(rng *rand.Rand, n int, x, y float64, halved bool) string {
	var xs, ys []string
	w, h := 10+90*rng.Float64(), 10+90*rng.Float64()
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		far := 0.7 + 0.3*rng.Float64()
		xs = append(xs, fmt.Sprintf("%.2f", x+w*far*cos))
		ys = append(ys, fmt.Sprintf("%.2f", y+h*far*sin))
	}
	if halved {
		return "[" + strings.Join(append(xs, ys...), ", ") + "]"
	}
	var all []string
	for i := range xs {
		all = append(all, xs[i], ys[i])
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// TestHalved: polygons on the diagonal of the image, where they are most like it, and elsewhere, do not seem to be all x
// and then all y; written so, nearly all do.
func TestHalved(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	seems := func(outline string) bool {
		of, ok := outlineBox([]byte(outline))
		return ok && halved([]byte(outline), of.Box())
	}
	for _, n := range []int{5, 6, 8, 12, 30} {
		right, found := 0, 0
		const tries = 2000
		for range tries {
			x := 100 + 400*rng.Float64()
			if seems("[" + polygon(rng, n, x, x, false) + "]") {
				right++
			}
			if seems("[" + polygon(rng, n, x, x+300, true) + "]") {
				found++
			}
		}
		t.Logf("%d points: %d of %d right ones seem so, %d written so", n, right, tries, found)
		if right > 0 || 10*found < 7*tries {
			t.Errorf("%d points: %d of %d right ones seem so, %d written so", n, right, tries, found)
		}
	}
	// A square on the diagonal, read so, has √2/2 of its length: 2 · 40 · √2 of 160. The last of four points is a
	// rectangle of 57 and 141 px, turned by 45 degrees: read so, it goes to and fro on a line of 57 px.
	for outline, want := range map[string]bool{
		"[[0, 0, 40, 0, 40, 40, 0, 40]]":             false,
		"[[600, 640, 640, 600, 200, 200, 230, 230]]": true, // x from 600 to 640, y from 200 to 230
		"[[0, 40, 40, 0, 140, 100, 100, 140]]":       false,
		"[[1, 1, 2, 2, 3, 3]]":                       false, // three points
		`{"size": [3, 4], "counts": [12]}`:           false,
	} {
		if got := seems(outline); got != want {
			t.Errorf("%s: %t", outline, got)
		}
	}
}

// TestPartBox: the box of one part of two, wherever it stands in the record, and what is none.
func TestPartBox(t *testing.T) {
	const two = `"segmentation": [[40, 50, 60, 50, 60, 70, 40, 70], [80, 20, 90, 20, 90, 30, 80, 30]]`
	for _, c := range []struct {
		ann  string
		want int
	}{
		{`"bbox": [40, 50, 20, 20], ` + two, 1},
		{two + `, "bbox": [80, 20, 10, 10]`, 1},
		{`"bbox": [39.5, 50.4, 21, 20], ` + two, 1},
		{`"bbox": [40, 20, 50, 50], ` + two, 0}, // of both
		{`"bbox": [40, 50, 25, 20], ` + two, 0},
		{`"bbox": [40, 50, 60, 70], ` + two, 0},
		{`"bbox": [40, 50, 20, 20], "segmentation": [[40, 50, 60, 50, 60, 70, 40, 70]]`, 0},
		{`"bbox": [40, 50, 20, 20], "segmentation": [[40, 50, 60, 50, 60, 70, 40, 70], [50, 60, 59, 60, 59, 69]]`, 0},
		{`"bbox": [40, 50, 20, 20], ` + two + `, "segmentation": []`, 0},
	} {
		s, _ := source(t, file("", `{"id": 1, "image_id": 1, "category_id": 1, "area": 500, "iscrowd": 0, `+c.ann+`}`, ""))
		if got := s.Traits[dataset.PartBox].N; got != c.want {
			t.Errorf("%s: %d", c.ann, got)
		}
	}
}

// TestPartsSampled: far into a large file outlines of several parts are looked at in more places than others, and where
// the area is above that of the box; the same ones whatever the blocks and the workers.
func TestPartsSampled(t *testing.T) {
	const of = `"segmentation": [[10, 10, 30, 10, 30, 30, 10, 30], [60, 10, 70, 10, 70, 20, 60, 20]]`
	a, large := ann(of), ann(of+`; "area": 500`)
	text := file("", strings.Repeat(strings.Repeat(a+", ", 99)+large+", ", 100)+a, "")
	for _, v := range [][2]int{{1 << 16, 2}, {5_003, 3}, {blockSize, 1}} {
		d := texts(v[0], v[1], map[string]string{"a.json": text})
		want, compared, first := 0, 0, int32(-1)
		for k, o := range d.Sources[0].Objects {
			if sampled(o.Offset) {
				compared++
			}
			if sampled(o.Offset) && !sampledParts(o.Offset) {
				t.Fatalf("byte %d", o.Offset)
			}
			if sampledParts(o.Offset) || o.Flags&dataset.AreaAboveBox != 0 {
				if want++; first < 0 {
					first = int32(k)
				}
			}
		}
		got := d.Sources[0].Traits[dataset.PartBox]
		if got.N != want || got.First != first || want < 3*compared || want > 3*len(d.Sources[0].Objects)/4 {
			t.Errorf("blocks of %d: %+v, want %d, compared %d of %d", v[0], got, want, compared, len(d.Sources[0].Objects))
		}
	}
}

// TestHalvedAlong: of polygons around ellipses and rectangles that lie on the diagonal of the image and are turned along
// it or across, none of five points and more seems to be all x and then all y, and one in 200 of four.
func TestHalvedAlong(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const tries = 20_000
	for _, n := range []int{4, 5, 6, 7, 8, 10, 12, 20} {
		right := 0
		for range tries {
			w := 2 + 98*rng.Float64()
			h := w * (0.02 + 0.98*rng.Float64())
			x := 100 + 300*rng.Float64()
			y := x + 5*rng.NormFloat64()
			along := math.Pi/4*float64(1+2*rng.IntN(2)) + 0.15*rng.NormFloat64()
			start, least := 2*math.Pi*rng.Float64(), []float64{0.6, 1}[rng.IntN(2)]
			if n == 4 {
				start = math.Pi / 4 * float64(1+2*rng.IntN(4))
			}
			sin, cos := math.Sincos(along)
			r := make([]string, 0, n)
			for i := range n {
				b, a := math.Sincos(start + 2*math.Pi*float64(i)/float64(n))
				far := least + (1-least)*rng.Float64()
				a, b = a*w*far, b*h*far
				r = append(r, fmt.Sprintf("%.3f, %.3f", x+a*cos-b*sin, y+a*sin+b*cos))
			}
			outline := []byte("[[" + strings.Join(r, ", ") + "]]")
			if of, ok := outlineBox(outline); ok && halved(outline, of.Box()) {
				right++
			}
		}
		t.Logf("%d points: %d of %d", n, right, tries)
		if n > 4 && right > 0 || 200*right > tries {
			t.Errorf("%d points: %d of %d", n, right, tries)
		}
	}
}
