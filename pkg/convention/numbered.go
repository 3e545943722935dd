package convention

import (
	"fmt"
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Numbered says that the classes of images are the first ones of the list, as many as an image has: they seem to be
// numbered anew in each image. Images of one class tell nothing if it is the first one.
type Numbered struct {
	streak
	Images  int // with two classes or more that are so
	All     int // that have two or more; of a stretch, of it
	Most    int // classes of one image
	Used    int // classes that have objects; of a stretch, in the rest
	Whole   bool
	Example int32 // the first image, -1 if there is nothing to tell
}

// Found reports whether classes are so.
func (n *Numbered) Found() bool { return n.Example >= 0 }

// Thresholds of classes that are numbered anew: images with two classes or more, of all; how many images have each of
// two numbers of classes; how often images with fewer classes follow those with more, which pictures sorted by their
// classes do not; and classes beside those.
const (
	leastNumbered = 30
	leastOfNumber = 3
	leastDescents = 3
	leastBeyond   = 3
)

// OfNumbered looks at all images, or else at stretches of them.
func OfNumbered(src *dataset.Source) Numbered { return glanceAt(src).numbered() }

func (g *glance) numbered() Numbered {
	none := Numbered{Example: -1}
	if len(g.src.Categories) < 2+leastBeyond {
		return none
	}
	if n := g.allNumbered(); n.Found() {
		return n
	}
	n := Numbered{Example: -1, streak: g.streak(func(p *glimpse) int32 {
		switch p.heads {
		case 0:
			return noMark
		case 1:
			return uncounted
		}
		return 0
	}, 0, timesOther)}
	if n.mark < 0 {
		return none
	}
	in := make([]bool, len(g.images))
	for _, k := range n.images {
		in[k] = true
	}
	used := map[int32]bool{}
	for k := range g.images {
		if im := &g.src.Images[g.images[k].image]; !in[k] {
			for o := im.First; o < im.Last; o++ {
				used[g.src.Objects[o].Class] = true
			}
		}
	}
	n.Images, n.All, n.Used = n.n, n.n, len(used)
	if !n.varies(g, n.images) || n.Used < n.Most+leastBeyond {
		return none
	}
	n.Example = g.first(&n.streak)
	return n
}

// varies tells whether images have several numbers of classes, in no order, and notes the most.
func (n *Numbered) varies(g *glance, images []uint16) bool {
	var of [3]int // with two classes, with more, and with more before one with fewer
	before := int32(0)
	for _, k := range images {
		heads := g.images[k].heads
		of[sample.One(heads > 2)]++
		of[2] += sample.One(heads < before)
		before = heads
		n.Most = max(n.Most, int(heads))
	}
	return min(of[0], of[1]) >= leastOfNumber && of[2] >= leastDescents
}

// allNumbered looks at all images: 49 in 50 are so, and half of the list has no object. Were classes in an image by
// themselves, each as often as it is, the chance would be below 1e-6.
func (g *glance) allNumbered() Numbered {
	n := Numbered{Example: -1, Whole: true}
	var images []uint16
	odd := 0
	for k := range g.images {
		p := &g.images[k]
		odd += sample.One(p.heads == 0)
		if p.heads > 1 {
			images = append(images, uint16(k))
		}
	}
	n.Images = len(images)
	n.All = n.Images + odd
	if n.Images < leastNumbered || 50*odd > len(g.images) || !n.varies(g, images) {
		return n
	}
	used := map[int32]bool{}
	for k := range g.src.Objects {
		if c := g.src.Objects[k].Class; c >= 0 {
			used[c] = true
		}
	}
	n.Used = len(used)
	if len(g.src.Categories) < max(2*n.Used, n.Used+leastBeyond) || g.byThemselves(n.Most) >= math.Log(sample.Unlikely) {
		return n
	}
	n.Example = g.images[images[0]].image
	return n
}

// byThemselves is the logarithm of the chance that images have the first classes of the list, given how many they
// have, if each class is in an image by itself, as often as it is. All classes are among the first ones, but for a few
// images.
func (g *glance) byThemselves(most int) float64 {
	with := make([]float64, most+1) // images by the number of their classes
	for k := range g.images {
		with[g.images[k].heads]++
	}
	odds := make([]float64, most) // of a class
	n := float64(len(g.images)) - with[0]
	for c, left := 0, n; c < most; c++ {
		left -= with[c] * float64(sample.One(c > 0))
		odds[c] = (left + 1) / (n - left + 1)
	}
	sums := make([]float64, most+1) // of the products of the odds of so many classes
	sums[0] = 1
	first := make([]float64, most+1)
	first[0] = 1
	for c, v := range odds {
		first[c+1] = first[c] * v
		for k := c + 1; k > 0; k-- {
			sums[k] += float64(sums[k-1] * v)
		}
	}
	chance := 0.0
	for k := 1; k < most; k++ {
		chance += float64(with[k] * math.Log(first[k]/sums[k]))
	}
	return chance
}

// numberedAnew is the rule on classes that are numbered in each image anew.
func numberedAnew(at site) (f findings.Finding, ok bool) {
	n := at.seen.numbered()
	if !n.Found() {
		return f, false
	}
	return n.Finding(at.seen, at.s), true
}

// numbersAnew tells whether classes are numbered in each image anew, of which other rules see parts only.
func (at site) numbersAnew() bool {
	n := at.seen.numbered()
	return n.Found()
}

// Finding returns the finding on classes that are numbered in each image anew, a warning.
func (n *Numbered) Finding(g *glance, s int32) findings.Finding {
	im := &g.src.Images[n.Example]
	what := fmt.Sprintf("%s of %s with two classes or more%s have the first ones of the list of categories, as many as "+
		"they have, and %s of %s have objects", say.Group(n.Images), say.Plural(n.All, "image"), g.seen(), say.Group(n.Used),
		say.Plural(len(g.src.Categories), "class"))
	if !n.Whole {
		what = fmt.Sprintf("%s with two classes or more%s, %s, have the first ones of the list of categories, %s at most, "+
			"and the rest has objects of %s", say.Plural(n.Images, "image"), g.seen(), n.place, say.Group(n.Most),
			say.Plural(n.Used, "class"))
	}
	f := say.Finding("classes-filled", s, im.Offset, im.Line, "%s: classes seem to be numbered anew in each image, in "+
		"the order in which they appear: %s. One number stands for another class in each image, so that the detector "+
		"learns nothing from it. Scripts that make the list of classes for each file do so, as "+
		"list(set(names)).index(name): make one list for all files, and write the ids again from the names. "+
		"The first is %s", text.Printable(g.src.Name), what, say.Label(im))
	f.Size, f.Cases = float64(n.Images), int64(n.Images)
	return f
}
