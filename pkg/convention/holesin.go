package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// HolesIn says that in a stretch of the images numbers are missing between the annotation ids of an image, and hardly
// any in the rest.
type HolesIn struct {
	Holed   int // images of the stretch
	Of      int // of it, whose ids run with the image
	Missing int // numbers
	Objects int // of these images
	Others  int // images of the rest
	Rest    int
	Place   string
	Example int32 // the first holed image, -1 if there is nothing to tell
}

// Found reports whether there is such a stretch.
func (h *HolesIn) Found() bool { return h.Example >= 0 }

// Thresholds of holes: images of a stretch, and one in how many of the rest has one at most. A score of fewLack against
// an image without a hole finds stretches in which some have one.
const (
	leastHoled = 10
	mostOthers = 50
	fewLack    = 0.1
)

// OfHolesIn looks for such a stretch.
func OfHolesIn(src *dataset.Source) HolesIn { return glanceAt(src).holesIn() }

// holesIn looks for the stretch with most images that have holes, less a tenth of those that have not. Were holes as
// frequent there as in the rest, it has a chance below 1e-6 (Chernoff's bound), for any stretch in three orders.
func (g *glance) holesIn() HolesIn {
	holes := make([]int, len(g.images)) // -1: ids tell nothing
	all, of := 0, 0
	for k := range g.images {
		n, ok := sample.Holes(g.src, &g.src.Images[g.images[k].image])
		if holes[k] = n; !ok {
			holes[k] = -1
			continue
		}
		of++
		all += sample.One(n > 0)
	}
	best, most := HolesIn{Example: -1}, 0.0
	if all < leastHoled || of-all < leastRest {
		return best
	}
	for at := range 3 {
		order := g.order(at)
		from, to := mostHoled(holes, order)
		h := HolesIn{Example: -1}
		for i, k := range order {
			switch in := i >= from && i < to; {
			case holes[k] < 0:
			case in:
				h.Of++
				h.Holed += sample.One(holes[k] > 0)
				h.Missing += holes[k]
				h.Objects += int(g.images[k].objects)
			default:
				h.Rest++
				h.Others += sample.One(holes[k] > 0)
			}
		}
		if h.Holed < leastHoled || h.Rest < leastRest || mostOthers*h.Others > h.Rest || 4*h.Holed < h.Of {
			continue
		}
		nats := sample.Nats(h.Holed, h.Of, float64(h.Others+1)/float64(h.Rest+2))
		nats -= math.Log(3 * float64(len(order)*len(order)) / 2)
		if nats > -math.Log(sample.Unlikely) && nats > most {
			best, most = h, nats
			best.Place = g.place(at, order[from:to])
			best.Example = g.images[order[from]].image
		}
	}
	return best
}

// mostHoled returns the stretch of an order with most images that have holes, less a part of those without.
func mostHoled(holes []int, order []uint16) (from, to int) {
	sum, most, start := 0.0, 0.0, 0
	for i, k := range order {
		if sum <= 0 {
			sum, start = 0, i
		}
		switch {
		case holes[k] > 0:
			sum++
		case holes[k] == 0:
			sum -= fewLack
		}
		if sum > most {
			most, from, to = sum, start, i+1
		}
	}
	return from, to
}

// holesIn is the rule on ids that are missing in a part, an info: annotations may have been removed in a review.
func holesIn(at site) (f findings.Finding, ok bool) {
	h := at.seen.holesIn()
	if !h.Found() {
		return f, false
	}
	im := &at.src.Images[h.Example]
	f = say.Finding("annotations-cut", at.s, im.Offset, im.Line, "%s: numbers are missing between the annotation "+
		"ids of an image in %s of %s%s %s, %s beside %s, and in %s of %s in the rest. Annotations of this part "+
		"were removed in a review, or lost: where annotations are divided between two files, and not images, or "+
		"filtered, objects without theirs are trained as background. The first is "+
		"%s", text.Printable(at.src.Name), say.Group(h.Holed),
		say.Plural(h.Of, "image"), at.seen.seen(), h.Place, say.Group(h.Missing), say.Plural(h.Objects, "annotation"),
		say.Group(h.Others), say.Group(h.Rest), say.Label(im))
	f.Size, f.Cases = float64(h.Holed), int64(h.Holed)
	f.Level = findings.Info
	return f, true
}
