package iou

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"focalaudit/pkg/geom"
)

// predictions draws what a detector predicts at the points of a scene. Many are of few values, so that
// metrics tie; some boxes are objects, some hold nothing.
func (w world) predictions(s Scene) *Predicted {
	p := &Predicted{K: 1 + w.IntN(3)}
	for range s.Objects {
		p.Outputs = append(p.Outputs, int32(w.IntN(p.K)))
	}
	coarse := w.IntN(2) == 0
	for k := range pointsIn(s) {
		x, y, stride := pointOf(s, k)
		reach := func() float32 {
			if coarse {
				return stride * float32(w.IntN(3))
			}
			return stride * float32(w.Float64()*4)
		}
		b := geom.Box32{X0: x - reach(), Y0: y - reach(), X1: x + reach(), Y1: y + reach()}
		if len(s.Objects) > 0 && w.IntN(2) == 0 {
			b = s.Objects[w.IntN(len(s.Objects))].Narrow()
			if !coarse {
				b.X0 += float32(w.NormFloat64())
				b.Y1 += float32(w.NormFloat64())
			}
		}
		if w.IntN(50) == 0 { // as without distribution focal loss
			b.X0, b.X1 = b.X1, b.X0
		}
		p.Boxes = append(p.Boxes, b)
		for range p.K {
			z := float32(w.IntN(3) * 2)
			if !coarse {
				z = float32(w.NormFloat64() * 3)
			}
			p.Logits = append(p.Logits, z-4)
		}
	}
	return p
}

// denseChoice repeats the steps of utils/tal.py over the full matrix of objects and points: _forward.
type denseChoice struct {
	overlap, metric [][]float32 // by object and point; 0 beside candidates
	owner           []int       // by point, -1 for background
	target          []float32   // by point
}

// densely chooses; in has the candidates by object and point, real the objects that are no padding.
func densely(s Scene, in [][]bool, real []bool, top int) (d denseChoice) {
	n, m, p := pointsIn(s), len(s.Objects), s.Predicted
	claims := make([][]bool, m)
	for i := range m {
		u, a := make([]float32, n), make([]float32, n)
		for k := range n {
			if !in[i][k] {
				continue
			}
			u[k] = max(0, denseCIoU(s.Objects[i].Narrow(), p.Boxes[k]))
			e := float32(math.Exp(float64(-p.Logits[k*p.K+int(p.Outputs[i])])))
			score := 1 / (1 + e)
			a[k] = float32(math.Sqrt(float64(score))) * float32(math.Pow(float64(u[k]), 6))
		}
		d.overlap, d.metric = append(d.overlap, u), append(d.metric, a)
		order := make([]int, n)
		for k := range order {
			order[k] = k
		}
		slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(a[y], a[x]) })
		claims[i] = make([]bool, n)
		for _, k := range order[:min(top, n)] {
			claims[i][k] = in[i][k] && real[i]
		}
	}
	d.owner, d.target = make([]int, n), make([]float32, n)
	for k := range n {
		d.owner[k] = -1
		several := 0
		for i := range m {
			if claims[i][k] {
				d.owner[k] = i
				several++
			}
		}
		if several > 1 {
			d.owner[k] = 0
			for i := range m {
				if d.overlap[i][k] > d.overlap[d.owner[k]][k] {
					d.owner[k] = i
				}
			}
		}
	}
	for i := range m {
		var u, a float32
		for k := range n {
			if d.owner[k] == i {
				u, a = max(u, d.overlap[i][k]), max(a, d.metric[i][k])
			}
		}
		for k := range n {
			if d.owner[k] == i {
				product := d.metric[i][k] * u
				d.target[k] = product / (a + 1e-9)
			}
		}
	}
	return d
}

// denseCIoU is 1 less the loss of the article on complete IoU, in the order of bbox_iou.
func denseCIoU(a, b geom.Box32) float32 {
	const eps = 1e-7
	wa, ha, wb, hb := a.Width(), a.Height()+eps, b.Width(), b.Height()+eps
	iw := min(a.X1, b.X1) - max(a.X0, b.X0)
	ih := min(a.Y1, b.Y1) - max(a.Y0, b.Y0)
	inter := float32(0)
	if iw > 0 && ih > 0 {
		inter = float32(iw * ih)
	}
	areaA, areaB := float32(wa*ha), float32(wb*hb) // rounded: arm64 would fuse them with the sum
	union := areaA + areaB
	union -= inter
	union += eps
	iou := inter / union
	cw, ch := max(a.X1, b.X1)-min(a.X0, b.X0), max(a.Y1, b.Y1)-min(a.Y0, b.Y0)
	cw2, ch2 := float32(cw*cw), float32(ch*ch)
	c2 := cw2 + ch2
	c2 += eps
	dx := b.X0 + b.X1
	dx = dx - a.X0 - a.X1
	dy := b.Y0 + b.Y1
	dy = dy - a.Y0 - a.Y1
	dx2, dy2 := float32(dx*dx), float32(dy*dy)
	rho2 := (dx2 + dy2) / 4
	turn := float32(math.Atan(float64(wb/hb))) - float32(math.Atan(float64(wa/ha)))
	turn = float32(turn * turn)
	v := float32(turn * 0.4052847345693511)
	alpha := v / (v - iou + 1.0000001)
	va := float32(v * alpha)
	return iou - (rho2/c2 + va)
}

// TestChoiceIsDense compares the choice by predictions with the full matrix, object for object and point for
// point, targets to the digit.
func TestChoiceIsDense(t *testing.T) {
	var some struct{ fillers, beyond, several, foreign, unfit, competed int }
	eachWorld(t, 61, func(w world, s Scene) {
		for i := range s.Grids {
			s.Grids[i].StrideY = s.Grids[i].StrideX
		}
		if w.IntN(3) == 0 && len(s.Objects) > 1 { // the same box twice
			s.Objects[len(s.Objects)-1] = s.Objects[0]
		}
		if w.IntN(3) == 0 && len(s.Objects) > 0 { // at the first points
			s.Objects[0] = geom.Box{X0: -3, Y0: -3, X1: 40, Y1: 30}
		}
		s.Predicted = w.predictions(s)
		rule := &TaskAligned{Top: 1 + w.IntN(12)}
		if w.IntN(2) > 0 {
			rule.Below, rule.Widen = []float64{8, 16}[w.IntN(2)], 16
		}
		in, real := make([][]bool, len(s.Objects)), make([]bool, len(s.Objects))
		for i := range s.Objects {
			o := s.Objects[i].Narrow()
			real[i] = o.X0+o.Y0+o.X1+o.Y1 > 0
			in[i] = make([]bool, pointsIn(s))
			for k := range in[i] {
				x, y, _ := pointOf(s, k)
				b := rule.widened(o) // held against its own oracle by TestTaskAlignedIsDense
				in[i][k] = real[i] && min(x-b.X0, y-b.Y0, b.X1-x, b.Y1-y) > 1e-9
			}
		}
		want := densely(s, in, real, rule.Top)
		a := rule.Assigner(true)
		r := a.Assign(s)
		positives, byObject := 0, make([]int, len(s.Objects))
		byLevel := make([]int, len(s.Grids))
		for k, owner := range want.owner {
			m := r.Of(int32(k))
			target, soft := r.Target(int32(k))
			if owner < 0 {
				if m.Label != Negative || target != 0 || !soft {
					t.Errorf("point %d: %+v, target %v, want a negative", k, m, target)
				}
				continue
			}
			positives++
			byObject[owner]++
			for level := range s.Grids {
				if g := &s.Grids[level]; k >= g.First && k < g.First+g.Len() {
					byLevel[level]++
				}
			}
			if m.Label != Positive || int(m.Object) != owner || target != want.target[k] {
				t.Errorf("point %d: %+v, target %v, want object %d's, target %v", k, m, target, owner, want.target[k])
			}
			if want.metric[owner][k] == 0 {
				some.fillers++
			}
			if !in[owner][k] {
				some.foreign++
			}
		}
		if r.Positives != positives || r.Negatives != r.Anchors-positives || r.Ignored != 0 || r.Positives > r.Candidates {
			t.Errorf("%d positive, %d negative of %d, want %d positive", r.Positives, r.Negatives, r.Anchors, positives)
		}
		listed := r.Special(nil)
		if len(listed) != positives {
			t.Errorf("%d anchors are listed, want %d", len(listed), positives)
		}
		for level := range s.Grids {
			if got := r.ByShape[level].Positives; got != byLevel[level] {
				t.Errorf("level %d: %d positives, want %d", level, got, byLevel[level])
			}
		}
		for i, n := range byObject {
			if got := r.Objects[i].Positives; got != n {
				t.Errorf("object %d: %d positives, want %d", i, got, n)
			}
			if n > rule.Top {
				some.beyond++
			}
			why := a.Why(i)
			held := 0
			for _, is := range in[i] {
				if is {
					held++
				}
			}
			switch {
			case held == 0 && n > 0: // the first object, at a point that nothing overlaps
			case (why.Why == NoPoint) != (held == 0), n == 0 && why.Why == Fine, n > 0 && held >= rule.Top && why.Why != Fine:
				t.Errorf("object %d, %d points, %d positive: %s", i, held, n, why.Why)
			}
			switch why.Why {
			case NoOverlap:
				some.unfit++
			case OutCompeted:
				some.competed++
			}
		}
		// without predictions, the sum is a bound
		s.Predicted = nil
		if most := rule.Assigner(true).Assign(s).Positives; most < positives {
			t.Errorf("at most %d positives without predictions, %d with", most, positives)
		}
	})
	if some.fillers == 0 || some.beyond == 0 || some.unfit == 0 || some.competed == 0 {
		t.Errorf("the worlds lack cases: %+v", some)
	}
}

// TestCompleteIoU compares with the article's formula in float64.
func TestCompleteIoU(t *testing.T) {
	eachWorld(t, 62, func(w world, s Scene) {
		if len(s.Objects) == 0 {
			return
		}
		p := w.predictions(s)
		o := s.Objects[w.IntN(len(s.Objects))].Narrow()
		for _, b := range p.Boxes[:min(20, len(p.Boxes))] {
			if b.Width() < 1 || b.Height() < 1 || o.Width() < 1 || o.Height() < 1 {
				continue
			}
			a, c := o.Wide(), b.Wide()
			out := geom.Box{X0: min(a.X0, c.X0), Y0: min(a.Y0, c.Y0), X1: max(a.X1, c.X1), Y1: max(a.Y1, c.Y1)}
			dx, dy := (a.X0+a.X1-c.X0-c.X1)/2, (a.Y0+a.Y1-c.Y0-c.Y1)/2
			turn := math.Atan(a.Width()/a.Height()) - math.Atan(c.Width()/c.Height())
			v := 4 / (math.Pi * math.Pi) * turn * turn
			iou := Of(a, c)
			want := iou - (dx*dx+dy*dy)/(out.Width()*out.Width()+out.Height()*out.Height())
			if v > 0 {
				want -= v * v / (1 - iou + v)
			}
			if got := float64(completeIoU(o, b, aspectOf(o))); math.Abs(got-want) > 1e-4 {
				t.Errorf("%v and %v: got %v, want %v", o, b, got, want)
			}
		}
	})
}

// TestChoiceOfPermuted: the order of objects decides only between equal overlaps.
func TestChoiceOfPermuted(t *testing.T) {
	eachWorld(t, 63, func(w world, s Scene) {
		s.Predicted = w.predictions(s)
		rule := &TaskAligned{Top: 1 + w.IntN(12)}
		perm := w.Perm(len(s.Objects))
		shuffled := s
		shuffled.Objects = nil
		other := *s.Predicted
		other.Outputs = nil
		for _, k := range perm {
			shuffled.Objects = append(shuffled.Objects, s.Objects[k])
			other.Outputs = append(other.Outputs, s.Predicted.Outputs[k])
		}
		shuffled.Predicted = &other
		r, want := rule.Assigner(true).Assign(shuffled), rule.Assigner(true).Assign(s)
		if r.Positives != want.Positives {
			t.Errorf("%d positives, want %d", r.Positives, want.Positives)
		}
		for k := range int32(pointsIn(s)) {
			a, b := r.Of(k), want.Of(k)
			if a.Label != b.Label {
				t.Errorf("point %d: %+v, want %+v", k, a, b)
			} else if a.Label == Positive && int32(perm[a.Object]) != b.Object && a.IoU != b.IoU {
				t.Errorf("point %d: object %d, want %d", k, perm[a.Object], b.Object)
			}
		}
	})
}
