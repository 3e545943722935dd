package trainer_test

import (
	"strconv"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/trainer"
)

// ids makes a data set with one class for each category id, of which those after a "|"
// are named by annotations alone.
func ids(list string) *dataset.Dataset {
	d := &dataset.Dataset{Sources: make([]dataset.Source, 1)}
	known := true
	for _, id := range strings.Fields(list) {
		if id == "|" {
			known = false
			continue
		}
		of := dataset.TextID(id)
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			of = dataset.PlainID(n)
		}
		d.Sources[0].Categories = append(d.Sources[0].Categories, dataset.Category{ID: of, Class: int32(len(d.Classes))})
		d.Classes = append(d.Classes, dataset.Class{Name: "c" + id, Known: known})
	}
	return d
}

// TestOutputs: K and the class of every output by hand. torchvision's
// references/detection has label = id and num_classes = largest id + 1; detectron2,
// mmdetection and keras-retinanet rank the ids; label files for yolov5 have id - 1.
func TestOutputs(t *testing.T) {
	for _, c := range []struct {
		preset, ids string
		k           int
		unused      int
		columns     string // classes of the first outputs
		why         string
	}{
		{"retinanet-torchvision", "1 3 17 44 90", 91, 85, "-1 0 -1 1", ""},
		{"retinanet-torchvision", "1 2 3", 4, 0, "-1 0 1 2", ""},
		{"retinanet-torchvision", "0 1 2", 3, 0, "0 1 2", ""},
		{"retinanet-detectron2", "44 3 90 | 7", 3, 0, "1 0 2", ""},
		{"retinanet-mmdet", "1 3 17", 3, 0, "0 1 2", ""},
		{"retinanet-keras", "1 3 17", 3, 0, "0 1 2", ""},
		{"yolov5", "1 3", 3, 1, "0 -1 1", ""},
		{"yolov5", "0 1", 2, 0, "0 1", "category id 0 is below 1"},
		{"retinanet-torchvision", "-1 1", 2, 0, "0 1", "category id -1 is below 0"},
		{"retinanet-torchvision", "a b", 2, 0, "", "category id a is no whole number"},
		{"retinanet-torchvision", "1 99999999999", 2, 0, "0 1", "category id 99999999999 is too large for an output's number"},
		{"retinanet-torchvision", "1 2 | 12", 3, 0, "", ""},
		{"retinanet-torchvision", "| 7 9", 2, 0, "0 1", ""},
		{"retinanet-torchvision", "", 0, 0, "", ""},
	} {
		tr := build(t, preset(t, c.preset))
		d := ids(c.ids)
		o := tr.Outputs(d)
		if o.K != c.k || o.Unused() != c.unused || o.Why != c.why {
			t.Errorf("%s, ids %s: got %+v, %d unused; want K %d, %d unused, %q", c.preset, c.ids, o, o.Unused(), c.k, c.unused, c.why)
		}
		columns, err := tr.Columns(d, o.K)
		if c.columns == "" {
			continue
		}
		if err != nil {
			t.Errorf("%s, ids %s: %v", c.preset, c.ids, err)
			continue
		}
		for i, want := range strings.Fields(c.columns) {
			if got := strconv.Itoa(int(columns[i])); got != want {
				t.Errorf("%s, ids %s: output %d is class %s, want %s", c.preset, c.ids, i, got, want)
			}
		}
	}
}

// TestFewColumns: logits with one column for each class are read by rank.
func TestFewColumns(t *testing.T) {
	columns, err := build(t, preset(t, trainer.Default)).Columns(ids("9 2 5"), 3)
	if err != nil || columns[0] != 1 || columns[1] != 2 || columns[2] != 0 {
		t.Errorf("got %v, %v; want classes by rising id: 1 2 0", columns, err)
	}
}
