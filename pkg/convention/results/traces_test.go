package results

import (
	"cmp"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// TestTraces: results that hold something else than a detector's boxes, classes and scores are told of. That real
// pairs raise nothing is held by TestJudgeRealPairs.
func TestTraces(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	rng := rand.New(rand.NewPCG(9, 9))
	p := pairOf(t, []string{"data", "voc2007", "instances_test2007.json"}, []string{"data", "voc2007", "detections_yolov3.json"})
	plain := p.results(t, nil)
	for _, c := range []struct {
		name, want string
		foreign    bool
		f          func(own []dataset.Detection, size geom.Size)
	}{
		{"scores shuffled in images", "detections-unranked: .*scores tell nothing", true,
			func(own []dataset.Detection, _ geom.Size) {
				rng.Shuffle(len(own), func(i, j int) { own[i].Score, own[j].Score = own[j].Score, own[i].Score })
			}},
		{"a third of the boxes are the image", "detections-disagree: .* span their image", false,
			func(own []dataset.Detection, size geom.Size) {
				for i := range own {
					if rng.IntN(3) == 0 {
						own[i].Box = geom.Rect{W: float64(size.W), H: float64(size.H)}
					}
				}
			}},
		{"cells of 8 px", "detections-disagree: .* are multiples of 8 px", false, func(own []dataset.Detection, _ geom.Size) {
			for i := range own {
				b := &own[i].Box
				for _, v := range []*float64{&b.X, &b.Y, &b.W, &b.H} {
					*v = max(8, 8*math.Round(*v/8))
				}
			}
		}},
		{"class of the image", "detections-disagree: .*of several classes, all detections are of one", false,
			func(own []dataset.Detection, _ geom.Size) {
				for i := range own {
					own[i].Class = own[0].Class
				}
			}},
	} {
		r := *plain
		r.Detections = append([]dataset.Detection(nil), plain.Detections...)
		for i := range p.d.Sources[0].Images {
			own := r.Of(0, i)
			c.f(own, p.d.Sources[0].Images[i].Size)
			slices.SortStableFunc(own, func(a, b dataset.Detection) int { return cmp.Compare(b.Score, a.Score) })
		}
		v := Judge(p.d, &r)
		if x := &v.Traces; x.Shuffled() != (c.name == "scores shuffled in images") {
			t.Errorf("%s: %.0f of %d pairs in order", c.name, x.Ordered, x.Pairs)
		}
		said := ""
		for _, f := range v.Findings(p.d, &r) {
			said += f.Code + ": " + f.Message + "\n"
		}
		if !regexp.MustCompile(c.want).MatchString(said) || v.Foreign() != c.foreign {
			t.Errorf("%s: foreign %v, %s", c.name, v.Foreign(), said)
		}
	}
}

// TestEachClass: results with a record of every class for each box are told of.
func TestEachClass(t *testing.T) {
	p := drawn(t, 60)
	var all []record
	for _, r := range p.records {
		for c := range int64(6) {
			q := r
			if q.Category = c + 1; q.Category != r.Category {
				q.Score = r.Score / 4
			}
			all = append(all, q)
		}
	}
	said, _ := p.said(t, all)
	if !regexp.MustCompile("(?m)^info detections-repeated: .*have a detection of every class").MatchString(said) {
		t.Error(said)
	}
}
