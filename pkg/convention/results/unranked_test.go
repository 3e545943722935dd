package results

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// rescored returns records of which some have the scores of others: those of one image from top to bottom by
// falling score ("sorted"), those of one image drawn anew ("drawn"), or those of all images ("exchanged").
func rescored(plain []record, how string, in func(at int, r *record) bool, rng *rand.Rand) []record {
	out := slices.Clone(plain)
	groups, keys := map[dataset.IDKey][]int{}, []dataset.IDKey(nil)
	for i := range out {
		if !in(i, &out[i]) {
			continue
		}
		key := realfiles.IDOf(out[i].Image).Key()
		if how == "exchanged" {
			key = dataset.IDKey{}
		}
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], i)
	}
	for _, key := range keys {
		group := groups[key]
		var scores []float64
		for _, i := range group {
			scores = append(scores, out[i].Score)
		}
		if how == "sorted" {
			slices.SortFunc(scores, func(a, b float64) int { return cmp.Compare(b, a) })
			slices.SortStableFunc(group, func(a, b int) int {
				x, y := out[a].Box, out[b].Box
				return cmp.Or(cmp.Compare(x[1]+x[3]/2, y[1]+y[3]/2), cmp.Compare(x[0], y[0]))
			})
		} else {
			rng.Shuffle(len(scores), func(a, b int) { scores[a], scores[b] = scores[b], scores[a] })
		}
		for n, i := range group {
			out[i].Score = scores[n]
		}
	}
	return out
}

// lastThird returns a test of whether a record's image is one of the last third in the file.
func lastThird(src *dataset.Source) func(int, *record) bool {
	in, n := map[dataset.IDKey]bool{}, len(src.Images)
	for i := n - n/3; i < n; i++ {
		in[src.Images[i].ID.Key()] = true
	}
	return func(_ int, r *record) bool { return in[realfiles.IDOf(r.Image).Key()] }
}

// TestUnranked: scores that were exchanged among the detections of each image, or of all images, in the whole file, in
// the last third of the images or of the records, are told of. COCO's made-up results, whose scores are drawn, can't
// tell; results of 100 objects or more count.
func TestUnranked(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	rng := rand.New(rand.NewPCG(5, 6))
	found, of := map[string]int{}, map[string]int{}
	for _, p := range realPairs(t) {
		if strings.Contains(p.name, "coco") || strings.Contains(p.name, "keypoints") {
			continue
		}
		plain := p.records
		for _, part := range []string{"all", "images", "records"} {
			in := func(i int, _ *record) bool { return part == "all" || i >= len(plain)-len(plain)/3 }
			if part == "images" {
				in = lastThird(&p.d.Sources[0])
			}
			for _, how := range []string{"sorted", "drawn", "exchanged"} {
				p.records = rescored(plain, how, in, rng)
				r := p.results(t, func(*record, geom.Size) {})
				v := Judge(p.d, r)
				of[part+" "+how]++
				said := ""
				for _, f := range v.records(p.d, r) {
					if f.Code == "detections-unranked" {
						said = f.Message
					}
				}
				t.Logf("%s, %s %s: %v %s", p.name, part, how, v.Foreign(), said)
				if v.Foreign() && said != "" {
					found[part+" "+how]++
				}
			}
		}
	}
	t.Log(found, of)
	want := map[string]int{
		"all sorted": 6, "all drawn": 5, "all exchanged": 5, "images sorted": 5, "images drawn": 5, "images exchanged": 5,
		"records sorted": 4, "records drawn": 4, "records exchanged": 5,
	}
	if !maps.Equal(found, want) {
		t.Errorf("of 6 pairs each, %v are told of, want %v", found, want)
	}
}

// TestUnrankedOfRealPairs: nothing is said of the real pairs, of draws of their images and of stretches of them; nor
// where labels were lost, boxes shrunk or classes exchanged in a third of the images, which the scores can't help.
func TestUnrankedOfRealPairs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	rng, tries := rand.New(rand.NewPCG(7, 8)), 0
	for _, p := range realPairs(t) {
		r := p.results(t, nil)
		var v Verdict
		v.draw(p.d, r)
		all := v.sample
		try := func(sample []sampled, what string) {
			tries++
			w := Verdict{sample: sample}
			if u := w.unranked(p.d); u.Found() {
				t.Errorf("%s, %s: %s", p.name, what, u.message())
			}
		}
		try(all, "as it is")
		for range 40 {
			for _, part := range []float64{0.2, 0.5, 0.8} {
				n := int(part * float64(len(all)))
				if n < 10 {
					continue
				}
				from := rng.IntN(len(all) - n)
				try(all[from:from+n], "a stretch")
				try(slices.DeleteFunc(slices.Clone(all), func(sampled) bool { return rng.Float64() > part }), "a draw")
			}
		}
		if strings.Contains(p.name, "coco") { // where scores are drawn
			continue
		}
		for what, f := range spoilt(rng) {
			for _, third := range []bool{true, false} {
				if !third && !strings.HasPrefix(what, "labels") {
					continue
				}
				tries++
				d := spoil(p.d, f, third)
				w := Verdict{}
				w.draw(d, r)
				if u := w.unranked(d); u.Found() {
					t.Errorf("%s, %s, third %v: %s", p.name, what, third, u.message())
				}
			}
		}
	}
	t.Logf("%d tries", tries)
}

// spoilt are ways in which annotations are wrong.
func spoilt(rng *rand.Rand) map[string]func(src *dataset.Source, own []dataset.Object) []dataset.Object {
	return map[string]func(src *dataset.Source, own []dataset.Object) []dataset.Object{
		"labels lost": func(_ *dataset.Source, own []dataset.Object) []dataset.Object {
			return slices.DeleteFunc(own, func(dataset.Object) bool { return rng.IntN(2) == 0 })
		},
		"labels of large objects lost": func(_ *dataset.Source, own []dataset.Object) []dataset.Object {
			slices.SortStableFunc(own, func(a, b dataset.Object) int { return cmp.Compare(a.Box.W*a.Box.H, b.Box.W*b.Box.H) })
			return own[:(len(own)+1)/2]
		},
		"labels of one object a class": func(_ *dataset.Source, own []dataset.Object) []dataset.Object {
			seen := map[int32]bool{}
			return slices.DeleteFunc(own, func(o dataset.Object) bool {
				had := seen[o.Class]
				seen[o.Class] = true
				return had
			})
		},
		"first class": func(src *dataset.Source, own []dataset.Object) []dataset.Object {
			for k := range own {
				own[k].Class = src.Categories[0].Class
			}
			return own
		},
		"next class": func(src *dataset.Source, own []dataset.Object) []dataset.Object {
			for k := range own {
				own[k].Class = src.Categories[(int(own[k].Class)+1)%len(src.Categories)].Class
			}
			return own
		},
		"shrunk": func(_ *dataset.Source, own []dataset.Object) []dataset.Object {
			for k := range own {
				b := &own[k].Box
				b.X, b.Y, b.W, b.H = 0.8*b.X, 0.8*b.Y, 0.8*b.W, 0.8*b.H
			}
			return own
		},
	}
}

// spoil changes the objects of all images of the first source, or of the last third.
func spoil(
	d *dataset.Dataset, f func(*dataset.Source, []dataset.Object) []dataset.Object, third bool,
) *dataset.Dataset {
	out := *d
	src := &d.Sources[0]
	n := len(src.Images)
	out.Sources = slices.Clone(d.Sources)
	out.Sources[0] = *realfiles.Rebuilt(src, func(i int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
		if third && i < n-n/3 {
			return own
		}
		return f(src, own)
	})
	return &out
}

// TestUnrankedInverted: scores that are 1 minus the right ones in the last third of the images are told of as inverted,
// and scores that are drawn anew there are not.
func TestUnrankedInverted(t *testing.T) {
	p := drawn(t, 300)
	third := lastThird(&p.d.Sources[0])
	inverted := p.changed(func(r *record) {
		if third(0, r) {
			r.Score = 1 - r.Score
		}
	})
	const mend = "Write the score of the detection's class"
	said, judged := p.said(t, inverted)
	if judged || !strings.Contains(said, "detections-unranked") || !strings.Contains(said, "seem to be inverted in the images") ||
		!strings.Contains(said, mend) || strings.Contains(said, "by chance") {
		t.Errorf("inverted: judged %v, %s", judged, said)
	}
	exchanged := rescored(p.records, "drawn", third, rand.New(rand.NewPCG(3, 4)))
	said, judged = p.said(t, exchanged)
	if judged || !strings.Contains(said, "tell nothing in the images") || !strings.Contains(said, "by chance") ||
		strings.Contains(said, mend) {
		t.Errorf("drawn: judged %v, %s", judged, said)
	}
}
