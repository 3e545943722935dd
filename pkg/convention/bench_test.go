package convention

import (
	"testing"

	"focalaudit/internal/realfiles"
)

// BenchmarkInspect looks at COCO train2017: 849,942 boxes in 118,287 images.
func BenchmarkInspect(b *testing.B) {
	d := realfiles.Read(b, false, realfiles.Shared(b, "data", "coco", "train2017_boxes.json.gz"))
	b.ResetTimer()
	for b.Loop() {
		if f := Inspect(d); len(f) > 0 {
			b.Fatal(f)
		}
	}
}
