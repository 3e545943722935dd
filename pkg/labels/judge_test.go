package labels

import (
	"context"
	"math"
	"slices"
	"sync"
	"testing"

	"focalaudit/pkg/geom"
)

// learnt is a judge of the images of cleanSet, whose labels are right.
var learnt = sync.OnceValue(func() *Judge {
	j, err := Learn(context.Background(), source(cleanSet()), 2)
	if err != nil {
		panic(err)
	}
	return j
})

func cleanSet() []Image { return images(11, 60) }

// TestImageSortsJudge: the verdicts of an image are the suspects that Judge yields,
// each in its place.
func TestImageSortsJudge(t *testing.T) {
	j := learnt()
	var v Verdicts
	var e Evidence
	n := 0
	for i, im := range cleanSet() {
		if i%7 == 0 { // something that no object explains
			im.Detections = append(im.Detections, Detection{Box: box(5, 400, 60, 60), Class: 1, Score: 0.95})
		}
		j.Image(&v, i, &im)
		var kinds, missing []Suspect
		likeliest := make([]Suspect, len(im.Objects))
		chances := slices.Repeat([]float64{math.NaN()}, len(im.Objects))
		Look(&e, &im)
		j.Judge(i, &e, &im, func(s Suspect) {
			if s.Kind == Missing {
				missing = append(missing, s)
				return
			}
			kinds = append(kinds, s)
			chances[s.Object] = s.Any
			if s.Score > likeliest[s.Object].Score {
				likeliest[s.Object] = s
			}
		})
		n += len(missing)
		if !slices.Equal(v.Kinds, kinds) || !slices.Equal(v.Missing, missing) || !slices.Equal(v.Likeliest, likeliest) ||
			!slices.Equal(v.Chances, chances) {
			t.Fatalf("image %d: got %+v, want %+v, %+v, %+v, %v", i, v, kinds, missing, likeliest, chances)
		}
	}
	if n == 0 {
		t.Error("no image has a missing object")
	}
}

// TestImageForgets: what Verdicts held of a larger image does not show in those of a
// smaller one, of an empty one, and of one without objects.
func TestImageForgets(t *testing.T) {
	j := learnt()
	ims := cleanSet()
	large := Image{Size: ims[0].Size}
	for _, im := range ims[:20] {
		large.Objects = append(large.Objects, im.Objects...)
		large.Detections = append(large.Detections, im.Detections...)
	}
	alone := Image{Size: ims[0].Size, Detections: []Detection{{Box: box(50, 50, 80, 80), Class: 0, Score: 0.9}}}
	var used Verdicts
	for i, im := range []Image{ims[0], {}, {Size: geom.Size{W: 640, H: 480}}, alone} {
		var fresh Verdicts
		j.Image(&used, i, &large)
		j.Image(&used, i, &im)
		j.Image(&fresh, i, &im)
		if !slices.Equal(used.Kinds, fresh.Kinds) || !slices.Equal(used.Missing, fresh.Missing) ||
			!slices.Equal(used.Likeliest, fresh.Likeliest) || !slices.Equal(used.Chances, fresh.Chances) {
			t.Errorf("image %d: after a larger one %+v, else %+v", i, used, fresh)
		}
		if n := len(im.Objects); len(fresh.Chances) != n || len(fresh.Likeliest) != n || n == 0 && len(fresh.Kinds) > 0 {
			t.Errorf("image %d of %d objects: %+v", i, n, fresh)
		}
	}
}

// TestNothingLearnt: a judge that has seen no object says nothing of any.
func TestNothingLearnt(t *testing.T) {
	j, err := Learn(context.Background(), Source{Classes: 3}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var v Verdicts
	im := cleanSet()[0]
	j.Image(&v, 0, &im)
	for k := range im.Objects {
		if !math.IsNaN(v.Chances[k]) || v.Likeliest[k] != (Suspect{}) {
			t.Errorf("object %d: chance %v, likeliest %+v, want NaN and nothing", k, v.Chances[k], v.Likeliest[k])
		}
	}
	if len(v.Kinds)+len(v.Missing) > 0 {
		t.Errorf("got %+v, want no suspects", v)
	}
}
