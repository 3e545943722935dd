package convention

import (
	"fmt"
	"math"

	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// OneLabel is a stretch of images whose objects all have one class, in a source whose other images are mixed.
type OneLabel struct {
	streak
	Class   int32
	Objects int     // of the stretch
	Boxes   int     // of the class in the rest that were compared; leastOwn tell
	All     float64 // nats a box by which the boxes of the stretch are apart from those of all classes in the rest
	Own     float64 // the same from those of the class
	First   bool    // the class is the first one of the list
	Example int32   // the first image, -1 if there is nothing to tell
}

// Found reports whether there is such a stretch. One that was sorted, or added for one class, by its boxes, has to be
// long, since a burst of pictures shows one animal, and of a class that the rest has: else its classes are apart, which
// has a rule of its own.
func (l *OneLabel) Found() bool {
	return l.Example >= 0 && (l.Default() || l.n >= 100 && l.n >= 5*l.other && l.Boxes >= leastOwn)
}

// Thresholds of the boxes of a stretch: boxes of its class in the rest that show what these are like, and objects of
// the stretch; nats by which these are apart from all others where they are as varied, and how many times as far they
// are from those of their class. In the rest, four in five images of one class at most are before one of the same, or
// the file is sorted by class. So it is, too, if none of these classes comes back once another one came, where images
// of several classes between them are passed over: pictures that are sorted by their first object stand so, with those
// that show more amid each class.
const (
	leastOwn, leastOneLabel = 30, 30
	mostSorted              = 0.8
	asVaried                = 0.15
	timesOwn                = 3
)

// Default reports whether the class seems to stand for others, as the boxes are those of all classes, and not those of
// its own.
func (l *OneLabel) Default() bool {
	return l.All < asVaried && (l.Boxes < leastOwn || l.Own > timesOwn*l.All)
}

// OfOneLabel looks for such a stretch. One image in 20 of it may have other classes, since a lookup may find some.
func OfOneLabel(src *dataset.Source) OneLabel { return glanceAt(src).oneLabel() }

func (g *glance) oneLabel() OneLabel {
	none := OneLabel{Example: -1}
	if len(g.src.Categories) < 3 {
		return none
	}
	l := OneLabel{streak: g.streak(func(p *glimpse) int32 { return max(p.class, noMark) }, 20, timesOther)}
	if l.mark < 0 || l.stays > mostSorted || l.sorted {
		return none
	}
	l.Class, l.Example = l.mark, g.first(&l.streak)
	in := make([]bool, len(g.images))
	for _, k := range l.images {
		in[k] = true
		l.Objects += int(g.images[k].objects)
	}
	used := map[int32]bool{}
	var inside, outside []int32
	for k := range g.images {
		im := &g.src.Images[g.images[k].image]
		for o := im.First; o < im.Last; o++ {
			if in[k] {
				inside = append(inside, o)
			} else {
				outside = append(outside, o)
				used[g.src.Objects[o].Class] = true
			}
		}
	}
	if l.Objects < leastOneLabel || len(used) < 3 {
		return none
	}
	l.First = rankOf(g.src)(l.Class) == 0 || g.src.Categories[0].Class == l.Class
	l.compare(columnBlock(g.src, inside), columnBlock(g.src, outside))
	return l
}

// compare holds the boxes of the stretch against those of the rest.
func (l *OneLabel) compare(inside, outside []columnRow) {
	var in, own, all sums
	for i := range outside {
		if r := &outside[i]; r.fresh {
			all.add(&r.x)
			if r.class == l.Class {
				own.add(&r.x)
			}
		}
	}
	for i := range inside {
		if r := &inside[i]; r.fresh && r.class == l.Class {
			in.add(&r.x)
		}
	}
	if l.All, l.Boxes = in.apart(&all), int(own.n); l.Boxes >= leastOwn {
		l.Own = in.apart(&own)
	}
}

// sums are of the features of some boxes.
type sums struct {
	n          float64
	of, square [features]float64
}

func (s *sums) add(x *[features]float64) {
	s.n++
	for f, v := range x {
		s.of[f] += v
		s.square[f] += float64(v * v)
	}
}

// apart returns the nats a record by which normal distributions of some boxes are apart from those of others (Kullback
// and Leibler), less the mean of chance.
func (s *sums) apart(from *sums) float64 {
	nats := -float64(features) / s.n // two free numbers for each feature
	for f := range features {
		mean, own := from.of[f]/from.n, s.of[f]/s.n
		spread := max(from.square[f]/from.n-float64(mean*mean), 1e-6)
		spreadOwn := max(s.square[f]/s.n-float64(own*own), 1e-6)
		nats += (spreadOwn/spread + float64((own-mean)*(own-mean))/spread - 1 - math.Log(spreadOwn/spread)) / 2
	}
	return nats
}

// oneLabel is the rule on a stretch of one class.
func oneLabel(at site) (f findings.Finding, ok bool) {
	l := at.seen.oneLabel()
	if !l.Found() {
		return f, false
	}
	return l.Finding(at.d, at.seen, at.s), true
}

// Finding returns the finding on a stretch of one class, an info where its boxes do not show that it stands for others.
func (l *OneLabel) Finding(d *dataset.Dataset, g *glance, s int32) findings.Finding {
	im := &g.src.Images[l.Example]
	name := d.Classes[l.Class].Name
	verdict := "one class stands for all in a part of the file"
	if l.Default() {
		verdict = "a lookup of the class seems to have failed in a part of the file"
	}
	f := say.Finding("classes-filled", s, im.Offset, im.Line,
		"%s: %s: in %s%s %s, all objects are %q%s, and in the rest at "+
			"most %s in a row have one class. ", text.Printable(g.src.Name), verdict, say.Plural(l.n+l.odd, "image"), g.seen(),
		l.place, name, but(l.odd), say.Group(l.other))
	f.Class, f.Size, f.Cases = l.Class, float64(l.Objects), int64(l.Objects)
	if !l.Default() {
		f.Level = findings.Info
		f.Message += "If the pictures were sorted by what they show, that is right. If they show other classes too, mark " +
			"them, since they are trained as background. If a lookup of the class failed there, join the classes anew. " +
			"The first is " + say.Label(im)
		return f
	}
	than := ""
	if l.Boxes >= leastOwn {
		than = fmt.Sprintf(", and from those of the class by %.2g", l.Own)
	}
	first := ""
	if l.First {
		first = ", the first one of the list,"
	}
	f.Message += fmt.Sprintf("In size, shape and height in the image, the boxes there differ from those of all "+
		"classes in the rest by %.2g nats a box%s. The class%s seems to stand for names that were not found, as "+
		"class_map.get(name, 0) makes it: join the classes of these images anew, by their names. The first is "+
		"%s", max(l.All, 0), than, first,
		say.Label(im))
	return f
}

// but says how many images have other classes.
func but(odd int) string {
	if odd == 0 {
		return ""
	}
	return fmt.Sprintf(" (but for those of %s)", say.Group(odd))
}
