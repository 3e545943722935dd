package analysis_test

import (
	"math"
	"testing"

	"focalaudit/internal/golden"
	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/trainer"
)

// TestCompareIsSingleRuns: what is said of each preset is what a run under it alone
// finds; patterns add up to the objects that differ.
func TestCompareIsSingleRuns(t *testing.T) {
	d := testrun.Read(t, testrun.Sample)
	c := testrun.Config(t, trainer.Default)
	c.Classes = len(d.Classes)
	var presets []trainer.Preset
	for _, name := range trainer.Names() {
		p, err := trainer.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		presets = append(presets, p)
	}
	done := 0
	all, err := analysis.Compare(t.Context(), d, analysis.CompareConfig(c), presets, func() { done++ })
	if err != nil || done != len(presets) {
		t.Fatalf("%d presets, %v", done, err)
	}
	for i, p := range presets {
		r := testrun.Run(t, d, testrun.Config(t, p.Name))
		of := all.Of[i]
		if of.Total != r.Total || *of.Metrics.NegativeShare.Focal != *r.Metrics[0].NegativeShare.Focal {
			t.Errorf("%s: got %+v, want %+v", p.Name, of.Total, r.Total)
		}
		var positives, objects int64
		for _, z := range of.Sizes {
			positives += z.Positives
			for what, n := range z.Objects {
				if analysis.Treatment(what) != analysis.NotTrained {
					objects += n
				}
			}
		}
		var bce, focal float64
		for _, z := range of.Sizes {
			bce, focal = bce+z.ShareBCE, focal+z.ShareFocal
		}
		// at initialisation all positives are hard: one entry a loss
		compared := 0
		for e := range r.Entries() {
			if e.Scores != "prior" || e.Objective != r.Setting.Objective || e.Scope != ledger.All || e.Set != ledger.Positive || e.Difficulty != ledger.Hard {
				continue
			}
			got, known := map[loss.Focal]float64{loss.BCE: bce, r.Config.Focal: focal}[e.Loss.Focal]
			if known {
				compared++
			}
			if known && math.Abs(got-e.Share) > 1e-12 {
				t.Errorf("%s, %+v: sizes have %v of the loss, want %v", p.Name, e.Loss, got, e.Share)
			}
		}
		if compared != 2 {
			t.Errorf("%s: compared %d losses", p.Name, compared)
		}
		if positives != r.Total.Positives || objects != r.Total.Objects {
			t.Errorf("%s: sizes add up to %d positives of %d objects, want %d of %d", p.Name, positives, objects, r.Total.Positives, r.Total.Objects)
		}
		for s := range r.Data.Sources {
			for k := range r.ObjectSlots(s) {
				got, what := all.Treats(i, s, k), all.Treats(i, s, k).Treatment
				o := &r.ObjectSlots(s)[k]
				if (what == analysis.NotTrained) == o.Matched() || (what == analysis.Trained) != (o.Positives > o.Rescued && o.Why == iou.Fine) || what == analysis.Trained && got.Why != "" {
					t.Errorf("%s, object %d: %+v, %+v", p.Name, k, got, o)
				}
				if got.IoU != o.IoU || got.Ratio != o.Ratio || got.Positives != int(o.Positives) {
					t.Errorf("%s, object %d: %+v, %+v", p.Name, k, got, o)
				}
			}
		}
	}
	var n, differ int64
	for _, p := range all.Patterns() {
		n += p.Objects
	}
	for s := range d.Sources {
		for k := range d.Sources[s].Objects {
			if all.Differs(s, k) {
				differ++
			}
		}
	}
	if n != differ || n == 0 {
		t.Errorf("patterns are of %d objects, %d differ", n, differ)
	}
}

// BenchmarkPresets matches and counts 100 images of COCO under each preset.
func BenchmarkPresets(b *testing.B) {
	d := testrun.Read(b, golden.Shared(b, "data", "coco", "instances_val2014_100.json"))
	config := analysis.CompareConfig(analysis.Default())
	config.Workers = 1
	for _, name := range trainer.Names() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := analysis.Compare(b.Context(), d, config, []trainer.Preset{trainer.MustLoad(name)}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
