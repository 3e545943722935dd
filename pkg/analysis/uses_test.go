package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
)

// TestUnreadUses: keys that say for what an image, or an annotation, is are told of; values and other keys that say
// nothing are not.
func TestUnreadUses(t *testing.T) {
	const plain = `"iscrowd":0`
	split := func(key string, values ...string) (images []string) {
		for i := range 12 {
			images = append(images, fmt.Sprintf(`{"id":%d,"file_name":"%d.jpg","width":800,"height":800,%q:%q}`, i+1, i, key,
				values[i%len(values)]))
		}
		return images
	}
	directories := func(names ...string) (images []string) {
		for i := range 12 {
			images = append(images, fmt.Sprintf(`{"id":%d,"file_name":"data/%s/%d.jpg","width":800,"height":800}`, i+1,
				names[i%len(names)], i))
		}
		return images
	}
	for _, c := range []struct {
		name       string
		images     []string
		annotation string // keys of each
		code, want string // "" for none
	}{
		{"split", split("split", "train", "train", "val"), plain, "splits-in-one-file", "by their records, the images are 8 for training and 4 for validation"},
		{"subset", split("subset", "TRAINING", "test"), plain, "splits-in-one-file", "6 for training and 6 for testing"},
		{"three", split("set", "train", "val", "test"), plain, "splits-in-one-file", "4 for training, 4 for validation and 4 for testing"},
		{"one split", split("split", "train"), plain, "splits-in-one-file", ""},
		{"no training", split("split", "val", "test"), plain, "splits-in-one-file", ""},
		{"other values", split("split", "north", "south"), plain, "splits-in-one-file", ""},
		{"other key", split("camera", "train", "val"), plain, "splits-in-one-file", ""},
		{"directories", directories("train2017", "val2017"), plain, "splits-in-one-file", "by the directories of their names, the images are 6 for training and 6"},
		{"one directory", directories("train"), plain, "splits-in-one-file", ""},
		{"crowd of polygons", directories("a"), `"iscrowd":1,"segmentation":[[1,1,9,1,9,9]]`, "crowd-outline", "in 12 of 12 annotations whose outline"},
		{"object of polygons", directories("a"), `"iscrowd":0,"segmentation":[[1,1,9,1,9,9]]`, "crowd-outline", ""},
		{"crowd of runs", directories("a"), `"iscrowd":1,"segmentation":{"size":[800,800],"counts":[0,640000]}`, "crowd-outline", ""},
		{"crowd without outline", directories("a"), `"iscrowd":1,"segmentation":[]`, "crowd-outline", ""},
		{"difficult", directories("a"), `"iscrowd":0,"difficult":DIFFICULT`, "key-unread", "difficult is 1 in 3 of 12 annotations"},
		{"difficult as text", directories("a"), `"iscrowd":0,"difficult":true`, "key-unread", ""}, // all of them: a default
		{"difficult and ignored", directories("a"), `"iscrowd":0,"ignore":DIFFICULT,"difficult":DIFFICULT`, "key-unread", ""},
	} {
		var annotations []string
		for i := range 12 {
			keys := strings.ReplaceAll(c.annotation, "DIFFICULT", fmt.Sprint(map[bool]int{true: 1}[i%4 == 0]))
			annotations = append(annotations, fmt.Sprintf(`{"id":%d,"image_id":%d,"category_id":1,"bbox":[%d,100,128,120],"area":9,%s}`,
				i+1, i+1, 100+9*i, keys))
		}
		got := message(t, testrun.COCO(c.images, annotations, `{"id":1,"name":"a"}`), c.code)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestOneClassForAll: 200 annotations of one class beside ten classes without any are a warning, fewer of either an info.
func TestOneClassForAll(t *testing.T) {
	for _, c := range []struct {
		annotations, classes, used int
		told, warning              bool
	}{{200, 11, 1, true, true}, {199, 11, 1, false, false}, {200, 10, 1, true, false}, {200, 3, 1, true, false},
		{200, 2, 1, false, false}, {200, 12, 2, false, false}} {
		var annotations, categories []string
		for i := range c.annotations {
			annotations = append(annotations, fmt.Sprintf(`{"id":%d,"image_id":1,"category_id":%d,"bbox":[%d,%d,60,50],"area":9,"iscrowd":0}`,
				i+1, i%c.used, i, 2*i))
		}
		for i := range c.classes {
			categories = append(categories, fmt.Sprintf(`{"id":%d,"name":"c%d"}`, i, i))
		}
		text := testrun.COCO([]string{`{"id":1,"file_name":"a.jpg","width":800,"height":800}`}, annotations, strings.Join(categories, ","))
		got := message(t, text, "class-unused")
		if got == "" || strings.Contains(got, `are "c0", the first class of the list: `) != c.told ||
			strings.Contains(got, "a default seems to stand") != c.warning {
			t.Errorf("%d annotations of %d of %d classes: %q", c.annotations, c.used, c.classes, got)
		}
	}
}
