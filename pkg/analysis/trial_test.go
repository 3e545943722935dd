package analysis_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// squares returns a file of images of 800 × 800 px, which retinanet-torchvision does not resize, with 16
// boxes each.
func squares(images int, width, height float64) string {
	var ims, anns []string
	for i := range images {
		ims = append(ims, fmt.Sprintf(`{"id":%d,"file_name":"%d.jpg","width":800,"height":800}`, i, i))
		for k := range 16 {
			anns = append(anns, fmt.Sprintf(
				`{"id":%d,"image_id":%d,"category_id":1,"bbox":[%d,%d,%g,%g],"area":%g,"iscrowd":0,"segmentation":[]}`,
				16*i+k+1, i, 10+190*(k%4)+i%7, 10+190*(k/4)+i%5, width, height, width*height))
		}
	}
	return testrun.COCO(ims, anns, `{"id":1,"name":"a"}`)
}

func weakOf(t *testing.T, text, preset string) *analysis.Result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.json")
	testrun.Write(t, path, text)
	return testrun.Run(t, testrun.Read(t, path), testrun.Config(t, preset))
}

// The commonest cause is that of the objects' size, and the change that is tried goes against it. An IoU of
// 0.5 with the smallest anchor, of 32 px, needs 22.6 px.
func TestWeakCauses(t *testing.T) {
	for _, c := range []struct {
		width, height float64
		preset        string
		cause         iou.Why
		change        string
	}{
		{10, 10, "retinanet-torchvision", iou.TooSmall, "anchors of half the size, from 16 px"},
		{20, 20, "retinanet-torchvision", iou.TooSmall, "anchors of half the size, from 16 px"},
		{8, 180, "retinanet-torchvision", iou.Aspect, "the ratios 0.33 and 3 too"},
		{50, 50, "rpn-torchvision", iou.SizeAspect, "two sizes a level, the second √2 times the first"},
		{60, 60, "retinanet-torchvision", iou.Fine, ""},
	} {
		r := weakOf(t, squares(3, c.width, c.height), c.preset)
		w := r.Weak
		if w.Cause != c.cause {
			t.Errorf("%g × %g: cause %q, want %q", c.width, c.height, w.Cause, c.cause)
			continue
		}
		if c.cause == iou.Fine {
			if w.Objects != 0 || w.Trial != nil {
				t.Errorf("%g × %g: %+v", c.width, c.height, w)
			}
			continue
		}
		side := math.Sqrt(c.width * c.height)
		if math.Abs(w.Least-side) > 1e-9 || math.Abs(w.Most-side) > 1e-9 || w.Caused != 48 {
			t.Errorf("%g × %g: %+v", c.width, c.height, w)
		}
		if w.Trial == nil || w.Trial.Change != c.change || w.Trial.Sampled || w.Trial.Of != 48 || w.Trial.Weak[0] != w.Objects {
			t.Errorf("%g × %g: trial %+v, want %q", c.width, c.height, w.Trial, c.change)
		}
	}
}

// A trial counts what the changed preset counts when it is run from a file of its own.
func TestTrialIsARun(t *testing.T) {
	text := squares(4, 18, 18)
	got := weakOf(t, text, "retinanet-torchvision").Weak.Trial
	yaml := `extends: retinanet-torchvision
name: half
anchors:
  levels:
    - {stride: 8, sizes: [16, 20, 25]}
    - {stride: 16, sizes: [32, 40, 50.5]}
    - {stride: 32, sizes: [64, 80.5, 101.5]}
    - {stride: 64, sizes: [128, 161, 203]}
    - {stride: 128, sizes: [256, 322.5, 406]}
`
	path := filepath.Join(t.TempDir(), "half.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	preset, err := trainer.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	in := filepath.Join(t.TempDir(), "x.json")
	testrun.Write(t, in, text)
	of, err := analysis.Compare(context.Background(), testrun.Read(t, in), testrun.Config(t, "retinanet-torchvision"),
		[]trainer.Preset{preset}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := &of.Of[0].Metrics
	if weak := m.ObjectsWithoutPositive + m.ObjectsRescued; weak != got.Weak[1] || *m.NegativesPerPositive != got.Ratio[1] {
		t.Errorf("a run has %d weak objects and %g negatives per positive, the trial %d and %g",
			weak, *m.NegativesPerPositive, got.Weak[1], got.Ratio[1])
	}
	if got.Weak[0] != 64 || got.Weak[1] >= 64 {
		t.Errorf("weak %v", got.Weak)
	}

	// So do the four options: today's anchors and the changed ones, at 800 px and at one and a half times as much.
	today, err := trainer.Load("retinanet-torchvision")
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range []trainer.Preset{today, preset} {
		for k, short := range []int{800, 1200} {
			at, err := p.AtSize(short)
			if err != nil {
				t.Fatal(err)
			}
			of, err := analysis.Compare(context.Background(), testrun.Read(t, in), testrun.Config(t, today.Name),
				[]trainer.Preset{at}, nil)
			if err != nil {
				t.Fatal(err)
			}
			m, o := &of.Of[0].Metrics, &got.Options[i][k]
			if o.Never != m.ObjectsWithoutPositive || o.Weakly != m.ObjectsRescued || o.Ratio != *m.NegativesPerPositive ||
				o.Input != at.Input() {
				t.Errorf("anchors %d at %d px: %+v, a run has %d, %d and %g", i, short, *o, m.ObjectsWithoutPositive,
					m.ObjectsRescued, *m.NegativesPerPositive)
			}
		}
	}
}

// A large data set is tried on a sample that does not depend on the order of records.
func TestTrialSamples(t *testing.T) {
	text := squares(1200, 12, 12)
	a := weakOf(t, text, "retinanet-torchvision").Weak.Trial
	if !a.Sampled || a.Of < 3000 || a.Of > 8000 || a.Weak[0] != a.Of {
		t.Fatalf("%+v", a)
	}
	head, tail, _ := strings.Cut(text, `"images":[`)
	images, rest, _ := strings.Cut(tail, "]")
	list := strings.SplitAfter(images, "},")
	list[len(list)-1] += ","
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	turned := head + `"images":[` + strings.TrimSuffix(strings.Join(list, ""), ",") + "]" + rest
	if b := weakOf(t, turned, "retinanet-torchvision").Weak.Trial; *a != *b {
		t.Errorf("%+v in one order, %+v in the other", a, b)
	}
}

// TestRemedyIsTheLargerInput: the input that run tries has the size that fit and trainers --sizes give it. 1,333 px times
// 1.5 are 1,999.5 px, which one of them cut and the other rounded.
func TestRemedyIsTheLargerInput(t *testing.T) {
	for _, name := range trainer.Names() {
		p := trainer.MustLoad(name)
		large, ok := analysis.Enlarged(&p)
		tried, words := analysis.Remedy(p, iou.OffGrid)
		if ok != (words != "") || ok && tried.Resize != large.Resize {
			t.Errorf("%s: tried %+v (%q), enlarged %+v", name, tried.Resize, words, large.Resize)
		}
	}
	p := trainer.MustLoad("retinanet-torchvision")
	if large, _ := analysis.Enlarged(&p); large.Resize.Short != 1200 || large.Resize.Long != 2000 {
		t.Errorf("%+v", large.Resize)
	}
}
