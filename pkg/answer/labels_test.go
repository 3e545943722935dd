package answer

import (
	"math"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/audit"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/labels"
)

// TestKinds: each kind has its number and the sum of its scores, those with the most expected errors first; what people
// kept does not count.
func TestKinds(t *testing.T) {
	suspect := func(code string, score float64, kept bool) findings.Finding {
		f := findings.New(code)
		f.Evidence, f.Reviewed = &findings.Evidence{Score: score}, kept
		return f
	}
	r := &analysis.Result{Findings: []findings.Finding{
		suspect("missing", 0.25, false), suspect("class", 0.9, false), suspect("class", 0.9, true),
		suspect("location", 0.75, false), suspect("location", 0.75, false), suspect("location", 0.75, false),
		findings.New("box-tiny"),
	}}
	r.Findings[2].Source, r.Findings[2].Object = 0, 4
	r.Findings[0].Object = -1
	// Of all labels but the kept one: location 3 × 0.75 + 2 = 4.25, class 0.9 + 0.5 + 0.3 = 1.7, spurious 0.8; of the sum
	// of 7.95 chances 1.2 is that of kinds below the least that is kept.
	r.Audit = &audit.Audit{Chances: [][]float32{{0.75, 0.75, 0.75, 0.9, 0.9, 1, 1, 0.8, 0.8, 0.6, 0.6}}}
	for k, score := range []float64{0.75, 0.75, 0.75, 0.9, 0.9, 1, 1, 0.8, 0.5} {
		kind := []labels.Kind{labels.Location, labels.Location, labels.Location, labels.Class, labels.Class, labels.Location,
			labels.Location, labels.Spurious, labels.Class}[k]
		r.Audit.All = append(r.Audit.All, audit.Suspect{Kind: kind, Score: score, Object: int32(k)})
	}
	r.Audit.All = append(r.Audit.All, audit.Suspect{Kind: labels.Class, Score: 0.3, Object: 8},
		audit.Suspect{Kind: labels.Missing, Score: 0.25, Object: -1})
	want := "Of 10 labels, 8 should be wrong. By kind, and in brackets how many of the suspects of that kind: location 4 (2 of " +
		"3), class 2 (less than 1 of 1), spurious less than 1 (no suspect), 1 by chances under 0.001 each. The range of this " +
		"number held in 85 of 91 tests, and fails where the detector makes the same mistakes as the labels. Missing objects " +
		"are no labels and come on top: less than 1 of 1 suspect should be, and nobody can count those that the detector " +
		"overlooks too."
	if got := Division(r); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	want = "By kind, with how many should be wrong: 3 location (2), 1 class (less than 1), 1 missing (less than 1)."
	if got := kinds(r); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	// A label that is surely wrong in two ways counts under both, and once in the sum.
	r = &analysis.Result{Audit: &audit.Audit{Chances: [][]float32{{1, 1}}, All: []audit.Suspect{
		{Kind: labels.Class, Score: 1, Object: 0}, {Kind: labels.Location, Score: 1, Object: 0},
		{Kind: labels.Location, Score: 1, Object: 1},
	}}, Findings: r.Findings}
	r.Findings[2].Reviewed = false
	want = "Of 2 labels, 2 should be wrong. By kind, and in brackets how many of the suspects of that kind: location 2 (2 of 3), " +
		"class 1 (2 of 2). Together these are more, since a label may be wrong in several ways. The range"
	if got := Division(r); !strings.HasPrefix(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	r.Findings[2].Reviewed = true
	if n, expected, kept := Suspects(r); n != 5 || math.Abs(expected-3.4) > 1e-9 || kept != 1 {
		t.Errorf("%d suspects, %g expected, %d kept", n, expected, kept)
	}
}

// TestExpected: the total is the sum of the chances of the labels that were judged, those that people kept apart. Its
// range, by hand: 24/1.75 = 13.71, less 2·√13.71 = 7.41, is 6.31; 24·1.25 = 30, and 2·√30 = 10.95 more is 40.95.
func TestExpected(t *testing.T) {
	nan := float32(math.NaN())
	chances := []float32{nan, 0.5, 1}
	for range 47 {
		chances = append(chances, 0.5)
	}
	kept := findings.New("location")
	kept.Evidence, kept.Reviewed, kept.Object = &findings.Evidence{Score: 1}, true, 2
	r := &analysis.Result{Audit: &audit.Audit{Chances: [][]float32{chances}}, Findings: []findings.Finding{kept}}
	want := "Expect about 24 of 48 labels that were judged to be wrong (6 to 41; more if the detector makes the same " +
		"mistakes, as one that was trained on them does)."
	if got := expected(r); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	r.Config.Learnt = &audit.Learnt{}
	if got := expected(r); got != "Expect about 24 of 48 labels that were judged to be wrong." {
		t.Errorf("with a model of other labels: %q", got)
	}
	r.Audit.Chances = [][]float32{{0.25, 0.5}}
	if got := expected(&analysis.Result{Audit: r.Audit, Config: r.Config}); got != "Expect less than 1 of 2 labels that were judged to be wrong." {
		t.Errorf("under 1: %q", got)
	}
	r.Audit.Chances = [][]float32{{nan}, {}}
	if r.Findings = nil; expected(r) != "" {
		t.Errorf("without a label: %q", expected(r))
	}
	// 235.4/1.75 - 2·√134.5 = 111.3 and 235.4·1.25 + 2·√294.25 = 328.6, in two digits; no more than all are wrong.
	if low, high := RangeOf(235.4, 11_640); low != 110 || high != 330 {
		t.Errorf("%d to %d", low, high)
	}
	if low, high := RangeOf(3, 5); low != 0 || high != 5 {
		t.Errorf("%d to %d", low, high)
	}
}

// TestUnjudged: the labels that were not judged are counted by the reason.
func TestUnjudged(t *testing.T) {
	path := t.TempDir() + "/x.json"
	box := func(id, image, more string) string {
		return `{"id":` + id + `,"image_id":` + image + `,"category_id":1,"bbox":[10,10,100,100]` + more + `}`
	}
	testrun.Write(t, path, testrun.COCO(
		[]string{`{"id":1,"file_name":"1.jpg","width":800,"height":800}`, `{"id":2,"file_name":"2.jpg","width":800,"height":800}`},
		[]string{box("1", "1", ""), box("2", "1", `,"iscrowd":1`), box("3", "1", `,"ignore":1`), box("4", "2", ""),
			box("5", "7", "")}, `{"id":1,"name":"a"}`))
	r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, "retinanet-torchvision"))
	nan := float32(math.NaN())
	r.Audit = &audit.Audit{Chances: [][]float32{{0.5, nan, nan, nan, nan}}}
	r.Audit.Estimates[labels.Class].Of = 1
	want := "of 5: 2 with iscrowd or ignore, 1 in images without detections, 1 left out of training or without a " +
		"usable box or class"
	if got := unjudged(r, 1); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := unjudged(r, 7); got != "" { // of a sample that is no part of these
		t.Errorf("%q", got)
	}
	r.Metrics[0].EstimatedWrongHigh.Location = analysis.Number(new(float64))
	if got := Wrong(r); !strings.Contains(got, "of the 1 labels that it judged ("+want+") have a box") {
		t.Errorf("%q", got)
	}
}

// TestNothingListedByAnothersModel: whose model said so is told where no label is listed, too.
func TestNothingListedByAnothersModel(t *testing.T) {
	r := &analysis.Result{Audit: &audit.Audit{Chances: [][]float32{{0.25, 0.75}}}}
	want := "Expect about 1 of 2 labels that were judged to be wrong (0 to 2; more if the detector makes the same " +
		"mistakes, as one that was trained on them does)."
	if a := labelled(r); a.Level != Fine || a.Reason != want {
		t.Errorf("got %+v, want the reason %q", a, want)
	}
	r.Config.Learnt = &audit.Learnt{Sources: []audit.File{{Name: "a.json"}, {Name: "b.json"}}, Images: 2, Labels: 9}
	want = "Expect about 1 of 2 labels that were judged to be wrong. Chances and estimates are those of a model that was " +
		"learnt on 9 labels in 2 images of a.json and 1 other file."
	if a := labelled(r); a.Level != Fine || a.Reason != want {
		t.Errorf("got %+v, want the reason %q", a, want)
	}
}
