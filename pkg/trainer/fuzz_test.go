package trainer

import (
	"testing"
	"time"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
)

// FuzzPreset: a preset of any text is refused, or lays its anchors over images of any size and
// places annotations with any box, soon.
func FuzzPreset(f *testing.F) {
	for _, n := range Names() {
		b, _ := Source(n)
		f.Add(b)
	}
	f.Add([]byte("extends: retinanet-torchvision\nname: small\nanchors:\n  ratios: [0.5, 1, 2]\n" +
		"  levels:\n    - {stride: 8, sizes: [16, 20, 25]}\n"))
	f.Add([]byte("a: &a [x,x]\nb: &b [*a,*a]\nextends: *b\n<<: *a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 8000 {
			return
		}
		begun := time.Now()
		if p, err := parse("f.yaml", data); err == nil {
			tr, err := New(p)
			if err != nil {
				t.Fatalf("a preset that is valid: %v", err)
			}
			for _, s := range []geom.Size{{W: 1, H: 1}, {W: 640, H: 480}, {W: 1<<24 - 1, H: 1<<24 - 1}, {W: 1<<24 - 1, H: 1}} {
				var frame anchors.Frame
				if tr.Layout.Lay(&frame, s) == anchors.Laid {
					tr.Place(&frame, Annotation{Box: geom.Rect{X: 0, Y: 0, W: 1, H: 1}})
					tr.Place(&frame, Annotation{Box: geom.Rect{X: -1e30, Y: 5e-324, W: 2e30, H: 1e308}})
				}
			}
		}
		if d := time.Since(begun); d > 4*time.Second {
			t.Fatalf("%v for %d bytes", d, len(data))
		}
	})
}
