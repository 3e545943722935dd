package convention

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Filtered says that boxes below a certain area, or above one, seem to be left out: many have hardly more, or less, and
// none is beyond.
type Filtered struct {
	Above   bool    // those above the limit are left out
	Limit   float64 // px²
	Near    int     // boxes within a tenth of it
	Of      int     // boxes that were looked at
	Example int32   // an object near it, -1 if there is none
	Density float64 // of the boxes near it, relative to the mean over all areas, by their logarithm
}

// maxAreas is about how many boxes are looked at, drawn by their numbers, wherever in the file they stand.
const maxAreas = 20000

// areaNear is how near to the limit areas count, areaDensity how dense they stand there, as a part of the mean: in the
// real files 0.39 at most.
const (
	areaNear    = 1.1
	areaDensity = 0.8
)

// Found tells whether boxes seem to be left out by their area.
func (f *Filtered) Found() bool {
	return f.Of >= 2*leastExtents && f.Near >= 20 && f.Density >= areaDensity && (!f.Above || f.Limit > 0)
}

// areas are those of boxes that were drawn by their numbers, whatever their order in the file, and of their images.
type areas struct {
	below         uint64 // boxes are drawn whose hash is below
	boxes, images []float64
}

// newAreas returns areas that are to be added, about maxAreas of so many boxes.
func newAreas(boxes int) areas { return areas{below: math.MaxUint64 / uint64(boxes/maxAreas+1)} }

// add adds the areas of a box that is drawn, in an image of w times h.
func (a *areas) add(o *dataset.Object, w, h float64) {
	b := &o.Box
	hash := (math.Float64bits(b.X) ^ bits.RotateLeft64(math.Float64bits(b.H), 32)) * 0x9e3779b97f4a7c15 // Fibonacci's
	if hash > a.below {
		return
	}
	if o.Flags&dataset.Crowd == 0 && b.W > 0 && b.H > 0 {
		a.boxes, a.images = append(a.boxes, float64(b.W*b.H)), append(a.images, float64(w*h))
	}
}

// OfFiltered looks for a limit of areas.
func OfFiltered(src *dataset.Source) Filtered { return count(src).areas.filtered(src) }

// leftByArea is the rule on a limit of areas.
func leftByArea(at site) (findings.Finding, bool) { return of(at.areas.filtered)(at) }

// filtered is OfFiltered.
func (a *areas) filtered(src *dataset.Source) Filtered {
	f := Filtered{Example: -1}
	areas := a.boxes
	if f.Of = len(areas); f.Of < 2*leastExtents {
		return f
	}
	low, high := ends(areas, f.Of/1000)
	mean := float64(f.Of) * math.Log(areaNear) / math.Log(high/low)
	near := func(from, to float64) (n int) {
		for _, x := range areas {
			n += sample.One(x >= from) & sample.One(x < to)
		}
		return n
	}
	f.Limit, f.Near = low, near(low, low*areaNear)
	if n := near(high/areaNear, high); n > f.Near && 4*high <= a.medianImage() {
		f.Above, f.Limit, f.Near = true, high, n
	}
	if high > low {
		f.Density = float64(f.Near) / mean
	}
	if !f.Found() {
		return f
	}
	sample.Each(src, func(k int32, o *dataset.Object, _, _ float64) {
		if a := float64(o.Box.W * o.Box.H); f.Example < 0 && a >= f.Limit/areaNear && a <= f.Limit*areaNear {
			f.Example = k
		}
	})
	return f
}

// ends returns the least and the largest of some numbers but for a few at either end, without sorting the rest.
func ends(all []float64, but int) (low, high float64) {
	least, most := make([]float64, 0, but+2), make([]float64, 0, but+2) // from the end inwards
	for _, x := range all {
		if len(least) <= but || x < least[but] {
			at, _ := slices.BinarySearch(least, x)
			least = slices.Insert(least, at, x)
			least = least[:min(len(least), but+1)]
		}
		if len(most) <= but || x > most[but] {
			at, _ := slices.BinarySearchFunc(most, x, func(a, b float64) int { return cmp.Compare(b, a) })
			most = slices.Insert(most, at, x)
			most = most[:min(len(most), but+1)]
		}
	}
	return least[but], most[but]
}

// medianImage returns the median of the images' areas.
func (a *areas) medianImage() float64 {
	slices.Sort(a.images)
	return a.images[len(a.images)/2]
}

// Finding returns the finding on boxes that are left out by their area, an info: a data set may be meant to be so.
func (f *Filtered) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[f.Example]
	beyond, near := "smaller", "above"
	if f.Above {
		beyond, near = "larger", "below"
	}
	out := say.Finding("annotations-cut", s, o.Offset, o.Line, "%s: hardly any box is %s than %s px² (%.3g × %.3g px), "+
		"and %s of %s are less than a tenth %s that. Objects that are %s seem to be left out by "+
		"their area; in the pictures they "+
		"are trained as background. Write all objects, or set iscrowd to 1 for those that no one should learn. Example: %s",
		text.Printable(src.Name), beyond, say.Group(int(f.Limit)), math.Sqrt(f.Limit), math.Sqrt(f.Limit), say.Group(f.Near),
		say.Plural(f.Of, "box"), near, beyond, say.Place(src, f.Example))
	out.Level, out.Size, out.Cases = findings.Info, float64(f.Near), int64(f.Near)
	return out
}

// Single tells whether images seem to have their first few objects only, from the number of objects: of 100 images with
// any or more, all have one; or half have the most that any has, two to four, and three times as many as have one,
// two or three fewer.
func (c *Cut) Single() bool {
	return c.Boxed >= 100 && c.Most < 5 && (c.Most == 1 || 2*c.Full >= c.Boxed && c.Full >= 3*c.Below)
}

// singleMessage says what a number of objects means that most images have.
func (c *Cut) singleMessage() string {
	each := fmt.Sprintf("%s of %s with any have exactly %s, and none has more", say.Group(c.Full),
		say.Plural(c.Boxed, "image"),
		say.Plural(c.Most, "annotation"))
	return each + ". Do the pictures show no more objects? A script that keeps the first or the largest of each image " +
		"leaves such files, and so does a set for classification: look at some, and write all objects, since those left " +
		"out are trained as background"
}
