package series

import (
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// TestTransposed: real files that are cut into tiles as is due tell nothing, and those with boxes on the transposed tile
// are told of, in a third of the pictures or in all.
func TestTransposed(t *testing.T) {
	sources := realfiles.FirstImages(t)
	for i := range sources {
		src := &sources[i]
		if p := OfTransposed(src); p.Found() {
			t.Errorf("%s: %+v", src.Name, p)
		}
		if len(src.Images) > 1000 {
			realfiles.CutImages(src, 0, 1000)
		}
	}
	for _, g := range realfiles.Tilings {
		if g.Counted {
			continue
		}
		mixed, whole, of, most := 0, 0, 0, 0
		for i := range sources {
			src := &sources[i]
			right := OfTransposed(g.Of(src))
			if right.Found() {
				t.Errorf("%s, %s: %+v", src.Name, g.Format, right)
			}
			if right.Edges < 2*leastCut {
				continue
			}
			most = max(most, min(right.Pictures[0], right.Pictures[1]))
			wrong := g
			wrong.Swapped = func(image int) bool { return image >= len(src.Images)*2/3 }
			p := OfTransposed(wrong.Of(src))
			mixed += sample.One(p.Mixed())
			wrong.Swapped = func(int) bool { return true }
			q := OfTransposed(wrong.Of(src))
			whole += sample.One(q.Against() || q.Odd())
			of++
			if !p.Mixed() || !q.Against() && !q.Odd() {
				t.Errorf("%s, %s: %+v\n%+v", src.Name, g.Format, p, q)
			}
		}
		if of < 19 {
			t.Errorf("%s: %d files have cut boxes", g.Format, of)
		}
		t.Logf("%s, %v: %d mixed, %d whole of %d; at most %d pictures show the other order alone", g.Format, g.Boxed, mixed,
			whole, of, most)
	}
}

// TestEdgeSpans: whether a box goes on is told as by a search through all boxes at the edge. Where 20,000 begin at one
// place and end at others, few stretches of them are looked at.
func TestEdgeSpans(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 5))
	found := [2]int{}
	for range 300 {
		src := &dataset.Source{Images: []dataset.Image{{}}}
		for range rng.IntN(60) {
			b := geom.Rect{X: float64(rng.IntN(3)), Y: float64(rng.IntN(3)), W: rng.Float64() * 90, H: rng.Float64() * 90}
			if rng.IntN(2) > 0 {
				b.X = float64(rng.IntN(60))
			} else {
				b.Y = float64(rng.IntN(60))
			}
			src.Objects = append(src.Objects, dataset.Object{Class: int32(rng.IntN(3)), Box: b})
		}
		src.Images[0].Last = int32(len(src.Objects))
		for axis := range 2 {
			e := spansAt(src, 0, axis)
			for range 30 {
				class, a0, a1 := int32(rng.IntN(4)), float64(rng.IntN(60)), 0.0
				a1 = a0 + float64(rng.IntN(70))
				want := false
				for k := range src.Objects {
					c := src.Objects[k].Box.Box()
					at, b0, b1 := c.X0, c.Y0, c.Y1
					if axis == 1 {
						at, b0, b1 = c.Y0, c.X0, c.X1
					}
					slack := max(2, 0.3*(a1-a0))
					want = want || src.Objects[k].Class == class && at <= 1 && math.Abs(a0-b0) < slack && math.Abs(a1-b1) < slack
				}
				if got, _ := e.goesOn(class, a0, a1); got != want {
					t.Fatalf("%d of %d boxes, %d from %f to %f: %t, want %t", len(e.spans), len(src.Objects), class, a0, a1, got, want)
				}
				found[sample.One(want)]++
			}
		}
	}
	if min(found[0], found[1]) < 1000 {
		t.Errorf("%v", found)
	}
	src := &dataset.Source{Images: []dataset.Image{{Last: 20_000}}}
	for range src.Images[0].Last {
		src.Objects = append(src.Objects, dataset.Object{Box: geom.Rect{Y: 500, W: 50, H: 100 + rng.Float64()*100}})
	}
	if ok, looks := spansAt(src, 0, 0).goesOn(0, 500, 520); ok || looks > 30 { // 15 bits, from either end
		t.Errorf("%t by %d looks", ok, looks)
	}
	if ok, _ := spansAt(src, 0, 0).goesOn(0, 500, 650); !ok {
		t.Error("a box of 150 does not go on")
	}
	if ok, _ := spansAt(src, -1, 0).goesOn(0, 500, 650); ok {
		t.Error("a box goes on where there is no image")
	}
}
