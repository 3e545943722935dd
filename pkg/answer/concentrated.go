package answer

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/text"
)

// When a part counts as one. Images that follow each other resemble each other, so chance is judged by blocks of them.
// In the real pairs no kind reaches 2.8 standard errors at any place (docs/methods.md, section 7.2).
const (
	blockImages = 20 // images of a block
	leastBlocks = 10 // blocks of the part, and of the rest
	leastOf     = 20 // suspects of the kind in the part
	timesAsMany = 2  // suspects per object in the part, as a multiple of those in the rest
	partOff     = 5  // standard errors between the two: many, since any place of the file may divide them
)

// part is a stretch of the images of a source in which suspects of a kind are far more common than in the rest.
type part struct {
	kind        labels.Kind
	source      int
	image       int32   // the first image of the stretch; of the rest, if before
	before      bool    // the stretch is what lies before that image
	byID        bool    // in the order of the ids, not of the file
	n, of       int     // suspects of the kind: in the stretch, and in all of the source
	images, all int     // images in the stretch, and in the source
	times       float64 // suspects per object, as a multiple of those in the rest: +Inf where the rest has none
	off         float64 // how far the two rates are apart, in standard errors
}

// concentrated returns the part in which suspects of a kind are most concentrated, by standard errors.
func concentrated(r *analysis.Result) (best part, found bool) {
	for s, counts := range suspectsByImage(r) {
		if counts == nil {
			continue
		}
		order, objects, ids := judgedObjects(r, s, counts[labels.Missing])
		for _, byID := range []bool{false, true} {
			if byID && !sortByID(ids, order) {
				break
			}
			for kind := range counts {
				p, ok := divided(order, objects, counts[kind], labels.Kind(kind) == labels.Missing)
				if ok && (!found || p.off > best.off) {
					p.kind, p.source, p.byID = labels.Kind(kind), s, byID
					best, found = p, true
				}
			}
		}
	}
	return best, found
}

// judgedObjects counts the judged labels of each image of a source, whose chances are not NaN, and lists the images
// with any, or with missing objects, in the order of the file. The others are images of which the detector says
// nothing. The ids are those of all images, 0 for one that is no whole number.
func judgedObjects(r *analysis.Result, s int, missing []int) (order []int32, objects []int, ids []int64) {
	objects, ids = make([]int, len(missing)), make([]int64, len(missing))
	for first, run := range r.Data.Runs(s) {
		for k := range run {
			i, im := first+k, &run[k]
			ids[i], _ = im.ID.Int()
			for _, chance := range r.Audit.Chances[s][im.First:im.Last] {
				if !math.IsNaN(float64(chance)) {
					objects[i]++
				}
			}
			if objects[i]+missing[i] > 0 {
				order = append(order, int32(i))
			}
		}
	}
	return order, objects, ids
}

// perImage counts suspects by kind and image.
type perImage [labels.NumKinds][]int

// suspectsByImage counts the suspects that nobody kept, by source. A source with less than leastOf of each kind has no
// part in which they are concentrated: its place is nil, and nobody needs its records.
func suspectsByImage(r *analysis.Result) []*perImage {
	each := func(yield func(f *findings.Finding, kind labels.Kind)) {
		for i := range r.Findings {
			f := &r.Findings[i]
			if f.Source < 0 || f.Image < 0 || !f.Suspected() {
				continue
			}
			for kind := range labels.NumKinds {
				if kind.String() == f.Code {
					yield(f, kind)
				}
			}
		}
	}
	totals := make([][labels.NumKinds]int, len(r.Data.Sources))
	each(func(f *findings.Finding, kind labels.Kind) { totals[f.Source][kind]++ })
	out := make([]*perImage, len(totals))
	for s := range totals {
		if slices.Max(totals[s][:]) < leastOf {
			continue
		}
		images, _ := r.Data.Count(s)
		out[s] = &perImage{}
		for kind := range out[s] {
			out[s][kind] = make([]int, images)
		}
	}
	each(func(f *findings.Finding, kind labels.Kind) {
		if of := out[f.Source]; of != nil {
			of[kind][f.Image]++
		}
	})
	return out
}

// sortByID sorts the numbers of images by the images' ids, and reports whether that changed their order.
func sortByID(ids []int64, order []int32) bool {
	compare := func(a, b int32) int { return cmp.Compare(ids[a], ids[b]) }
	if slices.IsSortedFunc(order, compare) {
		return false
	}
	slices.SortStableFunc(order, compare)
	return true
}

// block counts suspects and objects of images that follow each other.
type block struct{ n, of int }

// divided divides images between two blocks, wherever the two sides differ most by standard errors, and returns the
// side with more suspects per object. Suspects that are missing objects count as objects too. The images behind the
// last whole block decide nothing; they are counted on their side.
func divided(order []int32, objects, counts []int, missing bool) (best part, found bool) {
	blocks := make([]block, len(order)/blockImages)
	behind := 0 // suspects behind the last block
	for at, i := range order {
		if at/blockImages == len(blocks) {
			behind += counts[i]
			continue
		}
		b := &blocks[at/blockImages]
		b.n += counts[i]
		b.of += objects[i]
		if missing {
			b.of += counts[i]
		}
	}
	all, spread := sum(blocks), spreadOf(blocks)
	var first block // the blocks before at
	for at := 1; at <= len(blocks)-leastBlocks; at++ {
		first = first.plus(blocks[at-1])
		if at < leastBlocks {
			continue
		}
		last := block{all.n - first.n, all.of - first.of}
		for _, before := range []bool{true, false} {
			in, rest, a, b := first, last, float64(at), float64(len(blocks)-at)
			if !before {
				in, rest, a, b = rest, in, b, a
			}
			of, others := float64(in.of), float64(rest.of)
			rate, other := float64(in.n)/of, float64(rest.n)/others
			off := (rate - other) / math.Sqrt(spread*(a/of/of+b/others/others))
			if in.n < leastOf || rate < timesAsMany*other || !(off >= partOff) || off <= best.off {
				continue
			}
			found = true
			best = part{image: order[at*blockImages], before: before, n: in.n, of: all.n + behind, images: at * blockImages,
				all: len(order), times: rate / other, off: off}
			if !before {
				best.n, best.images = in.n+behind, len(order)-at*blockImages
			}
		}
	}
	return best, found
}

// plus adds two blocks up.
func (b block) plus(c block) block { return block{b.n + c.n, b.of + c.of} }

// sum adds blocks up.
func sum(blocks []block) (all block) {
	for _, b := range blocks {
		all = all.plus(b)
	}
	return all
}

// spreadOf returns the variance of the suspects of a block about the number that its objects have at the common rate.
// It is taken over all blocks, since a few blocks of one side may be alike by chance. If the variance of independent
// counts is larger, it is that.
func spreadOf(blocks []block) float64 {
	all := sum(blocks)
	rate, squares := float64(all.n)/float64(max(all.of, 1)), 0.0
	for _, b := range blocks {
		d := float64(b.n) - float64(rate*float64(b.of))
		squares += float64(d * d)
	}
	m := float64(len(blocks))
	return max(squares/(m-1), float64(all.n)/m)
}

// concentration says, behind other sentences, where suspects of a kind are concentrated; "" if none are.
func concentration(r *analysis.Result) string {
	p, ok := concentrated(r)
	if !ok {
		return ""
	}
	im := r.Data.Image(p.source, int(p.image))
	side, id := "from %s on", text.Printable(im.ID.String())
	if p.before {
		side = "before %s"
	}
	where := fmt.Sprintf(side+" in the file", text.Printable(cmp.Or(im.File, id)))
	if p.byID {
		where = fmt.Sprintf(side+", by their ids", "id "+id)
	}
	kind := inPart[p.kind]
	times := "where the rest has none"
	if !math.IsInf(p.times, 1) {
		times = text.Digits(p.times) + " times as many per object as in the rest"
	}
	of := ""
	if len(r.Data.Sources) > 1 {
		of = " of " + text.Printable(r.Data.Sources[p.source].Name)
	}
	return fmt.Sprintf(" %s of the %s suspected %s are in the images%s %s (%s of %s), %s: %s. Look there first, and mend "+
		"the cause before single labels.", text.Group(int64(p.n)), text.Group(int64(p.of)), kind.what, of, where,
		text.Group(int64(p.images)), text.Plural(p.all, "image"), times, kind.cause)
}

// inPart says what suspects of a kind are called, and what may be the cause where a part has most of them.
var inPart = [labels.NumKinds]struct{ what, cause string }{
	labels.Missing:  {"missing objects", "a part of the annotations may have been lost there"},
	labels.Class:    {"wrong classes", "the classes of this part may be those of another list, or of other annotators"},
	labels.Location: {"boxes that are off", "the boxes of this part may be moved, scaled or drawn by another rule"},
	labels.Spurious: {
		"spurious labels", "annotations of other images may stand there, or the detector knows no such pictures",
	},
	labels.Duplicate: {"duplicates", "two files, or the work of two people, may have been merged there"},
}
