package analysis_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
)

// TestCategoryIDsShifted: ids that all fit one lower, or one higher, and not as they stand, are named as that.
func TestCategoryIDsShifted(t *testing.T) {
	for _, c := range []struct {
		name           string
		declared, used []int
		want           string
	}{
		{"as they are", []int{1, 2, 3, 4}, []int{1, 2, 4}, ""},
		{"one too high", []int{1, 2, 3, 4}, []int{2, 3, 5}, "seem one too high: 1 of 3 annotations"},
		{"one too low", []int{1, 2, 3, 4}, []int{0, 1, 3}, "seem one too low: 1 of 3 annotations"},
		{"with gaps", []int{1, 3, 7, 9}, []int{2, 4, 8}, "seem one too high: 3 of 3 annotations"},
		{"a stray one", []int{1, 2, 3, 4}, []int{1, 3, 9}, ""},
		{"the first is there", []int{1, 2, 3, 4}, []int{1, 3, 5}, ""},
		{"either way", []int{1, 3, 5, 7}, []int{2, 4, 6}, ""},
		{"too few", []int{1, 2, 3, 4}, []int{4, 5}, ""},
	} {
		var categories, annotations []string
		for _, id := range c.declared {
			categories = append(categories, fmt.Sprintf(`{"id":%d,"name":"class %d"}`, id, id))
		}
		for i, id := range c.used {
			annotations = append(annotations, fmt.Sprintf(
				`{"id":%d,"image_id":1,"category_id":%d,"bbox":[%d.5,30,100,90],"iscrowd":0,"area":9000}`, i+1, id, 20+60*i))
		}
		path := filepath.Join(t.TempDir(), "x.json")
		testrun.Write(t, path, testrun.COCO([]string{`{"id":1,"file_name":"a.jpg","width":800,"height":600}`}, annotations,
			strings.Join(categories, ",")))
		got := ""
		r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, "retinanet-torchvision"))
		for i := range r.Findings {
			if r.Findings[i].Code == "category-ids-shifted" {
				got += r.Findings[i].Message
			}
		}
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
