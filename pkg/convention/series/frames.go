package series

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// Frames says whether the images at the break between two series carry what belongs to the series beside them: where
// labels are one frame off, the first image of a series has the objects of the last one of the series before, or the
// last image those of the first one of the series behind.
type Frames struct {
	Ahead      bool // images have the objects of the next frame, else of the one before
	Across, Of int  // breaks at which the images on both sides are more alike than those one image on, all that tell
	Breaks     int  // in all
	From, To   int32
	Example    int32 // the first image behind a break, -1 if there is none
	whole      bool  // the breaks are nearly all of the source
}

// Found reports whether there are such breaks.
func (f *Frames) Found() bool { return f.Example >= 0 }

// leastAlike is by how much two pairs of images have to differ in likeness, of 0 to 1; mostLike is how many objects
// of an image (chosen) are compared with all of the other.
const (
	leastAlike = 0.05
	mostLike   = 30
)

// OfFrames compares the images at the breaks between series of pictures, by the names of their files, in each sequence
// that they may have. As the file should be, images of one series are more alike than those on both
// sides of a break; where series are alike, either is so by chance, at every second break. The crops of one picture,
// or the cameras of one moment, are no series: they are like those of the next one.
func OfFrames(src *dataset.Source) Frames { return FramesBy(src, nil) }

// FramesBy is OfFrames with leastIn of the source, or nil.
func FramesBy(src *dataset.Source, least *sample.Leasts) Frames {
	none := Frames{Example: -1}
	if !inSeries(src) || names.TileGrids(src) != nil {
		return none
	}
	order := sample.ImagesInUse(src)
	for by := range sample.Sequences {
		if _, ok := sample.Arrange(src, order, by, least); !ok {
			continue
		}
		var breaks []int
		for i := 1; i < len(order); i++ {
			if !sameSeries(src, order[i-1], order[i]) {
				breaks = append(breaks, i)
			}
		}
		for _, ahead := range [...]bool{false, true} {
			if f := atBreaks(src, order, breaks, ahead); f.Found() {
				return f
			}
		}
	}
	return none
}

// inSeries tells whether names differ beyond their last number, in the first of 64 images spread over the file and
// another.
func inSeries(src *dataset.Source) bool {
	if len(src.Images) < seriesLook {
		return false
	}
	first, _ := names.LastNumber(src.Images[0].File)
	for i := 1; i < seriesLook; i++ {
		if s, _ := names.LastNumber(src.Images[(len(src.Images)-1)*i/(seriesLook-1)].File); s != first {
			return true
		}
	}
	return false
}

const seriesLook = 64

// atBreaks looks for the stretch of breaks where images are most often alike across the break and not one image on,
// such that chance hardly gives as many among all stretches.
func atBreaks(src *dataset.Source, order []int32, breaks []int, ahead bool) Frames {
	best := Frames{Example: -1}
	var signs []bool // of the breaks that tell
	var places []int
	views := 0 // breaks where the images of the next series are those of this one once more
	for b, k := range breaks {
		from, to := 0, len(order) // of the series on both sides
		if b > 0 {
			from = breaks[b-1]
		}
		if b+1 < len(breaks) {
			to = breaks[b+1]
		}
		if k-from < 2 || to-k < 2 {
			continue
		}
		first, next, twin := k, k+1, to // twin is the same place of the next series
		if ahead {
			first, next, twin = k-1, k-2, from-1
		}
		across := alikeness(src, order[k-1], order[k])
		within := alikeness(src, order[first], order[next])
		if across < 0 || within < 0 || math.Abs(across-within) <= leastAlike {
			continue
		}
		signs, places = append(signs, across > within), append(places, k)
		views += sample.One(twin >= 0 && twin < len(order) && alikeness(src, order[first], order[twin]) > max(within, across))
	}
	if 2*views > len(signs) {
		return best
	}
	run, ok := likeliestRun(signs, 6) // in three orders and either way
	if !ok {
		return best
	}
	return Frames{Ahead: ahead, Across: run.True, Of: run.Of, Breaks: len(signs), From: order[places[run.first]],
		To: order[places[run.last]], Example: order[places[run.first]], whole: 10*run.Of >= 9*len(signs)}
}

// alikeness is how alike two images are by classes and places, from 0 to 1: the mean over objects of both of a half
// for the class and a half times the IoU with the nearest of the class; -1 if one has none.
func alikeness(src *dataset.Source, a, b int32) float64 {
	return overObjects(src, a, b, func(x, y *dataset.Object) float64 {
		if x.Class != y.Class {
			return 0
		}
		return 0.5 + iou.Of(x.Box.Box(), y.Box.Box())/2
	})
}

// overlapping is how much two images are alike by places, from 0 to 1: the mean over objects of both of the IoU with
// the nearest of any class; -1 if one has none.
func overlapping(src *dataset.Source, a, b int32) float64 {
	return overObjects(src, a, b, func(x, y *dataset.Object) float64 { return iou.Of(x.Box.Box(), y.Box.Box()) })
}

// overObjects is the mean over some objects of each of two images, wherever they stand in the file, of the most that
// alike says of it and one of the other; -1 if an image has none.
func overObjects(src *dataset.Source, a, b int32, alike func(x, y *dataset.Object) float64) float64 {
	x, y := &src.Images[a], &src.Images[b]
	if x.First == x.Last || y.First == y.Last {
		return -1
	}
	side := func(x, y *dataset.Image) (sum float64) {
		some := sample.Chosen(src, x, mostLike)
		most := make([]float64, len(some))
		for i := range some {
			for j := y.First; j < y.Last; j++ {
				most[i] = max(most[i], alike(&some[i], &src.Objects[j]))
			}
		}
		slices.Sort(most) // a sum depends on the order of what it adds
		for _, v := range most {
			sum += v
		}
		return sum / float64(len(most))
	}
	return (side(x, y) + side(y, x)) / 2
}

// Finding returns the finding on labels that are one frame off.
func (f *Frames) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[f.Example]
	which, side, whose := "first", "before", "the frame before"
	if f.Ahead {
		which, side, whose = "last", "behind", "the next frame"
	}
	where := ""
	if !f.whole {
		where = fmt.Sprintf(", from %s to %s", say.Label(&src.Images[f.From]), say.Label(&src.Images[f.To]))
	}
	out := say.Finding("boxes-misjoined", s, im.Offset, im.Line, "%s: at %s of %s between series of pictures (by the "+
		"names of their files) that tell%s, the %s image of a series is like the series %s it, by classes and places, and "+
		"not like its own. The labels seem to be one frame off, so that each image has those of %s: move them by one image. "+
		"Numbers from 0 and from 1, or a frame that a decoder left out, do so. A break is at %s", text.Printable(src.Name),
		say.Group(f.Across), say.Plural(f.Of, "break"), where, which, side, whose, say.Label(im))
	out.Level, out.Size, out.Cases = findings.Warning, float64(f.Across), int64(f.Across)
	return out
}
