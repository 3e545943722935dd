package iou

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/geom"
)

// points draws grids of points, and objects: some with edges on points, some far off.
func (w world) points() (s Scene) {
	s.Grids = w.grids()
	first := 0
	for i := range s.Grids {
		g := &s.Grids[i]
		half := g.StrideX / 2
		g.Shapes, g.First = []geom.Box32{{X0: -half, Y0: -half, X1: half, Y1: half}}, first
		first += g.Len()
	}
	for _, o := range w.objects(s.Grids, w.IntN(4) == 0) {
		if w.IntN(3) == 0 { // an edge on a point
			g := &s.Grids[w.IntN(len(s.Grids))]
			o.X0 = g.ShiftX(w.IntN(g.Cols))
			o.X1 = max(o.X1, o.X0+w.side())
		}
		if w.IntN(6) == 0 { // beyond the grids, as unclipped boxes are
			o.X0, o.Y0 = o.X0-100, o.Y0-100
		}
		s.Objects = append(s.Objects, o.Wide())
	}
	s.Resized = w.extent(s.Grids)
	return s
}

// eachWorld calls f with many scenes of points.
func eachWorld(t *testing.T, salt uint64, f func(w world, s Scene)) {
	t.Helper()
	for seed := range uint64(2500) {
		w := world{rand.New(rand.NewPCG(seed, salt))}
		s := w.points()
		if f(w, s); t.Failed() {
			t.Fatalf("seed %d, objects %v, grids %+v", seed, s.Objects, s.Grids)
		}
	}
}

// TestCoverCounts: against rectangles drawn point by point.
func TestCoverCounts(t *testing.T) {
	var c cover
	for seed := range uint64(3000) {
		w := world{rand.New(rand.NewPCG(seed, 31))}
		const side = 12
		areas := make([]area, w.IntN(8))
		var depth [side][side]int
		for i := range areas {
			a := area{span{w.IntN(side), 0}, span{w.IntN(side), 0}}
			a.cols.n, a.rows.n = w.IntN(side-a.cols.first+1), w.IntN(side-a.rows.first+1)
			areas[i] = a
			for y := range a.rows.n {
				for x := range a.cols.n {
					depth[a.rows.first+y][a.cols.first+x]++
				}
			}
		}
		shared := make([]int, len(areas))
		distinct, contested := c.count(areas, shared)
		want := [2]int{}
		for y := range side {
			for x := range side {
				want[0] += min(1, depth[y][x])
				want[1] += min(1, depth[y][x]/2)
			}
		}
		if got := [2]int{distinct, contested}; got != want {
			t.Fatalf("seed %d, %v: distinct, contested: got %v, want %v", seed, areas, got, want)
		}
		for i, a := range areas {
			n := 0
			for y := range a.rows.n {
				for x := range a.cols.n {
					n += min(1, depth[a.rows.first+y][a.cols.first+x]/2)
				}
			}
			if shared[i] != n {
				t.Fatalf("seed %d, %v: rectangle %d shares %d, want %d", seed, areas, i, shared[i], n)
			}
		}
	}
}

// TestWhereLooksAtFew: finding a run of points takes a few comparisons, however many points
// the axis has and the run holds.
func TestWhereLooksAtFew(t *testing.T) {
	for _, n := range []int{10, 1000, 1000000} {
		looked := 0
		a := axis{n, 8, 4}
		low, high := float64(8*n)/10+0.3, float64(8*n)*0.9
		got := a.where(low, high, func(p float32) bool { looked++; return p > float32(low) && p < float32(high) })
		if looked > 8 || math.Abs(float64(got.n)-0.8*float64(n)) > 2 {
			t.Errorf("%d points: %d comparisons for a run of %d", n, looked, got.n)
		}
	}
}

// held says of every point, by its index, which objects it is a candidate of.
type held [][]int

// counted fails the test where candidates differ from those that an oracle names.
func counted(t *testing.T, r *Result, s Scene, want held) {
	t.Helper()
	distinct, contested := 0, 0
	objects := make([]Object, len(s.Objects))
	points := make([]Points, len(s.Objects)*len(s.Grids))
	for level := range s.Grids {
		g := &s.Grids[level]
		for k := g.First; k < g.First+g.Len(); k++ {
			distinct += min(1, len(want[k]))
			contested += min(1, len(want[k])/2)
			for _, i := range want[k] {
				objects[i].AtHigh++
				points[level*len(s.Objects)+i].N++
				if len(want[k]) > 1 {
					objects[i].Shared++
				}
			}
		}
	}
	if got, want := [2]int{r.Candidates, r.Contested}, [2]int{distinct, contested}; got != want {
		t.Errorf("candidates, contested: got %v, want %v", got, want)
	}
	for i := range objects {
		got := r.Objects[i]
		if got.AtHigh != objects[i].AtHigh || got.AtLow != objects[i].AtHigh || got.Shared != objects[i].Shared {
			t.Errorf("object %d: got %+v, want %d candidates, %d of them shared", i, got, objects[i].AtHigh, objects[i].Shared)
		}
		for level := range s.Grids {
			if got, want := r.Points[level*len(objects)+i].N, points[level*len(objects)+i].N; got != want {
				t.Errorf("object %d, level %d: %d candidates, want %d", i, level, got, want)
			}
		}
	}
}

// around fails the test where what a rule says of a box that is no object differs from an
// oracle's candidates of it.
func around(t *testing.T, rule Rule, a Assigner, s Scene, box geom.Box, want held, alone func(k int) bool) {
	t.Helper()
	var got, expect []int32
	by := rule.Reacher(0)
	by.Prepare(s.Grids, nil)
	by.Each(box, func(anchor int32, level uint8, v float32, _ bool) {
		if g := &s.Grids[level]; int(anchor) < g.First || int(anchor) >= g.First+g.Len() || v != 1 {
			t.Errorf("point %d on level %d at %v", anchor, level, v)
		}
		got = append(got, anchor)
	})
	background := 0
	for k := range want {
		if alone(k) {
			expect = append(expect, int32(k))
			if len(want[k]) == 0 {
				background++
			}
		}
	}
	if slices.Sort(got); !slices.Equal(got, expect) {
		t.Errorf("a box reaches %v, want %v", got, expect)
	}
	if n := a.Background(box); n != background {
		t.Errorf("background: got %d, want %d", n, background)
	}
}

// pointOf returns a point and its level's stride.
func pointOf(s Scene, k int) (x, y, stride float32) {
	level := len(s.Grids) - 1
	for k < s.Grids[level].First {
		level--
	}
	g := &s.Grids[level]
	row, col, _ := g.Place(k)
	return g.ShiftX(col), g.ShiftY(row), g.StrideX
}

func pointsIn(s Scene) (n int) {
	for i := range s.Grids {
		n += s.Grids[i].Len()
	}
	return n
}

// TestTaskAlignedIsDense compares with ultralytics' steps over the full matrix of objects and
// points: utils/tal.py, select_candidates_in_gts and bbox2dist.
func TestTaskAlignedIsDense(t *testing.T) {
	some := [3]int{}
	eachWorld(t, 32, func(w world, s Scene) {
		for i := range s.Grids { // its strides are the same in x and y
			s.Grids[i].StrideY = s.Grids[i].StrideX
		}
		rule := &TaskAligned{Top: 1 + w.IntN(12), Reach: []float64{0, 2.99, 14.99}[w.IntN(3)]}
		if w.IntN(3) > 0 {
			rule.Below, rule.Widen = []float64{8, 16, 40}[w.IntN(3)], 40
		}
		in := func(o geom.Box32, k int) bool {
			x, y, _ := pointOf(s, k)
			if rule.Widen > 0 {
				cx, cy, wide, high := (o.X0+o.X1)/2, (o.Y0+o.Y1)/2, o.X1-o.X0, o.Y1-o.Y0
				if wide < float32(rule.Below) {
					wide = float32(rule.Widen)
				}
				if high < float32(rule.Below) {
					high = float32(rule.Widen)
				}
				o = geom.Box32{X0: cx - wide/2, Y0: cy - high/2, X1: cx + wide/2, Y1: cy + high/2}
			}
			return min(x-o.X0, y-o.Y0, o.X1-x, o.Y1-y) > 1e-9
		}
		want := make(held, pointsIn(s))
		extra := make([]Points, len(s.Objects))
		for i := range s.Objects {
			o := s.Objects[i].Narrow()
			if o.X0+o.Y0+o.X1+o.Y1 <= 0 {
				continue
			}
			for k := range want {
				if !in(o, k) {
					continue
				}
				want[k] = append(want[k], i)
				x, y, stride := pointOf(s, k)
				far := 0
				for _, d := range []float32{x - o.X0, y - o.Y0, o.X1 - x, o.Y1 - y} {
					if rule.Reach > 0 && d/stride > float32(rule.Reach) {
						far++
					}
				}
				extra[i].Sides += far
				extra[i].Far += min(1, far)
				if rule.Widen > 0 && !(min(x-o.X0, y-o.Y0, o.X1-x, o.Y1-y) > 1e-9) {
					extra[i].Outside++
				}
			}
		}
		a := rule.Assigner(false)
		r := a.Assign(s)
		counted(t, r, s, want)
		for i := range s.Objects {
			var got Points
			for level := range s.Grids {
				p := r.Points[level*len(s.Objects)+i]
				got.Outside, got.Far, got.Sides = got.Outside+p.Outside, got.Far+p.Far, got.Sides+p.Sides
			}
			if got != extra[i] {
				t.Errorf("object %d: got %+v, want %+v", i, got, extra[i])
			}
			some[0] += got.Outside
			some[1] += got.Far
			some[2] += r.Objects[i].Shared
			n := r.Objects[i].AtHigh
			if why := a.Why(i); (why.Why == NoPoint) != (n == 0) || (why.Why == FewPoints) != (n > 0 && n < rule.Top) {
				t.Errorf("object %d, %d points: %s", i, n, why.Why)
			}
		}
		box := w.object(s.Grids, nil, false)
		around(t, rule, a, s, box.Wide(), want, func(k int) bool { return box.X0+box.Y0+box.X1+box.Y1 > 0 && in(box, k) })
		bounded(t, w, r, s, want, rule.Top, false)
	})
	if some[0] == 0 || some[1] == 0 || some[2] == 0 {
		t.Errorf("outside, too far, shared: %v", some)
	}
}

// TestSimOTAIsDense compares with YOLOX's get_geometry_constraint over the full matrix.
func TestSimOTAIsDense(t *testing.T) {
	eachWorld(t, 33, func(w world, s Scene) {
		for i := range s.Grids {
			s.Grids[i].StrideY = s.Grids[i].StrideX
		}
		for i, o := range s.Objects { // float32 centres and sides
			cx, cy := float64(float32((o.X0+o.X1)/2)), float64(float32((o.Y0+o.Y1)/2))
			x, y := float64(float32(o.Width())), float64(float32(o.Height()))
			if w.IntN(3) == 0 { // on a point
				g := &s.Grids[w.IntN(len(s.Grids))]
				cx, cy = float64(g.ShiftX(w.IntN(g.Cols))), float64(g.ShiftY(w.IntN(g.Rows)))
			}
			s.Objects[i] = geom.Box{X0: cx - x/2, Y0: cy - y/2, X1: cx + x/2, Y1: cy + y/2}
		}
		rule := &SimOTA{Top: 1 + w.IntN(12), Radius: []float64{1.5, 2.5}[w.IntN(2)]}
		in := func(o geom.Box, k int) bool {
			x, y, stride := pointOf(s, k)
			cx, cy, distance := float32((o.X0+o.X1)/2), float32((o.Y0+o.Y1)/2), stride*float32(rule.Radius)
			return min(x-(cx-distance), (cx+distance)-x, y-(cy-distance), (cy+distance)-y) > 0
		}
		want := make(held, pointsIn(s))
		for i, o := range s.Objects {
			for k := range want {
				if in(o, k) {
					want[k] = append(want[k], i)
				}
			}
		}
		a := rule.Assigner(false)
		r := a.Assign(s)
		counted(t, r, s, want)
		box := w.object(s.Grids, nil, false).Wide()
		around(t, rule, a, s, box, want, func(k int) bool { return in(box, k) })
		bounded(t, w, r, s, want, rule.Top, true)
	})
}

// bounded fails the test where some outcome of a rule that sees predictions, drawn at random,
// has more positives than the bounds. With any, an object may have candidates of others.
func bounded(t *testing.T, w world, r *Result, s Scene, want held, top int, any bool) {
	t.Helper()
	if r.Positives+r.Negatives != r.Anchors || r.Ignored != 0 || r.Positives > r.Candidates {
		t.Errorf("%d positive, %d negative of %d points, %d candidates", r.Positives, r.Negatives, r.Anchors, r.Candidates)
	}
	for range 3 {
		owner := map[int]int{} // of points
		for i := range s.Objects {
			var own []int
			for k := range want {
				if slices.Contains(want[k], i) || any && len(want[k]) > 0 {
					own = append(own, k)
				}
			}
			w.Shuffle(len(own), func(a, b int) { own[a], own[b] = own[b], own[a] })
			for _, k := range own[:min(top, len(own))] {
				if _, taken := owner[k]; !taken || w.IntN(2) == 0 {
					owner[k] = i
				}
			}
		}
		objects := make([]int, len(s.Objects))
		for _, i := range owner {
			objects[i]++
		}
		for i, n := range objects {
			if o := r.Objects[i]; n > min(top, o.AtHigh) && !any || n > top {
				t.Errorf("object %d has %d points, at most %d of %d are said", i, n, top, o.AtHigh)
			}
		}
		if len(owner) > r.Positives {
			t.Errorf("%d positive points, at most %d are said", len(owner), r.Positives)
		}
	}
	sums, having, alone := [2]int{}, 0, 0
	for i := range r.Objects {
		o := &r.Objects[i]
		sums[0] += o.Positives
		having += min(1, o.AtHigh)
		alone += min(1, o.Positives)
		if o.Positives > top || !any && o.Positives > o.AtHigh {
			t.Errorf("object %d: %+v", i, o)
		}
	}
	for level := range r.ByShape {
		n := r.ByShape[level].Positives
		sums[1] += n
		if g := &s.Grids[level]; n < 0 || n > g.Len() {
			t.Errorf("level %d has %d of %d", level, n, g.Len())
		}
	}
	if sums != [2]int{r.Positives, r.Positives} {
		t.Errorf("objects and levels have %v, the image %d", sums, r.Positives)
	}
	if !any && alone != min(having, r.Candidates) {
		t.Errorf("%d objects have positives, %d have candidates", alone, having)
	}
}

// TestFCOSIsDense compares with the steps of torchvision's models/detection/fcos.py
// (compute_loss) and of mmdetection's dense_heads/fcos_head.py (_get_targets_single) over
// the full matrix of points and objects.
func TestFCOSIsDense(t *testing.T) {
	some := [3]int{}
	eachWorld(t, 34, func(w world, s Scene) {
		for i := range s.Grids { // sizes follow the strides but for a px
			half := float32(int(4) << i)
			s.Grids[i].Shapes = []geom.Box32{{X0: -half, Y0: -half, X1: half, Y1: half}}
		}
		rule := &FCOS{Library: []string{fcosTorchvision, fcosMMDetection}[w.IntN(2)], Radius: []float64{0, 1.5, 2.5}[w.IntN(3)]}
		in := func(o geom.Box32, k int) bool {
			level := len(s.Grids) - 1
			for k < s.Grids[level].First {
				level--
			}
			x, y, _ := pointOf(s, k)
			size := s.Grids[level].Shapes[0].X1 * 2
			low, high := 4*size, 8*size
			if level == 0 {
				low = 0
			}
			if level == len(s.Grids)-1 {
				high = float32(math.Inf(1))
			}
			cx, cy := (o.X0+o.X1)/2, (o.Y0+o.Y1)/2
			sides := []float32{x - o.X0, y - o.Y0, o.X1 - x, o.Y1 - y}
			radius := float32(rule.Radius) * size
			if rule.Library == fcosTorchvision {
				near := rule.Radius == 0 || max(float32(math.Abs(float64(x-cx))), float32(math.Abs(float64(y-cy)))) < radius
				return near && slices.Min(sides) > 0 && slices.Max(sides) > low && slices.Max(sides) < high
			}
			inside := slices.Min(sides) > 0
			if rule.Radius > 0 {
				x0, y0, x1, y1 := max(cx-radius, o.X0), max(cy-radius, o.Y0), min(cx+radius, o.X1), min(cy+radius, o.Y1)
				inside = min(x-x0, y-y0, x1-x, y1-y) > 0
			}
			return inside && slices.Max(sides) >= low && slices.Max(sides) <= high
		}
		want := make(held, pointsIn(s))
		labels := make([]label, len(want))
		for k := range want {
			best := float32(0)
			for i := range s.Objects {
				o := s.Objects[i].Narrow()
				if !in(o, k) {
					continue
				}
				want[k] = append(want[k], i)
				value := 1e8 - o.Area()
				if rule.Library == fcosMMDetection {
					value = -o.Area()
				}
				if labels[k].Label == Negative || value > best {
					labels[k], best = label{Positive, int32(i)}, value
				}
			}
		}
		a := rule.Assigner(true)
		r := a.Assign(s)
		counted(t, r, s, want)
		labelled(t, 0, r, s.Grids, labels)
		for i := range s.Objects {
			o := r.Objects[i]
			if why := a.Why(i).Why; (why == Fine) != (o.Positives > 0) || (why == OutCompeted) != (o.AtHigh > 0 && o.Positives == 0) {
				t.Errorf("object %d: %+v, %s", i, o, why)
			}
		}
		some[0] += r.Contested
		some[1] += r.Tied
		some[2] += r.Positives
		box := w.object(s.Grids, nil, false)
		around(t, rule, a, s, box.Wide(), want, func(k int) bool { return in(box, k) })
	})
	if some[0] == 0 || some[1] == 0 || some[2] == 0 {
		t.Errorf("contested, tied, positive: %v", some)
	}
}

// TestPointRulesAreValidated names the key of each mistake.
func TestPointRulesAreValidated(t *testing.T) {
	one := []int{1, 1}
	for _, c := range []struct {
		rule   Rule
		shapes []int
		want   string // "" if it is right
	}{
		{&TaskAligned{Top: 10}, one, ""},
		{&TaskAligned{Top: 10, Below: 8, Widen: 16, Reach: 14.99}, one, ""},
		{&TaskAligned{}, one, "matcher.top"},
		{&TaskAligned{Top: 10, Below: 8}, one, "matcher.widen_to"},
		{&TaskAligned{Top: 10, Below: -1}, one, "matcher.widen_below"},
		{&TaskAligned{Top: 10, Reach: -1}, one, "matcher.reach"},
		{&TaskAligned{Top: 10}, []int{1, 2}, "anchors.levels[1]"},
		{&SimOTA{Radius: 1.5, Top: 10}, one, ""},
		{&SimOTA{Radius: 1.5}, one, "matcher.top"},
		{&SimOTA{Top: 10}, one, "matcher.radius"},
		{&SimOTA{Radius: 1.5, Top: 10}, []int{3}, "anchors.levels[0]"},
		{&FCOS{Library: fcosMMDetection}, one, ""},
		{&FCOS{Library: "tensorflow"}, one, "matcher.library"},
		{&FCOS{Library: fcosTorchvision, Radius: -1}, one, "matcher.radius"},
		{&FCOS{Library: fcosTorchvision}, []int{1, 1, 9}, "anchors.levels[2]"},
	} {
		err := c.rule.Validate(c.shapes)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want+":") {
			t.Errorf("%+v: got %v, want %q", c.rule, err, c.want)
		}
	}
}

// TestAtLevels: what a box reaches on each level is what the rule counts for it as an object.
func TestAtLevels(t *testing.T) {
	some := 0
	eachWorld(t, 64, func(w world, s Scene) {
		for i := range s.Grids {
			s.Grids[i].StrideY = s.Grids[i].StrideX
		}
		for _, rule := range []Rule{
			&TaskAligned{Top: 10, Below: 8, Widen: 16}, &SimOTA{Top: 10, Radius: 1.5},
			&FCOS{Library: fcosTorchvision, Radius: 1.5}, &FCOS{Library: fcosMMDetection},
		} {
			r := rule.Assigner(false).Assign(s)
			by := rule.Reacher(0).(LevelReacher)
			by.Prepare(s.Grids, nil)
			for i, o := range s.Objects {
				got := by.AtLevels(o, []int{7})
				want := []int{7}
				for level := range s.Grids {
					want = append(want, r.Points[level*len(s.Objects)+i].N)
					some += r.Points[level*len(s.Objects)+i].N
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, object %d: %v, want %v", rule, i, got, want)
				}
			}
		}
	})
	if some == 0 {
		t.Error("no object has points")
	}
}
