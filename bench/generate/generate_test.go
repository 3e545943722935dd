package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// file is what the tests read of an annotation file.
type file struct {
	Images []struct {
		ID, Width, Height int
	}
	Annotations []struct {
		ID, Iscrowd  int
		ImageID      int `json:"image_id"`
		CategoryID   int `json:"category_id"`
		Area         float64
		Bbox         [4]float64
		Segmentation json.RawMessage
	}
	Categories []struct {
		ID   int
		Name string
	}
}

// generate gives the bytes that the flags make.
func generate(t *testing.T, flags ...string) []byte {
	t.Helper()
	o, err := parse(flags)
	if err != nil {
		t.Fatal(err)
	}
	o.prepare()
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	if o.detections > 0 {
		err = o.writeDetections(w, o.detections)
	} else {
		err = o.writeDocument(w, 0, o.images)
	}
	if err != nil || w.Flush() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decode[T any](t *testing.T, data []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestFileIsSound: what the program is measured with has no flaws of its own.
func TestFileIsSound(t *testing.T) {
	f := decode[file](t, generate(t, "-images", "3000"))
	sizes, categories, ids := map[int][2]int{}, map[int]bool{}, map[int]bool{}
	for _, i := range f.Images {
		sizes[i.ID] = [2]int{i.Width, i.Height}
	}
	for _, c := range f.Categories {
		categories[c.ID] = true
	}
	if len(sizes) != 3000 || len(categories) != 80 {
		t.Fatalf("%d images, %d categories with ids of their own; want 3000, 80", len(sizes), len(categories))
	}
	for _, a := range f.Annotations {
		size, known := sizes[a.ImageID]
		if !known || !categories[a.CategoryID] || ids[a.ID] {
			t.Fatalf("annotation %d: image %d, category %d, or an id used before", a.ID, a.ImageID, a.CategoryID)
		}
		ids[a.ID] = true
		x, y, w, h := a.Bbox[0], a.Bbox[1], a.Bbox[2], a.Bbox[3]
		inside := x >= 0 && y >= 0 && w > 0 && h > 0 && x+w < float64(size[0])+1e-6 && y+h < float64(size[1])+1e-6
		if !inside || a.Area > w*h+1e-6 {
			t.Fatalf("annotation %d: box %v, area %v in %v", a.ID, a.Bbox, a.Area, size)
		}
		if a.Iscrowd == 1 {
			checkMask(t, a.Segmentation, size, a.Area)
		} else {
			checkHull(t, a.Segmentation, a.Bbox)
		}
	}
}

func checkMask(t *testing.T, text []byte, size [2]int, area float64) {
	t.Helper()
	m := decode[struct{ Counts, Size []int }](t, text)
	sum, on := 0, 0
	for k, c := range m.Counts {
		sum += c
		on += k % 2 * c
	}
	if sum != size[0]*size[1] || float64(on) != area || m.Size[0] != size[1] || m.Size[1] != size[0] {
		t.Fatalf("mask of %d points, %d of them on, %v; want %v, area %v", sum, on, m.Size, size, area)
	}
}

func checkHull(t *testing.T, text []byte, box [4]float64) {
	t.Helper()
	low, high := [2]float64{1e9, 1e9}, [2]float64{}
	for _, polygon := range decode[[][]float64](t, text) {
		for k, v := range polygon {
			low[k%2], high[k%2] = min(low[k%2], v), max(high[k%2], v)
		}
	}
	for k := range low {
		if low[k] != box[k] || math.Abs(high[k]-box[k]-box[k+2]) > 1e-9 {
			t.Fatalf("outline from %v to %v, box %v", low, high, box)
		}
	}
}

// TestShape holds the file to the likeness that it claims.
func TestShape(t *testing.T) {
	data := generate(t, "-images", "12000")
	f := decode[file](t, data)
	var small, medium, crowds, outlines int
	for _, a := range f.Annotations {
		crowds += a.Iscrowd
		outlines += len(a.Segmentation)
		switch {
		case a.Area < 32*32:
			small++
		case a.Area < 96*96:
			medium++
		}
	}
	n := float64(len(f.Annotations))
	for _, c := range []struct {
		what            string
		got, want, near float64
	}{
		{"annotations per image", n / 12000, 860001.0 / 118287, 0.15},
		{"bytes per image", float64(len(data)) / 12000, 474e6 / 118287, 100},
		{"crowds", float64(crowds), 12000.0 * 10152 / 118287, 1},
		{"share of small objects", float64(small) / n, 0.41, 0.02},
		{"share of medium objects", float64(medium) / n, 0.34, 0.02},
		{"outlines' share of the bytes", float64(outlines) / float64(len(data)), 0.66, 0.03},
	} {
		if math.Abs(c.got-c.want) > c.near {
			t.Errorf("%s: %v, want %v ± %v", c.what, c.got, c.want, c.near)
		}
	}
}

func TestSameFlagsSameBytes(t *testing.T) {
	a := generate(t, "-images", "50")
	if !bytes.Equal(a, generate(t, "-images", "50")) {
		t.Error("two runs differ")
	}
	if bytes.Equal(a, generate(t, "-images", "50", "-seed", "2")) {
		t.Error("the seed changes nothing")
	}
	if b := generate(t, "-images", "50", "-shuffle=false"); len(a) != len(b) {
		t.Errorf("order changes the length: %d, %d", len(a), len(b))
	}
}

func TestStressShapes(t *testing.T) {
	one := decode[file](t, generate(t, "-images", "1", "-per-image", "5000"))
	if len(one.Images) != 1 || len(one.Annotations) != 5000 {
		t.Errorf("%d images, %d annotations; want 1, 5000", len(one.Images), len(one.Annotations))
	}
	if big := decode[file](t, generate(t, "-images", "2", "-big-classes")); len(big.Categories) != 100_000 {
		t.Errorf("%d categories", len(big.Categories))
	}
}

// TestSources: many files hold what one file holds.
func TestSources(t *testing.T) {
	dir := t.TempDir()
	o, err := parse([]string{"-images", "20", "-sources", "6", "-o", dir})
	if err == nil {
		err = o.write()
	}
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) != 6 {
		t.Fatal(names, err)
	}
	images, annotations := 0, 0
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f := decode[file](t, data)
		images, annotations = images+len(f.Images), annotations+len(f.Annotations)
	}
	whole := decode[file](t, generate(t, "-images", "20"))
	if images != 20 || annotations != len(whole.Annotations) {
		t.Errorf("%d images, %d annotations; want 20, %d", images, annotations, len(whole.Annotations))
	}
}

func TestDetections(t *testing.T) {
	images := map[int]bool{}
	for _, i := range decode[file](t, generate(t, "-images", "30")).Images {
		images[i.ID] = true
	}
	data := generate(t, "-images", "30", "-detections", "1234")
	list := decode[[]struct {
		ImageID int `json:"image_id"`
		Score   float64
		Bbox    [4]float64
	}](t, data)
	if len(list) != 1234 {
		t.Fatalf("%d detections", len(list))
	}
	for _, d := range list {
		if !images[d.ImageID] || d.Score <= 0 || d.Score > 1 || float64(float32(d.Score)) != d.Score || d.Bbox[2] <= 0 {
			t.Errorf("%+v", d)
		}
	}
	if each := float64(len(data)) / 1234; each < 145 || each > 165 {
		t.Errorf("%v bytes a detection, want about 158", each)
	}
}
