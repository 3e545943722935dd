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

// Cut says whether annotations of a source seem to be left out: beyond so many of an image, or of the
// images behind a place of the file.
type Cut struct {
	Most        int   // annotations of an image
	Full        int   // images with so many
	Below       int   // the most images that have one, two or three fewer
	Few         int   // images with at least four fewer
	Boxed       int   // images with annotations
	Images      int   // in use
	Tail, Empty int   // images behind the last one with annotations, all images without
	Example     int32 // an image with Most annotations, -1 if there is none
	Behind      int32 // the first image of the tail, -1 if there is none
	Annotations int
	Late        Late
}

// Capped reports whether images seem to be cut to the first few annotations: ten or more have
// the most that any has, three times as many as have one, two or three fewer, and a tenth of all have fewer
// than that, or each picture would hold so many. In the real files ten have the most in one set of
// drawn pictures only, 0.9 times as many as have one to three fewer.
func (c *Cut) Capped() bool {
	return c.Most >= 5 && c.Full >= 10 && c.Full >= 3*c.Below && 10*c.Few >= c.Boxed
}

// Ends reports whether all images behind a place of the file lack annotations, and none before: 20 and 5 % of
// all. In the real files images without annotations stand among the others.
func (c *Cut) Ends() bool {
	return c.Tail >= 20 && 20*c.Tail >= c.Images && c.Empty == c.Tail
}

// Found reports whether any is so.
func (c *Cut) Found() bool { return c.Capped() || c.Late.Found() || c.Ends() || c.Single() }

// OfCut counts the annotations of a source's images. Its tail depends on the order of the images.
func OfCut(src *dataset.Source) Cut {
	c := Cut{Example: -1, Behind: -1, Annotations: len(src.Objects)}
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		c.Images++
		n := int(im.Last - im.First)
		if n == 0 {
			c.Empty++
			if c.Tail++; c.Tail == 1 {
				c.Behind = int32(i)
			}
			continue
		}
		c.Boxed++
		c.Tail = 0
		if n > c.Most {
			c.Most, c.Example = n, int32(i)
		}
	}
	if c.Boxed == 0 {
		c.Tail = 0 // no-objects tells of it
	}
	var below [3]int
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse || im.First == im.Last {
			continue
		}
		switch fewer := c.Most - int(im.Last-im.First); {
		case fewer == 0:
			c.Full++
		case fewer <= len(below):
			below[fewer-1]++
		default:
			c.Few++
		}
	}
	c.Below = max(below[0], below[1], below[2])
	if c.Capped() && !c.heldIn(src) {
		c.Full = 0 // a scene is one sight in all its frames
	}
	if !c.Capped() {
		c.Late = c.late(src)
	}
	return c
}

// heldIn tells whether so many images come to the most annotations in their scene.
func (c *Cut) heldIn(src *dataset.Source) bool {
	of := footageOf(src)
	if of == nil {
		return true
	}
	full := 0
	for i := range src.Images {
		im, before := &src.Images[i], of.before[i]
		full += sample.One(im.LeftOut == dataset.InUse && int(im.Last-im.First) == c.Most &&
			(before < 0 || src.Images[before].Last-src.Images[before].First < im.Last-im.First))
	}
	return full >= 10 && full >= 3*c.Below
}

// fixedSet tells whether nine in ten of the images with the most annotations have the same number of each class, of
// two or more: a script that keeps the first ones takes no account of classes.
func (c *Cut) fixedSet(src *dataset.Source) bool {
	sets, full, most := map[string]int{}, 0, 0
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse || int(im.Last-im.First) != c.Most {
			continue
		}
		own := make([]int32, 0, c.Most)
		for k := im.First; k < im.Last; k++ {
			own = append(own, src.Objects[k].Class)
		}
		slices.Sort(own)
		full++
		if own[0] != own[len(own)-1] {
			set := fmt.Sprint(own)
			sets[set]++
			most = max(most, sets[set])
		}
	}
	return 10*most >= 9*full
}

// Finding returns the finding on what seems to be left out.
func (c *Cut) Finding(src *dataset.Source, s int32) findings.Finding {
	im := c.Example
	if !c.Capped() && !c.Late.Found() && c.Ends() {
		im = c.Behind
	}
	f := say.Finding("annotations-cut", s, src.Images[im].Offset, src.Images[im].Line, "%s: ", text.Printable(src.Name))
	if c.Capped() {
		f.Size, f.Cases = float64(c.Full), int64(c.Full)
		set, or := c.fixedSet(src), ", unless the pictures cannot hold more"
		if set {
			or = ". Nine in ten of these images have the same number of each class: objects of a set, as the fingers of a " +
				"hand, cannot be more"
		}
		f.Message += fmt.Sprintf("no image has more than %s, %s of %s with any have exactly that many, and no more than "+
			"%s have one, two or three fewer. A script seems to keep the first %s of each image only: write all objects, since "+
			"those left out are trained as background%s. Example: %s", say.Plural(c.Most, "annotation"), say.Group(c.Full),
			say.Plural(c.Boxed, "image"), say.Group(c.Below), say.Group(c.Most), or, say.Label(&src.Images[im]))
		if set {
			f.Level = findings.Info
		}
		return f
	}
	if l := &c.Late; l.Found() {
		f.Size, f.Cases = float64(c.Full), int64(c.Full)
		f.Message += fmt.Sprintf("no image has more than %s, the annotations of each image are in the order of the classes, "+
			"and in the %s with that many, %s of %s are of the last classes, against %s of %s in those with one to four fewer. "+
			"A script seems to keep the first %s of each image only: write all objects, since those left out are trained as "+
			"background. Example: %s", say.Plural(c.Most, "annotation"), say.Plural(c.Full, "image"), say.Group(l.Full.N),
			say.Plural(l.Full.Of, "object"), say.Group(l.Near.N), say.Group(l.Near.Of), say.Group(c.Most),
			say.Label(&src.Images[im]))
		return f
	}
	if f.Level = findings.Info; !c.Ends() {
		f.Size, f.Cases = float64(c.Full), int64(c.Full)
		f.Message += c.singleMessage() + ". Example: " + say.Label(&src.Images[im])
		return f
	}
	f.Size, f.Cases = float64(c.Tail), int64(c.Tail)
	page := ""
	if c.Annotations%100 == 0 {
		page = fmt.Sprintf(", and %s annotations are a whole number of pages of 100", say.Group(c.Annotations))
	}
	f.Message += fmt.Sprintf("the last %s of %s have no annotation, and all before them have%s. Was the file cut "+
		"off, as by a page limit of a tool's API? Fetch the rest, or else they are trained as background. The "+
		"first is %s",
		say.Group(c.Tail), say.Plural(c.Images, "image"), page, say.Label(&src.Images[im]))
	return f
}
