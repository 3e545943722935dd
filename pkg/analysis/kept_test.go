package analysis_test

import (
	"path/filepath"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/audit"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/labels"
)

// TestKeptPlaces: where people annotated nothing for a detection, another detection of that place is no suspect either,
// whatever its class; one elsewhere is, and an annotation there too.
func TestKeptPlaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	testrun.Write(t, path, testrun.COCO([]string{`{"id":1,"file_name":"1.jpg","width":800,"height":800}`},
		[]string{`{"id":1,"image_id":1,"category_id":1,"bbox":[500,500,100,100]}`}, `{"id":1,"name":"a"},{"id":2,"name":"b"}`))
	r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, "retinanet-torchvision"))
	was := geom.Rect{X: 100, Y: 100, W: 100, H: 100}
	r.Audit = &audit.Audit{All: []audit.Suspect{
		{Kind: labels.Missing, Object: -1, Seen: &dataset.Detection{Box: was, Class: 0, Score: 0.5}},
	}}
	r.Config.Reviewed = []string{findings.Fingerprint("missing", "1.jpg", "a", was, true)}
	suspect := func(code string, class int32, box geom.Rect) findings.Finding {
		f := findings.New(code)
		f.Source, f.Image, f.Class, f.Box, f.HasBox = 0, 0, class, box, true
		f.Evidence = &findings.Evidence{Score: 0.5}
		return f
	}
	half := geom.Rect{X: 100, Y: 100, W: 100, H: 50}  // IoU 0.5
	less := geom.Rect{X: 100, Y: 100, W: 100, H: 49}  // IoU 0.49
	other := geom.Rect{X: 300, Y: 100, W: 50, H: 100} // none
	r.Findings = []findings.Finding{
		suspect("missing", 0, was), suspect("missing", 1, half), suspect("missing", 1, less), suspect("missing", 0, other),
		suspect("spurious", 0, was),
	}
	r.Review()
	for i, want := range []bool{true, true, false, false, false} {
		if r.Findings[i].Reviewed != want {
			t.Errorf("finding %d: reviewed %v, want %v", i, !want, want)
		}
	}
}
