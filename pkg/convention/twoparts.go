package convention

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// TwoParts says that the images of a source are two stretches, in some order, that have no class in common, though
// images of one mix classes.
type TwoParts struct {
	Images  [2]int     // of each part, that were looked at
	Classes [2][]int32 // by images, the commonest first
	Mixed   [2]int     // images with two classes or more
	odds    float64    // the logarithm of the chance
	common  [2]int     // classes that count in it
	Place   string     // where the smaller part stands
	Example int32      // its first image in the file, -1 if there is nothing to tell
}

// Found reports whether there are such parts.
func (p *TwoParts) Found() bool { return p.Example >= 0 }

// Each part has leastOfPart images and one in ten of all, and a class of leastOfCommon images; fewer images of a class
// say nothing of chance.
const leastOfPart, leastOfCommon = 20, 5

// OfTwoParts looks for two such stretches.
func OfTwoParts(src *dataset.Source) TwoParts { return glanceAt(src).twoParts() }

// twoParts looks for a place in an order of the images that none of the classes is on both sides of. One part at
// least has three classes, and two of them in a tenth of its images: pictures that are sorted by what they show have
// one. Images of a series resemble each other, so that two series may have no class in common by right.
func (g *glance) twoParts() TwoParts {
	best := TwoParts{Example: -1}
	places := 0 // at which the images could part, in all orders
	for at := range 3 {
		if n := len(g.order(at)); n > 0 {
			places += max(n-2*leastInPart(n)+1, 0)
		}
	}
	for at := range 3 {
		order := g.order(at)
		from, ok := g.parting(order)
		if !ok {
			continue
		}
		p := TwoParts{Example: -1}
		for k, part := range [2][]uint16{order[:from], order[from:]} {
			p.count(g, k, part)
		}
		if min(p.Images[0], p.Images[1]) <= min(best.Images[0], best.Images[1]) || !p.mixes() ||
			min(p.common[0], p.common[1]) == 0 || p.odds+math.Log(float64(places)) >= math.Log(sample.Unlikely) {
			continue
		}
		smaller := order[:from]
		if p.Images[1] < p.Images[0] {
			smaller = order[from:]
		}
		p.Place, p.Example = g.place(at, smaller), g.images[slices.Min(smaller)].image
		best = p
	}
	if best.Found() && inMotion(g) {
		return TwoParts{Example: -1}
	}
	return best
}

// mixes tells whether one of the parts mixes classes.
func (p *TwoParts) mixes() bool {
	for k := range p.Images {
		if len(p.Classes[k]) >= 3 && 10*p.Mixed[k] >= p.Images[k] && p.Mixed[k] >= 5 {
			return true
		}
	}
	return false
}

// marksClass reports whether an object says which classes were marked.
func marksClass(o *dataset.Object) bool {
	return o.Class >= 0 && sample.Told(o) && o.Flags&dataset.Crowd == 0
}

// leastInPart is how many of n images a part has at least.
func leastInPart(n int) int { return max(leastOfPart, (n+9)/10) }

// parting returns the place nearest to the middle of an order that none of the classes is on both sides of.
func (g *glance) parting(order []uint16) (from int, ok bool) {
	least := leastInPart(len(order))
	if len(order) < 2*least {
		return 0, false
	}
	last := map[int32]int{}
	for at, k := range order {
		im := &g.src.Images[g.images[k].image]
		for _, o := range g.src.Objects[im.First:im.Last] {
			if marksClass(&o) {
				last[o.Class] = at
			}
		}
	}
	if len(last) < 3 || !g.parts(last, len(order)-least) {
		return 0, false
	}
	end := -1 // of the classes that have begun
	for at, k := range order {
		if at > end && at >= least && at <= len(order)-least && min(at, len(order)-at) > min(from, len(order)-from) {
			from = at
		}
		im := &g.src.Images[g.images[k].image]
		for _, o := range g.src.Objects[im.First:im.Last] {
			if marksClass(&o) {
				end = max(end, last[o.Class])
			}
		}
	}
	return from, from > 0
}

// parts tells whether a class ends early enough for a second part.
func (g *glance) parts(last map[int32]int, latest int) bool {
	for _, at := range last {
		if at < latest {
			return true
		}
	}
	return false
}

// count counts the classes of one part.
func (p *TwoParts) count(g *glance, part int, order []uint16) {
	images := map[int32]int{}
	for _, k := range order {
		im := &g.src.Images[g.images[k].image]
		var own []int32
		for _, o := range g.src.Objects[im.First:im.Last] {
			if marksClass(&o) && !slices.Contains(own, o.Class) {
				own = append(own, o.Class)
				images[o.Class]++
			}
		}
		p.Images[part] += sample.One(len(own) > 0)
		p.Mixed[part] += sample.One(len(own) > 1)
	}
	share := float64(len(order)) / float64(len(g.images))
	for c, n := range images {
		p.Classes[part] = append(p.Classes[part], c)
		if n >= leastOfCommon {
			p.common[part]++
		}
	}
	slices.SortFunc(p.Classes[part], func(a, b int32) int {
		if images[a] != images[b] {
			return images[b] - images[a]
		}
		return int(a - b)
	})
	for _, c := range p.Classes[part] { // all images of a class on one side
		if n := float64(images[c]); images[c] >= leastOfCommon {
			p.odds += math.Log(math.Pow(share, n) + math.Pow(1-share, n))
		}
	}
}

// mostPaired is how many objects an image may have whose objects are compared with those of the next.
const mostPaired = 30

// inMotion tells whether the images of a source are frames: one in ten boxes overlaps one of its class in the next
// image of the file by an IoU above 0.5.
func inMotion(g *glance) bool {
	n, on := 0, 0
	for k := range g.images {
		i := g.images[k].image
		if int(i)+1 == len(g.src.Images) {
			continue
		}
		a, b := &g.src.Images[i], &g.src.Images[i+1]
		if a.Last-a.First > mostPaired || b.Last-b.First > mostPaired {
			continue
		}
		for x := a.First; x < a.Last; x++ {
			n++
			on += sample.One(staysIn(g.src, &g.src.Objects[x], b))
		}
	}
	return on > 0 && 10*on >= n
}

// staysIn tells whether an object overlaps one of its class in another image by an IoU above 0.5.
func staysIn(src *dataset.Source, o *dataset.Object, next *dataset.Image) bool {
	box := o.Box.Box()
	for k := next.First; k < next.Last; k++ {
		if q := &src.Objects[k]; q.Class == o.Class && iou.Of(box, q.Box.Box()) > 0.5 {
			return true
		}
	}
	return false
}

// twoParts is the rule on two parts of a source that have no class in common.
func twoParts(at site) (f findings.Finding, ok bool) {
	p := at.seen.twoParts()
	if !p.Found() {
		return f, false
	}
	names := func(classes []int32) string {
		const most = 3
		var all []string
		for _, c := range classes[:min(most, len(classes))] {
			all = append(all, fmt.Sprintf("%q", at.d.Classes[c].Name))
		}
		if more := len(classes) - most; more > 0 {
			all = append(all, say.Group(more)+" more")
		}
		return strings.Join(all, ", ")
	}
	a := sample.One(p.Images[1] < p.Images[0])
	b := 1 - a
	im := &at.src.Images[p.Example]
	f = say.Finding("classes-apart", at.s, im.Offset, im.Line,
		"%s: %s%s, %s, and the other %s have no class in common: %s "+
			"here and %s there, though classes share %s there and %s here. Two files in which different classes were marked "+
			"seem to be merged: objects of the classes that were not marked in a part are trained as background there. Look at "+
			"some, and mark them, or train two detectors. The first is %s", text.Printable(at.src.Name),
		say.Plural(p.Images[a], "image"), at.seen.seen(), p.Place, say.Group(p.Images[b]), names(p.Classes[a]),
		names(p.Classes[b]),
		say.Plural(p.Mixed[b], "image"), say.Group(p.Mixed[a]), say.Label(im))
	f.Level, f.Key = findings.Warning, "stretch"
	f.Size, f.Cases = float64(p.Images[a]), int64(p.Images[a])
	return f, true
}
