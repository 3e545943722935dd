package iou

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/geom"
)

// pairTree finds the partners of a box among very many, whatever their edges have in common. Each node halves its
// boxes where they differ most, as IoU sees it, and knows bounds of their edges, sides and areas, so that a node which
// can't hold a partner is passed over as a whole. A box is known by its place in the order of left edges. Queries come
// in that order, and boxes that they have passed are dropped.
type pairTree struct {
	boxes []geom.Box
	nodes []pairNode
	order []int32 // boxes, those of a leaf together and ascending
	keyed []keyed // scratch of build
	looks int     // nodes and boxes that queries looked at

	q     *pairQuery  // at work
	found []pairFound // its partners, a heap, the last place on top
}

// pairQuery is a box whose partners are looked for.
type pairQuery struct {
	box         geom.Box
	area, least float64
	reach, top  float64 // how far right the left edge of a partner is, and how far above or below its upper edge
	place, from int     // of the box, and from which on partners are looked for
	most        int     // partners
}

// pairNode has the boxes order[from:to]. Its children are the next node and the one at right; a leaf has none.
type pairNode struct {
	from, to, right int32
	first, last     int32 // places of its boxes, the first of those that are not dropped
	x0, y0, top     float64
	x1, y1          float64
	w, h            float64
	area, small     float64
}

// keyed is a box and where it stands in one dimension.
type keyed struct {
	key float64
	at  int32
}

type pairFound struct {
	at  int32
	iou float64
}

// leafBoxes is how many boxes a leaf has at most.
const leafBoxes = 8

// newPairTree builds the tree of boxes that are sorted by their left edges. It keeps them.
func newPairTree(boxes []geom.Box) *pairTree {
	t := &pairTree{
		boxes: boxes, order: make([]int32, len(boxes)), keyed: make([]keyed, len(boxes)),
		nodes: make([]pairNode, 0, len(boxes)/leafBoxes*4),
	}
	for i := range t.order {
		t.order[i] = int32(i)
	}
	t.build(0, len(boxes))
	t.keyed = nil
	return t
}

// build appends the node of a part of the boxes, and those below it.
func (t *pairTree) build(from, to int) {
	at := len(t.nodes)
	t.nodes = append(t.nodes, t.node(from, to))
	part, keys := t.order[from:to], t.keyed[from:to]
	if len(part) <= leafBoxes {
		slices.Sort(part)
		return
	}
	d := t.widest(part)
	for i, k := range part {
		keys[i] = keyed{sideOf(&t.boxes[k], d), k}
	}
	slices.SortFunc(keys, func(a, b keyed) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.at, b.at)) })
	for i, k := range keys {
		part[i] = k.at
	}
	middle := from + len(part)/2
	t.build(from, middle)
	t.nodes[at].right = int32(len(t.nodes))
	t.build(middle, to)
}

// node bounds a part of the boxes.
func (t *pairTree) node(from, to int) pairNode {
	inf := math.Inf(1)
	n := pairNode{
		from: int32(from), to: int32(to), first: math.MaxInt32,
		x0: inf, y0: inf, top: -inf, x1: -inf, y1: -inf, small: inf,
	}
	for _, i := range t.order[from:to] {
		b := &t.boxes[i]
		n.first, n.last = min(n.first, i), max(n.last, i)
		n.x0, n.y0, n.top = min(n.x0, b.X0), min(n.y0, b.Y0), max(n.top, b.Y0)
		n.x1, n.y1 = max(n.x1, b.X1), max(n.y1, b.Y1)
		n.w, n.h = max(n.w, b.Width()), max(n.h, b.Height())
		n.area, n.small = max(n.area, b.Area()), min(n.small, b.Area())
	}
	return n
}

// The dimensions of a box.
const (
	leftEdge = iota
	upperEdge
	width
	height
	dimensions
)

func sideOf(b *geom.Box, dimension int) float64 {
	switch dimension {
	case leftEdge:
		return b.X0
	case upperEdge:
		return b.Y0
	case width:
		return b.Width()
	default:
		return b.Height()
	}
}

// widest returns the dimension in which boxes differ most: edges by the largest side, sides by their ratio. A step of
// one in either costs about as much of the IoU.
func (t *pairTree) widest(part []int32) int {
	var lo, hi [dimensions]float64
	for d := range lo {
		lo[d], hi[d] = math.Inf(1), math.Inf(-1)
	}
	for _, k := range part {
		for d := range lo {
			v := sideOf(&t.boxes[k], d)
			lo[d], hi[d] = min(lo[d], v), max(hi[d], v)
		}
	}
	best, most := leftEdge, 0.0
	for d, v := range [dimensions]float64{
		(hi[leftEdge] - lo[leftEdge]) / hi[width], (hi[upperEdge] - lo[upperEdge]) / hi[height],
		math.Log(hi[width] / lo[width]), math.Log(hi[height] / lo[height]),
	} {
		if v > most {
			best, most = d, v
		}
	}
	return best
}

// partners returns the first partners of a box, in their order, until the next call.
func (t *pairTree) partners(q *pairQuery) []pairFound {
	t.q, t.found = q, t.found[:0]
	t.look(0)
	slices.SortFunc(t.found, func(a, b pairFound) int { return cmp.Compare(a.at, b.at) })
	return t.found
}

// look finds the partners in a node.
func (t *pairTree) look(at int32) {
	t.looks++
	n := &t.nodes[at]
	if int(n.last) < t.q.from || len(t.found) == t.q.most && n.first > t.found[0].at || !n.mayMeet(t.q) {
		return
	}
	if n.right == 0 {
		t.leaf(n)
		return
	}
	a, b := at+1, n.right
	if t.nodes[b].first < t.nodes[a].first {
		a, b = b, a
	}
	t.look(a)
	t.look(b)
	n.first = min(t.nodes[a].first, t.nodes[b].first)
}

// leaf drops what is past, and compares the rest.
func (t *pairTree) leaf(n *pairNode) {
	for n.from < n.to && int(t.order[n.from]) <= t.q.place {
		n.from++
	}
	n.first = math.MaxInt32
	if n.from < n.to {
		n.first = t.order[n.from]
	}
	for _, i := range t.order[n.from:n.to] {
		t.looks++
		b := &t.boxes[i]
		if int(i) < t.q.from || b.X0 > t.q.reach || math.Abs(b.Y0-t.q.box.Y0) > t.q.top {
			continue
		}
		if len(t.found) == t.q.most && i > t.found[0].at {
			return
		}
		if v := Of(t.q.box, *b); v >= t.q.least {
			t.keep(pairFound{i, v})
		}
	}
}

// mayMeet reports whether a node may hold a partner. No bound is nearer than that of each box by itself, rounding
// included: IoU is at most what two boxes share of the larger one, and 1e-9 is more than the rounding of an IoU.
func (n *pairNode) mayMeet(q *pairQuery) bool {
	if n.x0 > q.reach || n.y0-q.box.Y0 > q.top || q.box.Y0-n.top > q.top {
		return false
	}
	w := min(min(q.box.X1, n.x1)-max(q.box.X0, n.x0), n.w)
	h := min(min(q.box.Y1, n.y1)-max(q.box.Y0, n.y0), n.h)
	if !(w > 0 && h > 0) {
		return false
	}
	shared := min(float64(w*h), q.area, n.area)
	return !(shared*(1+1e-9) < q.least*max(q.area, n.small))
}

// keep enters a partner, in the place of the last one if there are most already.
func (t *pairTree) keep(f pairFound) {
	if len(t.found) < t.q.most {
		t.found = append(t.found, f)
		for i := len(t.found) - 1; i > 0; { // up
			up := (i - 1) / 2
			if t.found[up].at > t.found[i].at {
				break
			}
			t.found[up], t.found[i] = t.found[i], t.found[up]
			i = up
		}
		return
	}
	t.found[0] = f
	for i := 0; ; { // down
		next := 2*i + 1
		if next >= t.q.most {
			return
		}
		if next+1 < t.q.most && t.found[next+1].at > t.found[next].at {
			next++
		}
		if t.found[i].at > t.found[next].at {
			return
		}
		t.found[i], t.found[next] = t.found[next], t.found[i]
		i = next
	}
}
