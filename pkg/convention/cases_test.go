package convention

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// messages returns findings as "code: message".
func messages(t *testing.T, d *dataset.Dataset) []string {
	t.Helper()
	var all []string
	for _, f := range Inspect(d) {
		m := f.Code + ": " + f.Message
		if f.Level != 0 {
			m = f.Severity().String() + " " + m
		}
		all = append(all, m)
		if strings.ContainsAny(f.Message, "\n") || strings.Contains(f.Message, "%!") {
			t.Errorf("message is not one line: %s", f.Message)
		}
	}
	return all
}

// TestCases holds small files, each with one wrong meaning, to what should be said
// of them.
func TestCases(t *testing.T) {
	for path, want := range map[string][]string{
		"xyxy.json":                        {`^box-convention: 194 of 194 boxes fit their images as corners .*and 41 as x, y`},
		"xyxy_8_boxes.json":                {`^box-convention: 8 of 8 boxes .*corners`},
		"parts_of_sides_8_boxes.json":      {`^box-convention: 3 of 3 boxes fit as parts of the sides`},
		"percent.json":                     {`^box-convention: 194 of 194 boxes fit as percent of the sides;`},
		"y_from_bottom.json":               {`^box-convention: .*y of the bottom edge`},
		"width_height_exchanged.json":      {`^image-size-convention: with width and height exchanged, .* of 29 of 29 images`},
		"boxes_of_half_size_pictures.json": {`^image-size-convention: none of 194 boxes reaches beyond 50 %`},
		"one_name_spelt_three_ways.json":   {`^file-name-duplicate: .*"a/x.jpg"`},
		"coco_directory":                   {`^image-in-two-sources: .*have 10 images in common.*12 equal boxes.*--include 'instances_\*'`},
		"leak":                             {`^error image-in-two-sources: .*min_val.json have 1 image in common.* Remove them from min_train.json`},
		"clean.json":                       nil,
		"area_impossible.json":             nil,
		"sparse_category_ids.json":         nil,
		"roboflow_root_class.json":         nil,
		"category_ids_from_0.json":         nil,
		"results.annotations.json":         nil,
		"annotation_ids_all_0.json":        nil,
		"area_absent.json":                 nil,
		"all_crowd.json":                   nil,
		"keys_absent.json":                 nil,
		"no_annotations.json":              nil,
		"nothing.json":                     nil,
		"id_over_int64.json":               nil,
		"segmentation_empty.json":          nil,
	} {
		for _, outlines := range []bool{false, true} {
			got := messages(t, realfiles.Read(t, outlines, realfiles.Shared(t, "cases", path)))
			if len(got) != len(want) {
				t.Errorf("%s: %q", path, got)
				continue
			}
			for i := range want {
				t.Log(got[i])
				if !regexp.MustCompile(want[i]).MatchString(got[i]) {
					t.Errorf("%s: %s\nwant %s", path, got[i], want[i])
				}
			}
		}
	}
}

// TestNoCaseIsTakenForAnother: files that are broken in other ways raise none of
// these findings on boxes and sizes.
func TestNoCaseIsTakenForAnother(t *testing.T) {
	about := []string{
		"xyxy", "xyxy_8_boxes", "parts_of_sides_8_boxes", "percent", "y_from_bottom", "width_height_exchanged",
		"boxes_of_half_size_pictures",
	}
	files, err := filepath.Glob(filepath.Join(realfiles.Shared(t, "cases"), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if slices.Contains(about, name) {
			continue
		}
		for _, m := range messages(t, realfiles.Read(t, false, path)) {
			if strings.Contains(m, "-convention: ") {
				t.Errorf("%s: %s", name, m)
			}
		}
	}
}
