package iou

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/geom"
)

// label is what an oracle says of an anchor.
type label struct {
	Label
	object int32 // of a positive anchor
}

// labelled fails the test where an assigner and an oracle, which looks at every
// anchor, differ in any.
func labelled(t *testing.T, seed uint64, r *Result, grids []geom.Grid, want []label) {
	t.Helper()
	if len(want) != r.Anchors {
		t.Fatalf("seed %d: got %d anchors, want %d", seed, r.Anchors, len(want))
	}
	var count [3]int
	byShape := make([]Count, len(r.ByShape))
	positives := make([]int, len(r.Objects))
	var special []int32
	shape := 0
	for i := range grids {
		g := &grids[i]
		for k := g.First; k < g.First+g.Len(); k++ {
			_, _, s := g.Place(k)
			got, want := r.Of(int32(k)), want[k]
			if got.Label != want.Label || want.Label == Positive && got.Object != want.object {
				t.Fatalf("seed %d: anchor %d: got label %d of object %d, want %d of %d", seed, k, got.Label, got.Object, want.Label, want.object)
			}
			count[want.Label]++
			switch want.Label {
			case Positive:
				byShape[shape+s].Positives++
				positives[want.object]++
			case Ignored:
				byShape[shape+s].Ignored++
			}
			if want.Label != Negative {
				special = append(special, int32(k))
			}
		}
		shape += len(g.Shapes)
	}
	if got := [3]int{r.Negatives, r.Ignored, r.Positives}; got != count || !slices.Equal(r.ByShape, byShape) {
		t.Fatalf("seed %d: negatives, ignored, positives: got %v, by shape %v, want %v, %v", seed, got, r.ByShape, count, byShape)
	}
	got := r.Special(nil)
	slices.Sort(got)
	slices.Sort(special)
	if !slices.Equal(got, special) {
		t.Fatalf("seed %d: not negative: got %v, want %v", seed, got, special)
	}
	for i := range positives {
		if r.Objects[i].Positives != positives[i] {
			t.Fatalf("seed %d: object %d: got %d positives, want %d", seed, i, r.Objects[i].Positives, positives[i])
		}
	}
}

// reaches fails the test where the anchors that a box reaches differ from those
// that it would have if it were the only object, or Background from their number
// among the negative ones of r.
func reaches(t *testing.T, seed uint64, rule Rule, a Assigner, r *Result, box geom.Box, grids []geom.Grid, alone func(anchor int32) bool) {
	t.Helper()
	var got, want []int32
	by := rule.Reacher(0)
	by.Prepare(grids, []geom.Box{box})
	by.Each(box, func(anchor int32, level uint8, _ float32, _ bool) {
		if g := &grids[level]; int(anchor) < g.First || int(anchor) >= g.First+g.Len() {
			t.Fatalf("seed %d: anchor %d on level %d", seed, anchor, level)
		}
		got = append(got, anchor)
	})
	background := 0
	for k := range r.Anchors {
		if alone(int32(k)) {
			want = append(want, int32(k))
			if r.Of(int32(k)).Label == Negative {
				background++
			}
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("seed %d: reached: got %v, want %v", seed, got, want)
	}
	if got := a.Background(box); got != background {
		t.Fatalf("seed %d: background: got %d, want %d", seed, got, background)
	}
}

func wide(boxes []geom.Box32) (ws []geom.Box) {
	for _, b := range boxes {
		ws = append(ws, b.Wide())
	}
	return ws
}

// extent is a size of the resized image for which some of the anchors' centres may
// lie outside.
func (w world) extent(grids []geom.Grid) geom.Size {
	g := &grids[0]
	return geom.Size{W: 1 + int(float32(g.Cols)*g.StrideX) - w.IntN(int(g.StrideX)+1), H: 1 + int(float32(g.Rows)*g.StrideY) - w.IntN(int(g.StrideY)+1)}
}

// TestInclusiveIoUIsDense compares with keras-retinanet's steps over the full matrix of
// overlaps, in float64: utils/anchors.py, compute_gt_annotations and anchor_targets_bbox.
func TestInclusiveIoUIsDense(t *testing.T) {
	ignored, outside := 0, 0
	for seed := range uint64(3000) {
		w := world{rand.New(rand.NewPCG(seed, 11))}
		grids := w.grids()
		for i := range grids {
			grids[i].Exact = nil
			for range grids[i].Shapes {
				x, y := float64(w.side())*math.Pi/3, float64(w.side())*math.Pi/3
				grids[i].Exact = append(grids[i].Exact, geom.Box{X0: -x, Y0: -y, X1: x, Y1: y})
			}
		}
		objects := wide(w.objects(grids, seed%4 == 0))
		for i := range objects { // no float32's numbers
			objects[i].X1 += w.Float64()
		}
		m := &InclusiveIoU{Low: []float64{0.05, 0.3, 0.4, 0.5}[w.IntN(4)], High: 0.5, Inside: w.IntN(2) == 0, Exclusive: w.IntN(2) == 0}
		edge := 1.0 // the "+1" of releases up to 0.5.1
		if m.Exclusive {
			edge = 0
		}
		resized := w.extent(grids)
		by := m.Assigner(true)
		r := by.Assign(Scene{Objects: objects, Grids: grids, Resized: resized})
		overlap := func(k int, o geom.Box) (float64, geom.Box) {
			for i := len(grids) - 1; ; i-- {
				if g := &grids[i]; k >= g.First {
					row, col, s := g.Place(k)
					x, y := float64(col)*float64(g.StrideX)+float64(g.OffsetX), float64(row)*float64(g.StrideY)+float64(g.OffsetY)
					a := geom.Box{X0: g.Exact[s].X0 + x, Y0: g.Exact[s].Y0 + y, X1: g.Exact[s].X1 + x, Y1: g.Exact[s].Y1 + y}
					iw, ih := min(a.X1, o.X1)-max(a.X0, o.X0)+edge, min(a.Y1, o.Y1)-max(a.Y0, o.Y0)+edge
					if iw <= 0 || ih <= 0 {
						return 0, a
					}
					inter := float64(iw * ih)
					return inter / (float64((a.X1-a.X0+edge)*(a.Y1-a.Y0+edge)) + float64((o.X1-o.X0+edge)*(o.Y1-o.Y0+edge)) - inter), a
				}
			}
		}
		want := make([]label, r.Anchors)
		bests := make([]Object, len(objects))
		top := make([]float64, len(objects))
		for k := range want {
			best := 0.0
			for i, o := range objects {
				v, _ := overlap(k, o)
				b := &bests[i]
				switch {
				case v > top[i]:
					top[i], b.Anchor, b.Ties = v, int32(k), 1
				case v == top[i]:
					b.Ties++
				}
				if v > m.Low || v >= m.High {
					b.AtLow++
					if v >= m.High {
						b.AtHigh++
					}
				}
				if v > best {
					best, want[k].object = v, int32(i)
				}
			}
			switch {
			case best >= m.High:
				want[k].Label = Positive
			case best > m.Low:
				want[k].Label = Ignored
				ignored++
			}
			if _, a := overlap(k, geom.Box{}); m.Inside && ((a.X0+a.X1)/2 >= float64(resized.W) || (a.Y0+a.Y1)/2 >= float64(resized.H)) {
				want[k].Label = Ignored
				outside++
			}
		}
		labelled(t, seed, r, grids, want)
		bestFor := make([]int, len(r.BestFor))
		for i, o := range objects {
			share(bestFor, grids, top[i] > 0, func(anchor int32) bool {
				v, _ := overlap(int(anchor), o)
				return v == top[i]
			})
		}
		if !slices.Equal(r.BestFor, bestFor) {
			t.Fatalf("seed %d: best for: got %v, want %v", seed, r.BestFor, bestFor)
		}
		for i, b := range bests {
			got := r.Objects[i]
			if got.IoU != float32(top[i]) || got.Anchor != b.Anchor || got.Ties != b.Ties || got.AtLow != b.AtLow || got.AtHigh != b.AtHigh {
				t.Fatalf("seed %d: object %d: got %+v, want %+v at %v", seed, i, got, b, top[i])
			}
		}
		crowd := w.object(grids, nil, false).Wide()
		reaches(t, seed, m, by, r, crowd, grids, func(anchor int32) bool {
			v, _ := overlap(int(anchor), crowd)
			return v > m.Low || v >= m.High
		})
	}
	if ignored == 0 || outside == 0 {
		t.Errorf("%d ignored, %d outside", ignored, outside)
	}
}

// TestInclusiveIoUOnBothThresholds: a box of 32 × 16 px, edges included, in an anchor of
// 32 × 32 px has IoU 0.5 exactly, which is positive before it is not more than Low.
func TestInclusiveIoUOnBothThresholds(t *testing.T) {
	grids := []geom.Grid{{Rows: 1, Cols: 1, StrideX: 64, StrideY: 64, Shapes: make([]geom.Box32, 1), Exact: []geom.Box{{X1: 31, Y1: 31}}}}
	a := (&InclusiveIoU{Low: 0.5, High: 0.5}).Assigner(true)
	r := a.Assign(Scene{Objects: []geom.Box{{X1: 31, Y1: 15}}, Grids: grids, Resized: geom.Size{W: 64, H: 64}})
	if r.Positives != 1 || r.Objects[0].AtHigh != 1 {
		t.Errorf("got %+v, want a positive", r.Objects[0])
	}
}

// TestATSSIsDense compares with mmdetection's steps over all distances:
// task_modules/assigners/atss_assigner.py, with equal distances by index.
func TestATSSIsDense(t *testing.T) {
	contested := 0
	for seed := range uint64(3000) {
		w := world{rand.New(rand.NewPCG(seed, 12))}
		grids := w.grids()
		first := 0
		for i := range grids {
			grids[i].Shapes, grids[i].First = grids[i].Shapes[:1], first
			first += grids[i].Len()
		}
		boxes := w.objects(grids, seed%4 == 0)
		a := &ATSS{Candidates: 2 + w.IntN(12)}
		by := a.Assigner(true)
		assign := func(boxes []geom.Box32) (want []label, qualified []int) {
			want, qualified = make([]label, first), make([]int, len(boxes))
			best := make([]float32, first)
			for i, o := range boxes {
				type far struct {
					d      float32
					anchor int
				}
				var all []far
				box := func(k int) geom.Box32 {
					for g := len(grids) - 1; ; g-- {
						if k >= grids[g].First {
							return grids[g].At(grids[g].Place(k))
						}
					}
				}
				for g := range grids {
					var level []far
					for k := grids[g].First; k < grids[g].First+grids[g].Len(); k++ {
						b := box(k)
						dx, dy := (b.X0+b.X1)/2-(o.X0+o.X1)/2, (b.Y0+b.Y1)/2-(o.Y0+o.Y1)/2
						level = append(level, far{float32(math.Sqrt(float64(float32(dx*dx) + float32(dy*dy)))), k})
					}
					slices.SortStableFunc(level, func(a, b far) int { return cmp.Compare(a.d, b.d) })
					all = append(all, level[:min(a.Candidates, len(level))]...)
				}
				sum, squares := 0.0, 0.0
				for _, c := range all {
					sum += float64(Of32(o, box(c.anchor)))
				}
				for _, c := range all {
					d := float64(Of32(o, box(c.anchor))) - sum/float64(len(all))
					squares += float64(d * d)
				}
				threshold := float32(sum)/float32(len(all)) + float32(math.Sqrt(squares/float64(len(all)-1)))
				for _, c := range all {
					b := box(c.anchor)
					v, x, y := Of32(o, b), (b.X0+b.X1)/2, (b.Y0+b.Y1)/2
					if !(v >= threshold && x-o.X0 > 0.01 && o.X1-x > 0.01 && y-o.Y0 > 0.01 && o.Y1-y > 0.01) {
						continue
					}
					qualified[i]++
					if l := &want[c.anchor]; l.Label == Negative || v > best[c.anchor] {
						if l.Label == Positive {
							contested++
						}
						*l, best[c.anchor] = label{Positive, int32(i)}, v
					}
				}
			}
			return want, qualified
		}
		want, qualified := assign(boxes)
		r := by.Assign(Scene{Objects: wide(boxes), Grids: grids, Resized: geom.Size{}})
		labelled(t, seed, r, grids, want)
		for i, n := range qualified {
			if r.Objects[i].AtHigh != n {
				t.Fatalf("seed %d: object %d: got %d anchors, want %d", seed, i, r.Objects[i].AtHigh, n)
			}
		}
		crowd := w.object(grids, nil, false)
		alone, _ := assign([]geom.Box32{crowd})
		reaches(t, seed, a, by, r, crowd.Wide(), grids, func(anchor int32) bool { return alone[anchor].Label == Positive })
	}
	if contested == 0 {
		t.Error("no two objects wanted the same anchor")
	}
}

// TestShapeRatioIsDense compares with yolov5's steps, whose rows are written one over
// the other: utils/loss.py, build_targets.
func TestShapeRatioIsDense(t *testing.T) {
	contested := 0
	for seed := range uint64(3000) {
		w := world{rand.New(rand.NewPCG(seed, 13))}
		side := 32 * (1 + w.IntN(8))
		var grids []geom.Grid
		first := 0
		for _, stride := range []int{8, 16, 32} {
			g := geom.Grid{Rows: side / stride, Cols: side / stride, StrideX: float32(stride), StrideY: float32(stride),
				OffsetX: float32(stride) / 2, OffsetY: float32(stride) / 2, First: first, Planar: true}
			for range 1 + w.IntN(3) {
				x, y := w.side(), w.side()
				g.Shapes = append(g.Shapes, geom.Box32{X0: -x, Y0: -y, X1: x, Y1: y})
			}
			first += g.Len()
			grids = append(grids, g)
		}
		part := func() float32 { // often on an edge of cells
			if w.IntN(3) == 0 {
				return float32(w.IntN(side/8+1)) * 8 / float32(side)
			}
			return w.Float32()
		}
		var objects []parts
		var boxes []geom.Box
		for range w.IntN(8) {
			p := parts{part(), part(), part(), part()}
			objects = append(objects, p)
			boxes = append(boxes, p.box(side))
		}
		rule := &ShapeRatio{Most: []float64{2, 4, 8}[w.IntN(3)]}
		by := rule.Assigner(true)
		assign := func(objects []parts) (want []label, rows []int) {
			want, rows = make([]label, first), make([]int, len(objects))
			for level := range grids {
				g := &grids[level]
				n := float32(g.Cols)
				for kind := range 5 {
					for k, s := range g.Shapes {
						for i, o := range objects {
							x, y, rw, rh := float32(o.x*n), float32(o.y*n), float32(o.w*n)/(s.Width()/g.StrideX), float32(o.h*n)/(s.Height()/g.StrideY)
							if !(max(rw, 1/rw) < float32(rule.Most) && max(rh, 1/rh) < float32(rule.Most)) {
								continue
							}
							near := func(v float32) bool { return math.Mod(float64(v), 1) < 0.5 && v > 1 }
							use := [5]bool{true, near(x), near(y), near(n - x), near(n - y)}[kind]
							if !use {
								continue
							}
							offset := [5][2]float32{{0, 0}, {0.5, 0}, {0, 0.5}, {-0.5, 0}, {0, -0.5}}[kind]
							col, row := int(x-offset[0]), int(y-offset[1])
							at := g.Index(max(0, min(row, g.Rows-1)), max(0, min(col, g.Cols-1)), k)
							if want[at].Label == Positive {
								contested++
							}
							want[at] = label{Positive, int32(i)}
							rows[i]++
						}
					}
				}
			}
			return want, rows
		}
		ratio := func(o parts, g *geom.Grid, k int) float32 {
			n, s := float32(g.Cols), g.Shapes[k]
			rw, rh := float32(o.w*n)/(s.Width()/g.StrideX), float32(o.h*n)/(s.Height()/g.StrideY)
			return max(rw, 1/rw, rh, 1/rh)
		}
		want, rows := assign(objects)
		r := by.Assign(Scene{Objects: boxes, Grids: grids, Resized: geom.Size{}})
		labelled(t, seed, r, grids, want)
		bestFor := make([]int, len(r.BestFor))
		for _, o := range objects {
			least := float32(math.Inf(1))
			for i := range grids {
				for k := range grids[i].Shapes {
					least = min(least, ratio(o, &grids[i], k))
				}
			}
			share(bestFor, grids, true, func(anchor int32) bool {
				level := len(grids) - 1
				for int(anchor) < grids[level].First {
					level--
				}
				_, _, k := grids[level].Place(int(anchor))
				return ratio(o, &grids[level], k) == least
			})
		}
		if !slices.Equal(r.BestFor, bestFor) {
			t.Fatalf("seed %d: best for: got %v, want %v", seed, r.BestFor, bestFor)
		}
		for i, n := range rows {
			if r.Objects[i].AtHigh != n {
				t.Fatalf("seed %d: object %d: got %d rows, want %d", seed, i, r.Objects[i].AtHigh, n)
			}
		}
		crowd := parts{part(), part(), part(), part()}
		alone, _ := assign([]parts{crowd})
		reaches(t, seed, rule, by, r, crowd.box(side), grids, func(anchor int32) bool { return alone[anchor].Label == Positive })
	}
	if contested == 0 {
		t.Error("no two objects wanted the same anchor")
	}
}

// box returns the corners in float64, as anchors.Layout.Place gives them.
func (p parts) box(side int) geom.Box {
	s := float64(side)
	return geom.Box{X0: s * (float64(p.x) - float64(p.w)/2), Y0: s * (float64(p.y) - float64(p.h)/2),
		X1: s * (float64(p.x) + float64(p.w)/2), Y1: s * (float64(p.y) + float64(p.h)/2)}
}

// BenchmarkRules labels the anchors of images with 7 objects by every rule: on 800 × 1088
// px, and with the objects where they are on 3200 × 4352 px, which has 16 times the
// anchors. No rule should take longer for that.
func BenchmarkRules(b *testing.B) {
	w := world{rand.New(rand.NewPCG(1, 4))}
	images := make([][]geom.Box, 64)
	for i := range images { // as BenchmarkMatch
		for range 7 {
			x, y := w.Float64()*1000, w.Float64()*700
			sw, sh := math.Exp(w.Float64()*3.7+2.5), math.Exp(w.Float64()*3.7+2.5)
			images[i] = append(images[i], geom.Box{X0: x, Y0: y, X1: min(x+sw, 1066), Y1: min(y+sh, 799)})
		}
	}
	retina, square, cells := retinaGrids(), retinaGrids(), retinaGrids()
	first := 0
	for i := range retina {
		for _, s := range retina[i].Shapes {
			retina[i].Exact = append(retina[i].Exact, s.Wide())
		}
		side := 4 * square[i].StrideX
		square[i].Shapes, square[i].First = []geom.Box32{{X0: -side, Y0: -side, X1: side, Y1: side}}, first
		half := cells[i].StrideX / 2
		cells[i].Shapes, cells[i].First = []geom.Box32{{X0: -half, Y0: -half, X1: half, Y1: half}}, square[i].First
		first += square[i].Len()
	}
	for _, rule := range []struct {
		name  string
		of    Rule
		grids []geom.Grid
	}{
		{"max-iou", &MaxIoU{Negative: 0.4, Positive: 0.5, LowQuality: true}, retina},
		{"inclusive-iou", &InclusiveIoU{Low: 0.4, High: 0.5, Inside: true}, retina},
		{"atss", &ATSS{Candidates: 9}, square},
		{"fcos", &FCOS{Radius: 1.5, Library: fcosTorchvision}, cells},
		{"task-aligned", &TaskAligned{Top: 10, Below: 16, Widen: 16, Reach: 14.99}, cells},
		{"simota", &SimOTA{Top: 10, Radius: 1.5}, cells},
		{"shape-ratio", &ShapeRatio{Most: 4}, retina},
	} {
		for _, times := range []int{1, 4} {
			grids := slices.Clone(rule.grids)
			first := 0
			for i := range grids {
				g := &grids[i]
				g.Rows, g.Cols, g.First = g.Rows*times, g.Cols*times, first
				first += g.Len()
			}
			b.Run(fmt.Sprintf("%s/anchors=%d", rule.name, first), func(b *testing.B) {
				a := rule.of.Assigner(false)
				size := geom.Size{W: 1088 * times, H: 800 * times}
				for i := range b.N {
					a.Assign(Scene{Objects: images[i%len(images)], Grids: grids, Resized: size})
				}
			})
		}
	}
}
