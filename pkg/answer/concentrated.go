package answer

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/text"
)

// Images that follow each other resemble each other, so that chance is judged by blocks of them. A part and the rest
// have leastBlocks; the part has leastOf suspects of a kind, twice as many for its objects as the rest, and as many
// more as partOff standard errors, since any place of the file may divide them. In the real pairs it is 2.8 at most
// (docs/methods.md, section 7.2).
const (
	blockImages = 20
	leastBlocks = 10
	leastOf     = 20
	timesAsMany = 2
	partOff     = 5
)

// part is a stretch of the images of a source in which suspects of a kind are far more common than in the rest.
type part struct {
	kind        labels.Kind
	source      int
	image       int32 // where the stretch begins, or the rest does if it is before
	before      bool  // it ends before that image
	byID        bool  // in the order of the ids, not of the file
	n, of       int   // suspects of the kind, in it and in all of the source
	images, all int   // in it, in the source, with whole blocks
	times, off  float64
}

// concentrated returns the part in which suspects of a kind are most concentrated, by standard errors.
func concentrated(r *analysis.Result) (best part, found bool) {
	suspects := suspectsBySource(r)
	for s := range r.Data.Sources {
		src := r.Data.Source(s)
		counts := suspectsByImage(suspects[s], len(src.Images))
		order, objects := judgedObjects(r, s, counts[labels.Missing])
		for _, byID := range []bool{false, true} {
			if byID && !sortedByID(src, order) {
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

// judgedObjects counts the judged labels of each image of a source, and lists the images with any, or with missing
// objects, in the order of the file: those of which the detector said nothing have none.
func judgedObjects(r *analysis.Result, s int, missing []int) (order []int32, objects []int) {
	images := r.Data.Source(s).Images
	objects = make([]int, len(images))
	for i := range images {
		for k := images[i].First; k < images[i].Last; k++ {
			if !math.IsNaN(float64(r.Audit.Chances[s][k])) {
				objects[i]++
			}
		}
		if objects[i]+missing[i] > 0 {
			order = append(order, int32(i))
		}
	}
	return order, objects
}

// suspectsBySource gathers the suspects of each source that nobody kept and that are of an image.
func suspectsBySource(r *analysis.Result) [][]*findings.Finding {
	of := make([][]*findings.Finding, len(r.Data.Sources))
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Source >= 0 && f.Image >= 0 && f.Suspected() {
			of[f.Source] = append(of[f.Source], f)
		}
	}
	return of
}

// suspectsByImage counts the suspects of a source by kind and image.
func suspectsByImage(suspects []*findings.Finding, images int) (counts [labels.NumKinds][]int) {
	for k := range counts {
		counts[k] = make([]int, images)
		for _, f := range suspects {
			if labels.Kind(k).String() == f.Code {
				counts[k][f.Image]++
			}
		}
	}
	return counts
}

// sortedByID sorts images by whole-number ids, and reports whether that changed their order.
func sortedByID(src *dataset.Source, order []int32) bool {
	id := func(i int32) int64 { n, _ := src.Images[i].ID.Int(); return n }
	compare := func(a, b int32) int { return cmp.Compare(id(a), id(b)) }
	if slices.IsSortedFunc(order, compare) {
		return false
	}
	slices.SortStableFunc(order, compare)
	return true
}

// block counts suspects and objects of images that follow each other.
type block struct{ n, of int }

// divided divides images after each block, and returns the side with most suspects for its objects. Missing objects
// count as objects where they are suspected.
func divided(order []int32, objects, counts []int, missing bool) (best part, found bool) {
	blocks := make([]block, len(order)/blockImages)
	total := 0
	for at := range len(blocks) * blockImages {
		i, b := order[at], &blocks[at/blockImages]
		b.n += counts[i]
		b.of += objects[i]
		if missing {
			b.of += counts[i]
		}
		total += counts[i]
	}
	spread := spreadOf(blocks)
	all, first := sum(blocks), sum(blocks[:min(leastBlocks-1, len(blocks))])
	for at := leastBlocks; at <= len(blocks)-leastBlocks; at++ {
		first = block{first.n + blocks[at-1].n, first.of + blocks[at-1].of}
		for _, before := range []bool{true, false} {
			in, rest := first, block{all.n - first.n, all.of - first.of}
			within, without := at, len(blocks)-at
			if !before {
				in, rest, within, without = rest, in, without, within
			}
			rate, other := float64(in.n)/float64(in.of), float64(rest.n)/float64(rest.of)
			a, b := float64(within)/float64(in.of)/float64(in.of), float64(without)/float64(rest.of)/float64(rest.of)
			off := (rate - other) / math.Sqrt(spread*(a+b))
			if in.n < leastOf || rate < timesAsMany*other || !(off >= partOff) || off <= best.off {
				continue
			}
			best, found = part{image: order[at*blockImages], before: before, n: in.n, of: total,
				images: within * blockImages, all: len(order), times: rate / other, off: off}, true
		}
	}
	return best, found
}

// sum adds up blocks.
func sum(blocks []block) (all block) {
	for _, b := range blocks {
		all = block{all.n + b.n, all.of + b.of}
	}
	return all
}

// spreadOf returns the variance of the suspects of a block, about what its objects let expect if they were as common
// everywhere: over all blocks, since few of one side may be alike by chance, or that of independent ones if it is
// larger.
func spreadOf(blocks []block) float64 {
	sums, all := sum(blocks), 0.0
	rate := float64(sums.n) / float64(max(sums.of, 1))
	for _, b := range blocks {
		d := float64(b.n) - float64(rate*float64(b.of))
		all += float64(d * d)
	}
	m := float64(len(blocks))
	return max(all/(m-1), float64(sums.n)/m)
}

// concentration says, behind other sentences, where suspects of a kind are concentrated; "" if none are.
func concentration(r *analysis.Result) string {
	p, ok := concentrated(r)
	if !ok {
		return ""
	}
	src := r.Data.Source(p.source)
	im := &src.Images[p.image]
	side, id := "from", text.Printable(im.ID.String())
	if p.before {
		side = "before"
	}
	where := fmt.Sprintf("the images %s %s in the file", side, text.Printable(cmp.Or(im.File, id)))
	if p.byID {
		where = fmt.Sprintf("the images %s id %s, by their ids", side, id)
	}
	kind := inPart[p.kind]
	times := "where the rest has none"
	if !math.IsInf(p.times, 1) {
		times = text.Digits(p.times) + " times as many for its objects as in the rest"
	}
	of := ""
	if len(r.Data.Sources) > 1 {
		of = " of " + text.Printable(src.Name)
	}
	return fmt.Sprintf(" %s of the %s suspected %s are in %s%s (%s of %s), %s: %s. Look there first, and mend the cause "+
		"before single labels.", text.Group(int64(p.n)), text.Group(int64(p.of)), kind.what, where, of,
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
