package trainer

import (
	"os"
	"path/filepath"
	"testing"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// FuzzPreset: whatever a preset's file holds, reading it ends without a panic, and a preset
// that is taken lays anchors on images of every size and places boxes of every kind.
func FuzzPreset(f *testing.F) {
	for _, name := range Names() {
		data, err := Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, s := range []string{
		"extends: retinanet-torchvision\nname: small\nanchors:\n  ratios: [0.5, 1, 2]\n  levels:\n    - {stride: 8, sizes: [16, 20, 25]}\n",
		"a: &a [x,x]\nb: &b [*a,*a]\nextends: *b\n<<: *a\n", "", "---\n---\n", "- a", "name: 1e999\nanchors: {levels: [{stride: 0}]}\n",
	} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "fuzz.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Load(path)
		if err != nil {
			return
		}
		made, err := New(p)
		if err != nil {
			t.Fatalf("a preset that was loaded: %v", err)
		}
		for _, size := range []geom.Size{{W: 1, H: 1}, {W: 640, H: 480}, {W: 1<<24 - 1, H: 1<<24 - 1}, {W: 1<<24 - 1, H: 1}} {
			d := &dataset.Dataset{Classes: []dataset.Class{{Name: "a"}}, Sources: []dataset.Source{{
				Images:     []dataset.Image{{ID: dataset.PlainID(1), Size: size, Last: 2}},
				Categories: []dataset.Category{{ID: dataset.PlainID(1)}},
				Objects: []dataset.Object{
					{Box: geom.Rect{X: 0, Y: 0, W: 1, H: 1}}, {Box: geom.Rect{X: -1e30, Y: 5e-324, W: 2e30, H: 1e308}},
				},
			}}}
			var frame anchors.Frame
			if s := made.NewScene(false); size.W <= 640 && s.See(d, 0, 0) == Seen {
				frame = s.Frame
				if s.Found.Positives+s.Found.Ignored+s.Found.Negatives != s.Found.Anchors {
					t.Fatalf("%+v", s.Found)
				}
			}
			for i := range d.Sources[0].Objects {
				made.Place(&frame, AnnotationOf(&d.Sources[0].Objects[i], d.Classes))
			}
		}
	})
}
