package convention

import (
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// TestCrossedOutlines: of the real files' outlines hardly any crosses itself, with all of them compared; written as the
// corners of boxes in the order of reading, nearly all do that have been compared.
func TestCrossedOutlines(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	share := func(src *dataset.Source) (n, of int) {
		for k := range src.Objects {
			of += sample.One(src.Objects[k].Outline != dataset.OutlineNone)
		}
		return src.Traits[dataset.CrossedRings].N, of
	}
	d := realfiles.Read(t, true, realfiles.Shared(t, "data"))
	for s := range d.Sources {
		if n, of := share(d.Source(s)); n >= 3 && 100*n > of {
			t.Errorf("%s: %d of %d cross", d.Sources[s].Name, n, of)
		} else if n > 0 {
			t.Logf("%s: %d of %d cross", d.Sources[s].Name, n, of)
		}
	}
	for _, name := range []string{
		"coco/instances_val2014_100.json", "taco/annotations.json", "exporters/lvis_val_100.json",
		"voc2007/instances_test2007.json", "iberian/instances_val.json", "exporters/cvat_traffic.json",
	} {
		d := rewritten(t, name, func(a map[string]any) {
			b := a["bbox"].([]any)
			x, y, w, h := b[0].(float64), b[1].(float64), b[2].(float64), b[3].(float64)
			a["segmentation"] = []any{[]any{x, y, x + w, y, x, y + h, x + w, y + h}}
			a["area"] = w * h
		})
		n, of := share(d.Source(0))
		if n < 3 || 10*n < 9*of {
			t.Errorf("%s, corners in the order of reading: %d of %d cross", name, n, of)
		}
	}
}
