package convention

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// withAreas writes a file of n images with two boxes each, whose areas are width times height times what part returns.
func withAreas(t *testing.T, n int, part func(i int) float64) *dataset.Source {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 6))
	var images, objects []map[string]any
	for i := range n {
		images = append(images, map[string]any{"id": i + 1, "file_name": fmt.Sprintf("%d.jpg", i), "width": 640, "height": 480})
		for range 2 {
			w, h := 30+math.Round(90*rng.Float64()), 30+math.Round(90*rng.Float64())
			objects = append(objects, map[string]any{
				"id": len(objects) + 1, "image_id": i + 1, "category_id": 1, "iscrowd": 0,
				"bbox": []float64{math.Round(500 * rng.Float64()), math.Round(300 * rng.Float64()), w, h}, "area": w * h * part(i),
			})
		}
	}
	data, err := json.Marshal(map[string]any{
		"images": images, "annotations": objects, "categories": []map[string]any{{"id": 1, "name": "a"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "areas.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return &realfiles.Read(t, false, path).Sources[0]
}

// TestOldAreas: areas of one part in a stretch are told of; those that differ, that are spread or an ellipse's are not.
func TestOldAreas(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	late := func(part float64) func(i int) float64 {
		return func(i int) float64 {
			if i < 40 {
				return 1
			}
			return part
		}
	}
	for _, c := range []struct {
		name string
		n    int
		part func(i int) float64
		want bool
	}{
		{"pictures at 160 %", 60, late(1 / 1.6 / 1.6), true},
		{"pictures at 110 %", 60, late(1 / 1.1 / 1.1), true},
		{"as they are", 60, late(1), false},
		{"ellipses", 60, late(math.Pi / 4), false},
		{"areas of masks", 60, func(int) float64 { return 0.3 + 0.6*rng.Float64() }, false},
		{"areas of masks in a stretch", 60, func(i int) float64 {
			if i < 40 {
				return 1
			}
			return 0.3 + 0.6*rng.Float64()
		}, false},
		{"here and there", 60, func(i int) float64 {
			if i%3 > 0 {
				return 1
			}
			return 0.39
		}, false},
		{"nine images", 49, late(0.39), false}, // leastStretch is 10
	} {
		o := OfOldAreas(withAreas(t, c.n, c.part))
		if o.Found() != c.want {
			t.Errorf("%s: %v, %+v", c.name, o.Found(), o)
		}
		if c.want && (o.Areas != 40 || o.Of != 40 || o.in != 20 || o.all != 20 || math.Abs(o.Part/c.part(59)-1) > samePart) {
			t.Errorf("%s: %+v", c.name, o)
		}
	}
	o := OfOldAreas(withAreas(t, 60, late(0.39)))
	f := o.Finding(&dataset.Source{Name: "x", Objects: make([]dataset.Object, 120), Images: make([]dataset.Image, 60)}, 0)
	if !strings.Contains(f.Message, "in 20 images that follow each other from") ||
		!strings.Contains(f.Message, "40 of 40 areas that were compared are about 0.39 of") ||
		!strings.Contains(f.Message, "in the rest 0 of 40 images have such areas") {
		t.Error(f.Message)
	}
}

// TestHyper compares chances with those of all choices, counted.
func TestHyper(t *testing.T) {
	const n, all = 12, 5
	for of := 1; of <= n; of++ {
		for in := 0; in <= min(of, all); in++ {
			hits, choices := 0, 0
			for set := range 1 << n {
				total, inside := 0, 0
				for i := range n {
					total += set >> i & 1
					if i < of {
						inside += set >> i & 1
					}
				}
				choices += sample.One(total == all)
				hits += sample.One(total == all && inside >= in)
			}
			got, want := hyper(n, all, of, in), math.Log(float64(hits)/float64(choices))
			if math.Abs(got-want) > 1e-9 {
				t.Errorf("%d of %d in %d: %g, want %g", in, all, of, got, want)
			}
		}
	}
}

// partly returns a source in whose images from one place to another the areas that are looked at are scaled by a part.
func partly(src *dataset.Source, from, to int, part float64) *dataset.Source {
	out := *src
	out.AreaParts = &dataset.AreaParts{First: -1}
	for _, at := range src.AreaParts.Places {
		of := float64(at.Part)
		if i := int(src.Objects[at.Object].Image); i >= from && i < to {
			of *= part
		}
		out.AreaParts.Add(at.Object, of, float64(at.Of))
	}
	return &out
}

// window returns the stretch of n images from one on, which keeps what was seen of its areas.
func window(src *dataset.Source, from, n int) *dataset.Source {
	out := *src
	out.Images = slices.Clone(src.Images)
	for i := range out.Images {
		if i < from || i >= from+n {
			out.Images[i].LeftOut = dataset.ImageLeftOut
		}
	}
	out.AreaParts = &dataset.AreaParts{First: -1}
	for _, at := range src.AreaParts.Places {
		if i := int(src.Objects[at.Object].Image); i >= from && i < from+n {
			out.AreaParts.Add(at.Object, float64(at.Part), float64(at.Of))
		}
	}
	return &out
}

// TestOldAreasOfRealFiles: no real file and no stretch of one shows it; with the areas of the last third left as
// pictures are enlarged, three in four are told of.
func TestOldAreasOfRealFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	found, of, tries := 0, 0, 0
	for _, src := range realfiles.RealSources(t) {
		if src.AreaParts == nil {
			continue
		}
		if o := OfOldAreas(&src); o.Found() {
			t.Errorf("%s: %+v", src.Name, o)
		}
		n := len(src.Images)
		for range 40 {
			from := rng.IntN(n)
			some := window(&src, from, 1+rng.IntN(n-from))
			if o := OfOldAreas(some); o.Found() {
				t.Errorf("%s from %d: %+v", src.Name, from, o)
			}
			tries++
		}
		for _, factor := range []float64{1.2, 1.6, 2} {
			of++
			o := OfOldAreas(partly(&src, n-n/3, n, 1/factor/factor))
			found += sample.One(o.Found())
			if !o.Found() {
				t.Logf("%s × %g is not told of", src.Name, factor)
			}
		}
	}
	t.Logf("%d of %d are told of; %d stretches", found, of, tries)
	if of < 30 || 4*found < 3*of {
		t.Errorf("%d of %d are told of", found, of)
	}
}
