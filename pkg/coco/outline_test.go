package coco

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

func TestOutlineBox(t *testing.T) {
	cases := []struct {
		outline string
		want    geom.Rect
	}{
		{`[[1, 2, 5, 2, 5, 9]]`, geom.Rect{X: 1, Y: 2, W: 4, H: 7}}, // x from 1 to 5, y from 2 to 9
		{`[[1, 2, 5, 2, 5, 9], [0.5, 3, 1, 4, 20, 4]]`, geom.Rect{X: 0.5, Y: 2, W: 19.5, H: 7}},
		{`[ [ 1 , 2 , 5 , 2 , 5 , 9 ] , [ ] ]`, geom.Rect{X: 1, Y: 2, W: 4, H: 7}},
		{`[1, 2, 5, 2, 5, 9]`, geom.Rect{X: 1, Y: 2, W: 4, H: 7}}, // without the list around it
		{`[[3, 4]]`, geom.Rect{X: 3, Y: 4}},
		{`[[1, 2, 5]]`, geom.Rect{}},
		{`[[1, 2, NaN, 4]]`, geom.Rect{}},
		{`[[1, 2, 1e999, 4]]`, geom.Rect{}},
		{`[[1, 2, "x", 4]]`, geom.Rect{}},
		{`[]`, geom.Rect{}},
		{`[[]]`, geom.Rect{}},
		{`null`, geom.Rect{}},
		{`"x"`, geom.Rect{}},
		// 3 rows, 4 columns, down the columns: zeros 0-3, ones 4-5 (column 1,
		// rows 1-2), zeros 6, ones 7 (column 2, row 1), zeros 8-11.
		{`{"size": [3, 4], "counts": [4, 2, 1, 1, 4]}`, geom.Rect{X: 1, Y: 1, W: 2, H: 2}},
		// ones 2-3: row 2 of column 0 and row 0 of column 1, so all rows.
		{`{"counts": [2, 2, 8], "size": [3, 4]}`, geom.Rect{X: 0, Y: 0, W: 2, H: 3}},
		{`{"counts": [0, 12], "size": [3, 4]}`, geom.Rect{W: 4, H: 3}},
		{`{"counts": [12], "size": [3, 4]}`, geom.Rect{}},
		{`{"counts": [0, 13], "size": [3, 4]}`, geom.Rect{}},
		{`{"counts": [0, -1], "size": [3, 4]}`, geom.Rect{}},
		{`{"counts": [0, 12]}`, geom.Rect{}},
		{`{"counts": [0, 12], "size": [3]}`, geom.Rect{}},
		{`{"counts": [0, 12], "size": [0, 4]}`, geom.Rect{}},
		{`{}`, geom.Rect{}},
		// The first mask, packed: 4, 2, 1 as they are: "4" "2" "1" ('0'+n); then
		// 1-2 = -1: five bits 11111, the last with its sign bit set, '0'+31 = 'O';
		// then 4-1 = 3: "3".
		{`{"size": [3, 4], "counts": "421O3"}`, geom.Rect{X: 1, Y: 1, W: 2, H: 2}},
		// Runs of 44, 2 and 54 in a column of 100. 44 = 12 + 1·32: '0'+12+32 = '\'
		// (written \\), then '0'+1; 54 = 22 + 1·32: '0'+22+32 = 'f', '0'+1.
		{`{"size": [100, 1], "counts": "\\12f1"}`, geom.Rect{Y: 44, W: 1, H: 2}},
		{`{"size": [3, 4], "counts": "P"}`, geom.Rect{}}, // it says that it goes on
		{`{"size": [3, 4], "counts": "~"}`, geom.Rect{}},
		{`{"size": [3, 4], "counts": "oooooooooooooooooooo"}`, geom.Rect{}},
	}
	for _, c := range cases {
		got, ok := outlineBox([]byte(c.outline))
		if want := c.want != (geom.Rect{}); ok != want || ok && got != c.want {
			t.Errorf("%s: %v %v, want %v", c.outline, got, ok, c.want)
		}
		s, _ := source(t, file("", strings.Replace(ann(`"segmentation": `+c.outline), `"bbox": [10, 10, 20, 20]`, `"bbox": null`, 1), ""))
		if o := s.Objects[0]; ok != (o.Flags&dataset.FromOutline != 0) || ok != (o.LeftOut == dataset.InUse) || ok && o.Box != got {
			t.Errorf("%s: object %+v", c.outline, o)
		}
	}
}

// A mask's box from its runs is that of its pixels.
func TestRunsBox(t *testing.T) {
	for h := int64(1); h <= 3; h++ {
		for w := int64(1); w <= 3; w++ {
			for a := range h * w {
				for b := int64(1); b <= h*w-a; b++ {
					for c := range h*w - a - b + 1 {
						runs := []int64{a, b, c, h*w - a - b - c}
						got, _ := runsBox(runs, h, w)
						if want := pixelsBox(runs, h); got != want {
							t.Fatalf("%v in %dx%d: %v, want %v", runs, h, w, got, want)
						}
					}
				}
			}
		}
	}
}

func pixelsBox(runs []int64, h int64) geom.Rect {
	b := geom.Box{X0: 1e9, Y0: 1e9}
	at := int64(0)
	for i, n := range runs {
		for range n {
			if x, y := float64(at/h), float64(at%h); i%2 == 1 {
				b = geom.Box{X0: min(b.X0, x), Y0: min(b.Y0, y), X1: max(b.X1, x+1), Y1: max(b.Y1, y+1)}
			}
			at++
		}
	}
	return b.Rect()
}

// A box is derived only where bbox gives none.
func TestBoxWins(t *testing.T) {
	s, _ := source(t, file("", ann(`"segmentation": [[1, 2, 5, 2, 5, 9]]`), ""))
	if got := s.Objects[0].Box; got != (geom.Rect{X: 10, Y: 10, W: 20, H: 20}) || len(s.Flaws) > 0 {
		t.Error(got, s.Flaws)
	}
}

func ExampleSyntaxError() {
	fmt.Println(text(`{"images": [{"id": 1}}`).Refused[0])
	// Output: a.json:1:22 (byte 21): expected "," or "]", found "}"
}

// TestCheckOutlines: with Options.Outlines a box that is far from its outline is a
// flaw, whatever the blocks; a pixel of difference, an outline that makes no sense and
// reading without the option are none.
func TestCheckOutlines(t *testing.T) {
	const doc = `{"images":[{"id":1,"file_name":"a","width":400,"height":400}],"categories":[{"id":1,"name":"c"}],"annotations":[
{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,60,40],"segmentation":[[10,10,70,10,70,50]]},
{"id":2,"image_id":1,"category_id":1,"bbox":[10,10,60,40],"segmentation":[[210,10,270,10,270,50]]},
{"id":3,"image_id":1,"category_id":1,"segmentation":[[10,10,71,11,70,50]],"bbox":[11,10,60,40]},
{"id":4,"image_id":1,"category_id":1,"bbox":[10,10,60,40],"segmentation":[[]]},
{"id":5,"image_id":1,"category_id":1,"bbox":[10,10,60,40],"segmentation":{"size":[400,400],"counts":[0,160000]},"iscrowd":1},
{"id":6,"image_id":1,"category_id":1,"bbox":[10,10,4,4],"segmentation":[[10,10,12,10,12,12]]}]}`
	file := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := Find([]string{file}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range []int{blockSize, 64} {
		for _, outlines := range []bool{false, true} {
			d, err := (&reader{Options: Options{Workers: 2, Outlines: outlines}, block: block, open: open}).read(context.Background(), files)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range d.Sources[0].Flaws {
				if w.Code == dataset.BoxOffOutline {
					got = append(got, w.Record.String())
				}
			}
			if want := map[bool]string{true: "[2 5]"}[outlines]; fmt.Sprint(got) != cmp.Or(want, "[]") {
				t.Errorf("outlines %v, blocks of %d: got %v", outlines, block, got)
			}
		}
	}
}

// The area of polygons is that of their triangles: worked out by hand.
func TestPolygonsArea(t *testing.T) {
	for text, want := range map[string]float64{
		`[[0, 0, 4, 0, 4, 3, 0, 3]]`:                     12,
		`[[0, 3, 4, 3, 4, 0, 0, 0]]`:                     12, // the other way round
		`[[0, 0, 4, 0, 0, 3]]`:                           6,
		`[[0, 0, 4, 0, 0, 3], [10, 10, 12, 10, 12, 11]]`: 7,
		`[[1.5, 1, 2.5, 1, 2.5, 2, 1.5, 2]]`:             1,
		`[]`:                                             0,
		`[[]]`:                                           0,
		`[[0, 0, 4]]`:                                    0,
		`[[0, 0, 4, 0, 0, "3"]]`:                         0,
		`{"size": [3, 4], "counts": [12]}`:               0,
	} {
		if got := polygonsArea([]byte(text)); got != want {
			t.Errorf("%s: %g, want %g", text, got, want)
		}
	}
}
