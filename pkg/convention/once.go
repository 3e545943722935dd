package convention

import (
	"fmt"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Once says that no image has two objects of one class.
type Once struct {
	Images  int   // with objects of two classes or more
	Most    int   // classes of one image
	Full    int   // images with so many
	Example int32 // the first of these, -1 if an image has two objects of one class, or there are none
	Film    bool  // they show scenes again, as slices of a body and frames of a video do
}

// Found reports whether so many images have several classes that objects of one class would stand beside each other
// now and then: 30. In each of the real files with such images, a third of all images have two of a class.
func (o *Once) Found() bool { return o.Example >= 0 && o.Images >= 30 }

// OfOnce counts classes by image, up to the first image with two objects of one. Crowds do not count: a script that
// joins objects leaves them beside what it made.
func OfOnce(src *dataset.Source) Once {
	of := Once{Example: -1}
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse || im.Last-im.First < 2 {
			continue
		}
		own := src.Objects[im.First:im.Last]
		if slices.ContainsFunc(own, isCrowd) {
			own = slices.DeleteFunc(slices.Clone(own), isCrowd)
		}
		n := len(own)
		if n < 2 {
			continue
		}
		if twice(own) {
			return Once{Example: -1}
		}
		if of.Images++; of.Example < 0 {
			of.Example = int32(i)
		}
		if n > of.Most {
			of.Most, of.Full = n, 0
		}
		of.Full += sample.One(n == of.Most)
	}
	if of.Found() && !of.whole() && !of.holds(src) {
		return Once{Example: -1}
	}
	return of
}

// isCrowd tells whether an object is a crowd.
func isCrowd(o dataset.Object) bool { return o.Flags&dataset.Crowd != 0 }

// holds tells whether ten images with several objects show something new, in frames of a video too: another object
// that came in, and none of them of a class that was there.
func (o *Once) holds(src *dataset.Source) bool {
	of := footageOf(src)
	if of == nil {
		return true
	}
	o.Film = true
	n := 0
	for i := range src.Images {
		im := &src.Images[i]
		n += sample.One(im.LeftOut == dataset.InUse && im.Last-im.First > 1 && of.news(int32(i)))
	}
	return n >= leastStretch
}

// fewObjects is how many objects are compared with each other; of more, a map finds equal ones.
const fewObjects = 16

// twice tells whether two objects have one class.
func twice(objects []dataset.Object) bool {
	if len(objects) <= fewObjects {
		for k := range objects {
			for j := range k {
				if objects[j].Class == objects[k].Class {
					return true
				}
			}
		}
		return false
	}
	had := map[int32]bool{}
	for k := range objects {
		if had[objects[k].Class] {
			return true
		}
		had[objects[k].Class] = true
	}
	return false
}

// whole reports whether half of the images have as many classes as any has, four or more, as pictures of one face, one
// form or one body do by right.
func (o *Once) whole() bool { return o.Most >= 4 && 2*o.Full >= o.Images }

// onceMend says what leaves one object of each class.
const onceMend = "Do the pictures show no more? Scripts that take one record of each image and class leave such " +
	"files, as drop_duplicates(['image_id', 'category_id']) does, or a dict of objects by class, in which the last " +
	"one replaces the others, and so do those that draw one box around all objects of a class: write each object, " +
	"since those left out are trained as background"

// Finding returns the finding on classes that come once an image.
func (o *Once) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[o.Example]
	f := say.Finding("annotations-cut", s, im.Offset, im.Line, "%s: of %s with objects of two classes or more, none has "+
		"two of one class. %s. Example: %s", text.Printable(src.Name), say.Plural(o.Images, "image"), onceMend, say.Label(im))
	f.Size, f.Cases = float64(o.Images), int64(o.Images)
	if o.whole() || o.Film { // organs and players may be one of each
		f.Level = findings.Info
	}
	return f
}

// OnceIn says that in a stretch of the images none has two objects of one class, as many have in the rest.
type OnceIn struct {
	streak
	With    int     // images of the rest with two objects of one class
	Example int32   // the first image, -1 if there is nothing to tell
	Edge    parting // of a video in which the stretch shows nothing new
}

// Found reports whether there is such a stretch.
func (o *OnceIn) Found() bool { return o.Example >= 0 }

// OfOnceIn looks for such a stretch. Only images with several objects count.
func OfOnceIn(src *dataset.Source) OnceIn { return glanceAt(src).onceIn() }

func (g *glance) onceIn() OnceIn {
	with := 0
	o := OnceIn{Example: -1, streak: g.anyStreak(onceMark, 0, timesOther)}
	if o.mark < 0 {
		return o
	}
	if s := g.streak(onceMark, 0, timesOther); s.mark >= 0 {
		o.streak = s
	} else if o.Edge = g.partings(&o.streak); !o.Edge.found() { // frames show nothing new, but the edge may tell
		return OnceIn{Example: -1, streak: s}
	}
	for k := range g.images {
		with += sample.One(g.images[k].twin)
	}
	o.With, o.Example = with, g.first(&o.streak)
	return o
}

// onceMark marks images with several objects, none of a class that another one has.
func onceMark(p *glimpse) int32 {
	switch {
	case p.single < 2:
		return uncounted
	case p.twin:
		return noMark
	}
	return 0
}

// onceIn is the rule on a stretch in which classes come once an image.
func onceIn(at site) (f findings.Finding, ok bool) {
	o := at.seen.onceIn()
	if !o.Found() {
		return f, false
	}
	im := &at.src.Images[o.Example]
	f = say.Finding("annotations-cut", at.s, im.Offset, im.Line, "%s: of %s%s with objects of two classes or more, "+
		"%s, none has two of one class, and %s of %s with several objects have in the rest. %s. The first is %s",
		text.Printable(at.src.Name), say.Plural(o.n, "image"), at.seen.seen(), o.place, say.Group(o.With), say.Group(o.rest),
		onceMend,
		say.Label(im))
	if e := &o.Edge; e.found() {
		f.Message += fmt.Sprintf(". At an edge of it, beside %s, %s are gone from one frame to the next, in a scene that "+
			"goes on", say.Label(&at.src.Images[e.Image]), say.Plural(e.Gone, "object"))
	}
	f.Size, f.Cases = float64(o.n), int64(o.n)
	return f, true
}
