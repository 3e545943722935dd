package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
)

// withNames returns a file of six images and an object, with names for both.
func withNames(file, categories string) string {
	var images []string
	for i := range 6 {
		images = append(images, fmt.Sprintf(`{"id":%d,"file_name":"`+file+`","width":800,"height":800}`, i+1, i))
	}
	return testrun.COCO(images, []string{`{"id":1,"image_id":1,"category_id":0,"bbox":[100,100,128,128],"area":9,"iscrowd":0}`},
		categories)
}

// categories returns records with the ids 0, 1, 2 …
func categories(names ...string) string {
	var all []string
	for i, n := range names {
		all = append(all, fmt.Sprintf(`{"id":%d,"name":%q}`, i, n))
	}
	return strings.Join(all, ",")
}

// Names that a script has spoilt are told of, and others are not.
func TestSpoiltNames(t *testing.T) {
	for _, c := range []struct{ file, names, code, want string }{
		{"%d.txt", "cat dog", "file-name-missing", `none of 6 file names ends as a picture's does`},
		{"b'%d.jpg'", "cat dog", "file-name-missing", `Example: "b'0.jpg'"`},
		{"%d", "cat dog", "file-name-missing", "none of 6"},
		{"%d.JPG", "cat dog", "file-name-missing", ""},
		{"%d.jpg", "p e r s o n", "category-unnamed", `spell "person"`},
		{"%d.jpg", "A B C D", "category-unnamed", ""},
		{"%d.jpg", "p e", "category-unnamed", ""},
		{"%d.jpg", "DontCare cat", "class-not-object", `1 object of class "DontCare" is trained`},
		{"%d.jpg", "ignored_regions cat", "class-not-object", "ignored_regions"},
		{"%d.jpg", "void cat", "class-not-object", "void"},
		{"%d.jpg", "cat DontCare", "class-not-object", ""}, // it has no object
		{"%d.jpg", "voidling cat", "class-not-object", ""},
		{"%d.jpg", "__background__ cat", "category-id-zero", "the category ids of the annotations seem one too low"},
		{"%d.jpg", "cat dog", "category-id-zero", ""},
	} {
		got := message(t, withNames(c.file, categories(strings.Fields(c.names)...)), c.code)
		if c.want == "" && strings.Contains(got, "seem") || c.want == "" && c.code != "category-id-zero" && got != "" ||
			!strings.Contains(got, c.want) {
			t.Errorf("%s, %s: %q, want %q", c.file, c.names, got, c.want)
		}
	}
}

// TestIDsBelowZero: trainers that take ids as class numbers have no class for those below 0.
func TestIDsBelowZero(t *testing.T) {
	file := testrun.COCO([]string{`{"id":1,"file_name":"a.jpg","width":800,"height":800}`},
		[]string{`{"id":1,"image_id":1,"category_id":-1,"bbox":[100,100,128,128],"area":9,"iscrowd":0}`},
		`{"id":-1,"name":"cat"},{"id":1,"name":"dog"}`)
	for preset, want := range map[string]bool{"retinanet-torchvision": true, "yolov5": true, "ultralytics": true,
		"retinanet-detectron2": false, "retinanet-mmdet": false} {
		got := messageUnder(t, file, "category-id-zero", preset)
		if told := strings.Contains(got, `class "cat" has category id -1, and ids below 0 are no classes`); told != want {
			t.Errorf("%s: %q", preset, got)
		}
	}
}
