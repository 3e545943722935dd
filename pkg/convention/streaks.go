package convention

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/text"
)

// glanced is how many images are looked at for stretches in which they differ from all others, spread over the source.
const glanced = 2000

// glimpse is what the objects of one image have in common.
type glimpse struct {
	image   int32
	objects int32
	class   int32 // of all objects, -1 if they have several
	single  int32 // objects that are no crowds
	twin    bool  // two of these have one class
	joint   int32 // see markJoint
	parts   int32 // of onParts: 0 if all boxes are so, noMark, or uncounted
	heads   int32 // how many classes, if they are the first ones of the list, 0 if they are others

	most [2]float32 // the highest IoU of two boxes, and of two of one class: see lookAtOverlaps
	band

	cell      int32    // of cellOf: the stride of all boxes, noMark, or uncounted
	grid      gridMark // of markGrid
	half      uint8    // of markHalf
	thousands [2]int32 // of markThousands
}

// glance holds the images with objects that are looked at, in the order of the file.
type glance struct {
	src    *dataset.Source
	images []glimpse
	all    bool       // each image with objects is among them
	orders [][]uint16 // see order
	clamp  *ClampedAt // see clamped

	grid      *GridIn      // see gridIn
	half      *HalfIn      // see halfIn
	thousands *ThousandsIn // see thousandsIn

	groups map[int32]int32 // see groupOf

	footage []*footage // see streak: one, that may be nil, once it is known
}

// glanceAt looks at the images of a source.
func glanceAt(src *dataset.Source) *glance {
	g := &glance{src: src}
	step := len(src.Images)/glanced + 1
	g.all = step == 1
	most := int32(-1)
	for i := range src.Categories {
		most = max(most, src.Categories[i].Class)
	}
	last := make([]int32, most+2)  // by class, from -1 on: the image that had it last, plus 1
	alone := make([]int32, most+2) // the same without crowds
	rank := rankOf(src)
	for i := range src.Images {
		im := &src.Images[i]
		if step > 1 && sample.Mix(uint64(i))%uint64(step) != 0 || im.LeftOut != dataset.InUse || im.First == im.Last ||
			len(g.images) == math.MaxUint16 {
			continue
		}
		own := src.Objects[im.First:im.Last]
		p := glimpse{
			image: int32(i), objects: int32(len(own)), class: own[0].Class, parts: markParts(im, own), band: bandOf(im, own),
			cell: markCell(own), grid: markGrid(im, own), half: markHalf(im, own), thousands: markThousands(im, own),
		}
		classes, highest := int32(0), int32(-1)
		for k := range own {
			c := own[k].Class
			if c != p.class || c < 0 {
				p.class = -1
			}
			if c > most {
				continue
			}
			if own[k].Flags&dataset.Crowd == 0 {
				p.single++
				p.twin = p.twin || alone[c+1] == int32(i)+1
				alone[c+1] = int32(i) + 1
			}
			if last[c+1] == int32(i)+1 {
				continue
			}
			last[c+1] = int32(i) + 1
			classes, highest = classes+1, max(highest, rank(c))
		}
		if highest+1 == classes {
			p.heads = classes
		}
		g.images = append(g.images, p)
	}
	return g
}

// streak is a stretch of the images, in some order, that have one mark.
type streak struct {
	mark   int32    // -1 if there is no such stretch
	n      int      // images that have it
	odd    int      // others between them
	other  int      // the longest stretch of images with any mark in the rest
	rest   int      // images of the rest that count
	stays  float64  // of the images of the rest that have a mark and another one behind: the part whose next has the same
	sorted bool     // images of the rest that have a mark are sorted by it: see sortedMarks
	odds   float64  // the logarithm of the chance
	images []uint16 // all of the stretch that count
	place  string   // as messages have it
}

// Marks of images that have none.
const (
	noMark    = -1 // ends a stretch
	uncounted = -2 // as if the image were not there
)

// Thresholds of a stretch: images of it, and of the rest that count; and how many times as long as any in the rest it
// is, since what pictures show stays for longer in some series than in others.
const (
	leastStretch = 10
	leastRest    = 30
	timesOther   = 3
)

// streak returns the stretch that is least likely, in any order of the images. One in oddOne of its images may have no
// mark, or another one, none if that is 0; and it is so many times as long as any in the rest. Chance goes by how often
// an image with a mark stands before one with the same in the rest: such a stretch, anywhere in any order, has a chance
// below 1e-6. It is one, too, if only those images count that show something new: the frames of a video are one sight.
func (g *glance) streak(mark func(p *glimpse) int32, oddOne, times int) streak {
	s := g.anyStreak(mark, oddOne, times)
	if s.mark < 0 {
		return s
	}
	of := g.scenes()
	if of == nil || g.anyStreak(func(p *glimpse) int32 {
		if !of.news(p.image) {
			return uncounted
		}
		return mark(p)
	}, oddOne, times).mark >= 0 {
		return s
	}
	return streak{mark: -1}
}

// scenes returns what is new in a video, nil if the source is none.
func (g *glance) scenes() *footage {
	if g.footage == nil {
		g.footage = []*footage{footageOf(g.src)}
	}
	return g.footage[0]
}

// anyStreak is streak of all images.
func (g *glance) anyStreak(mark func(p *glimpse) int32, oddOne, times int) streak {
	best := streak{mark: -1}
	for at := range 3 {
		order := g.order(at)
		if len(order) < leastStretch+leastRest {
			continue
		}
		var counted []uint16
		marks := make([]int32, 0, len(order))
		for _, k := range order {
			if m := mark(&g.images[k]); m != uncounted {
				counted, marks = append(counted, k), append(marks, m)
			}
		}
		if s, from := longest(marks, oddOne, times); s.mark >= 0 && s.odds < best.odds {
			best = s
			best.images = counted[from : from+s.n+s.odd]
			best.place = g.place(at, best.images)
		}
	}
	return best
}

// longest returns the longest stretch of a list of marks, with its place, if chance hardly makes it.
func longest(marks []int32, oddOne, times int) (s streak, from int) {
	none := streak{mark: -1}
	type run struct{ from, to int }
	var runs []run
	top := 0
	for i, m := range marks {
		switch {
		case m < 0:
			continue
		case i == 0 || marks[i-1] != m:
			runs = append(runs, run{i, i})
		}
		last := &runs[len(runs)-1]
		if last.to = i + 1; last.to-last.from > runs[top].to-runs[top].from {
			top = len(runs) - 1
		}
	}
	if len(runs) == 0 {
		return none, 0
	}
	r := runs[top]
	s = streak{mark: marks[r.from], n: r.to - r.from}
	low, high := top, top
	for step, end := range [2]int{-1, len(runs)} { // towards the front, then towards the end
		by := 2*step - 1
		n, odd := s.n, s.odd
		at := r
		for k := top + by; k != end && oddOne > 0; k += by {
			next := runs[k]
			gap := max(at.from-next.to, next.from-at.to)
			if marks[next.from] != s.mark {
				continue
			}
			at = run{min(at.from, next.from), max(at.to, next.to)}
			n, odd = n+next.to-next.from, odd+gap
			if oddOne*odd > n+odd {
				break
			}
			s.n, s.odd, r = n, odd, at
			low, high = min(low, k), max(high, k)
		}
	}
	s.rest = len(marks) - (r.to - r.from)
	for k, o := range runs {
		if k < low || k > high {
			s.other = max(s.other, o.to-o.from)
		}
	}
	stays, of := 0, 0
	for i := 1; i < len(marks); i++ {
		if (i <= r.from-1 || i-1 >= r.to) && marks[i-1] >= 0 {
			of++
			stays += sample.One(marks[i] == marks[i-1])
		}
	}
	s.stays = float64(stays+1) / float64(of+2)
	s.sorted = sortedMarks(marks, r.from, r.to)
	s.odds = float64(s.n-1)*math.Log(s.stays) + math.Log(float64(3*len(marks)))
	if s.odd > 0 { // times the ways to choose the odd ones, at most
		s.odds += float64(s.odd) * (1 + math.Log(float64(s.n+s.odd)/float64(s.odd)))
	}
	if s.n < leastStretch || s.rest < leastRest || s.n < times*s.other || s.odds >= math.Log(sample.Unlikely) {
		return none, 0
	}
	return s, r.from
}

// sortedMarks tells whether each mark outside of a stretch has one place, so that none comes back once another one
// came, whatever images without a mark stand between; three marks at least have to be there.
func sortedMarks(marks []int32, from, to int) bool {
	seen, runs, last := map[int32]bool{}, 0, int32(noMark)
	for i, m := range marks {
		if m < 0 || i >= from && i < to {
			continue
		}
		runs += sample.One(m != last)
		seen[m], last = true, m
	}
	return len(seen) >= 3 && runs == len(seen)
}

// order returns the places of the images in the order of the file, of ids, or of directories; nothing if that is one
// that came before.
func (g *glance) order(at int) []uint16 {
	if g.orders == nil {
		g.orders = g.sorted()
	}
	return g.orders[at]
}

// sorted returns the three orders.
func (g *glance) sorted() [][]uint16 {
	src, all := g.src, make([][]uint16, 3)
	place := make(map[int32]uint16, len(g.images))
	ids := make([]int32, len(g.images))
	for k := range g.images {
		all[0] = append(all[0], uint16(k))
		ids[k] = g.images[k].image
		place[ids[k]] = uint16(k)
	}
	if sample.SortByID(src, ids) {
		for _, i := range ids {
			all[1] = append(all[1], place[i])
		}
	}
	if len(g.images) > 0 && strings.Contains(src.Images[0].File, "/") {
		common := names.CommonDirectory(src)
		dir := func(k uint16) string { return names.Below(src.Images[g.images[k].image].File, common) }
		by := slices.Clone(all[0])
		slices.SortStableFunc(by, func(a, b uint16) int { return strings.Compare(dir(a), dir(b)) })
		if !slices.Equal(by, all[0]) && !slices.Equal(by, all[1]) {
			all[2] = by
		}
	}
	return all
}

// place says where a stretch stands in one of the orders.
func (g *glance) place(at int, images []uint16) string {
	image := func(k uint16) *dataset.Image { return &g.src.Images[g.images[k].image] }
	first, last := image(images[0]), image(images[len(images)-1])
	switch at {
	case 1:
		return fmt.Sprintf("with ids from %s to %s", text.Printable(first.ID.String()), text.Printable(last.ID.String()))
	case 2:
		common := names.CommonDirectory(g.src)
		a, b := text.Printable(names.Below(first.File, common)), text.Printable(names.Below(last.File, common))
		if a == b {
			return "in " + a + "/"
		}
		return fmt.Sprintf("in the directories from %s/ to %s/", a, b)
	}
	return "that follow each other from " + say.Label(first) + " on"
}

// first is the image of a stretch that stands first in the file.
func (g *glance) first(s *streak) int32 { return g.images[slices.Min(s.images)].image }

// seen says, in brackets, that not all images were looked at.
func (g *glance) seen() string {
	if g.all {
		return ""
	}
	return fmt.Sprintf(" (of %s that were looked at)", say.Plural(len(g.images), "image"))
}
