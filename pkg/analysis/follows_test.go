package analysis_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
)

// TestFollows: what comes from boxes that are written as corners stands behind what does not, as long as all sources
// with such findings are so; of a file that is right, nothing follows.
func TestFollows(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "data", "coco", "instances_val2014_100.json")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Skip("needs the shared test material: coco/instances_val2014_100.json")
	}
	var d map[string]any
	if err := json.Unmarshal(content, &d); err != nil {
		t.Fatal(err)
	}
	for _, a := range d["annotations"].([]any) {
		b := a.(map[string]any)["bbox"].([]any)
		b[2] = b[0].(float64) + b[2].(float64)
		b[3] = b[1].(float64) + b[3].(float64)
	}
	corners, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	wrong := filepath.Join(dir, "corners.json")
	testrun.Write(t, wrong, string(corners))

	kinds := func(paths ...string) []analysis.Kind {
		return testrun.Run(t, testrun.Read(t, paths...), testrun.Config(t, "retinanet-torchvision")).OpenKinds()
	}
	follows := func(of []analysis.Kind, code string) string {
		i := slices.IndexFunc(of, func(k analysis.Kind) bool { return k.Code == code })
		if i < 0 {
			t.Fatalf("no %s", code)
		}
		return of[i].Follows
	}
	of := kinds(wrong)
	for _, code := range []string{"box-partly-outside", "object-without-positive", "aspect-extreme"} {
		if got := follows(of, code); got != "box-convention" {
			t.Errorf("%s follows %q", code, got)
		}
	}
	behind := false
	for _, k := range of {
		if behind && k.Follows == "" {
			t.Errorf("%s stands behind what follows", k.Code)
		}
		behind = behind || k.Follows != ""
		if (k.Code == "box-convention" || k.Code == "class-rare") && k.Follows != "" {
			t.Errorf("%s follows %s", k.Code, k.Follows)
		}
	}
	for _, k := range kinds(path) {
		if k.Follows != "" {
			t.Errorf("of a right file, %s follows %s", k.Code, k.Follows)
		}
	}
	if got := follows(kinds(wrong, path), "object-without-positive"); got != "" { // of both files
		t.Errorf("of two files, of which one is right, object-without-positive follows %s", got)
	}
}
