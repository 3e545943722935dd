package convention

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
)

// TestNamesTwice: three of six categories have one name, and so are one class: rules that go by the list of categories
// count it once. 1,500 objects are enough for all of them.
func TestNamesTwice(t *testing.T) {
	var images, all, categories []string
	for i := range 1500 {
		images = append(images, fmt.Sprintf(`{"id": %d, "file_name": "%d.jpg", "width": 900, "height": 400}`, i, i))
		all = append(all, fmt.Sprintf(`{"id": %d, "image_id": %d, "category_id": %d, "iscrowd": 0, "area": 800, "bbox": [%d, %d, %d, 20]}`,
			i+1, i, 1+i*7%6, i*13%500, i*17%300, 20+10*(i*7%6)))
	}
	for i, name := range []string{"a", "b", "a", "c", "a", "d"} {
		categories = append(categories, fmt.Sprintf(`{"id": %d, "name": %q}`, i+1, name))
	}
	path := filepath.Join(t.TempDir(), "a.json")
	text := fmt.Sprintf(`{"images": [%s], "annotations": [%s], "categories": [%s]}`, strings.Join(images, ","),
		strings.Join(all, ","), strings.Join(categories, ","))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d := realfiles.Read(t, false, path)
	Inspect(d)
	rank := sample.ListRanks(&d.Sources[0])
	had := map[int]bool{}
	for class, at := range rank {
		if at < 0 || at >= len(rank) || had[at] {
			t.Errorf("class %d is number %d of %d", class, at, len(rank))
		}
		had[at] = true
	}
	if len(rank) != 4 {
		t.Errorf("%d classes, want 4", len(rank))
	}
}
