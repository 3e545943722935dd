package convention

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// lone returns the findings of a source on single boxes that are corners.
func lone(all []findings.Finding) (of []findings.Finding) {
	for _, f := range all {
		if f.Code == "box-convention" && f.Key == "corners" {
			of = append(of, f)
		}
	}
	return of
}

// TestLone: one box tells by its outline; by its area only where areas are width times height otherwise.
func TestLone(t *testing.T) {
	for _, c := range []struct {
		name   string
		first  dataset.Flags // of the first box
		others dataset.Flags
		n      int
		want   int
	}{
		{"by its outline", dataset.OnlyCorners, 0, 10, 1},
		{"by its outline, alone", dataset.OnlyCorners, 0, 1, 1},
		{"by its area", dataset.AreaAsCorners, dataset.AreaAsBox, 4, 1},
		{"by its area, beside two", dataset.AreaAsCorners, dataset.AreaAsBox, 3, 0},
		{"beside areas of outlines", dataset.AreaAsCorners, 0, 100, 0},
		{"nothing", 0, dataset.AreaAsBox, 10, 0},
	} {
		src := realfiles.Source("a.json", realfiles.Middle(c.n)...)
		for i := range src.Objects {
			src.Objects[i].Flags = c.others
		}
		src.Objects[0].Flags = c.first
		got := lone(InspectSource(&dataset.Dataset{Sources: []dataset.Source{*src}}, 0))
		if len(got) != c.want || len(got) > 0 && (got[0].Severity() != findings.Error || got[0].Cases != 1 ||
			!strings.HasPrefix(got[0].Message, "1 of ")) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// TestLoneOfRealFiles: no real file has such a box, and where one is written as its corners, in the middle
// of the file and far behind what is compared of it, the finding names it. Its corners are computed here.
func TestLoneOfRealFiles(t *testing.T) {
	for _, src := range realfiles.RealSources(t) {
		if got := lone(InspectSource(&dataset.Dataset{Sources: []dataset.Source{src}}, 0)); len(got) > 0 {
			t.Errorf("%s: %+v", src.Name, got)
		}
	}
	for _, name := range []string{
		"coco/instances_val2014_100.json", "exporters/lvis_val_100.json", "taco/annotations.json",
		"voc2007/instances_test2007.json", "exporters/visdrone_coco_first50.json", "iberian/instances_val.json",
		"exporters/cvat_traffic.json", "kitti_rechecked/instances_original.json",
	} {
		data, err := os.ReadFile(realfiles.Shared(t, "data", name))
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		annotations := doc["annotations"].([]any)
		tried := 0
		for i := len(annotations) / 2; i < len(annotations) && tried < 3; i++ {
			b := annotations[i].(map[string]any)["bbox"].([]any)
			x, y, w, h := b[0].(float64), b[1].(float64), b[2].(float64), b[3].(float64)
			if math.Min(x, y) < 20 || math.Max(w/x, h/y) > 1 { // elsewhere corners and sides hardly differ
				continue
			}
			tried++
			b[2], b[3] = x+w, y+h
			wrong, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			b[2], b[3] = w, h
			path := t.TempDir() + "/wrong.json"
			if err := os.WriteFile(path, wrong, 0o600); err != nil {
				t.Fatal(err)
			}
			d := realfiles.Read(t, false, path)
			got := lone(InspectSource(d, 0))
			if len(got) != 1 || !strings.HasPrefix(got[0].Message, "1 of ") {
				t.Errorf("%s, annotation %d: %+v", name, i, got)
			}
		}
		if tried < 3 {
			t.Errorf("%s: %d tried", name, tried)
		}
	}
}
