package results

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/naming"
)

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
		d := realfiles.Read(t, false, realfiles.Shared(t, "cases", c.data))
		r, err := coco.ReadResults(context.Background(), realfiles.Shared(t, "cases", c.results), "", d, coco.Options{Workers: 1})
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
	d := realfiles.Read(t, false, realfiles.Shared(t, "cases", "results.annotations.json"))
	for file, want := range map[string]struct {
		by     naming.Naming
		scores naming.ScoreKind
	}{
		"results.ok.json":            {naming.ByID, naming.Probabilities},
		"results.image_id_stem.json": {naming.ByStem, naming.Probabilities},
		"results.score_logit.json":   {naming.ByID, naming.Logits},
	} {
		data, err := os.ReadFile(realfiles.Shared(t, "cases", file))
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
			if id := realfiles.IDOf(r.Image); !seen[id.Key()] {
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
