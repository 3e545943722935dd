package answer_test

import (
	"strings"
	"testing"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/trainer"
)

// TestTrainers: the sentence is about what is lost: without an anchor, or by a loader; and where nothing is, it
// says so. The counts are made up.
func TestTrainers(t *testing.T) {
	of := func(name string, trained, never, dropped int64) analysis.Trainer {
		out := analysis.Trainer{Preset: trainer.MustLoad(name)}
		out.Sizes[0].Objects = [4]int64{trained, 0, never, dropped}
		out.Total.Objects = trained + never
		return out
	}
	for _, c := range []struct {
		of     []analysis.Trainer
		larger *analysis.Larger
		want   string
	}{
		{[]analysis.Trainer{of("yolox", 1000, 0, 0)}, nil, "Each of these trainers trains every object that takes part."},
		{[]analysis.Trainer{of("yolox", 0, 0, 0)}, nil, ""},
		{[]analysis.Trainer{of("yolox", 1000, 0, 0), of("atss-mmdet", 700, 0, 300)}, nil,
			"Each of these trainers trains every object that takes part. The loader of atss-mmdet leaves out 300 of 1,000 annotations " +
				"before training (30 %), that of yolox 0."},
		{[]analysis.Trainer{of("yolox", 993, 7, 0), of("atss-mmdet", 990, 1, 9)}, nil, "At most 7 of 1,000 objects are never trained, under yolox."},
		{[]analysis.Trainer{of("ultralytics-8.3", 750, 250, 0)},
			&analysis.Larger{Input: [2]string{"640 × 640 px", "1,280 × 1,280 px"}, Never: [2]int64{250, 30}, Of: [2]int64{1000, 1000}},
			"Under ultralytics-8.3, at 640 × 640 px, 25 % of your objects hold no point that is for them and are never trained; at 1,280 × 1,280 px 3 %."},
		{[]analysis.Trainer{of("atss-mmdet", 750, 250, 0)},
			&analysis.Larger{Input: [2]string{"a short side of 800 px", "a short side of 1,600 px"}, Never: [2]int64{250, 250}, Of: [2]int64{1000, 1000}},
			"Under atss-mmdet, at a short side of 800 px, 25 % of your objects have no anchor and are never trained; at a short side of 1,600 px as many."},
		{[]analysis.Trainer{of("retinanet-torchvision", 995, 5, 0)},
			&analysis.Larger{Input: [2]string{"a short side of 800 px", "a short side of 1,600 px"}, Never: [2]int64{5, 1},
				Weakly: [2]int64{295, 79}, Of: [2]int64{1000, 1000}},
			"Under retinanet-torchvision, at a short side of 800 px, 30 % of your objects have no anchor that fits and are trained " +
				"weakly or never; at a short side of 1,600 px 8 %."},
	} {
		if got := answer.Trainers(&analysis.Trainers{Of: c.of}, c.larger); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

// TestBest: of presets of one rule, the one with most well-trained objects is named beside the first. The counts are made up.
func TestBest(t *testing.T) {
	of := func(name, as string, trained, weakly int64, per float64) analysis.Trainer {
		out := analysis.Trainer{Preset: trainer.MustLoad(name)}
		out.Preset.Name = as
		out.Sizes[0].Objects = [4]int64{trained, weakly, 0, 0}
		out.Total.Objects = trained + weakly
		out.Metrics.NegativesPerPositive = &per
		return out
	}
	today, mine := of("retinanet-torchvision", "today", 700, 300, 2000), of("retinanet-torchvision", "mine", 900, 100, 2500)
	for _, c := range []struct {
		of   []analysis.Trainer
		want string
	}{
		{[]analysis.Trainer{today}, ""},
		{[]analysis.Trainer{today, mine}, "mine trains most objects well: 900 of 1,000, at 2,500 negatives per positive; today " +
			"trains 700, at 2,000 negatives per positive."},
		{[]analysis.Trainer{mine, today}, "mine trains most objects well: 900 of 1,000, at 2,500 negatives per positive; today " +
			"trains 700, at 2,000 negatives per positive."},
		{[]analysis.Trainer{today, today}, "today and today train equally many objects well: 700."},
		{[]analysis.Trainer{today, of("atss-mmdet", "atss", 900, 100, 500)}, ""},
	} {
		if got := answer.Best(&analysis.Trainers{Of: c.of}); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
	small, large := today, mine
	small.Preset.Resize.Short, large.Preset.Resize.Short = 800, 1200
	small.Load, large.Load = analysis.Load{Anchors: 100, Pixels: 400}, analysis.Load{Anchors: 225, Pixels: 900}
	want := "At a short side of 800 px, 300 of 1,000 objects are trained weakly or never; at a short side of 1,200 px 100, for " +
		"2.25 times as many anchors and pixels, with which computing grows."
	small.Preset.Boxes, large.Preset.Boxes = "yolox", "yolox" // nobody looked how it takes a size
	if got := answer.Sizes(&analysis.Trainers{Of: []analysis.Trainer{small, large}}, &small.Preset); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	small.Preset.Boxes, large.Preset.Boxes, large.Preset.Resize.Long = "ultralytics", "ultralytics", 1200
	want = strings.Replace(want, "a short side of 1,200 px", "1,200 × 1,200 px", 1) + " Its trainer takes that size as imgsz=1200."
	if got := answer.Sizes(&analysis.Trainers{Of: []analysis.Trainer{small, large}}, &small.Preset); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := answer.Sizes(&analysis.Trainers{Of: []analysis.Trainer{small}}, &small.Preset); got != "" {
		t.Errorf("of one size: %q", got)
	}
}
