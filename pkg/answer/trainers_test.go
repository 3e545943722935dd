package answer_test

import (
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
