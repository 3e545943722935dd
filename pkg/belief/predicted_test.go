package belief_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// chosen is where the arrays and numbers of testdata/task_aligned are: its README says how they were made.
const chosen = "testdata/task_aligned"

// small returns an ultralytics preset with an input of 160 px.
func small(t testing.TB, preset string) analysis.Config {
	t.Helper()
	c := testrun.Config(t, preset)
	c.Preset.Resize.Short, c.Preset.Resize.Long = 160, 160
	return c
}

// withLogits adds the logits of a directory to the scores.
func withLogits(t testing.TB, c *analysis.Config, dir string) {
	t.Helper()
	var err error
	if c.Scores, err = scores.Apply(scores.Default(), "logits:"+dir); err != nil {
		t.Fatal(err)
	}
}

// table reads a CSV file without its header.
func table(t testing.TB, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(chosen, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func numberOf(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestChosenPointsAreTorchs: positive points, their objects and targets, and the loss of each image, are
// those that torch computes.
func TestChosenPointsAreTorchs(t *testing.T) {
	d := testrun.Read(t, filepath.Join(chosen, "annotations.json"))
	type point struct{ image, point, annotation string }
	for _, preset := range []string{"ultralytics-8.3", "ultralytics-8.4", "ultralytics-8.4-stal16"} {
		c := small(t, preset)
		withLogits(t, &c, filepath.Join(chosen, "logits"))
		r := testrun.Run(t, d, c)
		if !r.Plan.Chooses() {
			t.Fatalf("%s: the predictions are not looked at", preset)
		}
		want, got := map[point]float64{}, map[point]float64{}
		for _, row := range table(t, "points.csv") {
			if row[0] == preset {
				want[point{row[1], row[2], row[3]}] = numberOf(t, row[4])
			}
		}
		scene := r.Trainer.NewScene(true)
		scene.Predict = r.Plan.Predictor()
		src := d.Source(0)
		most := 0
		for i := range src.Images {
			if why := scene.See(d, 0, i); why != trainer.Seen || scene.Err != nil {
				t.Fatalf("image %d: %v, %v", i, why, scene.Err)
			}
			for _, k := range scene.Found.Special(nil) {
				target, soft := scene.Found.Target(k)
				if !soft {
					t.Fatalf("point %d has no target", k)
				}
				object := scene.Index[scene.Found.Of(k).Object]
				got[point{src.Images[i].ID.String(), fmt.Sprint(k), src.Objects[object].ID.String()}] = float64(target)
			}
			for k := range scene.Found.Objects {
				most = max(most, scene.Found.Objects[k].Positives)
			}
		}
		if len(want) < 200 || most != 20 {
			t.Errorf("%s: %d points, at most %d an object", preset, len(want), most)
		}
		for p, v := range want {
			if g, ok := got[p]; !ok || math.Abs(g-v) > 3e-6*v+1e-12 { // the digits in which torch's powers differ
				t.Errorf("%s, %v: got target %v (%v), want %v", preset, p, g, ok, v)
			}
			delete(got, p)
		}
		if len(got) > 0 {
			t.Errorf("%s: %v are not positive", preset, maps.Collect(maps.All(got)))
		}
		sums(t, r, preset)
	}
}

// sums holds the sums of images, and of all, against images.csv.
func sums(t *testing.T, r *analysis.Result, preset string) {
	t.Helper()
	bce := r.Book.Price(2, ledger.PerClass, r.Setting.Index(loss.BCE))
	all, targets, positives := 0.0, 0.0, 0
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 4e-5*math.Abs(want)+1e-9 { // dense.go's bins
			t.Errorf("%s: %s: got %v, want %v", preset, what, got, want)
		}
	}
	for _, row := range table(t, "images.csv") {
		if row[0] != preset {
			continue
		}
		at := 0
		for r.Data.Source(0).Images[at].ID.String() != row[1] {
			at++
		}
		im := &r.ImageSlots(0)[at]
		if got := strconv.Itoa(im.Positives); got != row[2] || im.Positives+im.Negatives != im.Anchors {
			t.Errorf("%s, image %s: %s positives, want %s", preset, row[1], got, row[2])
		}
		var l ledger.ImageLoss
		bce.Of(&l, 0, at, int64(im.Positives), int64(im.Negatives))
		near("BCE of image "+row[1], l.Sum[ledger.Positive]+l.Sum[ledger.OtherClass]+l.Sum[ledger.Negative], numberOf(t, row[3]))
		near("loss of image "+row[1], l.Normalised, numberOf(t, row[5]))
		all, targets, positives = all+numberOf(t, row[3]), targets+numberOf(t, row[4]), positives+im.Positives
	}
	near("BCE", r.Views(2)[0].Total(ledger.PerClass, r.Setting.Index(loss.BCE)), all)
	near("targets", r.Accounts[2].Targets(), targets)
	if r.Total.Positives != int64(positives) {
		t.Errorf("%d positives, want %d", r.Total.Positives, positives)
	}
	// The spread of losses over terms, of which curves are drawn, adds up to the same.
	spread := 0.0
	for _, masses := range r.Spread(2, ledger.PerClass) {
		spread += loss.BCE.Sum(masses)
	}
	near("spread", spread, all)
}

// TestChosenAtAnyWorkerCount: sums do not depend on who does which image.
func TestChosenAtAnyWorkerCount(t *testing.T) {
	d := testrun.Read(t, filepath.Join(chosen, "annotations.json"))
	var first []float64
	for _, workers := range []int{1, 2, 5} {
		c := small(t, "ultralytics-8.4-stal16")
		c.Workers = workers
		withLogits(t, &c, filepath.Join(chosen, "logits"))
		r := testrun.Run(t, d, c)
		got := []float64{r.Accounts[2].Targets(), float64(r.Total.Positives)}
		for l := range r.Setting.Losses {
			got = append(got, r.Views(2)[0].Total(ledger.PerClass, l))
		}
		if first == nil {
			first = got
		}
		if fmt.Sprint(got) != fmt.Sprint(first) {
			t.Errorf("%d workers: %v, 1: %v", workers, got, first)
		}
	}
}

// TestReasonsByPredictions: an object whose points went to another is out-competed, one that no prediction
// fits has no overlap.
func TestReasonsByPredictions(t *testing.T) {
	d := testrun.Read(t, filepath.Join(chosen, "annotations.json"))
	c := small(t, "ultralytics-8.3")
	withLogits(t, &c, filepath.Join(chosen, "logits"))
	r := testrun.Run(t, d, c)
	counts := map[iou.Why]int{}
	for k := range r.ObjectSlots(0) {
		o := &r.ObjectSlots(0)[k]
		if o.Positives == 0 {
			counts[o.Why]++
		}
	}
	if counts[iou.OutCompeted] < 2 || counts[iou.NoOverlap] == 0 || counts[iou.NoPoint] == 0 || counts[iou.Fine] != 0 {
		t.Errorf("objects without a positive, by reason: %v", counts)
	}
}

// TestBrokenPredictions: what can't be the predictions of a model is refused, with what was expected.
func TestBrokenPredictions(t *testing.T) {
	const points = 525 // 20² + 10² + 5²
	plain := func(n int, v float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = v
		}
		return out
	}
	// Boxes of 40 px around each point.
	around := func() (out []float64) {
		for _, stride := range []float64{8, 16, 32} {
			for row := range int(160 / stride) {
				for col := range int(160 / stride) {
					x, y := (float64(col)+0.5)*stride, (float64(row)+0.5)*stride
					out = append(out, x-20, y-20, x+20, y+20)
				}
			}
		}
		return out
	}
	annotations := filepath.Join(t.TempDir(), "gt.json")
	testrun.Write(t, annotations, testrun.COCO([]string{`{"id":1,"file_name":"a.jpg","width":160,"height":160}`},
		[]string{`{"id":7,"image_id":1,"category_id":1,"bbox":[20,20,40,40]}`}, `{"id":1,"name":"a"},{"id":2,"name":"b"}`))
	d := testrun.Read(t, annotations)
	cases := []struct {
		name, want string
		change     func(dir string)
	}{
		{"as they should be", "", func(string) {}},
		{"no boxes at all", "there are no boxes: expected files ID.boxes.npy", func(dir string) {
			os.Remove(filepath.Join(dir, "1.boxes.npy"))
		}},
		{"other columns", "shape [525 5], expected [525 4]: x1, y1, x2, y2 of each point in px of the input of 160 × 160 px",
			func(dir string) {
				testrun.WriteArray(t, filepath.Join(dir, "1.boxes.npy"), "<f4", "525, 5", plain(5*points, 1))
			}},
		{"not finite", "boxes of image 1: point 3 has the number +Inf, expected finite ones", func(dir string) {
			all := around()
			all[14] = math.Inf(1)
			testrun.WriteArray(t, filepath.Join(dir, "1.boxes.npy"), "<f4", "525, 4", all)
		}},
		{"beyond float32", "has the number +Inf", func(dir string) {
			all := around()
			all[0] = 1e200
			testrun.WriteArray(t, filepath.Join(dir, "1.boxes.npy"), "<f8", "525, 4", all)
		}},
		{"parts of the image", "hold their own point, expected nearly all: give x1, y1, x2, y2 in px", func(dir string) {
			all := around()
			for i := range all {
				all[i] /= 160
			}
			testrun.WriteArray(t, filepath.Join(dir, "1.boxes.npy"), "<f4", "525, 4", all)
		}},
		{"centre and sides", "hold their own point, expected nearly all", func(dir string) {
			all := around()
			for i := 0; i < len(all); i += 4 {
				all[i], all[i+1], all[i+2], all[i+3] = all[i]+20, all[i+1]+20, 40, 40
			}
			testrun.WriteArray(t, filepath.Join(dir, "1.boxes.npy"), "<f4", "525, 4", all)
		}},
		{"NaN logit", "a logit is NaN", func(dir string) {
			zs := plain(2*points, -4)
			zs[77] = math.NaN()
			testrun.WriteArray(t, filepath.Join(dir, "1.npy"), "<f4", "525, 2", zs)
		}},
		{"one output a point", "shape [525], expected [525 2]", func(dir string) {
			testrun.WriteArray(t, filepath.Join(dir, "1.npy"), "<f4", "525,", plain(points, -4))
		}},
		{"another grid", "400 (P3: 20 × 20 × 1) + 100", func(dir string) {
			testrun.WriteArray(t, filepath.Join(dir, "1.npy"), "<f4", "8400, 2", plain(2*8400, -4))
		}},
	}
	for _, of := range cases {
		dir := t.TempDir()
		testrun.WriteArray(t, filepath.Join(dir, "1.npy"), "<f4", "525, 2", plain(2*points, -4))
		testrun.WriteArray(t, filepath.Join(dir, "1.boxes.npy"), "<f4", "525, 4", around())
		of.change(dir)
		c := small(t, "ultralytics-8.3")
		c.Classes = 2
		withLogits(t, &c, dir)
		_, err := analysis.Run(context.Background(), d, c)
		if of.want == "" && err != nil || of.want != "" && (err == nil || !strings.Contains(err.Error(), of.want)) {
			t.Errorf("%s: got %v, want %q", of.name, err, of.want)
		}
	}
}

// TestImageWithoutPredictions: positives would be a bound on some images and exact on others, so it is refused.
func TestImageWithoutPredictions(t *testing.T) {
	for _, lacks := range []string{"3.npy", "3.boxes.npy"} {
		d := testrun.Read(t, filepath.Join(chosen, "annotations.json"))
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(chosen, "logits"))); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, lacks)); err != nil {
			t.Fatal(err)
		}
		c := small(t, "ultralytics-8.4")
		c.Classes = 3
		withLogits(t, &c, dir)
		_, err := analysis.Run(context.Background(), d, c)
		if want := dataset.Label("image", d.Source(0).Images[2].ID) + " has no file " + lacks; err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestTwoMoments: counts are those of one moment.
func TestTwoMoments(t *testing.T) {
	d := testrun.Read(t, filepath.Join(chosen, "annotations.json"))
	c := small(t, "ultralytics-8.4")
	c.Classes = 3
	withLogits(t, &c, filepath.Join(chosen, "logits"))
	var err error
	if c.Scores, err = scores.Apply(c.Scores, "logits:"+filepath.Join(chosen, "logits")+",name=later"); err != nil {
		t.Fatal(err)
	}
	_, err = analysis.Run(context.Background(), d, c)
	if err == nil || !strings.Contains(err.Error(), `scores "logits" and "later": both have predicted boxes`) {
		t.Errorf("got %v", err)
	}
}
