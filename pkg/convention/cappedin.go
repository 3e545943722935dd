package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// CappedIn says that in a stretch of the images none has more than Most annotations, and far more have exactly so many
// than any number of the rest: lists seem to be cut there.
type CappedIn struct {
	Most    int32
	Full    int // images of the stretch with so many
	Below   int // the most of them with one, two or three fewer
	Images  int // of the stretch
	More    int // images of the rest with more
	Rest    int
	Same    int // images of the rest with exactly as many
	Place   string
	Example int32   // the first full image, -1 if there is nothing to tell
	nats    float64 // of the likelihood ratio, less those of the places where such a stretch could be
}

// Found reports whether there is such a stretch.
func (c *CappedIn) Found() bool { return c.Example >= 0 }

// leastCap is the smallest number of annotations at which lists are cut: pictures hold few things by right.
const leastCap = 5

// OfCappedIn looks for such a stretch.
func OfCappedIn(src *dataset.Source) CappedIn { return glanceAt(src).cappedIn() }

// cappedIn asks the numbers of annotations that more images have than those around do. In a video only those images
// count that show something new: cars that stand at a red light are as many in each frame.
func (g *glance) cappedIn() CappedIn {
	best := CappedIn{Example: -1}
	for _, most := range g.piles() {
		c := g.cappedAt(most, nil)
		if c.Found() && (!best.Found() || c.nats > best.nats) {
			best = c
		}
	}
	if !best.Found() {
		return best
	}
	if of := g.scenes(); of != nil {
		if c := g.cappedAt(best.Most, of); !c.Found() {
			return c
		}
	}
	return best
}

// piles are the numbers of annotations that twice as many images have as each of the six numbers around, on average,
// and leastCapped at least.
func (g *glance) piles() (all []int32) {
	most := int32(0)
	for k := range g.images {
		most = max(most, g.images[k].objects)
	}
	at := make(map[int32]int, 64)
	for k := range g.images {
		at[g.images[k].objects]++
	}
	for m := int32(leastCap); m < most; m++ {
		around := 0
		for by := int32(1); by <= 3; by++ {
			around += at[m-by] + at[m+by]
		}
		if at[m] >= leastFull && 3*at[m] >= around {
			all = append(all, m)
		}
	}
	return all
}

// leastFull is how many images of a stretch have the most annotations.
const leastFull = 8

// cappedAt looks for the stretch with most images that have so many annotations, and none with more. Were its images
// like those of the rest, their numbers would be as likely as there. If lists are cut, an image has the most as often
// as one of the rest has so many or more. The ratio of both likelihoods is above exp(x) by a chance below exp(-x), for
// each place where a stretch may begin and end, and each number.
func (g *glance) cappedAt(most int32, of *footage) CappedIn {
	best := CappedIn{Example: -1}
	for at := range 3 {
		var counted []uint16
		for _, k := range g.order(at) {
			if of == nil || of.news(g.images[k].image) {
				counted = append(counted, k)
			}
		}
		from, to, full := g.longestBelow(counted, most)
		if full < leastFull {
			continue
		}
		c := g.capOf(counted, from, to, most)
		c.nats -= math.Log(3 * float64(len(counted)*len(counted)) / 2 * float64(len(g.piles())))
		if c.likely() && (!best.Found() || c.nats > best.nats) {
			c.Place = g.place(at, counted[from:to])
			best = c
		}
	}
	return best
}

// longestBelow returns the stretch without an image of more annotations that has most images with so many.
func (g *glance) longestBelow(images []uint16, most int32) (from, to, full int) {
	start, n := 0, 0
	for i := 0; i <= len(images); i++ {
		if i < len(images) && g.images[images[i]].objects <= most {
			n += sample.One(g.images[images[i]].objects == most)
			continue
		}
		if n > full {
			from, to, full = start, i, n
		}
		start, n = i+1, 0
	}
	return from, to, full
}

// capOf compares a stretch with the rest.
func (g *glance) capOf(images []uint16, from, to int, most int32) CappedIn {
	c := CappedIn{Most: most, Images: to - from, Rest: len(images) - to + from, Example: -1}
	var below [3]int
	few, around, near := 0, 0, 0
	for i, k := range images {
		p := &g.images[k]
		fewer := most - p.objects
		switch {
		case i < from || i >= to:
			c.More += sample.One(fewer < 0)
			c.Same += sample.One(fewer == 0)
			around += sample.One(fewer >= -3 && fewer <= 3)
			near += sample.One(fewer >= 0 && fewer <= 3)
		case fewer == 0:
			if c.Full++; c.Example < 0 {
				c.Example = p.image
			}
		case fewer <= 3:
			below[fewer-1]++
		default:
			few++
		}
	}
	c.Below = max(below[0], below[1], below[2])
	few += below[1] + below[2]
	if 10*few < c.Images || c.Rest < leastRest || c.More == 0 { // or each picture may hold as many
		return CappedIn{Example: -1}
	}
	exactly := max(float64(c.Same+1), float64(around+1)/7) / float64(c.Rest+1)
	orMore := float64(c.Same+c.More) / float64(c.Rest)
	if c.Full > upTo3(c.Images, orMore) { // more of them than lists that are cut would leave
		return CappedIn{Example: -1}
	}
	of := c.Full + below[0] + below[1] + below[2]
	if c.Full <= upTo3(of, max(0.25, float64(c.Same+1)/float64(near+1))) { // as numbers that fade out, or as in the rest
		return CappedIn{Example: -1}
	}
	c.nats = float64(c.Full) * math.Log(orMore/exactly)
	return c
}

// upTo3 is how many of n things have something that each has by a chance: the mean and three standard errors.
func upTo3(n int, p float64) int {
	of := float64(n)
	return int(float64(of*p) + float64(3*math.Sqrt(of*p*(1-p))))
}

// likely tells whether chance hardly makes the stretch.
func (c *CappedIn) likely() bool {
	return c.Example >= 0 && c.Full >= leastFull && c.nats > -math.Log(sample.Unlikely)
}

// cappedIn is the rule on lists that are cut in a part.
func cappedIn(at site) (f findings.Finding, ok bool) {
	c := at.seen.cappedIn()
	if !c.Found() {
		return f, false
	}
	im := &at.src.Images[c.Example]
	f = say.Finding("annotations-cut", at.s, im.Offset, im.Line, "%s: of %s%s %s, none has more than %s, and %s have "+
		"exactly that many, but no more than %s one, two or three fewer. In the rest %s of %s have more. A script, or a "+
		"page limit, seems to keep the first %s of each image there: fetch all objects, since those left out are trained "+
		"as background. Example: %s", text.Printable(at.src.Name), say.Plural(c.Images, "image"), at.seen.seen(), c.Place,
		say.Plural(int(c.Most), "annotation"), say.Group(c.Full), say.Group(c.Below), say.Group(c.More),
		say.Plural(c.Rest, "image"), say.Group(int(c.Most)), say.Label(im))
	f.Size, f.Cases = float64(c.Full), int64(c.Full)
	return f, true
}
