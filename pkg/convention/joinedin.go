package convention

import (
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// JoinedIn says that in a stretch of the images no boxes of one class overlap, as they do in the rest, though boxes of
// one class come near each other there, or boxes of two classes overlap.
type JoinedIn struct {
	streak
	With    int   // images of the rest in which boxes of one class overlap
	Example int32 // the first image, -1 if there is nothing to tell
}

// Found reports whether there is such a stretch.
func (j *JoinedIn) Found() bool { return j.Example >= 0 }

// nearPart is how far two boxes may be apart to come near each other, as a part of their least side: in a series of
// pictures whose objects stand apart, boxes do not overlap by right, but then few come so near.
const nearPart = 0.25

// jointBoxes is how many objects of an image are compared with each other.
const jointBoxes = 40

// timesJoined is how many times as long as any in the rest the stretch is: of 840 pairs of real files, one behind the
// other, a file of letters behind one of photographs has one of 3.2 times.
const timesJoined = 4

// OfJoinedIn looks for such a stretch.
func OfJoinedIn(src *dataset.Source) JoinedIn { return glanceAt(src).joinedIn() }

func (g *glance) joinedIn() JoinedIn {
	j, counted := JoinedIn{Example: -1}, 0
	for k := range g.images {
		p := &g.images[k]
		if p.joint = uncounted; p.twin && (g.all || k%2 == 0) { // 1,000 images show as much
			p.joint = markJoint(g.src, &g.src.Images[p.image])
			counted += sample.One(p.joint != uncounted)
		}
	}
	if counted < leastStretch+leastRest {
		return j
	}
	mark := func(p *glimpse) int32 { return p.joint }
	if s := g.streak(mark, 0, timesJoined); s.mark >= 0 && !inMotion(g) && g.sharesClasses(s.images) {
		j.streak = s
	} else {
		return j
	}
	for k := range g.images {
		j.With += sample.One(g.images[k].joint == noMark)
	}
	j.Example = g.first(&j.streak)
	return j
}

// sharesClasses tells whether nine in ten objects of some images have classes of the others: else they are another data
// set, whose objects may stand apart.
func (g *glance) sharesClasses(images []uint16) bool {
	in := make(map[uint16]bool, len(images))
	for _, k := range images {
		in[k] = true
	}
	rest := map[int32]bool{}
	each := func(inside bool, f func(class int32)) {
		for k := range g.images {
			if im := &g.src.Images[g.images[k].image]; in[uint16(k)] == inside {
				for i := im.First; i < im.Last; i++ {
					f(g.src.Objects[i].Class)
				}
			}
		}
	}
	each(false, func(class int32) { rest[class] = true })
	n, of := 0, 0
	each(true, func(class int32) { n, of = n+sample.One(rest[class]), of+1 })
	return 10*n >= 9*of
}

// markJoint returns 0 for an image in which no two boxes of one class overlap, and two of one class come near each
// other or two of two classes overlap; noMark if two of one class do; uncounted if none come near each other.
func markJoint(src *dataset.Source, im *dataset.Image) int32 {
	objects := sample.Chosen(src, im, jointBoxes)
	var boxes [jointBoxes]geom.Box
	for k := range objects {
		boxes[k] = objects[k].Box.Box()
	}
	beside, same := false, false
	for a := range objects {
		x := &objects[a]
		if !sample.Told(x) || x.Flags&dataset.Crowd != 0 {
			continue
		}
		for b := range a {
			y := &objects[b]
			gap := apart(&boxes[a], &boxes[b])
			if gap > 0 && x.Class != y.Class || !sample.Told(y) || y.Flags&dataset.Crowd != 0 {
				continue
			}
			switch {
			case x.Class != y.Class:
				beside = beside || gap < -1
			case gap < -1:
				same = true
			case gap <= nearPart*min(x.Box.W, x.Box.H, y.Box.W, y.Box.H):
				beside = true
			}
			if beside && same {
				return noMark
			}
		}
	}
	if beside {
		return 0
	}
	return uncounted
}

// apart is how far two boxes are apart along the axis on which they are farther, below 0 if they overlap.
func apart(a, b *geom.Box) float64 {
	return max(a.X0-b.X1, b.X0-a.X1, a.Y0-b.Y1, b.Y0-a.Y1)
}

// joinedIn is the rule on a stretch in which boxes of one class were joined.
func joinedIn(at site) (f findings.Finding, ok bool) {
	j := at.seen.joinedIn()
	if !j.Found() {
		return f, false
	}
	im := &at.src.Images[j.Example]
	seen := ""
	if !at.seen.all {
		seen = " (of " + say.Plural((len(at.seen.images)+1)/2, "image") + " that were looked at)"
	}
	f = say.Finding("annotations-cut", at.s, im.Offset, im.Line,
		"%s: boxes of one class seem to be joined where they overlap, in a part: of %s%s in which boxes of one class come "+
			"near each other or boxes of two classes overlap, %s, none has two of one class that overlap, and %s of %s such "+
			"images have in the rest. A program that makes one box, or one region, of all that touch leaves such files: "+
			"write each object by itself. If objects stand apart in these pictures, waive the finding. The first is %s",
		text.Printable(at.src.Name), say.Plural(j.n, "image"), seen, j.place, say.Group(j.With), say.Group(j.rest),
		say.Label(im))
	f.Size, f.Cases = float64(j.n), int64(j.n)
	return f, true
}
