package coco

import (
	"testing"

	"focalaudit/pkg/dataset"
)

// The area is compared with the box wherever the two stand in the record.
func TestArea(t *testing.T) {
	polygon := `"segmentation": [[1, 1, 9, 1, 9, 9]]`
	for _, c := range []struct {
		ann  string
		want dataset.Flags
	}{
		{`"area": 400, "bbox": [10, 10, 20, 20]`, 0},
		{`"bbox": [50, 70, 10, 20], "area": 2000`, dataset.AreaAboveBox},
		{`"area": 2000, "bbox": [50, 70, 10, 20]`, dataset.AreaAboveBox},
		{`"bbox": [50, 70, 10, 20], "area": 2.0e3`, dataset.AreaAboveBox},
		{`"bbox": [50, 70, -10, 20], "area": 2000`, dataset.AreaAboveBox},
		{`"bbox": [10, 10, 20, 20], "area": 440`, 0}, // a row and a column more
		{`"bbox": [10, 10, 20, 20], "area": 442`, dataset.AreaAboveBox},
		{`"bbox": [10, 10, 20, 20], "area": 441.00000000000001`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 441.0000000000001`, dataset.AreaAboveBox},
		{`"bbox": [10, 10, 20, 20], "area": 200`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 1000, "area": 400`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 1000, "area": null`, 0},
		{`"bbox": [10, 10, 20], "area": 9000`, 0},
		{`"bbox": [10, 10, 20, 20], "area": NaN`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 0`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 0, ` + polygon, dataset.AreaZeroOutline},
		{polygon + `, "bbox": [10, 10, 20, 20], "area": -1`, dataset.AreaZeroOutline},
		{`"bbox": [10, 10, 20, 20], "area": 0, "segmentation": []`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 0, "segmentation": [[]]`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 0, "segmentation": null`, 0},
	} {
		s, _ := source(t, file("", `{"id": 1, "image_id": 1, "category_id": 1, `+c.ann+`}`, ""))
		if got := s.Objects[0].Flags & derived; got != c.want {
			t.Errorf("%s: flags %b, want %b", c.ann, got, c.want)
		}
	}
}
