package series

import (
	"math"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Emptied are images that stand at every n-th place of the file and differ from those in between: they have no
// annotation, or, if Kept, they alone have any.
type Emptied struct {
	Step    int  // n, 0 if there is nothing to tell
	Kept    bool // the images at the places have annotations, and those in between do not
	Images  int  // at these places
	Between int  // those in between
	Example int32
}

// Found reports whether there is such a stretch.
func (e *Emptied) Found() bool { return e.Step > 0 }

// Every step up to farthestStep is looked at: every tenth image, every 25th frame, every 60th.
const farthestStep = 60

// OfEmptied looks for a stretch of the file in which every n-th image lacks annotations, and the others have some, or
// the other way round. By chance, each of these images is as often so as those in between, of which half may be so
// between any two. Where names say that these images are the same tile of one picture after the other, it may show
// nothing in all of them.
func OfEmptied(src *dataset.Source) Emptied {
	var lists [2][]int32 // images without annotations, with any
	for i := range src.Images {
		has := sample.One(src.Images[i].First < src.Images[i].Last)
		lists[has] = append(lists[has], int32(i))
	}
	e := everyStep(src, lists[0], 2)
	if e.Step == 0 && len(lists[0]) >= len(lists[1])/4 { // else most images have some in every large part of the file
		e = everyStep(src, lists[1], 3)
		e.Kept = e.Step > 0
	}
	if e.Step > 0 && (names.TileGrids(src) != nil || e.Kept && e.rounds(src)) {
		return Emptied{Example: -1}
	}
	return e
}

// roundsApart is by how many standard deviations one place of a round may be apart from the others by chance.
const roundsApart = 6

// rounds tells whether the file goes through a round of n places again and again, as tiles without names and cameras
// do: outside of the stretch, one of the other places has objects far more often, or far less, than all of them do.
// Where the rest is labelled, no place of it is like that.
func (e *Emptied) rounds(src *dataset.Source) bool {
	n, first, last := e.Step, int(e.Example), int(e.Example)+e.Step*e.Images
	with, of := make([]int, n), make([]int, n)
	sum, all := 0, 0
	for i := range src.Images {
		at := ((i-first)%n + n) % n
		if at == 0 || i >= first && i < last {
			continue
		}
		has := sample.One(src.Images[i].First < src.Images[i].Last)
		with[at], of[at] = with[at]+has, of[at]+1
		sum, all = sum+has, all+1
	}
	if n*sum < 2*all { // other key frames
		return false
	}
	part := float64(sum) / float64(max(all, 1))
	for at := range of {
		off, m := float64(with[at])-float64(part*float64(of[at])), float64(of[at])
		if off*off > roundsApart*roundsApart*m*part*(1-part)*(1-m/float64(max(all, 1))) && of[at] > 0 && of[at] < all {
			return true
		}
	}
	return false
}

// everyStep looks for the most of some images that stand at the same distance from each other.
func everyStep(src *dataset.Source, some []int32, from int) Emptied {
	best := Emptied{Example: -1}
	if len(some) < 6 {
		return best
	}
	before := make([]int32, len(src.Images)+1) // how many of them stand before an image
	next := 0
	for i := range src.Images {
		before[i] = int32(next)
		if next < len(some) && some[next] == int32(i) {
			next++
		}
	}
	before[len(src.Images)] = int32(next)
	is := func(i int) bool { return before[i+1] > before[i] }
	run := make([]int32, len(src.Images))
	for n := from; n <= farthestStep; n++ {
		for _, at := range some {
			i := int(at)
			run[i] = 1
			if i >= n && is(i-n) && 2*int(before[i]-before[i-n]-1) <= n-1 {
				run[i] += run[i-n]
			}
			k := int(run[i])
			if k < 6 || k <= best.Images || i+n < len(src.Images) && is(i+n) {
				continue
			}
			first := i - (k-1)*n
			between, odd := (k-1)*(n-1), int(before[i]-before[first])-(k-1)
			rate := (float64(odd) + 0.5) / float64(between+1)
			places := float64(farthestStep * len(some))
			span := i - first + 1
			likely := max(float64(k-1)*math.Log(rate), chosenBy(k, between, odd, len(some)-k-odd, len(src.Images)-span))
			if math.Log(places)+likely > math.Log(sample.Unlikely) {
				continue
			}
			if names.OnePlace(src, first, n, k) {
				continue
			}
			best = Emptied{Step: n, Images: k, Between: between, Example: int32(first)}
		}
	}
	return best
}

// chosenBy is the logarithm of the chance that k images at every n-th place are some, and of those in between no more
// than odd ones, at the rate at which so many images of the rest of the file are. A stretch is chosen by its pattern,
// and its own rate with it: of images of which half are empty, alternate ones come in every large file.
func chosenBy(k, between, odd, some, rest int) float64 {
	q := (float64(some) + 0.5) / float64(rest+1)
	chance := float64(k-1)*math.Log(q) + float64(between-odd)*math.Log(1-q)
	if odd > 0 { // times the ways to choose the odd ones, at most, which are some
		chance += float64(odd) * (1 + math.Log(q*float64(between)/float64(odd)))
	}
	return chance
}

// Finding returns the finding on images at every n-th place.
func (e *Emptied) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[e.Example]
	what := "of every %s one has no annotation, %s in all, and of %s in between nearly all have some. A part of each " +
		"batch seems to be lost: write the annotations of all images, since objects without a label are trained as background"
	if e.Kept {
		what = "of every %s only one has annotations, %s in all, and %s in between have none. Only key frames seem to be " +
			"labelled: take the images in between out of the file, or interpolate their boxes, since their objects are " +
			"trained as background"
	}
	f := say.Finding("annotations-cut", s, im.Offset, im.Line, "%s: "+what+". The first is %s",
		text.Printable(src.Name), say.Plural(e.Step, "image"), say.Plural(e.Images, "image"), say.Plural(e.Between, "image"),
		say.Label(im))
	f.Size = float64(e.Images)
	return f
}

// Lost counts places where the file goes from one image to the next, and an annotation id for each image that is left
// behind is not there.
type Lost struct {
	Gaps, Of int   // places with such a gap, all
	Inside   int   // steps to the next annotation of an image, by one
	Scene    bool  // images are those of a video
	Example  int32 // the first object of an image behind a gap, -1 if there is none
	holes    int   // other gaps, in an image or of several ids
}

// Found reports whether there is such a stretch.
func (l *Lost) Found() bool { return l.Example >= 0 }

// lostBlocks and lostRecords are the stretches of the file in which ids are looked at, and the records of each.
const lostBlocks, lostRecords = 8, 5000 // of small files, an eighth

// OfLost looks for a stretch in which ids go up by one from annotation to annotation of an image, and by one more from
// an image to the next: 30 times of each, at 99 in 100 places. A script that drops the first record of each group, as a
// header, or the last one, as a rest, leaves such ids. Exporters that number images and annotations together do, too:
// then the ids that are missing are those of images. Where a class was left out, and ids were kept, other ids are
// missing as well in the rest of the file, within images or several.
func OfLost(src *dataset.Source) Lost {
	none := Lost{Example: -1}
	if src.Returns > 0 || len(src.Objects) == 0 {
		return none
	}
	size := min(max(len(src.Objects)/lostBlocks, min(len(src.Objects), 200)), lostRecords)
	found, holes := none, 0
	for q := range lostBlocks {
		from := (len(src.Objects) - size) * q / (lostBlocks - 1)
		l := lostIn(src, from, from+size, lostBlocks*size/100-holes)
		if holes += l.holes; 100*holes > lostBlocks*size {
			return none
		}
		if !found.Found() && l.Gaps >= 30 && l.Inside >= 30 && 100*l.Gaps >= 99*l.Of &&
			!numbered(src, &l) {
			found = l
		}
	}
	return found
}

// lostIn counts the steps of the ids of some records, until so many are of other kinds.
func lostIn(src *dataset.Source, from, to, most int) Lost {
	l := Lost{Example: -1}
	before, known := src.Objects[from].ID.Int()
	for k := from + 1; k < to && l.holes <= most; k++ {
		o, last := &src.Objects[k], &src.Objects[k-1]
		id, whole := o.ID.Int()
		step := id - before
		ok := known && whole && o.Image >= 0 && last.Image >= 0
		before, known = id, whole
		switch {
		case !ok || o.Image == last.Image && step != 1:
			l.holes++
		case o.Image == last.Image:
			l.Inside++
		default:
			l.Of++
			if step >= 2 && step <= int64(1+o.Image-last.Image) {
				if l.Gaps++; l.Example < 0 {
					l.Example = int32(k)
				}
			} else if step != 1 {
				l.holes++
			}
		}
	}
	return l
}

// numbered tells whether the ids that are missing are those of images.
func numbered(src *dataset.Source, l *Lost) bool {
	id, _ := src.Objects[l.Example].ID.Int()
	own, whole := src.Images[src.Objects[l.Example].Image].ID.Int()
	return whole && own == id-1
}

// Finding returns the finding on ids that are missing, an info in a video, of which one object may be left out.
func (l *Lost) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[l.Example]
	or := ""
	if l.Scene {
		or = ". Or one object that is in all of these pictures was left out, with its class"
	}
	f := say.Finding("annotations-cut", s, o.Offset, o.Line,
		"%s: annotation ids go up by one within an image, and one is "+
			"missing between two images, at %s of %s. The first or the last annotation of each image seems to be lost, as "+
			"where a script takes the first record of a group for a header: write all, since objects without a label are "+
			"trained as background%s. Example: %s", text.Printable(src.Name), say.Group(l.Gaps), say.Plural(l.Of, "place"), or,
		say.Place(src, l.Example))
	if f.Size = float64(l.Gaps); l.Scene {
		f.Level = findings.Info
	}
	return f
}
