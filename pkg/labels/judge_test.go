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
	j, err := Learn(context.Background(), source(cleanSet()), 2, nil)
	if err != nil {
		panic(err)
	}
	return j
})

func cleanSet() []Image { return images(11, 60) }

// TestImageSortsJudge: every object has every kind, in order, its likeliest one and its chance
// are those of its kinds, and missing ones are in the order of their detections.
func TestImageSortsJudge(t *testing.T) {
	j := learnt()
	var v Verdicts
	n := 0
	for i, im := range cleanSet() {
		if i%7 == 0 { // something that no object explains
			im.Detections = append(im.Detections, Detection{Box: box(5, 400, 60, 60), Class: 1, Score: 0.95})
		}
		before := slices.Clone(im.Objects)
		j.Image(&v, &im)
		if !slices.Equal(before, im.Objects) {
			t.Fatalf("image %d: its objects are in another order", i)
		}
		n += len(v.Missing)
		for at, s := range v.Kinds {
			k := at / int(NumKinds-1)
			if int(s.Object) != k || s.Kind != Spurious+Kind(at)%(NumKinds-1) || s.Any != v.Chances[k] || s.Score > v.Likeliest[k].Score {
				t.Errorf("image %d: suspect %d is %+v, likeliest %+v", i, at, s, v.Likeliest[k])
			}
		}
		if len(v.Kinds) != len(im.Objects)*int(NumKinds-1) {
			t.Errorf("image %d: %d suspects of %d objects", i, len(v.Kinds), len(im.Objects))
		}
		if !slices.IsSortedFunc(v.Missing, func(a, b Suspect) int { return int(a.Detection - b.Detection) }) {
			t.Errorf("image %d: missing %+v", i, v.Missing)
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
		j.Image(&used, &large)
		j.Image(&used, &im)
		j.Image(&fresh, &im)
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
	j, err := Learn(context.Background(), Source{Classes: 3}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	var v Verdicts
	im := cleanSet()[0]
	j.Image(&v, &im)
	for k := range im.Objects {
		if !math.IsNaN(v.Chances[k]) || v.Likeliest[k] != (Suspect{}) {
			t.Errorf("object %d: chance %v, likeliest %+v, want NaN and nothing", k, v.Chances[k], v.Likeliest[k])
		}
	}
	if len(v.Kinds)+len(v.Missing) > 0 {
		t.Errorf("got %+v, want no suspects", v)
	}
}
