package belief_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// TestDenseLedgerIsDense holds the ledgers and the sums of single images under
// logits against every term of every anchor one by one, to the stated bound: far
// logits, and such beside the edges of difficulty, included. One image has no
// logits and counts as at initialisation.
func TestDenseLedgerIsDense(t *testing.T) {
	presets := []string{"yolov5", "retinanet-torchvision", "retinanet-keras"} // the first has another order, the last ignores anchors outside
	if testing.Short() {
		t.Log("-short: 1 preset of 3")
		presets = presets[:1]
	}
	for _, preset := range presets {
		t.Run(preset, func(t *testing.T) { denseLedgerIsDense(t, preset) })
	}
}

func denseLedgerIsDense(t *testing.T, preset string) {
	gt, _ := testrun.World(t, 3, 4)
	d := testrun.Read(t, gt)
	dir := t.TempDir()
	c := testrun.Config(t, preset)
	c.Objective = ledger.PerClass
	plain := testrun.Run(t, d, c)
	for _, im := range plain.ImageSlots(0) {
		if im.LeftOut != (pass.LeftOut{}) || im.Positives == 0 && im.Objects > 0 {
			t.Fatalf("%+v: choose another world", im)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	logits := map[int][]float64{}
	k := len(d.Classes)
	for i := range plain.ImageSlots(0)[:3] {
		n := plain.ImageSlots(0)[i].Anchors * k
		zs := make([]float64, n)
		for j := range zs {
			switch rng.IntN(50) {
			case 0:
				zs[j] = 30 * rng.NormFloat64() // also beyond the bins
			case 1:
				zs[j] = math.Log(1.0/9) + rng.NormFloat64()/1000 // at p = 0.1, where negatives begin to be easy
			default:
				zs[j] = rng.NormFloat64()*1.5 - 5
			}
			zs[j] = float64(float32(zs[j]))
		}
		logits[i] = zs
		descr := []string{"<f4", "<f8", "<f4"}[i]
		name := d.Sources[0].Images[i].ID.String()
		if i == 2 {
			name = strings.TrimSuffix(d.Sources[0].Images[i].File, ".png") + "x" // not to be found
			delete(logits, i)
		}
		testrun.WriteArray(t, filepath.Join(dir, name+".npy"), descr, fmt.Sprintf("%d, %d", plain.ImageSlots(0)[i].Anchors, k), zs)
	}
	r := testrun.Logits(t, d, c, dir)
	if r.Accounts[2].Missing != 2 {
		t.Errorf("%d images without logits, want 2", r.Accounts[2].Missing)
	}
	// columns are the categories by rising id: 2, 5, 9 in the place of 5, 2, 9
	class := []int{1, 0, 2}
	want := map[denseKey]*terms{}
	bank := make(loss.Bank, 0)
	for _, l := range r.Setting.Losses {
		bank = append(bank, l.Focal)
	}
	each, slope := make([]float64, len(bank)), make([]float64, len(bank))
	tally := func(a anchorTerm, n int64, z loss.Logit) {
		y := loss.Zero
		if a.set == ledger.Positive {
			y = loss.One
		}
		bank.At(z.Score(), y, each, slope)
		for i, l := range r.Setting.Losses {
			key := denseKey{"logits", l.Name, l.Gamma, a.objective, "", "", a.set, r.Config.Edges.Of(loss.PT(z, y))}
			for _, s := range a.scopes {
				key.scope, key.name = s.scope, s.name
				add(want, key, n, each[i], slope[i])
			}
			key.scope, key.name, key.difficulty = "image", fmt.Sprint(a.image), anyDifficulty
			add(want, key, n, each[i], slope[i])
		}
	}
	alike := map[alikeKey]int64{}
	first := map[alikeKey]anchorTerm{}
	for i := range d.Sources[0].Images {
		var frame anchors.Frame
		r.Trainer.Layout.Lay(&frame, d.Sources[0].Images[i].Size)
		testrun.EachLabel(r, i, &frame, func(index, level int, _ geom.Box32, owner *dataset.Object) {
			zs := make([]float64, k)
			if logits[i] == nil {
				termsOf(r, i, level, owner, zs, func(a anchorTerm) {
					key := alikeKey{a.image, a.objective, a.set, [4]scopeOf(append(slices.Clone(a.scopes[1:]), make([]scopeOf, 5-len(a.scopes))...))}
					alike[key]++
					first[key] = a
				})
				return
			}
			for j := range zs {
				zs[class[j]] = logits[i][index*k+j]
			}
			termsOf(r, i, level, owner, zs, func(a anchorTerm) { tally(a, 1, loss.Logit(a.belief)) })
		})
	}
	for key, n := range alike {
		tally(first[key], n, loss.LogitOf(scores.DefaultPrior))
	}
	seen, images := 0, 0
	worst := map[float64]float64{}
	for e := range r.Entries() {
		if e.Scores != "logits" {
			continue
		}
		seen++
		w := want[denseKey{e.Scores, e.Loss.Name, e.Loss.Gamma, e.Objective, e.Scope, e.Name, e.Set, e.Difficulty}]
		if w == nil || e.N != w.n {
			t.Fatalf("got %+v, want %+v", e, w)
		}
		// sums are whole numbers of 2^-116 nats (loss.Exact), of which each image's may cut one off
		unit := float64(len(d.Sources[0].Images)) * 0x1p-116
		off := func(got, want float64) float64 { return max(0, math.Abs(got-want)-unit) / want }
		worst[e.Loss.Gamma] = max(worst[e.Loss.Gamma], off(e.Sum, w.sum), off(e.Grad, w.grad))
	}
	eachImageSum(r, "logits", func(k denseKey, n int64, sum float64) {
		w := want[k]
		if w == nil {
			return
		}
		images++
		if n != w.n {
			t.Errorf("%+v: %d terms, want %d", k, n, w.n)
		}
		worst[k.gamma] = max(worst[k.gamma], math.Abs(sum/w.sum-1))
	})
	if seen < 400 || images < 100 {
		t.Errorf("compared %d entries and %d sums of images", seen, images)
	}
	for gamma, off := range worst {
		// a gradient grows by at most (2+γ) a logit, which a loss is below
		if bound := (2 + gamma) * (2 + gamma) / (8 * 256 * 256); off > bound {
			t.Errorf("γ %v: off by %.3g, bound %.3g", gamma, off, bound)
		} else {
			t.Logf("γ %v: off by %.3g, bound %.3g", gamma, off, bound)
		}
	}
}

// TestDenseShapes: what does not fit is refused with what was expected.
func TestDenseShapes(t *testing.T) {
	gt, _ := testrun.World(t, 3, 2)
	d := testrun.Read(t, gt)
	c := testrun.Config(t, "retinanet-torchvision")
	n := testrun.Run(t, d, c).ImageSlots(0)[0].Anchors
	for _, x := range []struct {
		shape, want string
		objective   ledger.Objective
		values      int
	}{
		{fmt.Sprintf("%d, 3", n-1), fmt.Sprintf("expected [%d 3]", n), ledger.PerClass, 3 * (n - 1)},
		{fmt.Sprintf("%d, 4", n), "for 3 classes", ledger.PerClass, 4 * n},
		{fmt.Sprintf("%d,", n), "--objective objectness", ledger.PerClass, n},
		{fmt.Sprintf("%d,", n), "cut off", ledger.Objectness, n - 1},
		{fmt.Sprintf("%d,", n), "", ledger.Objectness, n},
		{fmt.Sprintf("%d, 1", n), "", ledger.Objectness, n},
		{"", "expected [", ledger.PerClass, 1},
	} {
		dir := t.TempDir()
		d.Sources[0].Images[1].LeftOut = dataset.NoImageSize // one image is enough
		testrun.WriteArray(t, filepath.Join(dir, "1.npy"), "<f4", x.shape, make([]float64, x.values))
		c := c
		c.Objective, c.Classes = x.objective, len(d.Classes)
		testrun.WithScores(t, &c, "logits:"+dir)
		_, err := analysis.Run(t.Context(), d, c)
		if x.want == "" && err != nil || x.want != "" && (err == nil || !strings.Contains(err.Error(), x.want)) {
			t.Errorf("shape (%s): got %v, want an error with %q", x.shape, err, x.want)
		}
	}
}

// TestNaNIsRefused wherever it stands: on a negative, a positive and an ignored anchor.
func TestNaNIsRefused(t *testing.T) {
	d := testrun.Read(t, testrun.OneImage(t, `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,90,90]}`))
	c := testrun.Config(t, "retinanet-torchvision")
	c.Objective = ledger.Objectness
	plain := testrun.Run(t, d, c)
	var frame anchors.Frame
	plain.Trainer.Layout.Lay(&frame, d.Sources[0].Images[0].Size)
	box, _ := plain.Trainer.Place(&frame, trainer.Annotation{Box: d.Sources[0].Objects[0].Box})
	rule := &iou.MaxIoU{Negative: 0.4, Positive: 0.5, LowQuality: true}
	m := rule.Assigner(true).Assign(iou.Scene{Objects: []geom.Box{box}, Grids: frame.Grids, Resized: frame.Resized})
	at := map[iou.Label]int{iou.Negative: 0}
	for _, a := range m.Matches {
		at[a.Label] = int(a.Anchor)
	}
	for _, label := range []iou.Label{iou.Negative, iou.Ignored, iou.Positive} {
		dir := t.TempDir()
		values := make([]float64, m.Anchors)
		values[at[label]] = math.NaN()
		testrun.WriteArray(t, filepath.Join(dir, "1.npy"), "<f4", fmt.Sprintf("%d,", m.Anchors), values)
		c := c
		testrun.WithScores(t, &c, "logits:"+dir)
		if _, err := analysis.Run(t.Context(), d, c); err == nil || !strings.Contains(err.Error(), "a logit is NaN") {
			t.Errorf("label %d: got %v", label, err)
		}
	}
}

// TestObjectWithoutClass: columns that are no class's are no object's own, even of
// an object without a class; its anchors' outputs stay at the prior. No loss is
// negative, and the shares add up.
func TestObjectWithoutClass(t *testing.T) {
	dir := t.TempDir()
	gt := filepath.Join(dir, "gt.json")
	text := `{"images":[{"id":1,"file_name":"a.png","width":320,"height":240}],"categories":[{"id":1,"name":"a"},{"id":3,"name":"b"}],
		"annotations":[{"id":1,"image_id":1,"bbox":[10,10,90,90]},{"id":2,"image_id":1,"category_id":3,"bbox":[150,50,80,90]}]}`
	if err := os.WriteFile(gt, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d := testrun.Read(t, gt)
	c := testrun.Config(t, "retinanet-torchvision")
	c.Classes = 5
	n := testrun.Run(t, d, c).ImageSlots(0)[0].Anchors
	testrun.WriteArray(t, filepath.Join(dir, "1.npy"), "<f4", fmt.Sprintf("%d, 5", n), slices.Repeat([]float64{-4}, 5*n))
	r := testrun.Logits(t, d, c, dir)
	shares := map[string]float64{}
	for e := range r.Entries() {
		if e.Scope == ledger.All {
			shares[fmt.Sprint(e.Scores, e.Objective, e.Loss)] += e.Share
		}
		if e.N < 0 || e.Sum < 0 || e.Grad < 0 {
			t.Errorf("%+v", e)
		}
	}
	for k, v := range shares {
		if math.Abs(v-1) > 1e-12 {
			t.Errorf("%s: shares add up to %v", k, v)
		}
	}
	c.Classes = 1 // fewer than the data have
	testrun.WithScores(t, &c, "logits:"+dir)
	if _, err := analysis.Run(t.Context(), d, c); err == nil || !strings.Contains(err.Error(), "classes 1") {
		t.Errorf("fewer classes than the data have: got %v", err)
	}
}

// BenchmarkLogits scores 128 images by logits of 20 classes on two workers: 1.5
// GB of float32, from one file under many names.
func BenchmarkLogits(b *testing.B) {
	const k = 20
	dir := b.TempDir()
	gt := filepath.Join(dir, "gt.json")
	var cats, images, objects []string
	for i := range k {
		cats = append(cats, fmt.Sprintf(`{"id":%d,"name":"c%d"}`, i+1, i))
	}
	for i := range 128 {
		images = append(images, fmt.Sprintf(`{"id":%d,"file_name":"%d.png","width":640,"height":480}`, i+1, i))
		for j := range 7 {
			objects = append(objects, fmt.Sprintf(`{"id":%d,"image_id":%d,"category_id":%d,"bbox":[%d,50,80,90]}`, 7*i+j, i+1, j+1, 70*j))
		}
	}
	testrun.Write(b, gt, testrun.COCO(images, objects, strings.Join(cats, ",")))
	d := testrun.Read(b, gt)
	c := testrun.Config(b, "retinanet-torchvision")
	n := testrun.Run(b, d, c).ImageSlots(0)[0].Anchors
	rng := rand.New(rand.NewPCG(1, 1))
	zs := make([]float64, n*k)
	for i := range zs {
		zs[i] = rng.NormFloat64() - 5
	}
	first := filepath.Join(dir, "1.npy")
	testrun.WriteArray(b, first, "<f4", fmt.Sprintf("%d, %d", n, k), zs)
	for i := range images[1:] {
		if err := os.Link(first, filepath.Join(dir, fmt.Sprintf("%d.npy", i+2))); err != nil {
			b.Fatal(err)
		}
	}
	testrun.WithScores(b, &c, "logits:"+dir)
	c.NoAudit = true // what is measured is scoring
	b.SetBytes(int64(len(images) * 4 * len(zs)))
	for b.Loop() {
		if _, err := analysis.Run(b.Context(), d, c); err != nil {
			b.Fatal(err)
		}
	}
}
