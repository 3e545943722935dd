package iou

import "focalaudit/pkg/geom"

// settle finds the best object of the forced anchors that no object reaches.
func (r *Matching) settle(objects []geom.Box32, grids []geom.Grid) {
	if len(r.weak) == 0 || len(objects) == 1 {
		return
	}
	var near *nearby
	if len(objects) > fewObjects {
		near = newNearby(objects)
	}
	for _, k := range r.weak {
		b := &r.Matches[k]
		g := &grids[b.Level]
		anchor := g.At(g.Place(int(b.Anchor)))
		if near == nil {
			b.settle(objects, anchor)
		} else {
			near.each(anchor, b.IoU, func(i int) { b.prefer(int32(i), Of32(objects[i], anchor)) })
		}
	}
}

// fewObjects is the number of objects up to which all are compared with each
// other; beyond, a table of anchors and an index of boxes take over.
const fewObjects = 64

func (b *Match) settle(objects []geom.Box32, anchor geom.Box32) {
	for i, o := range objects {
		if o.X0 < anchor.X1 && anchor.X0 < o.X1 {
			b.prefer(int32(i), Of32(o, anchor))
		}
	}
}

// prefer gives the anchor to object i if that fits it better, or as well and
// comes first.
func (b *Match) prefer(i int32, v float32) {
	if v > b.IoU || v == b.IoU && i < b.Object {
		b.Object, b.IoU = i, v
	}
}

// label reads the labels off and counts them.
func (r *Matching) label(m Matcher) {
	for k := range r.Matches {
		b := &r.Matches[k]
		c := &r.ByShape[r.first[b.Level]+int(b.Shape)]
		if m.Overwrite {
			r.overwrite(b)
		}
		switch {
		case b.IoU >= m.High:
			b.Label = Positive
			c.Positives++
			o := &r.Objects[b.Object]
			o.Positives++
			if m.Overwrite && (b.forced || r.Rest.forced) && o.IoU < m.High {
				o.Rescued++ // it would be another object's
			}
		case b.forced || r.Rest.forced:
			c.Positives++
			r.rescue(b, m)
		case b.IoU >= m.Low:
			b.Label = Ignored
			c.Ignored++
		}
	}
	if r.Rest.Label == Positive {
		r.labelRest()
	}
	r.total()
}

// overwrite gives a forced anchor to the last object that forces it.
func (r *Matching) overwrite(b *Match) {
	if b.forced {
		b.Object = b.owner
	}
	if r.Rest.forced && (!b.forced || r.over(r.Rest.Object, b.owner)) {
		b.Object = r.Rest.Object
	}
}

// labelRest counts the anchors that are not listed where all are positive.
func (r *Matching) labelRest() {
	rest := r.Anchors - len(r.Matches)
	r.RescuedNegative += rest
	r.Objects[r.Rest.Object].Positives += rest
	r.Objects[r.Rest.Object].Rescued += rest
	shape := 0
	for i := range r.lattice.grids {
		g := &r.lattice.grids[i]
		for range g.Shapes {
			r.ByShape[shape] = Count{Positives: g.Rows * g.Cols}
			shape++
		}
	}
}

// rescue makes a best anchor below the positive threshold positive.
func (r *Matching) rescue(b *Match, m Matcher) {
	b.Label, b.Rescued = Positive, true
	r.Objects[b.Object].Positives++
	r.Objects[b.Object].Rescued++
	if b.IoU >= m.Low {
		r.RescuedIgnored++
	} else {
		r.RescuedNegative++
	}
}
