package coco

import (
	"fmt"
	"testing"

	"focalaudit/pkg/dataset"
)

// What areas say of rings: the areas are worked out by hand.
func TestRingTrait(t *testing.T) {
	const square = "0, 0, 40, 0, 40, 40, 0, 40" // 1600
	const inside = "10, 10, 30, 10, 30, 30, 10, 30"
	const apart = "200, 10, 220, 10, 220, 30, 200, 30" // 400, as inside
	const lower = "10, 300, 30, 300, 30, 320"          // 200
	for _, c := range []struct {
		outline string
		area    float64
		want    dataset.Trait // OddCrowd for none
	}{
		{"[[" + square + "], [" + inside + "]]", 1200, dataset.HoleRings},
		{"[[" + inside + "], [" + square + "]]", 1200, dataset.HoleRings},
		{"[[" + square + "], [" + inside + "]]", 2000, dataset.OddCrowd}, // counted as parts
		{"[[" + square + "], [" + apart + "]]", 1200, dataset.OddCrowd},  // not inside
		{"[[" + square + "], [" + apart + "]]", 2000, dataset.OddCrowd},
		{"[[" + square + ", " + apart + "]]", 2000, dataset.JoinedRings},
		{"[[" + square + ", " + apart + ", " + lower + "]]", 2200, dataset.JoinedRings},
		{"[[" + square + ", " + apart + "]]", 1900, dataset.OddCrowd},
		{"[[" + square + "]]", 1600, dataset.OddCrowd},
		{"[[0, 0, 4]]", 5, dataset.OddCrowd},
		{"[]", 5, dataset.OddCrowd},
		{`{"size": [3, 4], "counts": [12]}`, 5, dataset.OddCrowd},
		{`[[0, 0, 1, "a"]]`, 5, dataset.OddCrowd},
	} {
		trait, ok := ringTrait([]byte(c.outline), c.area)
		if ok != (c.want != dataset.OddCrowd) || ok && trait != c.want {
			t.Errorf("%s, area %g: %d, %v", c.outline, c.area, trait, ok)
		}
	}
}

// Traits of rings are counted where outlines are compared, and only there.
func TestRingTraitsAreCounted(t *testing.T) {
	annotations := ""
	for i := range 5 {
		annotations += fmt.Sprintf(`{"id": %d, "image_id": 1, "category_id": 1, "bbox": [0, 0, 40, 40], "iscrowd": 0, "area": %d,
			"segmentation": [[0, 0, 40, 0, 40, 40, 0, 40], [10, 10, 30, 10, 30, 30, 10, 30]]},`, i+1, []int{1200, 2000}[i%2])
	}
	d := text(`{"images": [{"id": 1, "file_name": "a", "width": 90, "height": 90}], "categories": [{"id": 1, "name": "a"}],
		"annotations": [` + annotations[:len(annotations)-1] + `]}`)
	if n := d.Sources[0].Traits[dataset.HoleRings].N; n != 3 {
		t.Errorf("%d holes, want 3", n)
	}
}

// TestCrossed: of four points, those in the order of reading cross, and those around a box or of a sliver do not.
func TestCrossed(t *testing.T) {
	for _, c := range []struct {
		outline string
		want    bool
	}{
		{"[[0, 0, 40, 0, 0, 30, 40, 30]]", true},  // in the order of reading
		{"[[0, 0, 0, 30, 40, 0, 40, 30]]", true},  // by columns
		{"[[0, 0, 40, 30, 40, 0, 0, 30]]", true},  // two corners exchanged
		{"[[0, 0, 40, 0, 40, 30, 0, 30]]", false}, // around
		{"[[0, 0, 40, 30, 41, 30, 1, 0]]", false}, // a sliver
		{"[[0, 0, 20, 0, 40, 0, 60, 0]]", false},  // a line
		{"[[0, 0, 40, 0, 0, 30]]", false},
		{"[[0, 0, 40, 0, 0, 30, 40, 30], [0, 0, 4, 0, 4, 4]]", false},
		{"[]", false},
	} {
		if got := crossed([]byte(c.outline)); got != c.want {
			t.Errorf("%s: %t", c.outline, got)
		}
	}
}
