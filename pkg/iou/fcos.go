package iou

import (
	"fmt"
	"math"

	"focalaudit/pkg/geom"
)

// FCOS assigns points as the FCOS of torchvision, detectron2 and mmdetection do (Tian et
// al., 2019, FCOS: Fully Convolutional One-Stage Object Detection). A point is a candidate of
// an object if it lies in the object's box, within Radius strides of its centre in x and in y
// if Radius is not 0, and if the farthest side of the box is at a distance that is its
// level's: 4 to 8 strides, on the first level also less, on the last one also more. A point
// that is several objects' candidate goes to the smallest of them. No point is ignored, and
// IoU plays no part.
//
// All is float32, in the library's own operations. An object's candidates are few: at most
// 8 × 8 points of a level, but for the last level.
type FCOS struct {
	// Radius is how far from an object's centre a candidate is at most, in strides; 0 for
	// anywhere in the box.
	Radius float64 `yaml:"radius,omitempty" json:"radius,omitempty"`

	// Library names whose operations are followed. torchvision's, which detectron2 shares,
	// leaves both ends of a level's distances out, and compares 1e8 less the area, by which
	// areas within 8 px² are equal and the first object wins; mmdetection's takes both ends
	// in, so that two levels can have one distance, and compares areas.
	Library string `yaml:"library,omitempty" json:"library,omitempty"`
}

const nameFCOS = "fcos"

var _ = Register(nameFCOS, func() Rule { return &FCOS{} })

// The libraries that FCOS follows.
const (
	fcosTorchvision = "torchvision"
	fcosMMDetection = "mmdetection"
)

// Validate implements Rule.
func (f *FCOS) Validate(shapes []int) error {
	if f.Library != fcosTorchvision && f.Library != fcosMMDetection {
		return fmt.Errorf("matcher.library: got %q, allowed: %s, %s", f.Library, fcosTorchvision, fcosMMDetection)
	}
	if err := within("radius", f.Radius, 0, 1000); err != nil {
		return err
	}
	return onePoint(nameFCOS, shapes)
}

// String implements Rule.
func (f *FCOS) String() string {
	where := "in the box"
	if f.Radius > 0 {
		where = fmt.Sprintf("within %g strides of the centre", f.Radius)
	}
	return fmt.Sprintf("%s: the points %s whose farthest side of the box is their level's, as in %s",
		nameFCOS, where, f.Library)
}

// Thresholds implements Rule.
func (f *FCOS) Thresholds() Thresholds { return reached }

// Measure implements Rule.
func (f *FCOS) Measure() Measure { return ByPoints }

// Covers implements Rule.
func (f *FCOS) Covers() string { return "that would be its if it were an object" }

// Assigner implements Rule. It lists every match.
func (f *FCOS) Assigner(bool) Assigner { return &assignFCOS{rule: *f} }

// assignFCOS is FCOS at work.
type assignFCOS struct {
	Result
	rule   FCOS
	scene  Scene
	claims []claim   // by match
	wants  []want    // of all objects
	wins   []float32 // by object: the higher the better its claim to a point
}

// want is a candidate of an object.
type want struct{ object, match int32 }

// claim is what objects want of a point.
type claim struct {
	objects int32 // that want it
	equal   int32 // other objects whose claim is as good as the best
}

// candidates returns the points of a level that lie where the rule wants them and whose
// farthest side is not too far; near reports of such a point whether its farthest side is
// far enough.
func (f *FCOS) candidates(grids []geom.Grid, level int, o geom.Box32) (of area, near func(col, row int) bool) {
	g := &grids[level]
	size := g.Shapes[0].Width()
	low, high := 4*size, 8*size
	if level == 0 {
		low = 0
	}
	if level == len(grids)-1 {
		high = float32(math.Inf(1))
	}
	x, y := axisX(g), axisY(g)
	of = area{f.along(x, size, o.X0, o.X1, high), f.along(y, size, o.Y0, o.Y1, high)}
	return of, func(col, row int) bool {
		px, py := x.at(col), y.at(row)
		farthest := max(px-o.X0, py-o.Y0, o.X1-px, o.Y1-py)
		return farthest > low || f.Library == fcosMMDetection && farthest == low
	}
}

// along returns the points of an axis that are candidates by it alone.
func (f *FCOS) along(on axis, size, low, high, most float32) span {
	far := float64(min(most, 1<<20))
	from, to := max(float64(low), float64(high)-far), min(float64(high), float64(low)+far)
	centre := (low + high) / 2
	radius := float32(f.Radius) * size
	if f.Radius > 0 {
		from, to = max(from, float64(centre)-float64(radius)), min(to, float64(centre)+float64(radius))
	}
	if f.Library == fcosTorchvision {
		return on.where(from, to, func(p float32) bool {
			return p-low > 0 && high-p > 0 && p-low < most && high-p < most &&
				(radius == 0 || float32(math.Abs(float64(p-centre))) < radius)
		})
	}
	left, right := low, high
	if f.Radius > 0 {
		left, right = max(low, centre-radius), min(high, centre+radius)
	}
	return on.where(from, to, func(p float32) bool {
		return p-left > 0 && right-p > 0 && p-low <= most && high-p <= most
	})
}

// win returns how good an object's claim to a point is: the higher the better. none says that
// it has no claim.
func (f *FCOS) win(o geom.Box32) (value float32, none bool) {
	if f.Library == fcosMMDetection {
		return -o.Area(), false
	}
	value = 1e8 - o.Area()
	return value, value < 1e-5
}

// Assign implements Assigner. The objects' corners are float32's numbers.
func (a *assignFCOS) Assign(s Scene) *Result {
	a.scene = s
	a.reset(len(s.Objects), s.Grids)
	a.claims, a.wants, a.wins = a.claims[:0], a.wants[:0], a.wins[:0]
	for range len(s.Objects) * len(s.Grids) {
		a.Points = append(a.Points, Points{})
	}
	for i := range s.Objects {
		o := s.Objects[i].Narrow()
		value, none := a.rule.win(o)
		a.wins = append(a.wins, value)
		for level := range s.Grids {
			if !none {
				a.take(int32(i), level, o)
			}
		}
		b := &a.Objects[i]
		b.AtLow = b.AtHigh
	}
	a.settle()
	a.positive()
	return &a.Result
}

// take enters an object's candidates of a level.
func (a *assignFCOS) take(i int32, level int, o geom.Box32) {
	g := &a.scene.Grids[level]
	of, near := a.rule.candidates(a.scene.Grids, level, o)
	p := &a.Points[level*len(a.scene.Objects)+int(i)]
	for row := of.rows.first; row < of.rows.first+of.rows.n; row++ {
		for col := of.cols.first; col < of.cols.first+of.cols.n; col++ {
			if near(col, row) {
				p.N++
				a.claim(Match{Anchor: int32(g.Index(row, col, 0)), Object: i, Level: uint8(level)})
			}
		}
	}
	a.Objects[i].AtHigh += p.N
}

// claim enters a match, or gives it to the object whose claim is better; the first among
// equals has it.
func (a *assignFCOS) claim(f Match) {
	at, known := a.table.Add(f.Anchor, int32(len(a.Matches)))
	a.wants = append(a.wants, want{f.Object, at})
	if !known {
		a.Matches = append(a.Matches, f)
		a.claims = append(a.claims, claim{objects: 1})
		return
	}
	m, c := &a.Matches[at], &a.claims[at]
	c.objects++
	switch had, now := a.wins[m.Object], a.wins[f.Object]; {
	case now > had:
		m.Object, c.equal = f.Object, 0
	case now == had:
		c.equal++
	}
}

// settle counts the points that several objects want.
func (a *assignFCOS) settle() {
	a.Candidates = len(a.Matches)
	a.AtLevel = append(a.AtLevel, make([]int, len(a.scene.Grids))...)
	for k := range a.Matches {
		a.AtLevel[a.Matches[k].Level]++
	}
	for k := range a.claims {
		if c := &a.claims[k]; c.objects > 1 {
			a.Contested++
			if c.equal > 0 {
				a.Tied++
			}
		}
	}
	if a.Contested == 0 {
		return
	}
	for _, w := range a.wants {
		switch c := &a.claims[w.match]; {
		case c.equal > 0:
			a.Objects[w.object].Tied++
			fallthrough
		case c.objects > 1:
			a.Objects[w.object].Shared++
		}
	}
}

// Why implements Assigner.
func (a *assignFCOS) Why(i int) Verdict {
	o := &a.Objects[i]
	switch {
	case o.Positives > 0:
		return Verdict{}
	case o.AtHigh > 0:
		return shortOfPoints(OutCompeted, 0, 1)
	case a.holds(i):
		return shortOfPoints(NoPointAtLevel, 0, 1)
	}
	return shortOfPoints(NoPoint, 0, 1)
}

// holds reports whether a point of any level lies where the rule wants it, whatever its
// distance from the sides.
func (a *assignFCOS) holds(i int) bool {
	o := a.scene.Objects[i].Narrow()
	for level := range a.scene.Grids {
		g := &a.scene.Grids[level]
		size, most := g.Shapes[0].Width(), float32(math.Inf(1))
		if a.rule.along(axisX(g), size, o.X0, o.X1, most).n > 0 && a.rule.along(axisY(g), size, o.Y0, o.Y1, most).n > 0 {
			return true
		}
	}
	return false
}

// Explain implements Assigner.
func (a *assignFCOS) Explain(i int, v Verdict) string {
	size := sides(a.scene.Objects[i])
	switch v.Why {
	case OutCompeted:
		return fmt.Sprintf("out-competed: %d points are for it, and each was given to a smaller object, or an earlier one "+
			"of its size (%s)", a.Objects[i].AtHigh, size)
	case NoPointAtLevel:
		return fmt.Sprintf("no point at its level: %s; points lie in it, but none on the level for sides as far away", size)
	}
	return fmt.Sprintf("no point: %s; none of the points, which are %g px apart or more, lies in it", size,
		a.scene.Grids[0].StrideX)
}

// Hazard implements Assigner: nothing is forced.
func (a *assignFCOS) Hazard(int) string { return "" }

// Background implements Assigner.
func (a *assignFCOS) Background(box geom.Box) int {
	return a.background(a.rule.Reacher(0), box, a.scene.Grids)
}

// Reacher returns what finds the points that would be a box's.
func (f *FCOS) Reacher(float32) Reacher { return &reachByFCOS{rule: f} }

type reachByFCOS struct {
	rule  *FCOS
	grids []geom.Grid
}

// Prepare implements Reacher.
func (r *reachByFCOS) Prepare(grids []geom.Grid, _ []geom.Box) { r.grids = grids }

// Each calls f with the points that would be the box's.
func (r *reachByFCOS) Each(box geom.Box, f func(anchor int32, level uint8, v float32, best bool)) {
	o := box.Narrow()
	if _, none := r.rule.win(o); none {
		return
	}
	for level := range r.grids {
		g := &r.grids[level]
		of, near := r.rule.candidates(r.grids, level, o)
		for row := of.rows.first; row < of.rows.first+of.rows.n; row++ {
			for col := of.cols.first; col < of.cols.first+of.cols.n; col++ {
				if near(col, row) {
					f(int32(g.Index(row, col, 0)), uint8(level), 1, false)
				}
			}
		}
	}
}

// AtLevels implements LevelReacher.
func (r *reachByFCOS) AtLevels(box geom.Box, into []int) []int {
	from := len(into)
	for range r.grids {
		into = append(into, 0)
	}
	r.Each(box, func(_ int32, level uint8, _ float32, _ bool) { into[from+int(level)]++ })
	return into
}
