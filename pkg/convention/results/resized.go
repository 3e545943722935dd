package results

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/geom"
)

// Resized is one map from annotated boxes to detections for each image size: that of a resizing, with padding or
// without, of which no setting is known.
type Resized struct {
	Maps     []SizeMap // of the sizes with leastSized objects, those with most objects first
	Fits     int       // objects that detections overlap, taken back by these maps; of other sizes as they stand
	Gained   int       // of these, not overlapped as the detections stand
	Sure     int       // of Gained: with an IoU of sure
	Lost     int       // objects that are overlapped as the detections stand only
	Images   int       // with gained objects
	accepted bool
}

// SizeMap takes a point (x, y) of an image of one size to (ScaleX·x + X, ScaleY·y + Y).
type SizeMap struct {
	Size           geom.Size
	Objects        int
	ScaleX, ScaleY float64
	X, Y           float64 // px
}

// String returns the map of most objects as messages have it.
func (r *Resized) String() string {
	m := &r.Maps[0]
	scale := "not scaled"
	if math.Abs(m.ScaleX-1) >= 0.005 || math.Abs(m.ScaleY-1) >= 0.005 {
		scale = fmt.Sprintf("scaled to %s %% of the width and %s %% of the "+
			"height", say.Percent(m.ScaleX), say.Percent(m.ScaleY))
	}
	of := fmt.Sprintf("%d × %d px", m.Size.W, m.Size.H)
	if n := len(r.Maps) - 1; n > 0 {
		of += fmt.Sprintf(", and %s likewise", say.Plural(n, "other size"))
	}
	return fmt.Sprintf("boxes of pictures that were %s, with %d px of padding at the left and %d px at the top, "+
		"roughly "+
		"(images of %s)", scale, int(math.Round(m.X)), int(math.Round(m.Y)), of)
}

// leastSized is how many objects an image size must have for a map of its own, of four numbers.
const leastSized = 20

// readResized looks for one map for each image size. It is taken where it gains 15 % of the objects, loses at most a
// tenth as many, gains 5 % and 10 with an IoU of sure, three times as many as maps that are fitted to detections of
// other images, and is better by 15 % than a reading that was found before.
func (v *Verdict) readResized() {
	if v.Partly {
		return
	}
	r := v.fitSizes(own)
	switch {
	case len(r.Maps) == 0, 100*r.Gained < 15*v.Objects, 10*r.Lost > r.Gained, r.Sure < 10, 20*r.Sure < v.Objects:
		return
	case v.Named && 100*(r.Fits-v.Fits) < 15*v.Objects:
		return
	}
	if chance := v.fitSizes(v.other()); r.Sure < 3*chance.Sure {
		return
	}
	r.accepted = true
	v.Disagree, v.Named, v.Reading = true, true, Pairing{}
	v.Resized, v.Fits, v.Gained, v.Images = r, r.Fits, r.Gained, r.Images
}

// sizeGroup is the images of one size: their places in the sample, and the detections that are compared.
type sizeGroup struct {
	size    geom.Size
	images  []int
	objects int
}

// fitSizes fits a map to the images of each size with detections as f gives them, and counts what the maps do.
func (v *Verdict) fitSizes(f func(*sampled) boxSet) Resized {
	detections := make([]boxSet, len(v.sample))
	bySize := map[geom.Size]*sizeGroup{}
	var groups []*sizeGroup
	for i := range v.sample {
		s := &v.sample[i]
		detections[i] = f(s)
		size := geom.Size{W: int(s.w), H: int(s.h)}
		g := bySize[size]
		if g == nil {
			g = &sizeGroup{size: size}
			bySize[size], groups = g, append(groups, g)
		}
		g.images = append(g.images, i)
		g.objects += len(s.objects)
	}
	slices.SortStableFunc(groups, func(a, b *sizeGroup) int { return cmp.Compare(b.objects, a.objects) })
	var r Resized
	for _, g := range groups {
		m := SizeMap{Size: g.size, Objects: g.objects, ScaleX: 1, ScaleY: 1}
		if g.objects >= leastSized && v.fitSize(&m, g, detections) {
			r.Maps = append(r.Maps, m)
		} else {
			m = SizeMap{Size: g.size, ScaleX: 1, ScaleY: 1}
		}
		for _, i := range g.images {
			r.count(&m, &v.sample[i], detections[i])
		}
	}
	return r
}

// count counts the objects of an image that detections overlap, once they are taken back.
func (r *Resized) count(m *SizeMap, s *sampled, detections boxSet) {
	boxes := m.undo(nil, detections)
	before := r.Gained
	for k, b := range s.boxes {
		best, _ := most(b, boxes)
		switch {
		case best < overlap:
			r.Lost += sample.One(s.found[k])
		default:
			r.Fits++
			r.Gained += sample.One(!s.found[k])
			r.Sure += sample.One(!s.found[k] && best >= sure)
		}
	}
	r.Images += sample.One(r.Gained > before)
}

// undo appends detections, taken back to the image.
func (m *SizeMap) undo(to []geom.Box, of boxSet) []geom.Box {
	for i := range of {
		b := of[i].Box.Box()
		to = append(to, geom.Box{
			X0: (b.X0 - m.X) / m.ScaleX, Y0: (b.Y0 - m.Y) / m.ScaleY,
			X1: (b.X1 - m.X) / m.ScaleX, Y1: (b.Y1 - m.Y) / m.ScaleY,
		})
	}
	return to
}

// facing is an object and a detection of its image that may show the same thing.
type facing struct{ object, detection geom.Box }

// maxFacing is how many detections of an image, the surest, and how many of its objects are compared.
const maxFacing = 12

// fitSize finds the map of one size: the scale that most pairs of an object and a detection have, then the place
// where most of these agree, then a straight line through the centres of those, and at last one through the edges of
// objects and the detections that overlap them.
func (v *Verdict) fitSize(m *SizeMap, g *sizeGroup, detections []boxSet) bool {
	var pairs []facing
	for _, i := range g.images {
		for _, o := range sample.ChosenBoxes(v.sample[i].boxes, maxFacing) {
			for k := range detections[i][:min(len(detections[i]), maxFacing)] {
				pairs = append(pairs, facing{o, detections[i][k].Box.Box()})
			}
		}
	}
	pairs = densest(pairs, 0.2, func(p *facing) (float64, float64) {
		return math.Log(width(p.detection) / width(p.object)), math.Log(height(p.detection) / height(p.object))
	})
	if len(pairs) < leastSized/2 {
		return false
	}
	m.ScaleX = ratio(pairs, func(p *facing) float64 { return width(p.detection) / width(p.object) })
	m.ScaleY = ratio(pairs, func(p *facing) float64 { return height(p.detection) / height(p.object) })
	pairs = densest(pairs, 0.05, func(p *facing) (float64, float64) {
		return (middleX(p.detection) - float64(m.ScaleX*middleX(p.object))) / float64(m.ScaleX*float64(g.size.W)),
			(middleY(p.detection) - float64(m.ScaleY*middleY(p.object))) / float64(m.ScaleY*float64(g.size.H))
	})
	if len(pairs) < leastSized/2 || !m.centres(pairs) {
		return false
	}
	for range 4 {
		if !m.edges(v, g, detections) {
			return false
		}
	}
	return true
}

func width(b geom.Box) float64   { return b.X1 - b.X0 }
func height(b geom.Box) float64  { return b.Y1 - b.Y0 }
func middleX(b geom.Box) float64 { return (b.X0 + b.X1) / 2 }
func middleY(b geom.Box) float64 { return (b.Y0 + b.Y1) / 2 }

// ratio returns the median of a number of each pair.
func ratio(pairs []facing, f func(p *facing) float64) float64 {
	all := make([]float64, len(pairs))
	for i := range pairs {
		all[i] = f(&pairs[i])
	}
	return median(all)
}

// densest returns the pairs whose two numbers are in the fullest three by three cells of a grid. Pairs whose numbers
// are not finite, or beyond all boxes, are left out.
func densest(pairs []facing, step float64, f func(p *facing) (float64, float64)) []facing {
	const far = 1e6 // cells
	var cells [][2]int
	var placed []facing
	counts := map[[2]int]int{}
	for i := range pairs {
		x, y := f(&pairs[i])
		if x, y = math.Floor(x/step), math.Floor(y/step); math.Abs(x) < far && math.Abs(y) < far {
			c := [2]int{int(x), int(y)}
			counts[c]++
			cells, placed = append(cells, c), append(placed, pairs[i])
		}
	}
	best, most := [2]int{}, 0
	for _, c := range cells { // in their order, so that the first of equal cells counts
		n := 0
		for dx := -1; dx <= 1; dx++ {
			for dy := -1; dy <= 1; dy++ {
				n += counts[[2]int{c[0] + dx, c[1] + dy}]
			}
		}
		if n > most {
			best, most = c, n
		}
	}
	var near []facing
	for i, c := range cells {
		if max(c[0]-best[0], best[0]-c[0], c[1]-best[1], best[1]-c[1]) <= 1 {
			near = append(near, placed[i])
		}
	}
	return near
}

// line fits to = scale·from + offset by least squares; it fails where from has no spread.
func line(from, to []float64) (scale, offset float64, ok bool) {
	var n, sf, st, sff, sft float64
	for i, f := range from {
		n, sf, st = n+1, sf+f, st+to[i]
		sff, sft = sff+float64(f*f), sft+float64(f*to[i])
	}
	spread := float64(n*sff) - float64(sf*sf)
	if n < 3 || spread <= 1e-9*float64(n*sff) {
		return 0, 0, false
	}
	scale = (float64(n*sft) - float64(sf*st)) / spread
	offset = (st - float64(scale*sf)) / n
	return scale, offset, scale > 0.01 && scale < 100 && math.Abs(offset) < math.MaxFloat64
}

// centres fits the map to the centres of pairs, and again to those that are nearest to it. Where objects have no
// spread, the scale stays that of their sides.
func (m *SizeMap) centres(pairs []facing) bool {
	type point struct{ fx, tx, fy, ty float64 }
	var points []point
	for i := range pairs {
		p := &pairs[i]
		points = append(points, point{middleX(p.object), middleX(p.detection), middleY(p.object), middleY(p.detection)})
	}
	for range 6 {
		var fx, tx, fy, ty []float64
		for _, p := range points {
			fx, tx, fy, ty = append(fx, p.fx), append(tx, p.tx), append(fy, p.fy), append(ty, p.ty)
		}
		m.ScaleX, m.X = lineOr(fx, tx, m.ScaleX)
		m.ScaleY, m.Y = lineOr(fy, ty, m.ScaleY)
		off := make([]float64, len(points))
		for i, p := range points {
			off[i] = math.Abs(float64(m.ScaleX*p.fx)+m.X-p.tx) + math.Abs(float64(m.ScaleY*p.fy)+m.Y-p.ty)
		}
		limit := 3 * median(slices.Clone(off)) // not below 0, so that half of the points stay
		kept := points[:0:0]
		for i, p := range points {
			if off[i] <= limit {
				kept = append(kept, p)
			}
		}
		if points = kept; len(points) < leastSized/2 { // offsets that are not finite
			return false
		}
	}
	return len(points) >= leastSized/2
}

// lineOr is line, with a scale that is known where the fit fails or leaves it by a third.
func lineOr(from, to []float64, known float64) (scale, offset float64) {
	if s, o, ok := line(from, to); ok && s > known/1.5 && s < 1.5*known {
		return s, o
	}
	off := make([]float64, len(from))
	for i := range from {
		off[i] = to[i] - float64(known*from[i])
	}
	return known, median(off)
}

// edges fits the map to the edges of objects and of the detections that overlap them most, at an IoU of 0.3.
func (m *SizeMap) edges(v *Verdict, g *sizeGroup, detections []boxSet) bool {
	var fx, tx, fy, ty []float64
	var boxes []geom.Box
	for _, i := range g.images {
		boxes = m.undo(boxes[:0], detections[i])
		for _, b := range v.sample[i].boxes {
			if best, at := most(b, boxes); best >= 0.3 {
				c := detections[i][at].Box.Box()
				fx, tx = append(fx, b.X0, b.X1), append(tx, c.X0, c.X1)
				fy, ty = append(fy, b.Y0, b.Y1), append(ty, c.Y0, c.Y1)
			}
		}
	}
	if len(fx) < leastSized {
		return false
	}
	m.ScaleX, m.X = lineOr(fx, tx, m.ScaleX)
	m.ScaleY, m.Y = lineOr(fy, ty, m.ScaleY)
	return true
}
