package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestDividedPicture: a picture that two records name is an error where each record lacks boxes of the other, but not
// under trainers whose conversion joins them; with equal boxes, or none in one record, it is a warning.
func TestDividedPicture(t *testing.T) {
	box := func(id, image, x int) string {
		return fmt.Sprintf(`{"id":%d,"image_id":%d,"category_id":1,"bbox":[%d,100,80,80],"area":6400,"iscrowd":0,`+
			`"segmentation":[[%d,100,%d,100,%d,180,%d,180]]}`, id, image, x, x, x+80, x+80, x)
	}
	for name, c := range map[string]struct {
		preset      string
		annotations []string
		status      int
	}{
		"divided":           {"retinanet-torchvision", []string{box(1, 1, 100), box(2, 2, 300)}, statusGate},
		"divided, one more": {"retinanet-torchvision", []string{box(1, 1, 100), box(2, 2, 100), box(3, 2, 300)}, statusGate},
		"divided, joined":   {"yolov5", []string{box(1, 1, 100), box(2, 2, 300)}, statusFine},
		"equal":             {"retinanet-torchvision", []string{box(1, 1, 100), box(2, 2, 101)}, statusFine},
		"one is empty":      {"retinanet-torchvision", []string{box(1, 1, 100), box(2, 1, 300)}, statusFine},
	} {
		dir := t.TempDir()
		data := filepath.Join(dir, "a.json")
		write(t, data, `{"images":[{"id":1,"file_name":"a.jpg","width":640,"height":480},`+
			`{"id":2,"file_name":"a.jpg","width":640,"height":480}],"annotations":[`+strings.Join(c.annotations, ",")+
			`],"categories":[{"id":1,"name":"a"}]}`)
		r := analyze(t, "run", data, "-a", c.preset, "--gate", "-o", filepath.Join(dir, "report"))
		if told := strings.Contains(strings.Join(strings.Fields(r.out), " "), "under the name of an earlier one, with other boxes"); r.status != c.status ||
			told != (c.status == statusGate) || !strings.Contains(r.out, "file-name-duplicate") {
			t.Errorf("%s: status %d: %s%s", name, r.status, r.out, r.errw)
		}
	}
}
