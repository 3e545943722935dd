package convention

import (
	"encoding/json"
	"os"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// rewritten returns a real file's source after f has changed its annotations.
func rewritten(t *testing.T, name string, f func(annotation map[string]any)) *dataset.Dataset {
	t.Helper()
	data, err := os.ReadFile(realfiles.Shared(t, "data", name))
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	for _, a := range doc["annotations"].([]any) {
		f(a.(map[string]any))
	}
	if data, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/wrong.json"
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return realfiles.Read(t, false, path)
}

// exchange exchanges each two numbers of polygons.
func exchange(a map[string]any) {
	polygons, _ := a["segmentation"].([]any)
	for _, p := range polygons {
		xy := p.([]any)
		for i := 0; i+1 < len(xy); i += 2 {
			xy[i], xy[i+1] = xy[i+1], xy[i]
		}
	}
}

// exchangeBox exchanges the numbers of a box.
func exchangeBox(a map[string]any) {
	b := a["bbox"].([]any)
	b[0], b[1], b[2], b[3] = b[1], b[0], b[3], b[2]
}

// TestBlame: outlines of real files with x and y exchanged are blamed themselves, and so are boxes.
func TestBlame(t *testing.T) {
	for _, name := range []string{
		"coco/instances_val2014_100.json", "taco/annotations.json", "exporters/lvis_val_100.json",
	} {
		for _, c := range []struct {
			f         func(map[string]any)
			code, key string
			severity  findings.Severity
		}{
			{exchange, "segmentation-rings", "exchanged", findings.Warning},
			{exchangeBox, "box-convention", "", findings.Error},
		} {
			found := 0
			for _, f := range InspectSource(rewritten(t, name, c.f), 0) {
				switch f.Code {
				case c.code:
					found++
					if f.Key != c.key || f.Severity() != c.severity {
						t.Errorf("%s: %+v", name, f)
					}
				case "box-convention", "image-size-convention", "segmentation-rings":
					t.Errorf("%s: %+v", name, f)
				}
			}
			if found != 1 {
				t.Errorf("%s: %d findings of %s", name, found, c.code)
			}
		}
	}
}

// TestBlameUndecided: of boxes that lie in their images either way, neither is blamed, nor where both kinds are; three
// that lie there only as they stand convict the outlines, three that do only exchanged the boxes.
func TestBlameUndecided(t *testing.T) {
	wide := geom.Rect{X: 550, Y: 200, W: 30, H: 20} // only as it stands, in 640 × 480 px
	high := geom.Rect{X: 200, Y: 550, W: 20, H: 30} // only exchanged
	for _, c := range []struct {
		wide, high int
		want       Blame
	}{
		{0, 0, Undecided}, {2, 0, Undecided}, {3, 0, BlameOutlines}, {9, 1, Undecided}, {10, 1, BlameOutlines},
		{0, 2, Undecided}, {0, 3, BlameBoxes}, {1, 9, Undecided}, {1, 10, BlameBoxes},
	} {
		boxes := realfiles.Middle(10)
		for range c.wide {
			boxes = append(boxes, wide)
		}
		for range c.high {
			boxes = append(boxes, high)
		}
		src := realfiles.Source("a.json", boxes...)
		for i := range src.Objects {
			src.Objects[i].Outline = dataset.OutlineExchanged
		}
		b := OfBoxes(src)
		if got := b.blame(src); got != c.want {
			t.Errorf("%d only as they stand, %d only exchanged: %d, want %d", c.wide, c.high, got, c.want)
		}
		if f := b.Finding(src, 0); c.want == Undecided && (f.Severity() != findings.Warning || f.Code != "box-convention") {
			t.Errorf("undecided: %+v", f)
		}
	}
}
