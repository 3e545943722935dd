package convention

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// outlined writes a file of n images with an object of 12 points each, which change may change.
func outlined(t *testing.T, n int, change func(i int, a map[string]any)) *dataset.Dataset {
	t.Helper()
	rng := rand.New(rand.NewPCG(11, 12))
	var images, objects []map[string]any
	for i := range n {
		images = append(images, map[string]any{"id": i + 1, "file_name": fmt.Sprintf("%d.jpg", i), "width": 640, "height": 480})
		x, y, w, h := 100+400*rng.Float64(), 100+250*rng.Float64(), 20+60*rng.Float64(), 20+60*rng.Float64()
		var ring []any
		for k := range 12 {
			sin, cos := math.Sincos(math.Pi / 6 * float64(k))
			ring = append(ring, math.Round(x+w*cos), math.Round(y+h*sin))
		}
		a := map[string]any{
			"id": i + 1, "image_id": i + 1, "category_id": 1, "iscrowd": 0, "segmentation": []any{ring},
		}
		boxAround(a)
		change(i, a)
		objects = append(objects, a)
	}
	data, err := json.Marshal(map[string]any{
		"images": images, "annotations": objects, "categories": []map[string]any{{"id": 1, "name": "a"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "outlines.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return realfiles.Read(t, false, path)
}

// polygonsOf returns the polygons of an annotation, as far as they have pairs of numbers.
func polygonsOf(a map[string]any) (all [][]any) {
	list, _ := a["segmentation"].([]any)
	for _, p := range list {
		if xy, ok := p.([]any); ok && len(xy) >= 6 && len(xy)%2 == 0 {
			all = append(all, xy)
		}
	}
	return all
}

// boundsOf returns the box of polygons.
func boundsOf(polygons [][]any) []any {
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, xy := range polygons {
		for i, v := range xy {
			low[i%2], high[i%2] = min(low[i%2], v.(float64)), max(high[i%2], v.(float64))
		}
	}
	return []any{low[0], low[1], high[0] - low[0], high[1] - low[1]}
}

// boxAround gives an annotation the box of its polygons, and the area of them as the shoelace formula has it.
func boxAround(a map[string]any) {
	polygons := polygonsOf(a)
	if len(polygons) == 0 {
		return
	}
	area := 0.0
	for _, xy := range polygons {
		twice := 0.0
		for i := 0; i < len(xy); i += 2 {
			k := (i + 2) % len(xy)
			twice += xy[i].(float64)*xy[k+1].(float64) - xy[k].(float64)*xy[i+1].(float64)
		}
		area += math.Abs(twice) / 2
	}
	a["bbox"], a["area"] = boundsOf(polygons), area
}

// halve writes the polygons of an annotation as all x and then all y.
func halve(a map[string]any) {
	for _, xy := range polygonsOf(a) {
		var xs, ys []any
		for i := 0; i < len(xy); i += 2 {
			xs, ys = append(xs, xy[i]), append(ys, xy[i+1])
		}
		copy(xy, append(xs, ys...))
	}
}

// told returns the findings of a source with a code.
func told(d *dataset.Dataset, code string) (all []findings.Finding) {
	for _, f := range InspectSource(d, 0) {
		if f.Code == code {
			all = append(all, f)
		}
	}
	return all
}

// TestHalvedRings: outlines that are all x and then all y are told of, with boxes around them and beside right ones.
func TestHalvedRings(t *testing.T) {
	if all := InspectSource(outlined(t, 60, func(int, map[string]any) {}), 0); len(all) > 0 {
		t.Error(all)
	}
	from := func(n int, boxes bool) func(i int, a map[string]any) {
		return func(i int, a map[string]any) {
			if i >= 60-n {
				halve(a)
				if boxes {
					boxAround(a)
				}
			}
		}
	}
	for _, n := range []int{60, 20, 7} {
		d := outlined(t, 60, from(n, true))
		got, boxes := d.Sources[0].Traits[dataset.HalvedRings].N, told(d, "box-convention")
		if 10*got < 8*n || len(boxes) != 1 || boxes[0].Severity() != findings.Error ||
			!strings.Contains(boxes[0].Message, fmt.Sprintf("%d of 60 outlines that were compared seem to be all x", got)) ||
			!strings.Contains(boxes[0].Message, "so they are wrong too") {
			t.Errorf("%d: %d, %v", n, got, boxes)
		}
		d = outlined(t, 60, from(n, false))
		rings := told(d, "segmentation-rings")
		if len(rings) != 1 || rings[0].Severity() != findings.Warning || len(told(d, "box-convention")) > 0 ||
			!strings.Contains(rings[0].Message, "The boxes are others") {
			t.Errorf("%d beside right boxes: %v", n, rings)
		}
	}
	if d := outlined(t, 60, from(4, true)); strings.Contains(fmt.Sprint(InspectSource(d, 0)), "all x") { // leastHalved is 5
		t.Error(InspectSource(d, 0))
	}
}

// TestPartBoxes: boxes around one of two polygons are told of, and areas are not blamed.
func TestPartBoxes(t *testing.T) {
	from := func(n int, boxes bool) func(i int, a map[string]any) {
		return func(i int, a map[string]any) {
			if i < 60-n {
				return
			}
			first := a["segmentation"].([]any)[0].([]any)
			var second []any
			for k, v := range first {
				second = append(second, v.(float64)+float64(60*(1-k%2)))
			}
			a["segmentation"] = []any{first, second}
			box := a["bbox"]
			if boxAround(a); boxes {
				a["bbox"] = box
			}
		}
	}
	for _, n := range []int{60, 20, 3} {
		f := told(outlined(t, 60, from(n, true)), "box-convention")
		if len(f) != 1 || f[0].Severity() != findings.Warning || f[0].Cases != int64(n) ||
			!strings.Contains(f[0].Message, fmt.Sprintf("the boxes of %d annotations", n)) {
			t.Errorf("%d: %v", n, f)
		}
		if all := InspectSource(outlined(t, 60, from(n, false)), 0); len(all) > 0 {
			t.Errorf("%d: %v", n, all)
		}
	}
	if f := told(outlined(t, 60, from(2, true)), "box-convention"); len(f) > 0 {
		t.Error(f)
	}
}

// TestOutlinesOfRealFiles: of the real files' outlines, with all of them compared, one seems to be all x and then all y,
// and no box is that of one part; written so, in all of a file or in the last third of the records, they are told of.
func TestOutlinesOfRealFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	d := realfiles.Read(t, true, realfiles.Shared(t, "data"))
	outlines, halves := 0, 0
	for s := range d.Sources {
		src := d.Source(s)
		for k := range src.Objects {
			if src.Objects[k].Outline != dataset.OutlineNone {
				outlines++
			}
		}
		halves += src.Traits[dataset.HalvedRings].N
		if n := src.Traits[dataset.PartBox].N; n > 0 {
			t.Errorf("%s: %d boxes are those of a part", src.Name, n)
		}
	}
	// Measured: one, of four points around 27 × 24 px on the diagonal of the picture.
	if halves > 1 || outlines < 20_000 {
		t.Errorf("%d of %d outlines seem to be all x and then all y", halves, outlines)
	}
	largest := func(a map[string]any) {
		polygons := polygonsOf(a)
		best, size := []any(nil), -1.0
		for _, p := range polygons {
			b := boundsOf([][]any{p})
			if of := b[2].(float64) * b[3].(float64); of > size {
				best, size = b, of
			}
		}
		if len(polygons) > 1 {
			a["bbox"] = best
		}
	}
	for _, c := range []struct {
		name   string
		change func(a map[string]any)
		says   string
		files  []string
	}{
		{"all x and then all y", func(a map[string]any) { halve(a); boxAround(a) }, "all x and then all y", []string{
			"coco/instances_val2014_100.json", "taco/annotations.json", "exporters/lvis_val_100.json",
			"exporters/labelbox_string_ids.json",
		}},
		{"largest part", largest, "around one polygon only", []string{
			"coco/instances_val2014_100.json", "taco/annotations.json", "exporters/lvis_val_100.json",
		}},
	} {
		for _, name := range c.files {
			n := 0
			whole := rewritten(t, name, func(a map[string]any) { n++; c.change(a) })
			i := 0
			last := rewritten(t, name, func(a map[string]any) {
				if i++; i > n-n/3 {
					c.change(a)
				}
			})
			for which, d := range map[string]*dataset.Dataset{"all": whole, "the last third": last} {
				if f := told(d, "box-convention"); len(f) != 1 || !strings.Contains(f[0].Message, c.says) {
					t.Errorf("%s, %s, %s: %v", c.name, name, which, f)
				}
			}
		}
	}
}
