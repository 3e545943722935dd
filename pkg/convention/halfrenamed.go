package convention

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// HalfRenamed says that at one place of the images several classes end, as many begin, in as many images, and others go
// on as before: classes may have been renamed in one part only.
type HalfRenamed struct {
	Old, New []int32 // classes that end and begin, the commonest first: one of each is a pair
	Same     int     // classes that go on
	Place    string  // where the new ones stand
	Example  int32   // the first image of the part with the new ones in the file, -1 if there is nothing to tell
	odds     float64
}

// Found reports whether classes are so.
func (h *HalfRenamed) Found() bool { return h.Example >= 0 }

// What a place has to show: pairs of classes that end and begin, and as many others that go on. A pair, taken for one
// class, is as common on both sides, and so are nine in ten of the others: images differ from what their shares give by
// steadyAt standard deviations at most, since parts that show other things differ in all classes.
const (
	leastRenamed = 2
	steadyAt     = 2.5
)

// span is where a class stands in an order of the images.
type span struct {
	class, n    int32
	first, last int
	at          []int32 // the places of its images
}

// OfHalfRenamed looks for such a place.
func OfHalfRenamed(src *dataset.Source) HalfRenamed { return glanceAt(src).halfRenamed() }

func (g *glance) halfRenamed() HalfRenamed {
	best := HalfRenamed{Example: -1}
	if len(g.images) < 2*leastOfPart {
		return best
	}
	of, most := g.classesOf()
	for at := range 3 {
		order := g.order(at)
		if len(order) < 2*leastOfPart {
			continue
		}
		least := leastInPart(len(order))
		spans := spansOf(of, order, most)
		ends, begins := 0, 0
		for _, s := range spans {
			ends += sample.One(s.last < len(order)-least)
			begins += sample.One(s.first >= least)
		}
		if min(ends, begins) < leastRenamed {
			continue
		}
		for _, s := range spans {
			from := s.last + 1
			if from < least || len(order)-from < least {
				continue
			}
			h := changeAt(spans, from, len(order))
			if h.odds+math.Log(3*float64(len(order))) >= math.Log(sample.Unlikely) || h.odds >= best.odds {
				continue
			}
			best = h
			best.Place = g.place(at, order[from:])
			best.Example = g.images[slices.Min(order[from:])].image
		}
	}
	return best
}

// classesOf returns the classes of each image, each once, and the highest of all.
func (g *glance) classesOf() (of [][]int32, most int32) {
	of = make([][]int32, len(g.images))
	for k := range g.images {
		im := &g.src.Images[g.images[k].image]
		for i := im.First; i < im.Last; i++ {
			c := g.src.Objects[i].Class
			if own := of[k]; len(own) > 0 && own[len(own)-1] == c {
				continue // most objects have the class of the one before
			}
			if marksClass(&g.src.Objects[i]) && !slices.Contains(of[k], c) {
				of[k] = append(of[k], c)
				most = max(most, c)
			}
		}
	}
	return of, most
}

// spansOf returns the classes of leastOfCommon images or more, the commonest first.
func spansOf(of [][]int32, order []uint16, most int32) (all []span) {
	by := make([]span, most+1)
	for at, k := range order {
		for _, c := range of[k] {
			s := &by[c]
			if s.class = c; s.n == 0 {
				s.first = at
			}
			s.n, s.last, s.at = s.n+1, at, append(s.at, int32(at))
		}
	}
	all = slices.DeleteFunc(by, func(s span) bool { return s.n < leastOfCommon })
	slices.SortFunc(all, func(a, b span) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.class, b.class)) })
	return all
}

// changeAt looks at one place. Were the images of a class in any order, all would be on one side by a chance that goes
// by the shares of the sides.
func changeAt(spans []span, from, n int) HalfRenamed {
	none := HalfRenamed{Example: -1}
	h := none
	share, moved := float64(from)/float64(n), 0
	var before, behind []int32 // images of the classes that end and begin
	for _, s := range spans {
		switch {
		case s.last < from:
			h.Old, before = append(h.Old, s.class), append(before, s.n)
			h.odds += float64(float64(s.n) * math.Log(share))
		case s.first >= from:
			h.New, behind = append(h.New, s.class), append(behind, s.n)
			h.odds += float64(float64(s.n) * math.Log(1-share))
		default:
			in, _ := slices.BinarySearch(s.at, int32(from))
			if steady(float64(in), float64(s.n), share) {
				h.Same++
			} else {
				moved++
			}
		}
	}
	if len(h.Old) != len(h.New) || len(h.Old) < leastRenamed || h.Same < max(len(h.Old), 9*moved) {
		return none
	}
	for k := range before { // the commonest that ends and the commonest that begins
		if !steady(float64(before[k]), float64(before[k]+behind[k]), share) {
			return none
		}
	}
	return h
}

// steady tells whether in of n images are before a place with this share of all before it, but for chance.
func steady(in, n, share float64) bool {
	return math.Abs(in-float64(n*share)) <= steadyAt*math.Sqrt(float64(n*share)*(1-share))
}

// halfRenamed is the rule on classes that were renamed in one part.
func halfRenamed(at site) (f findings.Finding, ok bool) {
	h := at.seen.halfRenamed()
	if !h.Found() || len(at.d.Classes) == 0 {
		return f, false
	}
	return h.finding(at.d, at.src, at.s), true
}

// finding returns the finding on classes that were renamed in one part, an info.
func (h *HalfRenamed) finding(d *dataset.Dataset, src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[h.Example]
	list := func(classes []int32) string {
		var names []string
		for _, c := range classes[:min(len(classes), 4)] {
			names = append(names, strconv.Quote(d.Classes[c].Name))
		}
		return strings.Join(names, ", ")
	}
	f := say.Finding("classes-apart", s, im.Offset, im.Line,
		"%s: %s end at one place (%s), and as many begin there (%s), in the images %s; each of these is in about "+
			"as many images as one of those, and %s as common on both sides. Classes may have been renamed in one part only: "+
			"then objects of one kind have two classes, and each teaches that the other is background. Give them one name "+
			"each, unless the parts show other things", text.Printable(src.Name), say.Plural(len(h.Old), "class"), list(h.Old),
		list(h.New), h.Place, fmt.Sprintf("%s %s", say.Plural(h.Same, "other class"), say.Are(h.Same)))
	f.Size, f.Cases, f.Level = float64(len(h.Old)), int64(len(h.Old)), findings.Info
	return f
}
