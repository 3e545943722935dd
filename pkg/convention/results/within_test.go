package results

import (
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// remadeIn returns the records of a pair with what f makes of those of each image of a part, by the place of the image
// in the file.
func (p *pair) remadeIn(in func(i int) bool, f func(own []record, size geom.Size) []record) (out []record) {
	src := &p.d.Sources[0]
	of := map[dataset.IDKey][]record{}
	at := map[dataset.IDKey]int{}
	for i := range src.Images {
		at[src.Images[i].ID.Key()] = i
	}
	for _, r := range p.records {
		key := realfiles.IDOf(r.Image).Key()
		if i, ok := at[key]; ok && in(i) && len(r.Box) == 4 {
			of[key] = append(of[key], r)
			continue
		}
		out = append(out, r)
	}
	for i := range src.Images {
		if own := of[src.Images[i].ID.Key()]; len(own) > 0 {
			out = append(out, f(own, src.Images[i].Size)...)
		}
	}
	return out
}

// bestOf keeps the best few of an image.
func bestOf(n int) func(own []record, _ geom.Size) []record {
	return func(own []record, _ geom.Size) []record {
		own = slices.Clone(own)
		slices.SortStableFunc(own, func(a, b record) int {
			switch {
			case a.Score > b.Score:
				return -1
			case a.Score < b.Score:
				return 1
			}
			return 0
		})
		return own[:min(n, len(own))]
	}
}

// withMirrored adds the detections of a mirrored picture, mirrored back or not, a little off.
func withMirrored(back bool, rng *rand.Rand) func(own []record, size geom.Size) []record {
	return func(own []record, size geom.Size) []record {
		out := slices.Clone(own)
		for _, r := range own {
			b := slices.Clone(r.Box)
			for k := range b {
				b[k] += 0.02 * rng.NormFloat64() * b[2+k%2]
			}
			if !back {
				b[0] = float64(size.W) - b[0] - b[2]
			}
			r.Box, r.Score = b, 0.98*r.Score
			out = append(out, r)
		}
		return out
	}
}

// withSecond adds the detections of a second model whose classes stand some places further down the list.
func (p *pair) withSecond(by int, rng *rand.Rand) func(own []record, size geom.Size) []record {
	var ids []int64
	for i := range p.d.Sources[0].Categories {
		id, _ := p.d.Sources[0].Categories[i].ID.Int()
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return func(own []record, size geom.Size) []record {
		out := withMirrored(true, rng)(own, size)
		for k := len(own); k < len(out); k++ {
			if at, ok := slices.BinarySearch(ids, out[k].Category); ok {
				out[k].Category = ids[(at+by)%len(ids)]
			}
		}
		return out
	}
}

// partOf returns a part of some images: the first third, the middle one, the last one, or all.
func partOf(which, images int) func(i int) bool {
	return func(i int) bool { return which == 3 || i*3/images == which }
}

// rolledIn gives records of images of a part the label of the record so many further on in the file.
func rolledIn(d *dataset.Dataset, by int, in func(i int) bool) *dataset.Dataset {
	return relabelled(d, func(src *dataset.Source) {
		plain := slices.Clone(src.Objects)
		realfiles.RollLabels(src, by)
		for k := range src.Objects {
			if !in(int(src.Objects[k].Image)) {
				src.Objects[k].Class = plain[k].Class
			}
		}
	})
}

// What is said of parts.
const (
	saysRows   = "one row off in a part of the annotations, the images from image "
	saysTop    = "warning detections-capped: .*seems to be cut to the best detection of each image, the images from image "
	saysMirror = "warning detections-repeated: .*in a part of the results, the images from image "
	saysJoined = "warning detections-disagree: .*the results of two models with different lists"
)

// TestPartsDrawn: of drawn results what was done to a third of the images is told of, wherever it stands; what looks
// like it by right is not.
func TestPartsDrawn(t *testing.T) {
	p := drawn(t, 300)
	rng := rand.New(rand.NewPCG(81, 82))
	says := func(d *dataset.Dataset, records []record) string {
		q := pair{name: p.name, d: d, records: records}
		said, _ := q.said(t, records)
		return said
	}
	holds := func(what, said, want string) {
		t.Helper()
		if want == "" && regexp.MustCompile(saysRows+"|"+saysTop+"|"+saysMirror+"|"+saysJoined).MatchString(said) ||
			!regexp.MustCompile(want).MatchString(said) {
			t.Errorf("%s: %s", what, said)
		}
	}
	holds("as it is", says(p.d, p.records), "")
	for which := range 3 {
		in := partOf(which, 300)
		for _, by := range []int{-1, 1} {
			said := says(rolledIn(p.d, by, in), p.records)
			holds("labels of the next row", said, saysRows)
			if strings.Contains(said, "another list") || strings.Contains(said, "another order") {
				t.Errorf("a second cause: %s", said)
			}
		}
		two := relabelled(p.d, func(src *dataset.Source) { // of two classes, which are exchanged in a part
			for k := range src.Objects {
				o := &src.Objects[k]
				o.Class %= 2
				if in(int(o.Image)) {
					o.Class = 1 - o.Class
				}
			}
		})
		pairs := slices.Clone(p.records)
		for k := range pairs {
			pairs[k].Category = 1 + (pairs[k].Category-1)%2
		}
		if said := says(two, pairs); strings.Contains(said, saysRows) {
			t.Errorf("two classes exchanged: %s", said)
		}
		holds("the best of each image", says(p.d, p.remadeIn(in, bestOf(1))), saysTop)
		few := relabelled(p.d, func(src *dataset.Source) {})
		few.Sources[0] = *realfiles.Rebuilt(p.d.Source(0), func(i int, _ *dataset.Image,
			own []dataset.Object) []dataset.Object {
			if in(i) {
				return own[:1]
			}
			return own
		})
		holds("one object, one detection", says(few, p.remadeIn(in, bestOf(1))), "")
		holds("some of each image", says(p.d, p.remadeIn(in, func(own []record, size geom.Size) []record {
			return bestOf(1+rng.IntN(3))(own, size)
		})), "")
		holds("mirrored", says(p.d, p.remadeIn(in, withMirrored(false, rng))), saysMirror)
		holds("mirrored back", says(p.d, p.remadeIn(in, withMirrored(true, rng))), "")
		holds("two lists", says(p.d, p.remadeIn(in, p.withSecond(1, rng))), saysJoined+".*, in a part of the images")
		holds("one list", says(p.d, p.remadeIn(in, p.withSecond(0, rng))), "")
	}
	said := says(p.d, p.remadeIn(partOf(3, 300), p.withSecond(1, rng)))
	holds("two lists throughout", said, saysJoined+" of classes seem to be joined: ")
	if strings.Contains(said, "detections-unranked") {
		t.Errorf("a second cause: %s", said)
	}
}

// TestPartsOfRealPairs: nothing is said of the real pairs, of draws of their images and of stretches of them; with a
// third made wrong, as many are told of as stand in docs/conventions.md.
func TestPartsOfRealPairs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	rng, tries := rand.New(rand.NewPCG(83, 84)), 0
	found := map[string][2]int{}
	for _, p := range leanPairs(t) {
		r := p.results(t, nil)
		var v Verdict
		v.draw(p.d, r)
		all := v.sample
		try := func(sample []sampled) {
			tries++
			w := Verdict{sample: slices.Clone(sample)}
			w.see(p.d)
			w.Swap, w.Repeats = w.swap(p.d), w.repeats(p.d, r)
			w.Swap.Same = 0 // so that rows are asked for
			if m := w.mirroredIn(p.d); m.Found() {
				t.Errorf("%s: %s", p.name, mirroredMessage(p.d, &m))
			}
			if x := w.rowsIn(p.d); x.Found() {
				t.Errorf("%s: %s", p.name, x.message(p.d))
			}
			if x := w.topIn(p.d); x.Found() {
				t.Errorf("%s: %s", p.name, x.message(p.d))
			}
			x := w.besideEach(p.d)
			if x.Found() {
				t.Errorf("%s: %s", p.name, x.message())
			}
		}
		try(all)
		for range 10 {
			for _, part := range []float64{0.2, 0.5, 0.8} {
				if n := int(part * float64(len(all))); n >= 10 {
					from := rng.IntN(len(all) - n)
					try(all[from : from+n])
					try(slices.DeleteFunc(slices.Clone(all), func(sampled) bool { return rng.Float64() > part }))
				}
			}
		}
		if len(p.records) < 500 {
			continue
		}
		classes := map[int32]bool{}
		for k := range p.d.Source(0).Objects {
			classes[p.d.Source(0).Objects[k].Class] = true
		}
		for which := range 4 {
			in := partOf(which, len(p.d.Source(0).Images))
			part := [...]string{"third", "third", "third", "all"}[which]
			count := func(what, want string, d *dataset.Dataset, records []record) {
				q := pair{name: p.name, d: d}
				said, _ := q.said(t, records)
				n := found[part+" "+what]
				if n[1]++; regexp.MustCompile(want).MatchString(said) {
					n[0]++
				} else {
					t.Logf("%s, %s, %d: %.300s", p.name, what, which, said)
				}
				found[part+" "+what] = n
			}
			if len(classes) >= 5 {
				count("lists", saysJoined, p.d, p.remadeIn(in, p.withSecond(1, rng)))
			}
			if which == 3 {
				continue
			}
			if len(classes) >= 2 {
				count("rows", saysRows, rolledIn(p.d, 1, in), p.records)
			}
			count("best", saysTop, p.d, p.remadeIn(in, bestOf(1)))
			count("mirrored", saysMirror, p.d, p.remadeIn(in, withMirrored(false, rng)))
		}
	}
	want := map[string][2]int{
		"third rows": {15, 15}, "third best": {18, 18}, "third mirrored": {18, 18}, "third lists": {15, 15},
		"all lists": {5, 5},
	}
	if t.Logf("%d tries, %v", tries, found); !maps.Equal(found, want) {
		t.Errorf("%v are told of, want %v", found, want)
	}
}
