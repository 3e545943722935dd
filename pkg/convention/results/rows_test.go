package results

import (
	"regexp"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// relabelled returns a data set of one source whose objects f has changed.
func relabelled(d *dataset.Dataset, f func(src *dataset.Source)) *dataset.Dataset {
	out := *d
	out.Sources = slices.Clone(d.Sources)
	src := &out.Sources[0]
	src.Objects = slices.Clone(src.Objects)
	f(src)
	return &out
}

// sortLabels sorts the labels of each image.
func sortLabels(src *dataset.Source) {
	for i := range src.Images {
		own := src.Objects[src.Images[i].First:src.Images[i].Last]
		var classes []int32
		for k := range own {
			classes = append(classes, own[k].Class)
		}
		slices.Sort(classes)
		for k := range own {
			own[k].Class = classes[k]
		}
	}
}

// eachObject calls f with all objects.
func eachObject(f func(o *dataset.Object)) func(src *dataset.Source) {
	return func(src *dataset.Source) {
		for k := range src.Objects {
			f(&src.Objects[k])
		}
	}
}

// secondHalf calls f with the objects of the second half of the images.
func secondHalf(f func(o *dataset.Object)) func(src *dataset.Source) {
	return func(src *dataset.Source) {
		for i := len(src.Images) / 2; i < len(src.Images); i++ {
			for k := src.Images[i].First; k < src.Images[i].Last; k++ {
				f(&src.Objects[k])
			}
		}
	}
}

// TestLabelsBesideDetections: real pairs whose labels are wrong by a known slip, in a whole file or a half, are
// told of. That the pairs as they are raise nothing is held by TestJudgeRealPairs.
func TestLabelsBesideDetections(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	type test struct {
		what    string
		least   int // classes that the pair has
		want    string
		refused bool // no label is judged
		f       func(d *dataset.Dataset) func(src *dataset.Source)
	}
	plain := func(f func(src *dataset.Source)) func(*dataset.Dataset) func(*dataset.Source) {
		return func(*dataset.Dataset) func(*dataset.Source) { return f }
	}
	found := map[string][2]int{}
	for _, c := range []test{
		{"labels of the record behind", 3, "one row off in the annotations: of ", false,
			plain(func(src *dataset.Source) { realfiles.RollLabels(src, 1) })},
		{"labels of the record before", 3, "that of the record behind theirs", true,
			plain(func(src *dataset.Source) { realfiles.RollLabels(src, -1) })},
		{"labels sorted in each image", 6, "sorted or shuffled apart from its boxes", false, plain(sortLabels)},
		{"classes in another order in the second half", 2, "may have the classes in another order", false,
			func(d *dataset.Dataset) func(*dataset.Source) {
				return secondHalf(func(o *dataset.Object) {
					if o.Class >= 0 {
						o.Class = (o.Class + 1) % int32(len(d.Classes))
					}
				})
			}},
		{"boxes at 73 % in the second half", 1, "may be written by another convention|in a part of its records", false,
			plain(secondHalf(func(o *dataset.Object) {
				b := &o.Box
				b.X, b.Y, b.W, b.H = .73*b.X, .73*b.Y, .73*b.W, .73*b.H
			}))},
		{"boxes a tenth further left", 1, "detections differ from the boxes on one side: of .* further right, by", false,
			plain(eachObject(func(o *dataset.Object) { o.Box.X -= .1 * o.Box.W }))},
		{"boxes with a border of 12 %", 1, "detections differ from the boxes on one side: of .* their (width|height) is smaller, 0[.][78]", false,
			plain(eachObject(func(o *dataset.Object) {
				b := &o.Box
				b.X, b.Y, b.W, b.H = b.X-.12*b.W, b.Y-.12*b.H, 1.24*b.W, 1.24*b.H
			}))},
	} {
		for _, p := range realPairs(t) {
			r := p.results(t, nil)
			classes := map[int32]int{}
			for k := range p.d.Sources[0].Objects {
				classes[p.d.Sources[0].Objects[k].Class]++
			}
			if Judge(p.d, r).Objects < 100 || len(classes) < c.least {
				continue
			}
			d := relabelled(p.d, c.f(p.d))
			v := Judge(d, r)
			said := ""
			for _, f := range v.Findings(d, r) {
				said += f.Severity().String() + " " + f.Code + ": " + f.Message + "\n"
			}
			n := found[c.what]
			n[1]++
			if regexp.MustCompile(c.want).MatchString(said) && (v.Foreign() || !c.refused) {
				n[0]++
			} else {
				t.Logf("%s, %s: %s", p.name, c.what, said)
			}
			found[c.what] = n
		}
		n := found[c.what]
		t.Logf("%s: %d of %d", c.what, n[0], n[1])
		if n[1] < 4 || 5*n[0] < 4*n[1] { // two classes in one image are rare in Iberian
			t.Errorf("%s: %d of %d are told of", c.what, n[0], n[1])
		}
	}
}
