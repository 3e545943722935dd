package classes

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// TestCOCOCounts holds the table against the file of COCO's train2017, crowds left out.
func TestCOCOCounts(t *testing.T) {
	d, src := trained(t)
	ids := cocoIDs()
	counts := make([]float64, len(cocoCounts))
	for k := range src.Objects {
		counts[cocoPlace(ids[plainName(d.Classes[src.Objects[k].Class].Name)])]++
	}
	if !slices.Equal(counts, cocoCounts[:]) {
		t.Errorf("%v", counts)
	}
}

func trained(t *testing.T) (*dataset.Dataset, *dataset.Source) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	d := realfiles.Read(t, false, realfiles.Shared(t, "data", "coco", "train2017_boxes.json.gz"))
	return d, d.Source(0)
}

// TestShares: of COCO's pictures, with the names sorted, it is known whether the objects were numbered anew. No
// draw of images that were is a warning, and none that were not is said to be right, whatever the order of the
// names; numbers that have nothing to do with COCO's, and those of pictures with one class above all, tell
// nothing.
func TestShares(t *testing.T) {
	d, src := trained(t)
	ids := cocoIDs()
	place := make([]int, len(d.Classes))
	classes := make([]int32, len(cocoCounts))
	for c := range d.Classes {
		place[c] = cocoPlace(ids[plainName(d.Classes[c].Name)])
		classes[place[c]] = int32(c)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	plain := make([]int, len(classes))
	for i := range plain {
		plain[i] = i
	}
	sorted := slices.Clone(plain)
	slices.SortFunc(sorted, func(a, b int) int {
		if d.ClassName(classes[a]) < d.ClassName(classes[b]) {
			return -1
		}
		return 1
	})
	for _, n := range []int{10, 30, 100, 300, 1000} {
		var wrong, right [2]int // as they are, and numbered anew
		const tries = 1000
		for try := range tries {
			order := sorted
			if try%2 == 1 {
				order = rng.Perm(len(classes))
			}
			part := &dataset.Source{}
			for range n {
				im := &src.Images[rng.IntN(len(src.Images))]
				part.Objects = append(part.Objects, src.Objects[im.First:im.Last]...)
			}
			// The name at place i is the one at order[i] of COCO's list.
			kept := sharesOf(part, classes, order, plain)
			anew := make([]int32, len(classes))
			for i, o := range order {
				anew[i] = classes[o]
			}
			renumbered := sharesOf(part, anew, order, plain)
			wrong[0] += sample.One(kept.Wrong())
			right[0] += sample.One(kept.Right())
			wrong[1] += sample.One(renumbered.Wrong())
			right[1] += sample.One(renumbered.Right())
		}
		t.Logf("%d images: kept: %d wrong, %d right; anew: %d wrong, %d right of %d",
			n, wrong[0], right[0], wrong[1], right[1], tries)
		if wrong[1] > 0 || right[0] > 0 || n >= 100 && 100*min(wrong[0], right[1]) < 85*tries {
			t.Errorf("%d images: %v %v", n, wrong, right)
		}
	}
	alarms := 0
	const others = 20000
	for try := range others {
		part := &dataset.Source{}
		numbers := rng.Perm(len(classes))
		for i, c := range classes {
			for range numbers[i] * numbers[i] / 80 {
				part.Objects = append(part.Objects, dataset.Object{Class: c})
			}
		}
		if try%2 == 1 { // a few classes only
			part.Objects = slices.DeleteFunc(part.Objects, func(o dataset.Object) bool { return numbers[place[o.Class]]%10 > 0 })
		}
		s := sharesOf(part, classes, sorted, plain)
		alarms += sample.One(s.Wrong()) + sample.One(s.Right())
	}
	if alarms > 1 { // 4.4 standard errors are 5e-6 on either side
		t.Errorf("%d alarms of %d", alarms, others)
	}
}
