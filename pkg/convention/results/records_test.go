package results

import (
	"math/rand/v2"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// remade returns results with what f makes of each detection: none, one or several; nil if
// nothing is left.
func remade(t *testing.T, p *pair, r *dataset.Results, f func(d dataset.Detection, rank int, size geom.Size) []dataset.Detection) *dataset.Results {
	t.Helper()
	b, err := dataset.NewResultsBuilder(r.Name, p.d, "")
	if err != nil {
		t.Fatal(err)
	}
	categories := map[int32]dataset.ID{}
	src := &p.d.Sources[0]
	for i := range src.Categories {
		categories[src.Categories[i].Class] = src.Categories[i].ID
	}
	for i := range src.Images {
		for rank, d := range r.Of(0, i) {
			for _, d := range f(d, rank, src.Images[i].Size) {
				if _, err := b.Add(src.Images[i].ID, categories[d.Class], d.Score, d.Box); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if b.Placed() == 0 {
		return nil
	}
	out, err := b.Join()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// bestOfClass keeps the best detection of each class in an image.
func bestOfClass() func(dataset.Detection, int, geom.Size) []dataset.Detection {
	seen := map[int32]bool{}
	return func(d dataset.Detection, rank int, _ geom.Size) []dataset.Detection {
		if rank == 0 {
			clear(seen)
		}
		if seen[d.Class] {
			return nil
		}
		seen[d.Class] = true
		return []dataset.Detection{d}
	}
}

// leftover adds to each image the detections of the one before, of which the buffer still holds those
// beyond the image's own.
func leftover() func(dataset.Detection, int, geom.Size) []dataset.Detection {
	var before, own []dataset.Detection
	return func(d dataset.Detection, rank int, _ geom.Size) []dataset.Detection {
		if rank == 0 {
			before, own = own, nil
			own = append(own, d)
			return append([]dataset.Detection{d}, before...)
		}
		own = append(own, d)
		return []dataset.Detection{d}
	}
}

// otherList moves the classes of every fifth image by one place in the list.
func otherList(src *dataset.Source) func(dataset.Detection, int, geom.Size) []dataset.Detection {
	rank := sample.ListRanks(src)
	class := make([]int32, len(rank))
	for c, i := range rank {
		class[i] = c
	}
	image := 0
	return func(d dataset.Detection, at int, _ geom.Size) []dataset.Detection {
		image += sample.One(at == 0)
		if i, known := rank[d.Class]; known && sample.Mix(uint64(image))%5 == 0 {
			d.Class = class[(i+1)%len(class)]
		}
		return []dataset.Detection{d}
	}
}

// TestRemadeResults: results that were cut to the best of each image, whose scores are drawn, to
// which those of the mirrored pictures were added, or which lack a class, are told of. That
// real ones are not is held by TestJudgeRealPairs.
func TestRemadeResults(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	rng := rand.New(rand.NewPCG(7, 8))
	tried := map[string]int{}
	for _, p := range realPairs(t) {
		real := p.results(t, nil)
		before := Judge(p.d, real)
		if before.Objects < 200 {
			continue
		}
		most := before.Order.Hits >= 100 && before.Order.Strays >= 100
		common := int32(-1) // the class of most objects
		counts := map[int32]int{}
		for k := range p.d.Sources[0].Objects {
			c := p.d.Sources[0].Objects[k].Class
			if counts[c]++; counts[c] > counts[common] {
				common = c
			}
		}
		for _, c := range []struct {
			what, code string
			can        bool
			f          func(d dataset.Detection, rank int, size geom.Size) []dataset.Detection
		}{
			{"the best only", "detections-capped", 5*before.Capped.Images < 4*before.Objects, func(d dataset.Detection, rank int, _ geom.Size) []dataset.Detection {
				return []dataset.Detection{d}[:1-min(rank, 1)]
			}},
			{"drawn scores", "detections-unranked", most, func(d dataset.Detection, _ int, _ geom.Size) []dataset.Detection {
				d.Score = rng.Float64()
				return []dataset.Detection{d}
			}},
			{"one score a class", "detections-unranked", before.Shape.Groups >= 50, func(d dataset.Detection, _ int, _ geom.Size) []dataset.Detection {
				d.Score = 0.1 + 0.8/float64(d.Class+2)
				return []dataset.Detection{d}
			}},
			{"the best is 1", "detections-unranked", before.Shape.Images >= 20, func(d dataset.Detection, rank int, _ geom.Size) []dataset.Detection {
				if rank == 0 {
					d.Score = 1
				}
				return []dataset.Detection{d}
			}},
			{"mirrored too", "detections-repeated", before.Repeats.Seen >= 50, func(d dataset.Detection, _ int, size geom.Size) []dataset.Detection {
				m := d
				m.Box.X = float64(size.W) - d.Box.X - d.Box.W
				return []dataset.Detection{d, m}
			}},
			{"the best of each class", "detections-capped", before.Capped.Class.Of > 30, bestOfClass()},
			{"half of the scores", "detections-unranked", before.Order.Top > 0.95 && before.Order.AtTop >= 30 &&
				100*before.Order.AtTop >= before.Order.All, func(d dataset.Detection, _ int, _ geom.Size) []dataset.Detection {
				d.Score /= 2
				return []dataset.Detection{d}
			}},
			{"another list", "detections-disagree", len(sample.ListRanks(&p.d.Sources[0])) >= 5 && before.Swap.Pairs >= 400, otherList(&p.d.Sources[0])},
			{"rows of the image before", "detections-repeated", before.Repeats.Of >= 100, leftover()},
			{"a class less", "detections-missing-classes", counts[common] >= enoughObjects, func(d dataset.Detection, _ int, _ geom.Size) []dataset.Detection {
				if d.Class == common {
					return nil
				}
				return []dataset.Detection{d}
			}},
		} {
			if !c.can {
				continue
			}
			tried[c.what]++
			r := remade(t, &p, real, c.f)
			if r == nil {
				continue
			}
			v := Judge(p.d, r)
			var codes []string
			for _, f := range v.records(p.d, r) {
				codes = append(codes, f.Code)
			}
			if !strings.Contains(strings.Join(codes, " "), c.code) {
				t.Errorf("%s, %s: %v, %+v, %+v, %+v, %+v", p.name, c.what, codes, v.Capped, v.Order, v.Repeats, v.Offlist)
			}
		}
	}
	for what, n := range tried {
		t.Logf("%s: %d pairs", what, n)
	}
	if len(tried) < 4 {
		t.Errorf("tried %v", tried)
	}
}

// TestEvery: detections of whole batches under the id of one image leave out the others at one step, and the
// real results do not.
func TestEvery(t *testing.T) {
	for _, p := range realPairs(t) {
		real := p.results(t, nil)
		if v := unseen(p.d, real); v.Every != 0 {
			t.Errorf("%s: every %d images", p.name, v.Every)
		}
		src := &p.d.Sources[0]
		if len(src.Images) < 200 || sparse(unseen(p.d, real)) {
			continue
		}
		first := map[dataset.IDKey]int64{}
		for i := range src.Images {
			n, _ := src.Images[i/4*4].ID.Int()
			first[src.Images[i].ID.Key()] = n
		}
		batched := p.results(t, func(r *record, _ geom.Size) {
			id := realfiles.IDOf(r.Image)
			r.Image = first[id.Key()]
		})
		if v := unseen(p.d, batched); v.Every != 4 {
			t.Errorf("%s, batches of 4: every %d images: %+v", p.name, v.Every, v)
		}
	}
}

// sparse tells whether many images are not seen to begin with, so that steps are uneven.
func sparse(u Unseen) bool { return 10*u.Images > u.Of }
