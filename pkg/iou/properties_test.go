package iou

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"focalaudit/pkg/geom"
)

// These are properties that rules have by their definition. Beside the oracles of
// oracle_test.go and rules_test.go, which repeat a trainer's steps, they need no second
// implementation: a new rule can be put into family below before it has an oracle.

// family draws one rule and scenes for it.
type family struct {
	name  string
	rule  func(w world) Rule
	scene func(w world) Scene

	// contest reports whether two objects of a scene have the same claim to an anchor, so
	// that their order decides which one gets it.
	contest func(r Rule, s Scene, anchor int32, a, b int32) bool
}

var families = []family{
	{
		name: "max-iou",
		rule: func(w world) Rule {
			low := []float64{0.3, 0.4, 0.5}[w.IntN(3)]
			m := &MaxIoU{Negative: low, Positive: low + []float64{0, 0.1, 0.3}[w.IntN(3)], LowQuality: w.IntN(2) == 0}
			m.Overwrite, m.First = m.LowQuality && w.IntN(3) == 0, m.LowQuality && w.IntN(3) == 0
			m.Earliest = m.Overwrite && w.IntN(2) == 0
			return m
		},
		scene: func(w world) Scene { return w.scene(4) },
		contest: func(r Rule, s Scene, anchor, a, b int32) bool {
			at := anchorOf(s, anchor)
			return r.(*MaxIoU).Overwrite || Of32(s.Objects[a].Narrow(), at) == Of32(s.Objects[b].Narrow(), at)
		},
	},
	{
		name: "inclusive-iou",
		rule: func(w world) Rule {
			low := []float64{0.3, 0.4, 0.5}[w.IntN(3)]
			high := low + []float64{0, 0.1, 0.3}[w.IntN(3)]
			return &InclusiveIoU{Low: low, High: high, Inside: w.IntN(2) == 0, Exclusive: w.IntN(3) == 0}
		},
		scene: func(w world) Scene {
			s := w.scene(4)
			for i := range s.Grids {
				for _, shape := range s.Grids[i].Shapes {
					s.Grids[i].Exact = append(s.Grids[i].Exact, shape.Wide())
				}
			}
			return s
		},
		contest: func(r Rule, s Scene, anchor, a, b int32) bool {
			at, m := anchorOf(s, anchor).Wide(), r.(*InclusiveIoU)
			x, y := &s.Objects[a], &s.Objects[b]
			return m.overlapOf(&at, x, m.area(x)) == m.overlapOf(&at, y, m.area(y))
		},
	},
	{
		name:  "atss",
		rule:  func(w world) Rule { return &ATSS{Candidates: 2 + w.IntN(9)} },
		scene: func(w world) Scene { return w.scene(1) },
		contest: func(_ Rule, s Scene, anchor, a, b int32) bool {
			at := anchorOf(s, anchor)
			return Of32(s.Objects[a].Narrow(), at) == Of32(s.Objects[b].Narrow(), at)
		},
	},
	{
		name: "fcos",
		rule: func(w world) Rule {
			return &FCOS{Library: []string{fcosTorchvision, fcosMMDetection}[w.IntN(2)], Radius: []float64{0, 1.5}[w.IntN(2)]}
		},
		scene: func(w world) Scene {
			s := w.scene(1)
			for i := range s.Grids {
				half := s.Grids[i].StrideX / 2
				s.Grids[i].Shapes = []geom.Box32{{X0: -half, Y0: -half, X1: half, Y1: half}}
			}
			return s
		},
		contest: func(r Rule, s Scene, _, a, b int32) bool {
			of, as := r.(*FCOS), [2]geom.Box32{s.Objects[a].Narrow(), s.Objects[b].Narrow()}
			x, _ := of.win(as[0])
			y, _ := of.win(as[1])
			return x == y
		},
	},
	{
		name:    "shape-ratio",
		rule:    func(w world) Rule { return &ShapeRatio{Most: []float64{2, 4, 8}[w.IntN(3)]} },
		scene:   world.square,
		contest: func(Rule, Scene, int32, int32, int32) bool { return true }, // the last row that is written counts
	},
}

// each calls f with many rules and scenes of every family.
func each(t *testing.T, f func(t *testing.T, of family, w world, r Rule, s Scene)) {
	for k, of := range families {
		t.Run(of.name, func(t *testing.T) {
			for seed := range uint64(400) {
				w := world{rand.New(rand.NewPCG(seed, uint64(100+k)))}
				r, s := of.rule(w), of.scene(w)
				f(t, of, w, r, s)
				if t.Failed() {
					t.Fatalf("seed %d, %s, objects %v, grids %+v", seed, r, s.Objects, s.Grids)
				}
			}
		})
	}
}

// scene draws grids of up to so many shapes a level, and objects on and beside anchors.
// All coordinates are quarters of px, so that moving them by whole px rounds nothing.
func (w world) scene(shapes int) (s Scene) {
	first := 0
	for range 1 + w.IntN(3) {
		stride := float32(int(4) << w.IntN(4))
		g := geom.Grid{Rows: 2 + w.IntN(8), Cols: 2 + w.IntN(8), StrideX: stride, StrideY: stride, First: first}
		if w.IntN(2) == 0 {
			g.OffsetX, g.OffsetY = stride/2, stride/2
		}
		for range 1 + w.IntN(shapes) {
			x, y := quarter(1+w.Float32()*3*stride), quarter(1+w.Float32()*3*stride)
			g.Shapes = append(g.Shapes, geom.Box32{X0: -x, Y0: -y, X1: x, Y1: y})
		}
		first += g.Len()
		s.Grids = append(s.Grids, g)
	}
	for range w.IntN(7) {
		g := &s.Grids[w.IntN(len(s.Grids))]
		b := g.At(w.IntN(g.Rows), w.IntN(g.Cols), w.IntN(len(g.Shapes)))
		switch w.IntN(4) {
		case 0: // an anchor
		case 1: // a copy of an object
			if n := len(s.Objects); n > 0 {
				b = s.Objects[w.IntN(n)].Narrow()
			}
		default:
			b.X0, b.Y0 = b.X0+quarter(w.Float32()*g.StrideX), b.Y0+quarter(w.Float32()*g.StrideY)
			b.X1, b.Y1 = b.X0+quarter(1+w.Float32()*4*g.StrideX), b.Y0+quarter(1+w.Float32()*4*g.StrideY)
		}
		s.Objects = append(s.Objects, b.Wide())
	}
	s.Resized = w.extent(s.Grids)
	return s
}

func quarter(x float32) float32 { return float32(int(4*x)) / 4 }

// square draws yolov5's grids on a square of 256 px, and objects by parts of it.
func (w world) square() (s Scene) {
	const side = 256
	first := 0
	for _, stride := range []int{8, 16, 32} {
		g := geom.Grid{Rows: side / stride, Cols: side / stride, StrideX: float32(stride), StrideY: float32(stride),
			OffsetX: float32(stride) / 2, OffsetY: float32(stride) / 2, First: first, Planar: true}
		for range 1 + w.IntN(3) {
			x, y := w.side(), w.side()
			g.Shapes = append(g.Shapes, geom.Box32{X0: -x, Y0: -y, X1: x, Y1: y})
		}
		first += g.Len()
		s.Grids = append(s.Grids, g)
	}
	for range w.IntN(7) {
		part := func() float32 { return float32(1+w.IntN(255)) / 256 }
		s.Objects = append(s.Objects, parts{part(), part(), part(), part()}.box(side))
	}
	s.Resized = geom.Size{W: side, H: side}
	return s
}

func anchorOf(s Scene, anchor int32) geom.Box32 {
	for i := len(s.Grids) - 1; ; i-- {
		if g := &s.Grids[i]; int(anchor) >= g.First {
			return g.At(g.Place(int(anchor)))
		}
	}
}

// assigned is a result by anchor, kept beyond the next one of its assigner.
type assigned struct {
	Result
	of []Match
}

func assign(r Rule, s Scene) assigned {
	got := r.Assigner(true).Assign(s)
	out := assigned{Result: *got}
	for k := range got.Anchors {
		out.of = append(out.of, *got.Of(int32(k)))
	}
	return out
}

// TestLabelsAddUp: every anchor has one label; shapes, objects and single anchors count
// the same; and no list is needed for counts.
func TestLabelsAddUp(t *testing.T) {
	each(t, func(t *testing.T, _ family, _ world, r Rule, s Scene) {
		got := assign(r, s)
		if got.Positives+got.Ignored+got.Negatives != got.Anchors || len(got.of) != got.Anchors {
			t.Errorf("%d positive, %d ignored and %d negative of %d anchors", got.Positives, got.Ignored, got.Negatives, got.Anchors)
		}
		var shapes Count
		for _, c := range got.ByShape {
			shapes.Positives += c.Positives
			shapes.Ignored += c.Ignored
		}
		if shapes != (Count{got.Positives, got.Ignored}) {
			t.Errorf("shapes have %+v of %d positive and %d ignored anchors", shapes, got.Positives, got.Ignored)
		}
		own := make([]int, len(s.Objects))
		for _, m := range got.of {
			if m.Label == Positive {
				own[m.Object]++
			}
		}
		sum := 0
		for i, o := range got.Objects {
			sum += o.Positives
			if o.Positives != own[i] || o.Rescued > o.Positives || o.AtHigh > o.AtLow {
				t.Errorf("object %d: got %+v, which has %d positive anchors", i, o, own[i])
			}
		}
		if sum != got.Positives {
			t.Errorf("objects have %d of %d positive anchors", sum, got.Positives)
		}
		counts := r.Assigner(false).Assign(s)
		if counts.Positives != got.Positives || counts.Ignored != got.Ignored || !reflect.DeepEqual(counts.Objects, got.Objects) {
			t.Errorf("without a list: %d positive, %d ignored, %+v", counts.Positives, counts.Ignored, counts.Objects)
		}
	})
}

// TestOrderOfObjects: labels do not depend on the order of the objects. An anchor belongs
// to the same object, unless another has the same claim to it.
func TestOrderOfObjects(t *testing.T) {
	each(t, func(t *testing.T, of family, w world, r Rule, s Scene) {
		want := assign(r, s)
		perm := w.Perm(len(s.Objects))
		shuffled := s
		shuffled.Objects = make([]geom.Box, len(perm))
		for i, k := range perm {
			shuffled.Objects[i] = s.Objects[k]
		}
		got := assign(r, shuffled)
		if got.Positives != want.Positives || got.Ignored != want.Ignored || !reflect.DeepEqual(got.ByShape, want.ByShape) {
			t.Errorf("%d positive, %d ignored, want %d, %d", got.Positives, got.Ignored, want.Positives, want.Ignored)
		}
		for k := range got.of {
			a, b := got.of[k], want.of[k]
			if a.Label != b.Label {
				t.Errorf("anchor %d: label %d, want %d", k, a.Label, b.Label)
			} else if a.Label == Positive {
				if now, before := int32(perm[a.Object]), b.Object; now != before && !of.contest(r, s, int32(k), now, before) {
					t.Errorf("anchor %d: object %d's, want object %d's", k, now, before)
				}
			}
		}
		for i, k := range perm { // what an object finds does not depend on the others
			a, b := got.Objects[i], want.Objects[k]
			a.Positives, a.Rescued, b.Positives, b.Rescued = 0, 0, 0, 0
			if a != b {
				t.Errorf("object %d: got %+v, want %+v", k, a, b)
			}
		}
	})
}

// TestMoved: grids, objects and the image's right and lower edge moved by whole px have
// the same labels. yolov5's grids begin at the image's corner: there objects move, by
// whole cells of every level, and the labels with them.
func TestMoved(t *testing.T) {
	each(t, func(t *testing.T, of family, w world, r Rule, s Scene) {
		if of.name == "shape-ratio" {
			moveCells(t, r, s)
			return
		}
		x, y := w.IntN(300), w.IntN(300)
		moved := Scene{Resized: geom.Size{W: s.Resized.W + x, H: s.Resized.H + y}}
		for _, g := range s.Grids {
			g.OffsetX, g.OffsetY = g.OffsetX+float32(x), g.OffsetY+float32(y)
			moved.Grids = append(moved.Grids, g)
		}
		for _, b := range s.Objects {
			moved.Objects = append(moved.Objects, move(b, float64(x), float64(y)))
		}
		got, want := assign(r, moved), assign(r, s)
		if !reflect.DeepEqual(got.of, want.of) || !reflect.DeepEqual(got.Objects, want.Objects) {
			t.Errorf("moved by (%d, %d) px: %+v, want %+v", x, y, got.Objects, want.Objects)
		}
	})
}

func move(b geom.Box, x, y float64) geom.Box {
	return geom.Box{X0: b.X0 + x, Y0: b.Y0 + y, X1: b.X1 + x, Y1: b.Y1 + y}
}

// moveCells moves the objects of the left half, away from the edges, by 64 px: two cells
// of the level with the largest.
func moveCells(t *testing.T, r Rule, s Scene) {
	var left, right []geom.Box
	for _, b := range s.Objects {
		if x, y := (b.X0+b.X1)/2, (b.Y0+b.Y1)/2; x >= 64 && x < 128 && y >= 64 && y < 192 {
			left, right = append(left, b), append(right, move(b, 64, 0))
		}
	}
	s.Objects = left
	want := assign(r, s)
	s.Objects = right
	got := assign(r, s)
	if !reflect.DeepEqual(got.ByShape, want.ByShape) {
		t.Errorf("%d positive anchors, want %d", got.Positives, want.Positives)
	}
	for i := range s.Grids {
		g := &s.Grids[i]
		for k := g.First; k < g.First+g.Len(); k++ {
			row, col, shape := g.Place(k)
			to := col + int(64/g.StrideX)
			if to >= g.Cols {
				continue
			}
			a, b := want.of[k], got.of[g.Index(row, to, shape)]
			if a.Label != b.Label || a.Object != b.Object {
				t.Errorf("level %d, row %d, column %d: %+v, moved %+v", i, row, col, a, b)
			}
		}
	}
}

// TestObjectOnAnAnchor: an object with the very box of an anchor has that anchor, if it is
// the only object. Under atss this holds for sizes and strides as presets have them: a
// threshold of mean and deviation can be above 1 where levels are all alike.
func TestObjectOnAnAnchor(t *testing.T) {
	for k, of := range families {
		t.Run(of.name, func(t *testing.T) {
			for seed := range uint64(200) {
				w := world{rand.New(rand.NewPCG(seed, uint64(200+k)))}
				r, s := of.rule(w), of.scene(w)
				switch of.name {
				case "atss":
					s.Grids = squares()
					r = &ATSS{Candidates: 9}
				case "fcos":
					s.Grids = s.Grids[:1] // a cell's square is for the first level
				case "inclusive-iou":
					r.(*InclusiveIoU).Inside = false // it ignores some anchors for their place
				}
				level := w.IntN(len(s.Grids))
				g := &s.Grids[level]
				anchor := g.Index(w.IntN(g.Rows), w.IntN(g.Cols), w.IntN(len(g.Shapes)))
				box := anchorOf(s, int32(anchor)).Wide()
				if of.name == "shape-ratio" && !(box.Width() <= 256 && box.Height() <= 256) {
					continue // no label file has it
				}
				s.Objects = []geom.Box{box}
				got := assign(r, s)
				if m := got.of[anchor]; m.Label != Positive || m.Object != 0 || got.Objects[0].AtHigh == 0 {
					t.Fatalf("seed %d, %s: anchor %d, %v: got %+v, object %+v", seed, r, anchor, box, m, got.Objects[0])
				}
			}
		})
	}
}

// squares are atss-mmdet's grids at 256 × 256 px: one square of 8 strides a point.
func squares() (grids []geom.Grid) {
	first := 0
	for _, stride := range []int{8, 16, 32, 64, 128} {
		half := float32(4 * stride)
		g := geom.Grid{Rows: 256 / stride, Cols: 256 / stride, StrideX: float32(stride), StrideY: float32(stride), First: first,
			Shapes: []geom.Box32{{X0: -half, Y0: -half, X1: half, Y1: half}}}
		first += g.Len()
		grids = append(grids, g)
	}
	return grids
}

// TestEveryRuleHasProperties: no registered rule is left out above.
func TestEveryRuleHasProperties(t *testing.T) {
	for _, name := range Rules() {
		r, ok := New(name)
		if !ok || r == nil {
			t.Fatalf("New(%q) = %v, %v", name, r, ok)
		}
		if r.Thresholds().Bounds {
			continue // it labels no anchor: points_test.go has its properties
		}
		if !slices.ContainsFunc(families, func(of family) bool { return of.name == name }) {
			t.Errorf("%s is not among the families", name)
		}
	}
	if _, ok := New("nearest"); ok {
		t.Error("there is a rule that nobody registered")
	}
}
