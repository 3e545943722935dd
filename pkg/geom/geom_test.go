package geom

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestEmpty(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		b    Box
		want bool
	}{
		{Box{}, true},
		{Box{0, 0, 1, 1}, false},
		{Box{0, 0, 0, 5}, true},
		{Box{0, 0, 5, 0}, true},
		{Box{5, 0, 1, 1}, true},
		{Box{nan, 0, 1, 1}, true},
		{Box{0, 0, 1, nan}, true},
	} {
		if got := c.b.Empty(); got != c.want {
			t.Errorf("%v.Empty() = %v, want %v", c.b, got, c.want)
		}
		if c.want && c.b.Area() != 0 {
			t.Errorf("%v is empty, but has an area of %v", c.b, c.b.Area())
		}
	}
}

func box() *rapid.Generator[Box] {
	return rapid.Custom(func(t *rapid.T) Box {
		c := rapid.Float64Range(-100, 100)
		return Box{c.Draw(t, "x0"), c.Draw(t, "y0"), c.Draw(t, "x1"), c.Draw(t, "y1")}
	})
}

func TestIntersect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := box().Draw(t, "a"), box().Draw(t, "b")
		i := a.Intersect(b)
		if i != b.Intersect(a) {
			t.Fatal("not symmetric")
		}
		if i.Area() > min(a.Area(), b.Area()) && !a.Empty() && !b.Empty() {
			t.Fatal("larger than one of the boxes")
		}
		if a.Intersect(a) != a {
			t.Fatal("a box does not intersect itself in itself")
		}
	})
}

func TestGridIndexAndPlaceAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9)
		g := Grid{Rows: n.Draw(t, "rows"), Cols: n.Draw(t, "cols"), First: n.Draw(t, "first"), Shapes: make([]Box32, n.Draw(t, "shapes"))}
		want := g.First
		next := func(row, col, s int) {
			if got := g.Index(row, col, s); got != want {
				t.Fatalf("planar %v: Index(%d,%d,%d) = %d, want %d: row-major, shapes innermost unless planar", g.Planar, row, col, s, got, want)
			}
			if r, c, k := g.Place(want); r != row || c != col || k != s {
				t.Fatalf("planar %v: Place(%d) = %d,%d,%d, want %d,%d,%d", g.Planar, want, r, c, k, row, col, s)
			}
			want++
		}
		for row := range g.Rows {
			for col := range g.Cols {
				for s := range g.Shapes {
					next(row, col, s)
				}
			}
		}
		g.Planar, want = true, g.First
		for s := range g.Shapes {
			for row := range g.Rows {
				for col := range g.Cols {
					next(row, col, s)
				}
			}
		}
		if want-g.First != g.Len() {
			t.Fatalf("Len() = %d, want %d", g.Len(), want-g.First)
		}
	})
}

func TestGridAt(t *testing.T) {
	g := Grid{Rows: 3, Cols: 4, StrideX: 8, StrideY: 16, OffsetX: 4, OffsetY: 8, Shapes: []Box32{{-2, -3, 2, 3}}}
	// row 2: 2·16 + 8 = 40; column 3: 3·8 + 4 = 28
	if got, want := g.At(2, 3, 0), (Box32{26, 37, 30, 43}); got != want {
		t.Errorf("At(2,3,0) = %v, want %v", got, want)
	}
}
