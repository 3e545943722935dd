package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// judgedSet writes annotations of 20 images from an id on, half of them with an outline if asked, and returns what a
// detector finds in them: each object, some px off.
func judgedSet(t *testing.T, path string, first int, outlines bool) (results []any) {
	t.Helper()
	var images, annotations []any
	for i := range 20 {
		id := first + i
		images = append(images, map[string]any{"id": id, "file_name": fmt.Sprintf("%d.jpg", id), "width": 640, "height": 480})
		for k := range 4 {
			x, y, w, h := 10+150*k+i, 20+13*i+k, 90+5*k, 60+7*k
			a := map[string]any{"id": id*10 + k, "image_id": id, "category_id": k%2 + 1, "bbox": []int{x, y, w, h}, "area": w * h, "iscrowd": 0}
			if outlines && k%2 == 0 {
				a["segmentation"] = [][]int{{x, y, x + w, y, x + w, y + h, x, y + h}}
			}
			annotations = append(annotations, a)
			results = append(results, map[string]any{
				"image_id": id, "category_id": k%2 + 1, "bbox": []int{x + 2, y - 2, w - 1, h + 2}, "score": 0.5 + float64((i+k)%9)/20,
			})
		}
	}
	classes := []any{map[string]any{"id": 1, "name": "a"}, map[string]any{"id": 2, "name": "b"}}
	putJSON(t, path, map[string]any{"images": images, "annotations": annotations, "categories": classes})
	return results
}

func putJSON(t *testing.T, path string, v any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRunsSayWhatTheyLookedAt: a report says of which images the detector that judged the labels found nothing, file by
// file, and whether any box was compared with an outline; the gate is judged by that.
func TestRunsSayWhatTheyLookedAt(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	val, train := judgedSet(t, in("val.json"), 1, false), judgedSet(t, in("train.json"), 101, true)
	putJSON(t, in("all.json"), append(val[:len(val):len(val)], train...))
	putJSON(t, in("few.json"), val[:8])
	putJSON(t, in("half.json"), train)
	both := []string{in("val.json"), in("train.json")}
	for name, c := range map[string]struct {
		files  []string
		flags  []string
		rule   string
		each   string
		status int
		said   string
	}{
		"a second file of results is silent": {both, []string{"--scores", "detections:" + in("all.json"),
			"--scores", "detections:" + in("few.json") + ",name=few"}, `count("class") > 99`, "", statusFine, ""},
		"the first one is": {both, []string{"--scores", "detections:" + in("few.json"),
			"--scores", "detections:" + in("all.json") + ",name=all"}, `count("class") > 99`, "", statusTrouble, "38 of 40 images have no detection"},
		"of one file": {both, []string{"--scores", "detections:" + in("half.json")}, `count("class") > 99`, "source",
			statusTrouble, "20 of 20 images of val.json have no detection"},
		"of half of all": {both, []string{"--scores", "detections:" + in("half.json")}, `count("class") > 99`, "", statusFine, ""},
		"no outline":     {both[:1], []string{"--check-outlines"}, `count("box-off-outline") > 0`, "", statusTrouble, "--check-outlines"},
		"some outlines":  {both, []string{"--check-outlines"}, `count("box-off-outline") > 0`, "", statusFine, ""},
	} {
		policy := in("policy.yaml")
		text := "gate:\n  rules:\n    - fail_if: '" + c.rule + "'\n"
		if c.each != "" {
			text += "      each: " + c.each + "\n"
		}
		if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Log(name)
		analyze(t, append(append([]string{"run", "-q", "-o", in("report")}, c.flags...), c.files...)...).expect(t, statusFine)
		analyze(t, "check", in("report"), "--policy", policy).unwrapped().expect(t, c.status, c.said)
	}
}

// TestSettingsOfScores: what the loss under a detector is compared with is of the same floor, easy terms and images.
func TestSettingsOfScores(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	putJSON(t, in("results.json"), judgedSet(t, in("val.json"), 1, false))
	results := "detections:" + in("results.json")
	run := func(name string, flags ...string) {
		analyze(t, append([]string{"run", in("val.json"), "-q", "-o", in(name)}, flags...)...).expect(t, statusFine)
	}
	run("before", "--scores", results)
	for i, c := range []struct {
		flags        []string
		metric, said string
	}{
		{[]string{"--scores", results + ",floor=0.0001"}, "scores.detections.domination.bce", "floor of detections 0.01 → 0.0001"},
		{[]string{"--scores", results, "--easy", "0.995"}, "easy_negative_share.bce", "easy from 0.9 → 0.995"},
		{[]string{"--scores", results, "--scores", "prior:0.05"}, "domination.bce", "prior 0.01 → 0.05"},
		{[]string{"--scores", results, "--skip-empty"}, "domination.bce", "skip empty images false → true"},
	} {
		now := fmt.Sprint("now", i)
		run(now, c.flags...)
		rule := fmt.Sprintf("%s > 9 * was(%q)", c.metric, c.metric)
		analyze(t, "check", in(now), "--baseline", in("before"), "--only-new", "--fail-if", rule).unwrapped().expect(t, statusTrouble, c.said)
		analyze(t, "diff", in("before"), in(now)).unwrapped().expect(t, statusFine, c.said)
	}
	run("same", "--scores", results)
	analyze(t, "check", in("same"), "--baseline", in("before"), "--only-new", "--fail-if",
		`scores.detections.domination.bce > 9 * was("scores.detections.domination.bce")`).expect(t, statusFine)
}
