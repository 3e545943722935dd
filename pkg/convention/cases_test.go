package convention

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/naming"
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
			got := messages(t, read(t, outlines, shared(t, "cases", path)))
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

// TestCaseResults does so for results.
func TestCaseResults(t *testing.T) {
	for _, c := range []struct{ data, results, want string }{
		{"results.annotations.json", "results.ok.json", ""},
		{"clean.json", "clean.detections.json", ""},
		{"results.annotations.json", "results.xyxy.json", `detections-disagree: .*read as corners .*, 177 would be`},
		{"results.annotations.json", "results.normalized.json",
			`detections-disagree: .*read as parts of the sides \(0 to 1\), 177 would be. Multiply`},
		{"results.annotations.json", "results.image_id_off.json",
			`detections-disagree: .*read as image ids that are 1 too low, \d+ would be. Add 1 to each image_id`},
		{"results.annotations.json", "results.half_images_only.json",
			`detections-missing-images: .*20 of 40 images in use have no detection, with \d+ objects`},
		{"sparse_category_ids.json", "sparse_category_ids.detections.json", ""},
		{"sparse_category_ids.json", "sparse_category_ids.detections_by_index.json",
			`detections-disagree: .*class indices counted from 0`},
	} {
		d := read(t, false, shared(t, "cases", c.data))
		r, err := coco.ReadResults(context.Background(), shared(t, "cases", c.results), "", d, coco.Options{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		v := Judge(d, r)
		got := ""
		for _, f := range v.Findings(d, r) {
			got += f.Code + ": " + f.Message
		}
		t.Log(got)
		n := strings.Count(got, "detections-")
		if n > 1 || (n == 0) != (c.want == "") || !regexp.MustCompile("^"+c.want).MatchString(got) {
			t.Errorf("%s: %s\nwant %s", c.results, got, c.want)
		}
	}
}

// TestCaseIDsAndScores: what does not join, or has other scores, is told.
func TestCaseIDsAndScores(t *testing.T) {
	d := read(t, false, shared(t, "cases", "results.annotations.json"))
	for file, want := range map[string]struct {
		by     naming.Naming
		scores naming.ScoreKind
	}{
		"results.ok.json":            {naming.ByID, naming.Probabilities},
		"results.image_id_stem.json": {naming.ByStem, naming.Probabilities},
		"results.score_logit.json":   {naming.ByID, naming.Logits},
	} {
		data, err := os.ReadFile(shared(t, "cases", file))
		if err != nil {
			t.Fatal(err)
		}
		var records []record
		dec := json.NewDecoder(strings.NewReader(string(data)))
		dec.UseNumber()
		if err := dec.Decode(&records); err != nil {
			t.Fatal(err)
		}
		var ids []dataset.ID
		var s naming.Scores
		seen := map[dataset.IDKey]bool{}
		for _, r := range records {
			if id := idOf(r.Image); !seen[id.Key()] {
				seen[id.Key()] = true
				ids = append(ids, id)
			}
			s.Add(r.Score)
		}
		if j := naming.JoinIDs(&d.Sources[0], ids); j.By != want.by || j.Found != len(ids) {
			t.Errorf("%s: %d of %d ids join by %s, want %s", file, j.Found, j.Of, j.By, want.by)
		}
		if s.Kind() != want.scores {
			t.Errorf("%s: scores are %s, want %s: %+v", file, s.Kind(), want.scores, s)
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
	files, err := filepath.Glob(filepath.Join(shared(t, "cases"), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if slices.Contains(about, name) {
			continue
		}
		for _, m := range messages(t, read(t, false, path)) {
			if strings.Contains(m, "-convention: ") {
				t.Errorf("%s: %s", name, m)
			}
		}
	}
}

// idOf returns an id as encoding/json reads it.
func idOf(v any) dataset.ID {
	switch v := v.(type) {
	case json.Number:
		return dataset.NumberID(v.String())
	case string:
		return dataset.TextID(v)
	}
	return dataset.AbsentID()
}
