package iou_test

import (
	"fmt"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// One level of anchors, squares of 32 px every 16 px, and two objects: one fits, and one
// is too small for any anchor.
func ExampleRule() {
	rule := &iou.MaxIoU{Positive: 0.5, Negative: 0.4, LowQuality: true}
	grid := geom.Grid{
		Rows: 12, Cols: 12, StrideX: 16, StrideY: 16,
		Shapes: []geom.Box32{{X0: -16, Y0: -16, X1: 16, Y1: 16}},
	}
	assigner := rule.Assigner(false) // reused from image to image
	found := assigner.Assign(iou.Scene{
		Objects: []geom.Box{{X0: 30, Y0: 30, X1: 64, Y1: 66}, {X0: 110, Y0: 110, X1: 118, Y1: 120}},
		Grids:   []geom.Grid{grid},
		Resized: geom.Size{W: 192, H: 192},
	})
	fmt.Println(found.Positives, "positive,", found.Ignored, "ignored,", found.Negatives, "negative")
	for i, o := range found.Objects {
		fmt.Printf("object %d: %d anchors, best IoU %.2f\n", i, o.Positives, o.IoU)
		if v := assigner.Why(i); v.Why != iou.Fine {
			fmt.Println(" ", assigner.Explain(i, v))
		}
	}
	// Output:
	// 2 positive, 0 ignored, 142 negative
	// object 0: 1 anchors, best IoU 0.84
	// object 1: 1 anchors, best IoU 0.08
	//   too small: 8 × 10 px after resizing, the smallest anchor is 32 px; best IoU 0.078
}
