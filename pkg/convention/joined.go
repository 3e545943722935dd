package convention

import (
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Joined says that boxes of one class hardly ever cross in a part of a source in which boxes of different classes do,
// as where a program makes one box of all that overlap.
type Joined struct {
	Same, SameCross   int   // pairs of boxes of one class in one image; of these: that cross
	Other, OtherCross int   // the same of two classes
	Images            int   // that were compared
	Example           int32 // an image with boxes of two classes that cross, -1 if there is none
}

// Expected is how many pairs of one class would cross if they did as often as pairs of two classes.
func (j *Joined) Expected() float64 {
	return float64(j.Same) * float64(j.OtherCross) / float64(max(1, j.Other))
}

// Found reports whether boxes seem to be joined: 30 pairs would be expected to cross, and a twentieth does at most.
func (j *Joined) Found() bool { return j.tells(30) }

// tells is Found of so many pairs that are expected.
func (j *Joined) tells(least float64) bool {
	return j.Example >= 0 && j.Expected() >= least && 20*float64(j.SameCross) <= j.Expected()
}

// leastAnew is how many pairs have to be expected of those that are new in the scenes of a video: that none crosses has
// a chance of 5e-5 then.
const leastAnew = 10

// settled reports whether more images would hardly change that nothing is found: 20 pairs cross, and as many as a
// fifth of what is expected.
func (j *Joined) settled() bool { return j.SameCross >= 20 && 5*float64(j.SameCross) >= j.Expected() }

// A quarter of the images each is looked at by itself, since a part of a source may be joined: 500 images spread over
// it, and 60 objects of each (chosen).
const (
	joinedParts  = 4
	joinedImages = 500
	joinedBoxes  = 60
)

// OfJoined compares boxes of each image with each other. It is one of the quarters if several are found, or all of them
// together.
func OfJoined(src *dataset.Source) Joined {
	j := joinedBy(src, nil)
	if j.Found() {
		if of := footageOf(src); of != nil { // two objects that cross do so in many frames of a video
			if anew := joinedBy(src, of); !anew.tells(leastAnew) {
				return anew
			}
		}
	}
	return j
}

// joinedBy is OfJoined of the pairs of which one is new in its scene.
func joinedBy(src *dataset.Source, of *footage) Joined {
	all := Joined{Example: -1}
	for q := range joinedParts {
		from, to := len(src.Images)*q/joinedParts, len(src.Images)*(q+1)/joinedParts
		j := Joined{Example: -1}
		for i := range min(joinedImages, to-from) {
			at := from + i
			if n := to - from; n > joinedImages {
				at = from + n*i/joinedImages
			}
			if j.image(src, int32(at), of); j.settled() {
				break
			}
		}
		if j.Found() || of != nil && j.tells(leastAnew) {
			return j
		}
		all.Same, all.SameCross, all.Images = all.Same+j.Same, all.SameCross+j.SameCross, all.Images+j.Images
		all.Other, all.OtherCross = all.Other+j.Other, all.OtherCross+j.OtherCross
		if all.Example < 0 {
			all.Example = j.Example
		}
	}
	return all
}

// image counts the pairs of an image.
func (j *Joined) image(src *dataset.Source, at int32, of *footage) {
	im := &src.Images[at]
	if im.LeftOut != dataset.InUse || im.Last-im.First < 2 {
		return
	}
	j.Images++
	objects := sample.Chosen(src, im, joinedBoxes)
	var anew []bool
	for k := range objects {
		if of != nil {
			anew = append(anew, of.anew(&objects[k]))
		}
	}
	for a := range objects {
		for b := range a {
			x, y := &objects[a], &objects[b]
			if !sample.Told(x) || !sample.Told(y) || (x.Flags|y.Flags)&dataset.Crowd != 0 ||
				anew != nil && !anew[a] && !anew[b] {
				continue
			}
			cross := sample.One(crosses(x.Box.Box(), y.Box.Box()))
			if x.Class == y.Class {
				j.Same++
				j.SameCross += cross
				continue
			}
			j.Other++
			if j.OtherCross += cross; cross > 0 && j.Example < 0 {
				j.Example = at
			}
		}
	}
}

// crosses reports whether two boxes have more than 1 px in common along both axes, and neither has four fifths of the
// other: what lies in another box is a part of an object, or stands before it, and would not be joined with it.
func crosses(a, b geom.Box) bool {
	in := a.Intersect(b)
	return in.X1-in.X0 > 1 && in.Y1-in.Y0 > 1 && 5*in.Area() < 4*min(a.Area(), b.Area())
}

// Finding returns the finding on boxes that were joined.
func (j *Joined) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[j.Example]
	f := say.Finding("annotations-cut", s, im.Offset, im.Line,
		"%s: boxes of one class seem to be joined where they overlap. "+
			"In %s that were compared, %s of %s of boxes of two classes overlap in part, and %s of %s of one class, of which "+
			"%s would if they did so as often. A program that makes one box, or one region, of all that touch leaves such "+
			"files: write each object by itself. If objects of one class never overlap in these pictures, waive the finding. "+
			"Example: %s", text.Printable(src.Name), say.Plural(j.Images, "image"), say.Group(j.OtherCross),
		say.Plural(j.Other, "pair"),
		say.Group(j.SameCross), say.Plural(j.Same, "pair"), say.Group(int(j.Expected())), say.Label(im))
	f.Size, f.Cases = j.Expected(), int64(j.Images)
	return f
}
