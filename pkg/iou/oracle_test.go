package iou

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/geom"
)

// dense is the oracle: the trainers' matcher over the full matrix of IoUs, in
// the words of torchvision's models/detection/_utils.py and detectron2's
// modeling/matcher.py. It enumerates every anchor, which is why it stands in
// the tests only.
func dense(m Matcher, objects []geom.Box32, grids []geom.Grid) ([]Match, []Object) {
	var matches []Match
	for level := range grids {
		g := &grids[level]
		for row := range g.Rows {
			for col := range g.Cols {
				for s := range g.Shapes {
					matches = append(matches, Match{Anchor: int32(g.Index(row, col, s)), Object: -1, Shape: uint16(s), Level: uint8(level)})
				}
			}
		}
	}
	bests := make([]Object, len(objects))
	forced := make([]bool, len(matches))
	owner := make([]int32, len(matches)) // the last object whose best it is
	for i, o := range objects {
		row := make([]float32, len(matches))
		b := &bests[i]
		for k := range matches {
			g := &grids[matches[k].Level]
			v := Of32(o, g.At(g.Place(k)))
			row[k] = v
			if v >= m.Low {
				b.AtLow++
			}
			if v >= m.High {
				b.AtHigh++
			}
			if k == 0 || v > b.IoU {
				b.IoU, b.Anchor, b.Level, b.Shape = v, int32(k), matches[k].Level, matches[k].Shape
			}
			if matches[k].Object < 0 || v > matches[k].IoU {
				matches[k].Object, matches[k].IoU = int32(i), v
			}
		}
		for k, v := range row {
			if v == b.IoU {
				b.Ties++
				if !m.First || int32(k) == b.Anchor {
					if !forced[k] || !m.Earliest {
						owner[k] = int32(i)
					}
					forced[k] = true
				}
			}
		}
	}
	for k := range matches {
		a := &matches[k]
		switch {
		case len(objects) == 0 || a.IoU < m.Low && !(m.Rescue && forced[k]):
			a.Label = Negative
		case a.IoU >= m.High:
			a.Label = Positive
		case m.Rescue && forced[k]:
			a.Label, a.Rescued = Positive, true
		default:
			a.Label = Ignored
		}
		if m.Rescue && m.Overwrite && forced[k] {
			a.Object = owner[k]
		}
		if a.Label == Positive {
			bests[a.Object].Positives++
			if a.Rescued || m.Rescue && m.Overwrite && forced[k] && Of32(objects[a.Object], grids[a.Level].At(grids[a.Level].Place(k))) < m.High {
				bests[a.Object].Rescued++
			}
		}
	}
	return matches, bests
}

// agree fails the test where Match and the oracle differ on any anchor or
// object.
func agree(t *testing.T, m Matcher, r *Matching, objects []geom.Box32, grids []geom.Grid) {
	t.Helper()
	want, bests := dense(m, objects, grids)
	m.List = true
	m.Match(r, objects, grids)
	if len(want) != r.Anchors {
		t.Fatalf("got %d anchors, want %d", r.Anchors, len(want))
	}
	listed := make([]*Match, len(want))
	for k := range r.Matches {
		if listed[r.Matches[k].Anchor] != nil {
			t.Fatalf("anchor %d is listed twice", r.Matches[k].Anchor)
		}
		listed[r.Matches[k].Anchor] = &r.Matches[k]
	}
	var count [3]int
	var rescued [2]int
	for k, w := range want {
		got := r.Rest
		if listed[k] != nil {
			got = *listed[k]
		}
		count[w.Label]++
		switch {
		case w.Rescued && w.IoU >= m.Low:
			rescued[1]++
		case w.Rescued:
			rescued[0]++
		}
		if got.Label != w.Label || got.Rescued != w.Rescued || w.Label != Negative && (got.Object != w.Object || got.IoU != w.IoU) {
			t.Fatalf("matcher %+v, anchor %d: got %+v, want %+v\nobjects %v\ngrids %+v", m, k, got, w, objects, grids)
		}
	}
	byShape := make([]Count, len(r.ByShape))
	bestFor := make([]int, len(r.ByShape))
	for i, o := range objects {
		share(bestFor, grids, bests[i].IoU > 0, func(anchor int32) bool {
			w := &want[anchor]
			g := &grids[w.Level]
			return Of32(o, g.At(g.Place(int(anchor)))) == bests[i].IoU
		})
	}
	for _, w := range want {
		ordinal := int(w.Shape)
		for _, g := range grids[:w.Level] {
			ordinal += len(g.Shapes)
		}
		switch c := &byShape[ordinal]; w.Label {
		case Positive:
			c.Positives++
		case Ignored:
			c.Ignored++
		}
	}
	for _, m.List = range []bool{true, false} {
		m.Match(r, objects, grids)
		if !slices.Equal(r.BestFor, bestFor) {
			t.Fatalf("list %v: best for: got %v, want %v", m.List, r.BestFor, bestFor)
		}
		if !slices.Equal(r.ByShape, byShape) {
			t.Fatalf("list %v: by shape: got %v, want %v", m.List, r.ByShape, byShape)
		}
		if got := [3]int{r.Negatives, r.Ignored, r.Positives}; got != count {
			t.Fatalf("list %v: negatives, ignored, positives: got %v, want %v", m.List, got, count)
		}
		if got := [2]int{r.RescuedNegative, r.RescuedIgnored}; got != rescued {
			t.Fatalf("list %v: rescued from negative, ignored: got %v, want %v", m.List, got, rescued)
		}
		if !slices.Equal(r.Objects, bests) {
			t.Fatalf("matcher %+v: objects: got %+v, want %+v\nboxes %v\ngrids %+v", m, r.Objects, bests, objects, grids)
		}
	}
}

// share adds an object in equal parts to the shapes that have one of its best anchors, if it has any.
func share(bestFor []int, grids []geom.Grid, any bool, best func(anchor int32) bool) {
	var shapes []int
	first := 0
	for i := range grids {
		g := &grids[i]
		for k := g.First; k < g.First+g.Len(); k++ {
			_, _, s := g.Place(k)
			if any && best(int32(k)) && !slices.Contains(shapes, first+s) {
				shapes = append(shapes, first+s)
			}
		}
		first += len(g.Shapes)
	}
	slices.Sort(shapes)
	for i, s := range shapes {
		bestFor[s] += TieUnit / len(shapes)
		if i == 0 {
			bestFor[s] += TieUnit % len(shapes)
		}
	}
}

// world draws grids and objects from a seed: whole and fractional shapes,
// strides and offsets, and objects of every kind that trainers meet, up to
// degenerate and far-off ones.
type world struct{ *rand.Rand }

func (w world) grids() []geom.Grid {
	grids := make([]geom.Grid, 1+w.IntN(3))
	first := 0
	whole := w.IntN(2) == 0
	for i := range grids {
		stride := float32(int(4) << w.IntN(4))
		if w.IntN(4) == 0 {
			stride = float32(1 + w.IntN(70))
		}
		g := geom.Grid{Rows: 1 + w.IntN(12), Cols: 1 + w.IntN(12), StrideX: stride, StrideY: stride, First: first}
		if w.IntN(3) == 0 {
			g.StrideY, g.OffsetX, g.OffsetY = stride+1, stride/2, (stride+1)/2
		}
		for range 1 + w.IntN(4) {
			sw, sh := w.side(), w.side()
			if whole {
				sw, sh = float32(math.Ceil(float64(sw))), float32(math.Ceil(float64(sh)))
			}
			g.Shapes = append(g.Shapes, geom.Box32{X0: -sw, Y0: -sh, X1: sw, Y1: sh})
		}
		first += g.Len()
		grids[i] = g
	}
	return grids
}

// side draws the half of a shape's side, from 1/2 to 400 px, log-uniformly.
func (w world) side() float32 { return float32(math.Exp(w.Float64()*6.7 - 0.7)) }

func (w world) objects(grids []geom.Grid, degenerate bool) []geom.Box32 {
	objects := make([]geom.Box32, w.IntN(7))
	for i := range objects {
		objects[i] = w.object(grids, objects[:i], degenerate)
	}
	return objects
}

func (w world) object(grids []geom.Grid, before []geom.Box32, degenerate bool) geom.Box32 {
	g := &grids[w.IntN(len(grids))]
	x, y := w.Float32()*float32(g.Cols)*g.StrideX, w.Float32()*float32(g.Rows)*g.StrideY
	sw, sh := w.side(), w.side()
	switch kind := w.IntN(10); {
	case kind == 0: // exactly an anchor
		return g.At(w.IntN(g.Rows), w.IntN(g.Cols), w.IntN(len(g.Shapes)))
	case kind == 1 && len(before) > 0: // a copy
		return before[w.IntN(len(before))]
	case kind == 2 && len(before) > 0: // a near-copy
		b := before[w.IntN(len(before))]
		return geom.Box32{X0: b.X0, Y0: b.Y0, X1: b.X1 + 0.25, Y1: b.Y1}
	case kind == 3: // whole coordinates
		x, y, sw, sh = float32(int(x)), float32(int(y)), float32(1+int(sw)), float32(1+int(sh))
	case kind == 4: // tiny, inside several equal anchors
		sw, sh = sw/100, sh/100
	case kind == 5 && degenerate: // no width
		sw = 0
	case kind == 6 && degenerate: // far off: overlaps no anchor
		x, y = 30000, 30000
	}
	return geom.Box32{X0: x, Y0: y, X1: x + sw, Y1: y + sh}
}

func (w world) matcher() Matcher {
	low := []float32{0.05, 0.3, 0.4, 0.5}[w.IntN(4)]
	m := Matcher{Low: low, High: low + []float32{0, 0.1, 0.4}[w.IntN(3)], Rescue: w.IntN(3) > 0, Overwrite: w.IntN(2) > 0, First: w.IntN(3) == 0}
	m.Earliest = m.Overwrite && w.IntN(2) == 0
	return m
}

func TestSparseIsDense(t *testing.T) {
	var r Matching
	for seed := range uint64(4000) {
		w := world{rand.New(rand.NewPCG(seed, 1))}
		grids := w.grids()
		if seed%5 == 0 {
			roundOnce(grids)
		}
		agree(t, w.matcher(), &r, w.objects(grids, seed%4 == 0), grids)
	}
}

// roundOnce has grids compute corners in float64 and round them once, as EfficientDet's are.
func roundOnce(grids []geom.Grid) {
	for i := range grids {
		g := &grids[i]
		g.Once = true
		for k, s := range g.Shapes {
			b := geom.Box{X0: float64(s.X0) * math.Pi / 3, Y0: float64(s.Y0) * math.Pi / 3, X1: float64(s.X1) * math.Pi / 3, Y1: float64(s.Y1) * math.Pi / 3}
			g.Exact = append(g.Exact, b)
			g.Shapes[k] = b.Narrow()
		}
	}
}

// TestSparseIsDenseCrowded has so many objects that the index of objects
// serves, and more anchors than the table first holds.
func TestSparseIsDenseCrowded(t *testing.T) {
	var r Matching
	for seed := range uint64(30) {
		w := world{rand.New(rand.NewPCG(seed, 2))}
		grids := w.grids()
		objects := make([]geom.Box32, 150)
		for i := range objects {
			objects[i] = w.object(grids, objects[:i], seed%3 == 0)
		}
		agree(t, w.matcher(), &r, objects, grids)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add(uint64(1), false)
	f.Add(uint64(2), true)
	f.Fuzz(func(t *testing.T, seed uint64, degenerate bool) {
		w := world{rand.New(rand.NewPCG(seed, 3))}
		grids := w.grids()
		agree(t, w.matcher(), &Matching{}, w.objects(grids, degenerate), grids)
	})
}

// TestHazard is the case that torchvision 0.14.1, detectron2 and mmdetection
// were run on: at 800 × 1088, one box far outside and one good one make all
// 163,206 anchors positive.
func TestHazard(t *testing.T) {
	grids := retinaGrids()
	objects := []geom.Box32{{X0: 3000, Y0: 3000, X1: 3010, Y1: 3010}, {X0: 100, Y0: 100, X1: 200, Y1: 200}}
	var r Matching
	Matcher{Low: 0.4, High: 0.5, Rescue: true}.Match(&r, objects, grids)
	if r.Anchors != 163206 || r.Positives != 163206 {
		t.Errorf("got %d positives of %d anchors, want 163206 of 163206", r.Positives, r.Anchors)
	}
	if r.Objects[0].IoU != 0 || r.Objects[0].Ties != 163206 {
		t.Errorf("far box: got IoU %v with %d ties, want 0 with 163206", r.Objects[0].IoU, r.Objects[0].Ties)
	}
}

// retinaGrids are torchvision's RetinaNet anchors for a padded image of
// 800 × 1088 px (height × width).
func retinaGrids() []geom.Grid {
	var grids []geom.Grid
	first := 0
	for i, rc := range [][2]int{{100, 136}, {50, 68}, {25, 34}, {13, 17}, {7, 9}} {
		g := geom.Grid{Rows: rc[0], Cols: rc[1], StrideY: float32(800 / rc[0]), StrideX: float32(1088 / rc[1]), First: first}
		for _, tall := range []float64{math.Sqrt(0.5), 1, math.Sqrt(2)} {
			for k := range 3 {
				size := float64(int(32<<i)*1) * math.Pow(2, float64(k)/3)
				w, h := float32(math.RoundToEven(size/tall/2)), float32(math.RoundToEven(size*tall/2))
				g.Shapes = append(g.Shapes, geom.Box32{X0: -w, Y0: -h, X1: w, Y1: h})
			}
		}
		first += g.Len()
		grids = append(grids, g)
	}
	return grids
}

func TestOf(t *testing.T) {
	a := geom.Box{X0: 0, Y0: 0, X1: 4, Y1: 4}
	for _, c := range []struct {
		b    geom.Box
		want float64
	}{
		{a, 1},
		{geom.Box{X0: 2, Y0: 0, X1: 6, Y1: 4}, 1.0 / 3}, // 8 of 16+16-8
		{geom.Box{X0: 4, Y0: 0, X1: 8, Y1: 4}, 0},       // half-open: they only touch
		{geom.Box{}, 0},
		{geom.Box{X0: math.NaN(), Y0: 0, X1: 6, Y1: 4}, 0},
	} {
		if got := Of(a, c.b); got != c.want {
			t.Errorf("Of(%v, %v) = %v, want %v", a, c.b, got, c.want)
		}
		if Of(a, c.b) != Of(c.b, a) {
			t.Errorf("Of is not symmetric for %v", c.b)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	grids := retinaGrids()
	w := world{rand.New(rand.NewPCG(1, 4))}
	images := make([][]geom.Box32, 64)
	n := 0
	for i := range images { // 7 objects an image, sides from 12 to 500 px: as COCO at 800 px
		for range 7 {
			x, y := w.Float32()*1000, w.Float32()*700
			sw, sh := float32(math.Exp(w.Float64()*3.7+2.5)), float32(math.Exp(w.Float64()*3.7+2.5))
			images[i] = append(images[i], geom.Box32{X0: x, Y0: y, X1: min(x+sw, 1066), Y1: min(y+sh, 799)})
			n++
		}
	}
	m := Matcher{Low: 0.4, High: 0.5, Rescue: true}
	var r Matching
	anchors := 0
	b.ResetTimer()
	for i := range b.N {
		m.Match(&r, images[i%len(images)], grids)
		anchors += r.Anchors
	}
	b.ReportMetric(float64(b.N)*7/b.Elapsed().Seconds(), "objects/s")
	b.ReportMetric(float64(anchors)/b.Elapsed().Seconds(), "anchors/s")
}
