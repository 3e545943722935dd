package iou

import (
	"math"

	"focalaudit/pkg/geom"
)

// Matcher labels anchors as torchvision's and detectron2's Matcher do. With v
// the highest IoU of an anchor with any object, the first object among equals:
// v >= High is positive, Low <= v < High ignored, v < Low negative. Both
// thresholds are compared in float32. With Rescue, every anchor whose IoU with
// some object equals the highest that the object has with any anchor is
// positive too (low-quality match), whatever v is; it goes to its own best
// object, which need not be the one that forced it, or with Overwrite, as in
// mmdetection's MaxIoUAssigner, to the last object whose best it is.
type Matcher struct {
	Low, High float32 // 0 < Low <= High <= 1
	Rescue    bool
	Overwrite bool // with Rescue
	Earliest  bool // with Overwrite: to the first such object instead, as EfficientDet's matcher has it
	First     bool // with Rescue: of an object's best anchors only the first one, as SSD's matcher has it
	List      bool // Result.Matches is to be complete; else only counts are
}

// Matching is a Matcher's scratch, and what it found. It is reused from image to image.
type Matching struct {
	Result

	lattice lattice
	patches patches
	heads   []int32 // the latest patch of every grid's shapes, as ByShape
	weak    []int32 // indices of matches that no object reaches Low with, whose best object is yet to be found
	spare   patches // of Background

	earliest bool // Matcher.Earliest
	narrow   []geom.Box32
}

// Match labels the anchors of grids for an image with the given objects, and
// leaves what it finds in r.
//
// Where an object overlaps no anchor at all and m.Rescue holds, every anchor
// ties for its best at IoU 0, and the trainers make each of them positive.
// Then r.Rest is Positive, with the first object. The trainers' clipping keeps
// such objects out; user presets may not.
func (m Matcher) Match(r *Matching, objects []geom.Box32, grids []geom.Grid) {
	r.earliest = m.Earliest
	r.lattice.prepare(grids, objects)
	all := m.List || len(objects) > fewObjects
	if hazard := r.gather(m, objects, grids, m.Low, all); hazard && m.First {
		// The first anchor of all is the best of an object that overlaps none.
		r.gather(m, objects, grids, m.Low, true)
		for i := range objects {
			if r.Objects[i].IoU == 0 {
				r.enter(Match{forced: true, owner: int32(i)}, true)
			}
		}
	} else if hazard {
		// All anchors are positive: every one that overlaps some object is
		// needed, to tell whose it is.
		r.gather(m, objects, grids, math.SmallestNonzeroFloat32, true)
		r.Rest = Match{Object: r.hazardous(m), Label: Positive, Rescued: true, forced: true}
	}
	r.settle(objects, grids)
	r.label(m)
}

// hazardous returns whose the anchors are that overlap nothing where an object
// without any overlap forces all of them: the first object's, which is the best of
// equals, or with Overwrite the last or first one's that forces them.
func (r *Matching) hazardous(m Matcher) (object int32) {
	if !m.Overwrite {
		return 0
	}
	object = -1
	for i := range r.Objects {
		if r.Objects[i].IoU == 0 && (object < 0 || r.over(int32(i), object)) {
			object = int32(i)
		}
	}
	return object
}

// over reports whether an object that forces an anchor takes it from another one that does.
func (r *Matching) over(object, from int32) bool {
	if r.earliest {
		return object < from
	}
	return object > from
}

// gather finds the anchors of every object that reach least, or its best
// ones, and enters or counts them; all of them are entered if all says so. It
// reports whether some object forces every anchor.
func (r *Matching) gather(m Matcher, objects []geom.Box32, grids []geom.Grid, least float32, all bool) (hazard bool) {
	r.prepare(len(objects), grids)
	for i, o := range objects {
		r.take(m, int32(i), o, least)
		hazard = hazard || (m.Rescue && r.Objects[i].IoU == 0)
		if all {
			for k := range r.patches.list {
				r.claim(m, &r.patches.list[k], least)
			}
			r.patches.reset()
		}
	}
	r.share()
	for k := range r.patches.list {
		if p := &r.patches.list[k]; p.shared || p.weak {
			r.claim(m, p, least)
		} else {
			r.count(m, p)
		}
	}
	return hazard
}

// prepare makes r ready for an image.
func (r *Matching) prepare(objects int, grids []geom.Grid) {
	r.reset(objects, grids)
	r.weak = r.weak[:0]
	r.patches.reset()
	r.heads = r.heads[:0]
	for range r.ByShape {
		r.heads = append(r.heads, -1)
	}
}

// take finds the anchors of object i that reach least, or if there are none
// its best ones.
func (r *Matching) take(m Matcher, i int32, o geom.Box32, least float32) {
	first := len(r.patches.list)
	r.lattice.search(&r.patches, m, i, o, least)
	if len(r.patches.list) == first {
		// What the best shape has where it is best centred is reached: no anchor
		// is left out that is as good as the best.
		r.lattice.search(&r.patches, m, i, o, max(r.lattice.reach(o), math.SmallestNonzeroFloat32))
		for k := range r.patches.list[first:] {
			r.patches.list[first+k].weak = true
		}
	}
	r.survey(&r.Objects[i], r.patches.list[first:])
}

// survey sums up the patches of an object, in which all its best anchors are.
func (r *Matching) survey(b *Object, found []patch) {
	for k := range found {
		p := &found[k]
		b.AtLow += int(p.atLow)
		b.AtHigh += int(p.atHigh)
		b.IoU = max(b.IoU, p.best)
	}
	if b.IoU == 0 {
		b.Ties = r.Anchors // an object without any overlap has the same IoU with all of them
		return
	}
	r.tied = r.tied[:0]
	for k := range found {
		if found[k].best == b.IoU {
			p := &found[k]
			surveyTies(b, p, &r.lattice.grids[p.level], r.patches.of(p))
			r.tied = append(r.tied, r.first[p.level]+int(p.shape))
		}
	}
	r.prefer(r.tied)
}

// surveyTies counts the best anchors in a patch, and keeps the first.
func surveyTies(b *Object, p *patch, g *geom.Grid, values []float32) {
	for k, v := range values {
		if v != b.IoU {
			continue
		}
		row, col := int32(k)/p.cols, int32(k)%p.cols
		anchor := int32(g.Index(int(p.row+row), int(p.col+col), int(p.shape)))
		if b.Ties == 0 || anchor < b.Anchor {
			b.Anchor, b.Level, b.Shape = anchor, p.level, p.shape
		}
		b.Ties++
	}
}

// share finds out which patches have anchors in common with another object's.
func (r *Matching) share() {
	list := r.patches.list
	for k := range list {
		p := &list[k]
		head := &r.heads[r.first[p.level]+int(p.shape)]
		p.next = *head
		*head = int32(k)
		for at := p.next; at >= 0; at = list[at].next {
			if o := &list[at]; p.meets(o) {
				p.shared, o.shared = true, true
			}
		}
	}
}

// count reads the labels off a patch whose anchors no other object can have.
func (r *Matching) count(m Matcher, p *patch) {
	b, c := &r.Objects[p.object], &r.ByShape[r.first[p.level]+int(p.shape)]
	positives, ignored := int(p.atHigh), int(p.atLow-p.atHigh)
	if m.Rescue && p.best == b.IoU && p.best < m.High {
		ties := 0
		for _, v := range r.patches.of(p) {
			if v == p.best {
				ties++
			}
		}
		if m.First {
			ties = 0
			if b.Level == p.level && b.Shape == p.shape {
				ties = 1
			}
		}
		positives, ignored = positives+ties, ignored-ties
		b.Rescued += ties
		r.RescuedIgnored += ties
	}
	b.Positives += positives
	c.Positives += positives
	c.Ignored += ignored
}

// claim makes matches of the anchors of a patch that reach least. An anchor
// that is a match already goes to the object that fits it better, the earlier
// one among equals.
func (r *Matching) claim(m Matcher, p *patch, least float32) {
	g := &r.lattice.grids[p.level]
	best := r.Objects[p.object].IoU
	if p.weak {
		least = best // of anchors below the threshold only the best ones count
	}
	if !m.Rescue {
		if p.weak {
			return
		}
		best = 2 // no anchor is forced
	}
	values := r.patches.of(p)
	for row := range p.rows {
		anchor := int32(g.Index(int(p.row+row), int(p.col), int(p.shape)))
		for col := range p.cols {
			if v := values[row*p.cols+col]; v >= least {
				at := anchor + col*int32(len(g.Shapes))
				forced := v == best && (!m.First || at == r.Objects[p.object].Anchor)
				if forced || !p.weak {
					r.enter(Match{
						Anchor: at, Object: p.object, IoU: v, Shape: p.shape, Level: p.level,
						forced: forced, owner: p.object,
					}, p.weak)
				}
			}
		}
	}
}

// enter makes a match, or merges it with that of an earlier object. Weak
// ones are settled later: another object may fit them better without reaching
// the threshold either.
func (r *Matching) enter(f Match, weak bool) {
	next := int32(len(r.Matches))
	if at, known := r.table.Add(f.Anchor, next); known {
		b := &r.Matches[at]
		if f.forced && (!b.forced || r.over(f.owner, b.owner)) {
			b.forced, b.owner = true, f.owner
		}
		if f.IoU > b.IoU {
			b.Object, b.IoU = f.Object, f.IoU
		}
		return
	}
	if weak {
		r.weak = append(r.weak, next)
	}
	r.Matches = append(r.Matches, f)
}
