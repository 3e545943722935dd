package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// Suppressed says that no two boxes of an image, or no two of one class, overlap by more than a limit, while many
// overlap by hardly less: non-maximum suppression was applied to labels. It is so in all images or in a stretch.
type Suppressed struct {
	streak          // in a part
	Limit   float64 // the highest IoU of two boxes, in all images; a limit that holds in the stretch
	Same    bool    // of one class
	Below   int     // pairs with an IoU from 0.8 of it on, in a part from 0.5 of it on
	Above   int     // pairs of the rest with one above the limit
	Under   int     // pairs of the rest below it
	near    int     // pairs of the stretch from 0.8 of the limit on
	far     int     // the same from 0.6 to 0.8
	Images  int     // with such pairs
	Example int32   // an image, -1 if there is nothing to tell
}

// Found reports whether there is such a limit.
func (p *Suppressed) Found() bool { return p.Example >= 0 }

// Thresholds of a limit. Pairs above an IoU of 0.7 are there where nothing was suppressed, since objects stand before
// each other. Above T at least as many pairs lie as in [0.8 T, T), less what the density of pairs falls by from
// [0.6 T, 0.8 T) to there; in the real files with 20 pairs there 0.6 and 0.2 times as many at least, for T up to 0.5
// and to 0.7. Where 14 are expected so, none comes by a chance of exp(-14), below 1e-6, and as many are in ten images.
const (
	suppressedMost  = 0.7
	suppressedLeast = 0.25
	expectedAbove   = 14
	suppressedBoxes = 45  // of an image that are compared
	suppressedFew   = 16  // the same in a part
	suppressedFirst = 500 // images that are looked at first
)

// eachOverlap calls f with the overlapping pairs of some boxes of an image, drawn by their numbers, until it returns
// false, and tells whether it did not.
func eachOverlap(
	src *dataset.Source, im *dataset.Image, most int, f func(a, b int32, u float64) bool,
) bool {
	at := sample.ChosenAt(src, im, most)
	for i, k := range at {
		o := &src.Objects[k]
		if !sample.Told(o) || isCrowd(*o) {
			continue
		}
		right, bottom := o.Box.X+o.Box.W, o.Box.Y+o.Box.H
		for _, j := range at[:i] {
			p := &src.Objects[j]
			b := &p.Box
			if b.X >= right || b.Y >= bottom || b.X+b.W <= o.Box.X || b.Y+b.H <= o.Box.Y || !sample.Told(p) || isCrowd(*p) {
				continue
			}
			if !f(j, k, iou.Of(o.Box.Box(), p.Box.Box())) {
				return false
			}
		}
	}
	return true
}

// pairOverlap is the IoU of two boxes of one image.
type pairOverlap struct {
	u     float64
	image int32
	a, b  int32
}

// OfSuppressed looks for a limit in all images, of all boxes and then of those of one class.
func OfSuppressed(src *dataset.Source) Suppressed {
	var pairs [2][]pairOverlap // of all, of one class
	over := [2]bool{}
	step := len(src.Images)/glanced + 1
	for i := 0; i < len(src.Images); i += step {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse || im.Last-im.First < 2 {
			continue
		}
		if !eachOverlap(src, im, suppressedBoxes, func(a, b int32, u float64) bool {
			same := src.Objects[a].Class == src.Objects[b].Class
			for k := range pairs {
				if k == 1 && !same || over[k] {
					continue
				}
				over[k] = u > suppressedMost
				pairs[k] = append(pairs[k], pairOverlap{u, int32(i), a, b})
			}
			return !over[0] || !over[1]
		}) {
			break
		}
	}
	for k := range pairs {
		if !over[k] {
			if p := overlapLimit(src, pairs[k]); p.Found() {
				p.Same = k == 1
				return p
			}
		}
	}
	return Suppressed{Example: -1}
}

// overlapLimit looks for a limit of pairs. In the scenes of a video those count of which one object is new.
func overlapLimit(src *dataset.Source, pairs []pairOverlap) Suppressed {
	p := Suppressed{streak: streak{mark: -1}, Example: -1}
	for _, x := range pairs {
		p.Limit = max(p.Limit, x.u)
	}
	if p.Limit < suppressedLeast || !p.ends(pairs, func(*pairOverlap) bool { return true }) {
		return Suppressed{Example: -1}
	}
	if of := footageOf(src); of != nil && !p.ends(pairs, func(x *pairOverlap) bool {
		return of.anew(&src.Objects[x.a]) || of.anew(&src.Objects[x.b])
	}) {
		return Suppressed{Example: -1}
	}
	return p
}

// ends tells whether the pairs end at the limit: as many are expected above it as chance does not leave out.
func (p *Suppressed) ends(pairs []pairOverlap, counts func(*pairOverlap) bool) bool {
	under := 0
	p.Below, p.Images, p.Example = 0, 0, -1
	last := int32(-1)
	for i := range pairs {
		x := &pairs[i]
		switch {
		case x.u < 0.6*p.Limit || !counts(x):
		case x.u < 0.8*p.Limit:
			under++
		default:
			p.Below++
			if p.Images += sample.One(x.image != last); last < 0 {
				p.Example = x.image
			}
			last = x.image
		}
	}
	goOn := 0.6
	if p.Limit > 0.5 {
		goOn = 0.2
	}
	n := float64(p.Below)
	// As many under as half of those below: sheets that overlap by one amount end by right.
	return n*min(goOn, n/float64(max(under, 1))) >= expectedAbove && 2*under >= p.Below && p.Images >= leastSlipImages
}

// OfSuppressedIn looks for a limit that holds in a stretch of the images and not in the rest.
func OfSuppressedIn(src *dataset.Source) Suppressed { return glanceAt(src).suppressed() }

// lookAtOverlaps enters the highest IoU of two boxes, and of two of one class, in every n-th image.
func (g *glance) lookAtOverlaps(n int) {
	for k := 0; k < len(g.images); k += n {
		p := &g.images[k]
		if p.objects < 2 {
			continue
		}
		p.most = [2]float32{}
		eachOverlap(g.src, &g.src.Images[p.image], suppressedFew, func(a, b int32, u float64) bool {
			p.most[0] = max(p.most[0], float32(u))
			if g.src.Objects[a].Class == g.src.Objects[b].Class {
				p.most[1] = max(p.most[1], float32(u))
			}
			return true
		})
	}
}

// mayEnd tells whether, of the images that were looked at, the longest row without a pair above a limit is twice as
// long as the next one, in any order.
func (g *glance) mayEnd(limit float32, k, step int) bool {
	for at := range 3 {
		run, first, second := 0, 0, 0
		end := func() {
			if run > first {
				first, second = run, first
			} else {
				second = max(second, run)
			}
			run = 0
		}
		for _, i := range g.order(at) {
			switch u := g.images[i].most[k]; {
			case int(i)%step != 0 || u < limit/2:
			case u >= limit:
				end()
			default:
				run++
			}
		}
		end()
		if first*step >= leastStretch && first >= 2*second {
			return true
		}
	}
	return false
}

// suppressed is OfSuppressedIn: an image counts if two boxes overlap by half of the limit. Of many images, one in a few
// tells first whether to look at the others.
func (g *glance) suppressed() Suppressed {
	step := (len(g.images) + suppressedFirst - 1) / suppressedFirst
	g.lookAtOverlaps(max(step, 1))
	for _, limit := range [...]float64{0.3, 0.5} {
		for k := range 2 {
			if !g.mayEnd(float32(limit), k, max(step, 1)) {
				continue
			}
			if step > 1 {
				g.lookAtOverlaps(1)
				step = 1
			}
			s := g.streak(func(p *glimpse) int32 {
				switch u := p.most[k]; {
				case u >= float32(limit):
					return noMark
				case u < float32(limit/2):
					return uncounted
				}
				return 0
			}, 0, timesOther)
			if s.mark < 0 {
				continue
			}
			p := Suppressed{streak: s, Limit: limit, Same: k == 1}
			p.pairs(g)
			if p.expected() >= expectedAbove && p.Above >= 20 {
				p.Example = g.first(&s)
				return p
			}
		}
	}
	return Suppressed{Example: -1}
}

// pairs counts pairs of the stretch and of the rest, below the limit and above it.
func (p *Suppressed) pairs(g *glance) {
	in := map[uint16]bool{}
	for _, k := range p.images {
		in[k] = true
	}
	for k := range g.images {
		eachOverlap(g.src, &g.src.Images[g.images[k].image], suppressedFew, func(a, b int32, u float64) bool {
			switch {
			case u < p.Limit/2 || p.Same && g.src.Objects[a].Class != g.src.Objects[b].Class:
			case in[uint16(k)]:
				p.Below++
				p.near += sample.One(u >= 0.8*p.Limit)
				p.far += sample.One(u >= 0.6*p.Limit && u < 0.8*p.Limit)
			case u < p.Limit:
				p.Under++
			default:
				p.Above++
			}
			return true
		})
	}
	p.Images = p.n
}

// mostThin is the part by which pairs thin out at least from one fifth of the limit to the next.
const mostThin = 0.9

// expected is how many pairs of the stretch should lie above the limit: as many as the rest has, and as many as if the
// pairs of the stretch itself go on to thin out as from [0.6 T, 0.8 T) to [0.8 T, T), which is a geometric series.
// Where the rest has boxes that lie on others, the stretch has pairs that end by themselves.
func (p *Suppressed) expected() float64 {
	near := float64(p.near)
	thin := min(mostThin, near/float64(max(p.far, 1)))
	return min(float64(p.Below)*float64(p.Above)/float64(max(p.Under, 1)), near*thin/(1-thin))
}

// Finding returns the finding on a limit.
func (p *Suppressed) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[p.Example]
	of := "two boxes of an image"
	if p.Same {
		of = "two boxes of one class in an image"
	}
	what := "no " + of + " overlap by an IoU above " + text.Short(math.Ceil(100*p.Limit)/100) + ", and " +
		say.Plural(p.Below, "pair") + " in " + say.Plural(p.Images, "image") + " by 0.8 of that or more"
	if p.mark >= 0 {
		what = "in " + say.Plural(p.n, "image") + " " + p.place + ", no " + of + " overlap by an IoU of " +
			text.Short(p.Limit) + " or more, and " + say.Plural(p.Below, "pair") + " by half of that or more; in the rest " +
			say.Group(p.Above) + " of " + say.Plural(p.Above+p.Under, "pair") + " do"
	}
	f := say.Finding("annotations-cut", s, im.Offset, im.Line, "%s: %s. Overlaps of objects thin out and do not end: "+
		"non-maximum suppression seems to be applied to the labels, as to a detector's output. Objects that overlap are "+
		"lost and trained as background: take the labels from before it. Example: %s", text.Printable(src.Name), what,
		say.Label(im))
	f.Size, f.Cases = float64(p.Below), int64(p.Images)
	return f
}

// suppressedIn is the rule on a limit in a stretch.
func suppressedIn(at site) (f findings.Finding, ok bool) {
	p := at.seen.suppressed()
	if !p.Found() {
		return f, false
	}
	return p.Finding(at.src, at.s), true
}
