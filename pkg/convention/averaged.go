package convention

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Averaged is one box that stands in many images, number for number, and whose numbers are the means, or the medians,
// of those of the other boxes: missing ones were filled with the column's.
type Averaged struct {
	Box     geom.Rect
	Median  bool
	Boxes   int // that are so
	Images  int // with such
	Others  int // boxes that the mean is of
	From    int32
	To      int32 // images that these stand in, -1 if in hardly fewer than all
	Example int32 // an object, -1 if there is nothing to tell
}

// Found reports whether there is such a box.
func (a *Averaged) Found() bool { return a.Example >= 0 }

// Thresholds of a box that fills gaps: 20 boxes and one in 50, of 1,000 that are looked at first and of all, in ten
// images, five times as many as any other box, beside 100 others. A mean of all boxes differs from that of those which
// are left by sd·√(m/(n·(n + m))), where m of n + m were lost; at meanOff of these, the four numbers are the means by
// all chances but 1 in 100. A box that stands in many images by right, and where any other box may stand, would be
// there by the product of the shares of other boxes that are as near to the mean: 1 in 10,000 at most.
const (
	averagedBoxes = 1000
	averagedPart  = 50
	averagedTimes = 5
	averagedLeast = 100
	meanOff       = 3
	meanChance    = 1e-4
)

// OfAveraged looks for such a box.
func OfAveraged(src *dataset.Source) Averaged {
	none := Averaged{Example: -1}
	counts := make(map[geom.Rect]int32, averagedBoxes)
	n := 0
	eachStep(src, len(src.Objects)/averagedBoxes+1, func(k int32, _ *[2][2]float64, _, _ float64) {
		n++
		counts[src.Objects[k].Box]++
	})
	a, most, second := none, int32(0), int32(0)
	for box, m := range counts {
		if m > most {
			a.Box, most, second = box, m, most
		} else {
			second = max(second, m)
		}
	}
	if most < 20 || averagedPart*int(most) < n || averagedTimes*second > most {
		return none
	}
	first, last, images := int32(-1), int32(-1), 0
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse || !slices.ContainsFunc(src.Objects[im.First:im.Last], func(o dataset.Object) bool {
			return o.Box == a.Box && sample.Told(&o)
		}) {
			continue
		}
		images++
		if last = int32(i); first < 0 {
			first = last
		}
	}
	if images < leastSlipImages {
		return none
	}
	a.Images = images
	for _, in := range [2][2]int32{{first, last}, {0, int32(len(src.Images)) - 1}} {
		if a.fill(src, in[0], in[1]) {
			return a
		}
	}
	return none
}

// filledGaps tells whether there is such a box, whose edges pile up where they are.
func filledGaps(src *dataset.Source) bool {
	a := OfAveraged(src)
	return a.Found()
}

// fill tells whether the box is the mean or the median of the others in a stretch of the images.
func (a *Averaged) fill(src *dataset.Source, from, to int32) bool {
	var columns [4][]float64
	classes, own := map[int32]int{}, map[int32]int{}
	a.Boxes, a.Example = 0, -1
	for i := from; i <= to; i++ {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		for k := im.First; k < im.Last; k++ {
			o := &src.Objects[k]
			switch {
			case !sample.Told(o):
			case o.Box == a.Box:
				if a.Boxes++; a.Example < 0 {
					a.Example = k
				}
				own[o.Class]++
			default:
				for c, x := range numbersOf(o.Box) {
					columns[c] = append(columns[c], x)
				}
				classes[o.Class]++
			}
		}
	}
	a.Others = len(columns[0])
	if a.Others < averagedLeast || a.Boxes < 20 || a.Boxes > a.Others || ofOneClass(own, classes, a.Others) {
		a.Example = -1
		return false
	}
	if a.From, a.To = from, to; 10*int(to-from) >= 9*(len(src.Images)-1) {
		a.To = -1
	}
	box := numbersOf(a.Box)
	for _, a.Median = range []bool{false, true} {
		chance := 1.0
		for c, x := range columns {
			slices.Sort(x) // so that their order in the file does not matter
			chance *= centred(x, box[c], a.Boxes, a.Median)
		}
		if chance <= meanChance {
			return true
		}
	}
	a.Example = -1
	return false
}

// numbersOf returns the numbers of a box.
func numbersOf(b geom.Rect) [4]float64 { return [4]float64{b.X, b.Y, b.W, b.H} }

// ofOneClass tells whether boxes have one class where others mostly have several: an object that stands in its place.
func ofOneClass(own, classes map[int32]int, n int) bool {
	if len(own) > 1 {
		return false
	}
	for class := range own {
		return 5*classes[class] < 4*n
	}
	return false
}

// centred returns the part of sorted numbers that are as near to their mean, or median, as one is that was filled in
// for m others, and infinity if a number is further off. It is rounded to whole numbers, to tenths or to hundredths.
func centred(x []float64, number float64, m int, median bool) float64 {
	n, lost := float64(len(x)), float64(m)
	off := meanOff * math.Sqrt(lost/(n*(n+lost)))
	round := 0.005
	for _, digits := range [2]float64{1, 10} {
		if number*digits == math.Trunc(number*digits) {
			round = 0.5 / digits
			break
		}
	}
	var low, high float64
	if median { // whose rank is off by half as much
		at := func(q float64) float64 { return x[min(max(int(q*n), 0), len(x)-1)] }
		low, high = at(0.5-off/2), at(0.5+off/2)
	} else {
		sum, square := 0.0, 0.0
		for _, v := range x {
			sum += v
		}
		mean := sum / n
		for _, v := range x {
			square += float64((v - mean) * (v - mean))
		}
		by := off * math.Sqrt(square/n)
		low, high = mean-by, mean+by
	}
	low, high = low-round, high+round
	if number < low || number > high {
		return math.Inf(1)
	}
	from, _ := slices.BinarySearch(x, low)
	to, _ := slices.BinarySearch(x, high)
	return float64(to-from+1) / (n + 1)
}

// Finding returns the finding on such a box.
func (a *Averaged) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[a.Example]
	what, where := "mean", ""
	if a.Median {
		what = "median"
	}
	if a.To >= 0 {
		where = fmt.Sprintf(" in the images from %s to %s of the file", say.Label(&src.Images[a.From]),
			say.Label(&src.Images[a.To]))
	}
	f := say.Finding("box-convention", s, o.Offset, o.Line, "%s: %s in %s are one and the same, [%s, %s, %s, %s], and "+
		"each of its numbers is the %s of the other %s%s. Missing numbers seem to be filled with the %s of their column, as "+
		"fillna(df.%s()) does: draw these boxes, or leave the records out. Example: %s", text.Printable(src.Name),
		say.Plural(a.Boxes, "box"), say.Plural(a.Images, "image"), text.Short(a.Box.X), text.Short(a.Box.Y),
		text.Short(a.Box.W), text.Short(a.Box.H), what, say.Plural(a.Others, "box"), where, what, what,
		say.Place(src, a.Example))
	f.Level, f.Key = findings.Warning, "averaged"
	f.Size, f.Cases = float64(a.Boxes), int64(a.Boxes)
	return f
}
