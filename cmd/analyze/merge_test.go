package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestMergeIsRun: files of every kind are divided into parts anyhow, the parts are named in any order, and merge
// writes the report that one run over all files writes, byte for byte. The run is the oracle: it knows nothing of parts.
func TestMergeIsRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "merge")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		var files []string
		for i := range rapid.IntRange(1, 7).Draw(t, "files") {
			// The same name in two directories: names are as long as makes them differ.
			name := rapid.SampledFrom([]string{"a.json", "b.json", "train.json", "val.json"}).Draw(t, "name")
			file := filepath.Join(dir, "data", rapid.SampledFrom([]string{"x", "y", "x/z"}).Draw(t, "dir"), name)
			if slices.Contains(files, file) {
				file = filepath.Join(dir, "data", fmt.Sprintf("%d.json", i))
			}
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(drawDocument(t)), 0o666); err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		flags := rapid.SampledFrom([][]string{
			{}, {"-a", "yolov5"}, {"-a", "retinanet-detectron2", "--skip-empty"}, {"-a", "fcos-torchvision"},
			{"-a", "retinanet-keras-1.0"}, {"--check-outlines", "--image-losses"}, {"--scores", "constant:pos=0.3,neg=0.2"},
			{"-a", "atss-mmdet", "--gamma", "1.5", "--objective", "objectness"}, {"-a", "ultralytics"},
		}).Draw(t, "flags")
		whole := filepath.Join(dir, "whole")
		one := analyzeIn(t.Context(), slices.Concat([]string{"run", "-q", "--keep-going", "-o", whole}, flags, files)...)

		parts := make([][]string, rapid.IntRange(1, 4).Draw(t, "parts"))
		for _, f := range files {
			k := rapid.IntRange(0, len(parts)-1).Draw(t, "part")
			parts[k] = append(parts[k], f)
		}
		args := []string{"merge", "-q", "--keep-going", "-o", filepath.Join(dir, "merged"),
			"-j", strconv.Itoa(rapid.IntRange(1, 3).Draw(t, "workers"))}
		var dirs []string
		for k, of := range parts {
			if len(of) == 0 {
				continue
			}
			part := filepath.Join(dir, fmt.Sprint("part-", k))
			got := analyzeIn(t.Context(), slices.Concat([]string{"run", "-q", "--keep-going", "--part", "-o", part}, flags, of)...)
			if got.status != statusFine {
				t.Fatalf("part %d: %s", k, got.errw)
			}
			dirs = append(dirs, part)
		}
		dirs = rapid.Permutation(dirs).Draw(t, "order")
		merged := analyzeIn(t.Context(), append(args, dirs...)...)
		if merged.status != one.status {
			t.Fatalf("merge ends with %d: %s\nrun with %d: %s", merged.status, merged.errw, one.status, one.errw)
		}
		if one.status != statusFine { // nothing to read: both say so
			return
		}
		a, b := filesOf(t, whole), filesOf(t, filepath.Join(dir, "merged"))
		for _, name := range slices.Sorted(maps.Keys(a)) {
			if a[name] != b[name] {
				run, merge := readable(t, whole, name), readable(t, filepath.Join(dir, "merged"), name)
				for len(run) > 1 && len(merge) > 1 && run[0] == merge[0] {
					run, merge = run[1:], merge[1:]
				}
				t.Fatalf("%s differs from a line on; run:\n%.3000s\nmerge:\n%.3000s", name, run[0], merge[0])
			}
		}
	})
}

// TestMergeNamesAreTheWholes: what a part says of a source names it as the whole does, where files of one name are in
// several directories.
func TestMergeNamesAreTheWholes(t *testing.T) {
	dir := t.TempDir()
	crowds := `{"images":[{"id":1,"file_name":"a.jpg","width":640,"height":480}],"categories":[{"id":1,"name":"cat"}],"annotations":[
		{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,60,60],"area":3600,"iscrowd":1},
		{"id":2,"image_id":1,"category_id":1,"bbox":[200,100,80,60],"area":4800,"iscrowd":0}]}`
	args := []string{"merge", "-q", "-o", filepath.Join(dir, "merged")}
	run := []string{"run", "-q", "-o", filepath.Join(dir, "whole")}
	for _, of := range []string{"x", "y"} {
		if err := os.MkdirAll(filepath.Join(dir, of), 0o777); err != nil {
			t.Fatal(err)
		}
		file, part := filepath.Join(dir, of, "b.json"), filepath.Join(dir, "part-"+of)
		write(t, file, crowds)
		analyze(t, "run", "-q", "--part", "-o", part, file).expect(t, statusFine)
		args, run = append(args, part), append(run, file)
	}
	analyze(t, run...).expect(t, statusFine)
	analyze(t, args...).expect(t, statusFine)
	if !maps.Equal(tree(t, filepath.Join(dir, "whole")), tree(t, filepath.Join(dir, "merged"))) {
		t.Error("the reports differ")
	}
	analyze(t, "show", filepath.Join(dir, "merged"), "findings", "--format", "csv").expect(t, statusFine, "y/b.json: iscrowd is 1 in")
}

// readable returns the lines of a file of a report as people read it: a table as CSV.
func readable(t *rapid.T, dir, name string) []string {
	text := filesOf(t, dir)[name]
	if table, ok := strings.CutSuffix(name, ".parquet"); ok {
		text = analyzeIn(t.Context(), "show", dir, table, "--format", "csv").out
	}
	return strings.Split(text, "\n")
}

// filesOf reads the files of a directory.
func filesOf(t *rapid.T, dir string) map[string]string {
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(b)
	}
	return out
}

// drawDocument draws an annotation file: most are sound, some have flaws, a few hold no annotations.
func drawDocument(t *rapid.T) string {
	switch rapid.IntRange(0, 14).Draw(t, "kind") {
	case 0:
		return `{"images": [`
	case 1:
		return `{"annotations": [{"image_id": 1, "id": 1, "caption": "a boat"}], "images": [{"id": 1}]}`
	case 2:
		return `{}`
	}
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7))
	type m = map[string]any
	names := []string{"boat", "Boat", "boats", "person", "category 7 (undeclared)", "dog", "background", "x"}
	var cats, images, objects []any
	for i := range r.IntN(5) {
		var id any = r.IntN(8)
		if r.IntN(6) == 0 {
			id = fmt.Sprint(id)
		}
		cats = append(cats, m{"id": id, "name": names[(r.IntN(3)*i+r.IntN(8))%len(names)], "supercategory": "thing"})
	}
	for i := range r.IntN(9) {
		im := m{"id": i + r.IntN(2), "width": 40 + r.IntN(700), "height": 40 + r.IntN(500),
			"file_name": fmt.Sprintf("%04d.jpg", r.IntN(14))}
		if r.IntN(12) == 0 {
			delete(im, "width")
		}
		images = append(images, im)
	}
	for i := range r.IntN(40) {
		x, y, w, h := r.Float64()*300, r.Float64()*300, r.ExpFloat64()*60, r.ExpFloat64()*60
		o := m{"id": i + 1, "image_id": r.IntN(10), "category_id": r.IntN(9), "bbox": []float64{x, y, w, h}, "area": w * h,
			"iscrowd": 0, "segmentation": [][]float64{{x, y, x + w, y, x + w, y + h, x, y + h}}}
		switch r.IntN(16) {
		case 0:
			o["bbox"] = []float64{x, y, 0, h}
		case 1:
			delete(o, "iscrowd")
		case 2:
			o["iscrowd"] = 1
		case 3:
			o["id"] = 1
		case 4:
			o["category_id"] = "7"
		case 5:
			o["bbox"] = []int{int(x), int(y), int(w) + 1, int(h) + 1}
		case 6:
			o["id"] = fmt.Sprintf("a%d", i)
		case 7:
			o["area"] = 9 * w * h
		}
		objects = append(objects, o)
	}
	text, err := json.Marshal(m{"categories": cats, "images": images, "annotations": objects})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestMergeRealData: the same on real data sets, with a detector too.
func TestMergeRealData(t *testing.T) {
	data := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(data); err != nil {
		t.Skip("../shared/data is not here")
	}
	in := func(name string) string { return filepath.Join(data, filepath.FromSlash(name)) }
	for name, c := range map[string]struct{ files, flags []string }{
		"COCO and TACO": {[]string{in("coco/instances_val2014_100.json"), in("taco/annotations.json")}, nil},
		"exporters": {[]string{
			in("exporters/visdrone_coco_first50.json"), in("exporters/lvis_val_100.json"), in("exporters/cvat_traffic.json"),
			in("exporters/labelbox_string_ids.json"), in("exporters/mixed_image_id_types.json"),
			in("exporters/dup_ann_ids_2184.json"),
		}, []string{"-a", "retinanet-mmdet"}},
		"a detector": {
			[]string{in("coco/instances_val2014_100.json"), in("exporters/keypoints_gt.json")},
			[]string{"--scores", "detections:" + in("coco/instances_val2014_100_fake_results.json") +
				",source=instances_val2014_100.json", "-a", "retinanet-torchvision"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			analyze(t, slices.Concat([]string{"run", "-q", "-o", filepath.Join(dir, "whole")}, c.flags, c.files)...).
				expect(t, statusFine)
			var parts []string
			for i, f := range c.files {
				part := filepath.Join(dir, fmt.Sprint("part-", i))
				analyze(t, slices.Concat([]string{"run", "-q", "--part", "-o", part, f}, c.flags)...).expect(t, statusFine)
				parts = append(parts, part)
			}
			slices.Reverse(parts)
			analyze(t, slices.Concat([]string{"merge", "-q", "-o", filepath.Join(dir, "merged")}, parts)...).
				expect(t, statusFine)
			a, b := tree(t, filepath.Join(dir, "whole")), tree(t, filepath.Join(dir, "merged"))
			for _, name := range slices.Sorted(maps.Keys(a)) {
				if a[name] != b[name] {
					t.Errorf("%s differs", name)
				}
			}
		})
	}
}

// TestMergeMistakes: parts that do not add up are told, with what to do, and nothing is written.
func TestMergeMistakes(t *testing.T) {
	dir := t.TempDir()
	sample := filepath.Join("..", "..", "testdata", "sample")
	harbour, street := filepath.Join(sample, "harbour.json"), filepath.Join(sample, "street.json")
	at := func(name string) string { return filepath.Join(dir, name) }
	part := func(name string, args ...string) string {
		t.Helper()
		analyze(t, append([]string{"run", "-q", "--part", "-o", at(name)}, args...)...).expect(t, statusFine)
		return at(name)
	}
	a, b, both := part("a", harbour), part("b", street), part("both", sample)
	again, other := part("again", harbour), part("other", street, "--gamma", "1")
	report := at("report")

	analyze(t, "merge", a, other, "-o", report).
		expect(t, statusTrouble, "err:do not add up: gamma is 2 in one and 1 in the other", "err:with the same flags")
	analyze(t, "merge", a, both, "-o", report).expect(t, statusTrouble, "err:have 1 source in common and 1 not")
	analyze(t, "merge", sample, "-o", report).expect(t, statusTrouble, "err:is no part of a report")
	analyze(t, "merge", harbour, "-o", report).expect(t, statusTrouble, "err:is no part of a report")
	analyze(t, "merge", "", "-o", report).expect(t, statusTrouble, `err:"" is no part of a report`)
	analyze(t, "show", a).expect(t, statusTrouble, "err:but a part of one: analyze merge makes a report of parts")
	analyze(t, "merge", a, "-o", harbour).expect(t, statusTrouble)
	analyze(t, "run", harbour, "--part", "-q").expect(t, statusTrouble, "err:name the directory of the part with -o")
	analyze(t, "run", harbour, "--part", "-o", at("c"), "--gate").expect(t, statusTrouble, "err:give it to analyze merge")
	analyze(t, "run", harbour, "--part", "-o", sample).expect(t, statusTrouble, "err:left alone")

	analyze(t, "run", t.TempDir(), "--part", "-o", at("c")).
		expect(t, statusTrouble, "err:no COCO annotations to read", "err:found no file")
	if _, err := os.Stat(at("c")); err == nil {
		t.Error("a part of no file was written")
	}

	changed := at("changed")
	if err := os.MkdirAll(changed, 0o777); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(street)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(changed, "street.json"), string(text))
	old := part("old", filepath.Join(changed, "street.json"))
	write(t, filepath.Join(changed, "street.json"), string(text)+"\n")
	now := part("now", filepath.Join(changed, "street.json"))
	analyze(t, "merge", old, now, "-o", report).expect(t, statusTrouble, "err:with different contents")

	if _, err := os.Stat(report); err == nil {
		t.Error("a report was written")
	}

	// A part that was written twice counts once.
	analyze(t, "run", harbour, street, "-q", "-o", at("whole")).expect(t, statusFine)
	if got := analyze(t, "merge", again, b, a, "-q", "-o", report); got.status != statusFine ||
		!strings.Contains(got.errw, "counted once") {
		t.Errorf("status %d: %s", got.status, got.errw)
	}
	if !maps.Equal(tree(t, at("whole")), tree(t, report)) {
		t.Error("a part that was written twice changes the report")
	}

	// Every file of a part is held against its checksum.
	for name, text := range tree(t, b) {
		for _, damage := range []string{text[:len(text)/2], strings.Replace(text, text[len(text)/2:len(text)/2+1], "\x01", 1)} {
			write(t, filepath.Join(b, name), damage)
			analyze(t, "merge", a, b, "-o", report).expect(t, statusTrouble, "err:is damaged", "err:write the part anew")
		}
		if err := os.Remove(filepath.Join(b, name)); err != nil {
			t.Fatal(err)
		}
		want := "err:" + name + " is damaged: it is missing: write the part anew"
		if name == "part.json" {
			want = "err:is no part of a report"
		}
		analyze(t, "merge", a, b, "-o", report).expect(t, statusTrouble, want)
		write(t, filepath.Join(b, name), text)
	}
	analyze(t, "merge", a, b, "-q", "-o", report).expect(t, statusFine)
}

// TestMergeCountsAnew: a category that one file lacks, and another one declares under the name that the first one's
// annotations have without it, is declared in the whole: trainers that drop undeclared objects keep these. Their part
// was counted without them, so merge counts it anew.
func TestMergeCountsAnew(t *testing.T) {
	dir := t.TempDir()
	document := func(name, category string, id int) string {
		file := filepath.Join(dir, name)
		write(t, file, fmt.Sprintf(`{"images": [{"id": 1, "width": 300, "height": 200, "file_name": "%s.jpg"}],
"annotations": [{"id": 1, "image_id": 1, "category_id": %d, "bbox": [10, 20, 90, 80], "area": 7200, "iscrowd": 0,
 "segmentation": [[10, 20, 100, 20, 100, 100, 10, 100]]}],
"categories": [%s]}`, name, id, category))
		return file
	}
	one := document("a.json", `{"id": 1, "name": "boat"}`, 7)
	two := document("b.json", `{"id": 3, "name": "category 7 (undeclared)"}`, 3)
	differ := 0
	for _, preset := range []string{"retinanet-torchvision", "retinanet-mmdet", "retinanet-detectron2", "retinanet-keras-1.0"} {
		at := func(name string) string { return filepath.Join(dir, preset, name) }
		if err := os.MkdirAll(at(""), 0o777); err != nil {
			t.Fatal(err)
		}
		analyze(t, "run", one, two, "-q", "-a", preset, "-o", at("whole")).expect(t, statusFine)
		analyze(t, "run", one, "-q", "-a", preset, "-o", at("alone")).expect(t, statusFine)
		analyze(t, "run", one, "-q", "-a", preset, "--part", "-o", at("a")).expect(t, statusFine)
		analyze(t, "run", two, "-q", "-a", preset, "--part", "-o", at("b")).expect(t, statusFine)
		analyze(t, "merge", at("a"), at("b"), "-q", "-o", at("merged")).expect(t, statusFine)
		if !maps.Equal(tree(t, at("whole")), tree(t, at("merged"))) {
			t.Errorf("%s: merge writes another report", preset)
		}
		if strings.Contains(tree(t, at("alone"))["summary.json"], `"undeclared-category`) {
			differ++
		}
	}
	if differ == 0 {
		t.Error("no preset treats the object in another way: the test shows nothing")
	}
}

// TestMergeLargeSources: sources that are large enough for row groups and outliers of their own, beside small ones. A
// part has the rows of objects.parquet of the large ones, and the records of the largest two by stretches. Two of them
// have one name, which is longer in the whole than in the parts, so that these rows are written anew. The largest two
// have the same boxes under other names.
func TestMergeLargeSources(t *testing.T) {
	dir := t.TempDir()
	document := func(name string, seed uint64, images int) string {
		r := rand.New(rand.NewPCG(seed, 3))
		type m = map[string]any
		var all, objects []any
		for i := range images {
			all = append(all, m{"id": i, "width": 640, "height": 480,
				"file_name": fmt.Sprintf("%s-%d-%d.jpg", name[:1], seed%2, i)})
			n := 17
			if r.IntN(400) == 0 {
				n = 90 // far more than others
			}
			for range n {
				w, h := 40*math.Exp(r.NormFloat64()/4), 40*math.Exp(r.NormFloat64()/4)
				switch r.IntN(300) {
				case 0:
					w, h = 400, 3
				case 1:
					w, h = 2, 2
				}
				x, y := r.Float64()*(640-w), r.Float64()*(480-h)
				objects = append(objects, m{"id": len(objects) + 1, "image_id": i, "category_id": 1 + r.IntN(3),
					"bbox": []float64{x, y, w, h}, "area": w * h, "iscrowd": 0})
			}
		}
		for range 5 * (images / 500) {
			objects = append(objects, m{"id": len(objects) + 1, "image_id": -7, "category_id": 1,
				"bbox": []float64{1, 2, 30, 40}, "area": 1200, "iscrowd": 0})
		}
		var cats []any
		for i, c := range r.Perm(3) { // in another order in each file
			cats = append(cats, m{"id": c + 1, "name": []string{"boat", "dog", "person"}[(c+int(seed))%3],
				"supercategory": fmt.Sprint(i)})
		}
		text, err := json.Marshal(m{"categories": cats, "images": all, "annotations": objects})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "data", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		write(t, file, string(text))
		return file
	}
	files := []string{
		document("x/a.json", 1, 520), document("y/a.json", 2, 520), document("big.json", 3, 1300),
		document("small.json", 4, 5), document("tiny.json", 5, 3), // small.json has pictures of big.json's names
		document("copy.json", 3, 1100),
	}
	analyze(t, slices.Concat([]string{"run", "-q", "-o", filepath.Join(dir, "whole")}, files)...).expect(t, statusFine)
	want := tree(t, filepath.Join(dir, "whole"))
	var dirs []string
	for k, of := range [][]string{{files[0], files[3]}, {files[1], files[5]}, {files[2], files[4]}} {
		at := filepath.Join(dir, fmt.Sprint("part-", k))
		analyze(t, slices.Concat([]string{"run", "-q", "--part", "-o", at}, of)...).expect(t, statusFine)
		if n := len(tree(t, at)["rows.pack"]); n < 100_000 {
			t.Errorf("part %d has %d bytes of rows", k, n)
		}
		dirs = append([]string{at}, dirs...)
	}
	analyze(t, slices.Concat([]string{"merge", "-q", "-o", filepath.Join(dir, "merged")}, dirs)...).expect(t, statusFine)
	got := tree(t, filepath.Join(dir, "merged"))
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if want[name] != got[name] {
			t.Errorf("%s differs", name)
		}
	}
	for _, code := range []string{"aspect-outlier", "size-outlier", "object-count-outlier", "image-in-two-sources", "image-unknown"} {
		if !strings.Contains(want["summary.json"], code) {
			t.Errorf("no %s: the test shows less than it should", code)
		}
	}
}
