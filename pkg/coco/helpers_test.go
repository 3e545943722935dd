package coco

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// texts reads files that are held in memory, in blocks of a size; the keys are
// their names. All of them count as named by the user unless the name begins
// with "found/".
func texts(block, workers int, files map[string]string) *dataset.Dataset {
	r := &reader{Options: Options{Workers: workers}, block: block}
	r.open = func(f find.File, more func(int)) (*input, error) {
		return newInput(io.NopCloser(strings.NewReader(files[f.Name])), f.Size, more)
	}
	var list []find.File
	for name, text := range files {
		list = append(list, find.File{Name: name, Path: name, Size: int64(len(text)), Listed: !strings.HasPrefix(name, "found/")})
	}
	d, err := r.read(context.Background(), list)
	if err != nil {
		panic(err) // only a cancelled context gives one
	}
	return d
}

// text reads one file, a.json.
func text(s string) *dataset.Dataset {
	return texts(blockSize, 1, map[string]string{"a.json": s})
}

// source reads one file that must be fine.
func source(t *testing.T, s string) (*dataset.Source, *dataset.Dataset) {
	t.Helper()
	d := text(s)
	if len(d.Sources) != 1 {
		t.Fatalf("refused %v, skipped %v:\n%s", d.Refused, d.Skipped, s)
	}
	return &d.Sources[0], d
}

// file puts records together; images and categories that are "" are one plain
// record each.
func file(images, anns, cats string) string {
	if images == "" {
		images = `{"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}`
	}
	if cats == "" {
		cats = `{"id": 1, "name": "cat"}`
	}
	return `{"images": [` + images + `], "annotations": [` + anns + `], "categories": [` + cats + `]}`
}

// ann returns an annotation that is fine but for what replaces or follows.
func ann(more string) string {
	s := `{"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0}`
	if more == "" {
		return s
	}
	fields := strings.Split(more, "; ")
	for _, f := range fields {
		key, _, _ := strings.Cut(f, ":")
		at := strings.Index(s, key+":")
		if at < 0 {
			s = s[:len(s)-1] + ", " + f + "}"
			continue
		}
		end := at + strings.IndexAny(s[at:], ",}")
		if key == `"bbox"` {
			end = at + strings.Index(s[at:], "]") + 1
		}
		s = s[:at] + f + s[end:]
	}
	return s
}

// without returns an annotation that lacks a key.
func without(key string) string {
	return strings.Replace(ann(""), `"`+key+`"`, `"no_`+key+`"`, 1)
}

func codes(flaws []dataset.Flaw) []string {
	var c []string
	for _, f := range flaws {
		c = append(c, f.Code)
	}
	return c
}

func TestHelpers(t *testing.T) {
	got := ann(`"bbox": [1]; "ignore": 1; "iscrowd": true`)
	want := `{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1], "area": 400, "iscrowd": true, "ignore": 1}`
	if got != want {
		t.Errorf("ann: %s", got)
	}
	if s, _ := source(t, file("", ann(""), "")); len(s.Flaws) != 0 || s.Objects[0].LeftOut != dataset.InUse {
		t.Errorf("the plain file has flaws: %v", s.Flaws)
	}
	if !slices.Equal(codes([]dataset.Flaw{{Code: "x"}}), []string{"x"}) || !bytes.Contains([]byte(without("area")), []byte("no_area")) {
		t.Error("codes, without")
	}
}
