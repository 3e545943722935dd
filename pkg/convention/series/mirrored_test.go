package series

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// flips is a source of copies of originals, with 12 boxes each, and n the first; copied returns the box in the copy.
func flips(copies, n int, width float64, copied func(i, k int, b geom.Rect) geom.Rect) *dataset.Source {
	src := &dataset.Source{Name: "a.json"}
	for i := range 2 * copies {
		im := dataset.Image{ID: dataset.PlainID(int64(i)), File: fmt.Sprintf("p%d%s.jpg", i/2, [2]string{"", "_flip"}[i%2])}
		im.Size, im.First = geom.Size{W: int(width), H: 64}, int32(len(src.Objects))
		for k := range [2]int{n, 12}[min(i/2, 1)] {
			b := geom.Rect{X: float64(k), Y: 8, W: 3, H: 20}
			if i%2 == 1 {
				b = copied(i/2, k, b)
			}
			o := dataset.Object{Image: int32(i), Class: 0, Box: b, ID: dataset.PlainID(int64(len(src.Objects)))}
			src.Objects = append(src.Objects, o)
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	return src
}

// TestManyFlipped: a copy with 100,000 boxes, which took 5,000,000,000 comparisons, is told of by all of them: as they
// stand, from the edge, and where a single one is elsewhere.
func TestManyFlipped(t *testing.T) {
	const n, w = 100_000, 100_010
	src := flips(10, n, w, func(_, _ int, b geom.Rect) geom.Rect { return b })
	if p := OfFlipped(src); p.Same != 10 || p.Of != 10 {
		t.Errorf("as they stand: %+v", p)
	}
	edge := func(_, _ int, b geom.Rect) geom.Rect { b.X = w - b.X; return b }
	if p := OfFlipped(flips(10, n, w, edge)); p.Edges != 10 || p.Any != 10 || p.Same != 0 || p.Example != [2]int32{0, 1} {
		t.Errorf("from the edge: %+v", p)
	}
	one := func(i, k int, b geom.Rect) geom.Rect {
		if b = edge(i, k, b); i == 0 && k == n/2 {
			b.Y++
		}
		return b
	}
	if p := OfFlipped(flips(10, n, w, one)); p.Edges != 9 || p.Any != 10 {
		t.Errorf("from the edge, but one: %+v", p)
	}
}

// TestSpans: boxes are found among few, by comparing each, as among many, sorted.
func TestSpans(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 6))
	object := func() dataset.Object {
		o := dataset.Object{Class: int32(rng.IntN(2))}
		o.Box = geom.Rect{
			X: math.Round(rng.Float64()*160) / 4, Y: float64(rng.IntN(2)), W: math.Round(rng.Float64()*40) / 4, H: 5}
		if rng.IntN(9) == 0 {
			o.LeftOut = dataset.NoBox
		}
		return o
	}
	yes := 0
	for range 300 {
		src := &dataset.Source{Images: make([]dataset.Image, 1)}
		im := &src.Images[0]
		im.Size.W, im.Last = 40, int32(rng.IntN(40))
		for range im.Last {
			src.Objects = append(src.Objects, object())
		}
		few, many := original{src: src}, original{src: src}
		edge, due := few.mirrored(1)
		sortedEdge, sortedDue := many.mirrored(fewPairs + 1)
		if im.Last > 0 && (few.edge != nil || many.edge == nil) {
			t.Fatal("not compared in two ways")
		}
		for range 40 {
			x := object()
			if a, b := edge(&x), sortedEdge(&x); a != b {
				t.Fatalf("%v from the edge: %t among few, %t among many: %v", x.Box, a, b, src.Objects)
			} else if a {
				yes++
			}
			if a, b := due(&x), sortedDue(&x); a != b {
				t.Fatalf("%v: %t among few, %t among many: %v", x.Box, a, b, src.Objects)
			}
		}
	}
	if yes < 1000 {
		t.Errorf("%d found", yes)
	}
}

// TestFlippedInAnyOrder: mirrored copies are told of whatever the order of annotations and images is.
func TestFlippedInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 7))
	for _, edge := range []bool{false, true} {
		src := flips(30, 12, 200, func(_, k int, b geom.Rect) geom.Rect {
			if edge {
				b.X = 200 - b.X
			}
			return b
		})
		want := OfFlipped(src)
		if !want.Found() || want.FromEdge() != edge {
			t.Fatalf("%+v", want)
		}
		for range 20 {
			other := realfiles.Permuted(src, rng)
			got := OfFlipped(other)
			if got.Example[1] != int32(firstMirror(other)) {
				t.Fatalf("example %v, want the first copy, %d", got.Example, firstMirror(other))
			}
			if got.Example = want.Example; got != want {
				t.Fatalf("%+v in another order, %+v before", got, want)
			}
		}
	}
}

// firstMirror returns the first image that is named as a mirrored copy.
func firstMirror(src *dataset.Source) int {
	for i := range src.Images {
		if hasMirror(src.Images[i].File) {
			return i
		}
	}
	return -1
}
