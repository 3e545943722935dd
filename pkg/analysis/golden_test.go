package analysis_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/internal/golden"
	"focalaudit/internal/testrun"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

const goldenDetections = "val2014_100.retinanet-torchvision.dets"

// logitGoldens are the tables of what torchvision's sigmoid_focal_loss, in float64,
// gave on arrays of logits of image 1146: one output an anchor at 800 px, and 80 at 128
// to 213 px.
var logitGoldens = []struct {
	table, array, preset string
	short, long          anchors.Whole
	objective            ledger.Objective
	focal                loss.Focal
}{
	{"val1146_800_k1", "val1146_800_k1", "retinanet-torchvision-0.14", 800, 1333, ledger.Objectness, loss.Focal{Alpha: 0.25, Gamma: 2}},
	{"val1146_128_k80.retinanet-torchvision", "val1146_128_k80", "retinanet-torchvision-0.14", 128, 213, ledger.PerClass, loss.Focal{Alpha: 0.25, Gamma: 2}},
	{"val1146_128_k80.retinanet-mmdet", "val1146_128_k80", "retinanet-mmdet", 128, 213, ledger.PerClass, loss.Focal{Alpha: 0.25, Gamma: 2}},
	{"val1146_128_k80.g2.0_a0.25", "val1146_128_k80", "retinanet-torchvision-0.14", 128, 213, ledger.PerClass, loss.Focal{Alpha: 0.25, Gamma: 2}},
	{"val1146_128_k80.g1.5_a0.25", "val1146_128_k80", "retinanet-torchvision-0.14", 128, 213, ledger.PerClass, loss.Focal{Alpha: 0.25, Gamma: 1.5}},
	{"val1146_128_k80.g0.5_a0.5", "val1146_128_k80", "retinanet-torchvision-0.14", 128, 213, ledger.PerClass, loss.Focal{Alpha: 0.5, Gamma: 0.5}},
	{"val1146_128_k80.g0_a0.75", "val1146_128_k80", "retinanet-torchvision-0.14", 128, 213, ledger.PerClass, loss.Focal{Alpha: 0.75}},
	{"val1146_128_k80.g5_a0.1", "val1146_128_k80", "retinanet-torchvision-0.14", 128, 213, ledger.PerClass, loss.Focal{Alpha: 0.1, Gamma: 5}},
}

// TestGoldenLogits: counts and the terms of positive anchors are exact; the sums of
// negatives are off by no more than docs/methods.md, 5.2, says.
func TestGoldenLogits(t *testing.T) {
	d := testrun.Read(t, golden.Shared(t, "data", "coco", "instances_val2014_100.json"))
	for _, g := range logitGoldens {
		t.Run(g.table, func(t *testing.T) {
			image, gts := golden.Table(t, filepath.Join("logits", g.table+".images"))[0], golden.Table(t, filepath.Join("logits", g.table+".gts"))
			dir := t.TempDir()
			if err := os.Symlink(golden.Shared(t, "golden", "logits", g.array+".npy"), filepath.Join(dir, "1146.npy")); err != nil {
				t.Fatal(err)
			}
			c := testrun.Config(t, g.preset)
			c.Preset.Resize.Short, c.Preset.Resize.Long, c.Objective, c.Focal, c.Gammas = g.short, g.long, g.objective, g.focal, []float64{0}
			c.NoAudit = true
			r := testrun.Logits(t, d, c, dir)
			at := indexOf(t, d, "1146")
			im := r.ImageSlots(0)[at]
			got := [4]int{im.Anchors, im.Positives, im.Negatives, im.Ignored}
			if want := [4]int{image.Int(t, "n_anchors"), image.Int(t, "n_pos"), image.Int(t, "n_neg"), image.Int(t, "n_ign")}; got != want {
				t.Errorf("anchors, positives, negatives, ignored: got %v, want %v", got, want)
			}
			for k, o := range gts {
				got := r.ObjectSlots(0)[int(d.Sources[0].Images[at].First)+k]
				if int(got.Anchor) != o.Int(t, "best_anchor") || int(got.Positives) != o.Int(t, "n_assigned") || int(got.AtLow) != o.Int(t, "n_ge_lo") {
					t.Errorf("object %d: got %+v, want %v", k, got, o)
				}
			}
			compared := 0
			for _, p := range r.Prices() {
				name := map[loss.Focal]string{loss.BCE: "bce", {Alpha: g.focal.Alpha}: "abce"}[p.Loss.Focal]
				if p.Loss.Focal == g.focal {
					name = "fl"
				}
				if p.Scores != "logits" || p.Objective != g.objective || name == "" {
					continue
				}
				var l ledger.ImageLoss
				p.Of(&l, 0, at, int64(im.Positives), int64(im.Negatives))
				prefix := "k1_" + name
				if g.objective == ledger.PerClass {
					prefix = "kc_" + name
					nine(t, image, prefix+"_off", l.Sum[1])
				}
				nine(t, image, prefix+"_pos", l.Sum[0])
				want, bound := image.Float(t, prefix+"_neg"), (2+p.Loss.Gamma)*(2+p.Loss.Gamma)/(8*256*256)
				if math.Abs(l.Sum[2]-want) > bound*want {
					t.Errorf("%s_neg: got %v, want %v to %.2g", prefix, l.Sum[2], want, bound)
				}
				compared++
			}
			if compared < 2 {
				t.Errorf("compared %d losses", compared)
			}
		})
	}
}

func indexOf(t *testing.T, d *dataset.Dataset, id string) int {
	for i := range d.Sources[0].Images {
		if d.Sources[0].Images[i].ID.String() == id {
			return i
		}
	}
	t.Fatalf("no image %s", id)
	return 0
}

// TestGoldenDetections: a table of single detections with the annotation of their class
// that they overlap most, and what each costs by itself.
func TestGoldenDetections(t *testing.T) {
	d := testrun.Read(t, golden.Shared(t, "data", "coco", "instances_val2014_100.json"))
	c := testrun.Config(t, "retinanet-torchvision")
	results := golden.Shared(t, "data", "coco", "instances_val2014_100_fake_results.json")
	r := testrun.Detected(t, d, c, "detections:"+results)
	rows := byDetection(t, golden.Table(t, goldenDetections), results)
	compared := 0
	for i := range d.Sources[0].Images {
		im := &d.Sources[0].Images[i]
		for _, det := range r.Config.Results[2].Of(0, i) {
			g := rows[detectionKey{im.ID.String(), det.Box, det.Score}]
			best, wanted := 0.0, 0.0 // the highest, and that of the annotation which the table names
			for j := im.First; j < im.Last; j++ {
				o := &d.Sources[0].Objects[j]
				v := iou.Of(det.Box.Box(), o.Box.Box())
				if o.Flags&dataset.Crowd != 0 { // the table has COCO's measure, the part of the detection that lies on the crowd
					v = det.Box.Box().Intersect(o.Box.Box()).Area() / det.Box.Box().Area()
				}
				if o.Class != det.Class {
					continue
				}
				best = max(best, v)
				if o.ID.String() == g["max_iou_ann"] {
					wanted = v
				}
			}
			if best-wanted > 1e-12 { // among equal ones rounding decides
				t.Errorf("detection %s: annotation %s is like it by %v, another by %v", g["det"], g["max_iou_ann"], wanted, best)
			}
			y := loss.Zero
			if g["label"] == "tp" {
				y = loss.One
			}
			nine(t, g, "max_iou", best)
			z := loss.LogitOf(min(det.Score, scores.MaxScore))
			nine(t, g, "bce", loss.BCE.Loss(z, y))
			nine(t, g, "fl", loss.Focal{Alpha: 0.25, Gamma: 2}.Loss(z, y))
			compared++
		}
	}
	if compared != 734 {
		t.Errorf("compared %d detections, want 734", compared)
	}
}

// detectionKey tells the detections of the golden table apart.
type detectionKey struct {
	image string
	box   geom.Rect
	score float64
}

// byDetection returns the rows of a table of detections by what the records of the results
// file say: a row has the number of its record.
func byDetection(t *testing.T, rows []golden.Row, results string) map[detectionKey]golden.Row {
	t.Helper()
	text, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	var records []struct {
		Box   [4]float64 `json:"bbox"`
		Score float64    `json:"score"`
	}
	if err := json.Unmarshal(text, &records); err != nil {
		t.Fatal(err)
	}
	by := map[detectionKey]golden.Row{}
	for _, row := range rows {
		r := records[row.Int(t, "det")]
		b := r.Box
		by[detectionKey{row["image_id"], geom.Rect{X: b[0], Y: b[1], W: b[2], H: b[3]}, r.Score}] = row
	}
	if len(by) != len(rows) {
		t.Fatalf("%d of %d detections are told apart", len(by), len(rows))
	}
	return by
}

// TestEveryGolden: no table of either set of what the trainers gave is left out, and every
// table that is compared is there.
func TestEveryGolden(t *testing.T) {
	known := map[string]bool{goldenDetections + ".csv": true}
	for _, g := range goldens {
		known[g.table+".images.csv"], known[g.table+".gts.csv"] = true, true
	}
	for _, g := range logitGoldens {
		known[filepath.Join("logits", g.table+".images.csv")], known[filepath.Join("logits", g.table+".gts.csv")] = true, true
		known[filepath.Join("logits", g.array+".npy")] = true
	}
	for _, g := range pointGoldens {
		known[g.table+".images.csv"], known[g.table+".gts.csv"] = true, true
	}
	for _, set := range []string{"golden", "golden-2"} {
		root := golden.Shared(t, set)
		err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() || strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".json") {
				return err
			}
			name, err := filepath.Rel(root, path)
			name = strings.TrimSuffix(name, ".gz")
			if !known[name] {
				t.Errorf("%s is compared with nothing", name)
			}
			delete(known, name)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	for name := range known {
		t.Errorf("%s is in neither set", name)
	}
}
