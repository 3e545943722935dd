package convention

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Hulls says that beside objects of one class stands a box around all of them, as an object of that class: a group that
// a tool wrote as a box of its own, or a "group of" box without its flag.
type Hulls struct {
	Hulls, Of int   // boxes that are so; all that are the largest of their class in an image, and hold three others of it
	Images    int   // with such boxes
	Example   int32 // one of them, -1 if there is none
}

// hullSlack is how far sides may be apart, in px: what two digits lose.
const hullSlack = 0.02

const (
	leastMembers = 3 // of a group
	leastHulls   = 10
	// innerSides is how many sides of a hull lie inside of the image: at its edge boxes end together, since what lies
	// beyond is cut off.
	innerSides = 2
	// sideChance is a bound on how often chance lets a side of a box end where the outermost of the boxes within it
	// ends. In COCO train2017, where 1,413 boxes hold three others of their class, 2.5 % of their sides do, those at an
	// edge of the image included.
	sideChance = 0.25
)

// Found reports whether boxes are so: ten, and more of those that hold others than sides that end together by chance
// make so, with a chance below 1e-6 (Chernoff's bound).
func (h *Hulls) Found() bool {
	chance := math.Pow(sideChance, innerSides)
	return h.Hulls >= leastHulls && sample.Nats(h.Hulls, h.Of, chance) > -math.Log(sample.Unlikely)
}

// OfHulls looks for such boxes.
func OfHulls(src *dataset.Source) Hulls { return glanceAt(src).hulls() }

// hulls looks at images with four objects and two of one class. A box counts once, wherever it stands: what stays
// before a camera has it in each picture.
func (g *glance) hulls() Hulls {
	h := Hulls{Example: -1}
	seen := map[geom.Rect]bool{}
	for n := range g.images {
		if p := &g.images[n]; p.single > leastMembers && p.twin {
			h.image(g.src, &g.src.Images[p.image], seen)
		}
	}
	return h
}

// image looks at the largest object of each class of an image.
func (h *Hulls) image(src *dataset.Source, im *dataset.Image, seen map[geom.Rect]bool) {
	var of []int32 // objects that count, by class
	for k := im.First; k < im.Last; k++ {
		if o := &src.Objects[k]; o.Class >= 0 && sample.Told(o) && o.Flags&dataset.Crowd == 0 {
			of = append(of, k)
		}
	}
	slices.SortFunc(of, func(a, b int32) int {
		return cmp.Or(cmp.Compare(src.Objects[a].Class, src.Objects[b].Class), cmp.Compare(a, b))
	})
	found := false
	for from, to := 0, 0; from < len(of); from = to {
		largest := from
		for to = from; to < len(of) && src.Objects[of[to]].Class == src.Objects[of[from]].Class; to++ {
			if areaOf(&src.Objects[of[to]]) > areaOf(&src.Objects[of[largest]]) {
				largest = to
			}
		}
		if to-from <= leastMembers {
			continue
		}
		k := of[largest]
		box := src.Objects[k].Box
		within, n := hullWithin(src, of[from:to], k)
		if n < leastMembers || seen[box] {
			continue
		}
		seen[box] = true
		h.Of++
		if isHull(box.Box(), within, im.Size) {
			h.Hulls++
			if found = true; h.Example < 0 {
				h.Example = k
			}
		}
	}
	h.Images += sample.One(found)
}

// areaOf is the area of an object's box.
func areaOf(o *dataset.Object) float64 { return o.Box.W * o.Box.H }

// hullWithin returns the box around those of some objects that lie within one of them, and how many these are.
func hullWithin(src *dataset.Source, objects []int32, within int32) (hull geom.Box, n int) {
	b := src.Objects[within].Box.Box()
	hull = geom.Box{X0: math.Inf(1), Y0: math.Inf(1), X1: math.Inf(-1), Y1: math.Inf(-1)}
	for _, k := range objects {
		p := src.Objects[k].Box.Box()
		if k == within || p.X0 < b.X0-hullSlack || p.Y0 < b.Y0-hullSlack || p.X1 > b.X1+hullSlack || p.Y1 > b.Y1+hullSlack {
			continue
		}
		hull = geom.Box{X0: min(hull.X0, p.X0), Y0: min(hull.Y0, p.Y0), X1: max(hull.X1, p.X1), Y1: max(hull.Y1, p.Y1)}
		n++
	}
	return hull, n
}

// isHull tells whether a box is that around others, and not by the image's edges alone.
func isHull(b, within geom.Box, size geom.Size) bool {
	off := max(math.Abs(b.X0-within.X0), math.Abs(b.Y0-within.Y0), math.Abs(b.X1-within.X1), math.Abs(b.Y1-within.Y1))
	inner := sample.One(b.X0 > 1) + sample.One(b.Y0 > 1) + sample.One(b.X1 < float64(size.W)-1) +
		sample.One(b.Y1 < float64(size.H)-1)
	return off <= hullSlack && inner >= innerSides
}

// hullsOfGroups is the rule on boxes around objects of their class.
func hullsOfGroups(at site) (f findings.Finding, ok bool) {
	h := at.seen.hulls()
	if !h.Found() {
		return f, false
	}
	o := &at.src.Objects[h.Example]
	f = say.Finding("objects-doubled", at.s, o.Offset, o.Line, "%s: in %s%s, the largest box of a class is exactly the "+
		"box around three or more others of that class that lie in it: %s of %s that hold so many. Groups seem to be "+
		"written as objects beside their members, as a group of a tool, or a \"group of\" box without its flag: set "+
		"iscrowd to 1 in these records, or remove them, or give groups a class of their own. Example: %s",
		text.Printable(at.src.Name), say.Plural(h.Images, "image"), at.seen.seen(), say.Group(h.Hulls),
		say.Plural(h.Of, "box"), say.Place(at.src, h.Example))
	f.Key, f.Size, f.Cases = "groups", float64(h.Hulls), int64(h.Hulls)
	return f, true
}
