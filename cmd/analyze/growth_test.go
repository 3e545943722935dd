package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// cocoFile is an annotation file as a value that tests damage.
type cocoFile struct {
	Images      []map[string]any `json:"images"`
	Annotations []map[string]any `json:"annotations"`
	Categories  []map[string]any `json:"categories"`
}

// guarded is a data set in two parts, as a user guards it: 80 images of COCO val2014 for training, 20 for
// validation, by image id.
type guarded struct{ train, val cocoFile }

// newGuarded reads the images of ../shared/data; without them the test is skipped.
func newGuarded(t *testing.T) *guarded {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "coco", "instances_val2014_100.json"))
	if err != nil {
		t.Skip("../shared/data is not there")
	}
	var all cocoFile
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all.Images, func(a, b map[string]any) int { return int(a["id"].(float64) - b["id"].(float64)) })
	part := func(images []map[string]any) cocoFile {
		f := cocoFile{Images: images, Annotations: []map[string]any{}, Categories: all.Categories}
		for _, im := range images {
			f.Annotations = append(f.Annotations, all.of(im)...)
		}
		return f
	}
	return &guarded{part(all.Images[:80:80]), part(all.Images[80:])}
}

// of returns copies of the annotations of an image.
func (f *cocoFile) of(image map[string]any) (of []map[string]any) {
	for _, a := range f.Annotations {
		if a["image_id"] == image["id"] {
			of = append(of, maps.Clone(a))
		}
	}
	return of
}

// write writes the data set into a new directory.
func (r *guarded) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, f := range map[string]*cocoFile{"train.json": &r.train, "val.json": &r.val} {
		if f.Images == nil { // the file is gone
			continue
		}
		data, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(data))
	}
	return dir
}

// boxes changes the boxes of the first n images for training.
func (r *guarded) boxes(n int, change func(box []any)) {
	for _, im := range r.train.Images[:n] {
		for _, a := range r.train.Annotations {
			if a["image_id"] == im["id"] {
				box := slices.Clone(a["bbox"].([]any))
				change(box)
				a["bbox"] = box
			}
		}
	}
}

// class returns the id of a class.
func (r *guarded) class(t *testing.T, name string) any {
	t.Helper()
	i := slices.IndexFunc(r.train.Categories, func(c map[string]any) bool { return c["name"] == name })
	if i < 0 {
		t.Fatalf("no class %s", name)
	}
	return r.train.Categories[i]["id"]
}

// leak puts n images for validation among those for training, each changed by as.
func (r *guarded) leak(n int, as func(k int, image map[string]any, annotations []map[string]any)) {
	for k, im := range r.val.Images[:n] {
		im, of := maps.Clone(im), r.val.of(im)
		if as != nil {
			as(k, im, of)
		}
		r.train.Images = append(r.train.Images, im)
		r.train.Annotations = append(r.train.Annotations, of...)
	}
}

// Damages of which a data set may have some and get more: the finding stands once for all of its records.
var growing = []struct {
	name, code string
	from, to   int
	damage     func(r *guarded, n int)
}{
	{"images of both parts", "image-in-two-sources", 1, 4, func(r *guarded, n int) { r.leak(n, nil) }},
	{"all images of both parts", "image-in-two-sources", 3, 20, func(r *guarded, n int) { r.leak(n, nil) }},
	{"images of both parts, but for one under other names", "image-in-two-sources", 1, 5, func(r *guarded, n int) {
		r.leak(n, func(k int, im map[string]any, of []map[string]any) {
			if k == 0 {
				return
			}
			im["file_name"], im["id"] = fmt.Sprintf("img_%04d.jpg", k), 1e7+float64(k)
			for i, a := range of {
				a["id"], a["image_id"] = 1e10+float64(1000*k+i), im["id"]
			}
		})
	}},
	{"corners", "box-convention", 5, 80, func(r *guarded, n int) {
		r.boxes(n, func(b []any) { b[2], b[3] = b[0].(float64)+b[2].(float64), b[1].(float64)+b[3].(float64) })
	}},
	{"boxes of half the size", "box-convention", 20, 80, func(r *guarded, n int) {
		r.boxes(n, func(b []any) {
			for i := range b {
				b[i] = b[i].(float64) / 2
			}
		})
	}},
	{"areas", "area-impossible", 3, 300, func(r *guarded, n int) {
		for _, a := range r.train.Annotations[:n] {
			a["area"] = 1e9
		}
	}},
	{"ids", "annotation-id-duplicate", 1, 60, func(r *guarded, n int) {
		for k := range n {
			r.train.Annotations[2*k+1]["id"] = r.train.Annotations[2*k]["id"]
		}
	}},
	{"crowds", "mostly-crowd", 300, 600, func(r *guarded, n int) {
		for _, a := range r.train.Annotations[:n] {
			a["iscrowd"] = 1
		}
	}},
}

// TestGrowthIsNew: what a baseline has of a flaw is accepted, and more of it is new.
func TestGrowthIsNew(t *testing.T) {
	for _, c := range growing {
		t.Run(c.name, func(t *testing.T) {
			report := filepath.Join(t.TempDir(), "report")
			held := func(n int) result {
				r := newGuarded(t)
				c.damage(r, n)
				return analyze(t, "run", r.write(t), "-q", "-o", filepath.Join(t.TempDir(), "now"), "--baseline", report,
					"--only-new", "--fail-if", `count("`+c.code+`") > 0`)
			}
			r := newGuarded(t)
			c.damage(r, c.from)
			analyze(t, "run", r.write(t), "-q", "-o", report).expect(t, statusFine)
			held(c.from).expect(t, statusFine)
			held(c.to).unwrapped().expect(t, statusGate, c.code, "FAIL")
		})
	}
}
