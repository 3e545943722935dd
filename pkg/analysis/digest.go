package analysis

import (
	"cmp"
	"context"
	"math"
	"slices"

	"focalaudit/pkg/convention"
	"focalaudit/pkg/convention/between"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/distribution"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/par"
	"focalaudit/pkg/pass"
)

// Digest is what the records of one source tell those who ask about the whole. It is made once, when the records are
// at hand, and everybody behind it adds digests up. A part of a data set keeps those of its sources, so that a merge
// does not go through the records for them.
type Digest struct {
	Digested

	Found []findings.Finding   // that take all records of the source, and no other source
	Unfit []Unfit              // objects that no anchor fits
	Apart []between.Part       // the source, or its directories, with their classes
	Look  *distribution.Source // what the data look like
}

// Digested are the numbers of a Digest.
type Digested struct {
	Images      map[string]int64 // by the reason for which they are left out, "" for those in use
	Annotations map[leftOut]int64

	// PerImage counts the images with matched objects by their number, Positives the objects by the number of their
	// positive anchors, where that is not 0.
	PerImage, Positives map[int32]int64

	ImagesWithoutPositive int64 // with matched objects
	FewPoints             int64 // objects that can have positives, but fewer than a rule of points gives

	Weak   []Whys // by iou.Why: objects that have no anchor on their own merit
	Shapes Shapes
}

// leftOut is a class, -1 for none, and the reason for which an annotation of it is left out, "" if it is not.
type leftOut struct {
	class int32
	why   string
}

// Whys counts the objects that have no anchor on their own merit for one reason.
type Whys struct {
	Without, Rescued int64   // without a positive anchor, with fallback matches only
	Least, Most      float64 // px after resizing: the smallest and the largest √(width·height)
}

// Of returns the number of these objects: of those with fallback matches, or of the others.
func (w *Whys) Of(rescued bool) int64 {
	if rescued {
		return w.Rescued
	}
	return w.Without
}

// The bins of Shapes: sizes √(w·h) in px of the trainer's frame from 2^SizeFrom to 2^SizeTo by fractions of an
// octave, aspects h/w from 2^-AspectEnd to 2^AspectEnd by halves.
const (
	SizeFrom, SizeTo = 2, 11 // 4 to 2,048 px
	PerOctave        = 3
	SizeBins         = (SizeTo - SizeFrom) * PerOctave
	AspectEnd        = 3 // 1:8 to 8:1
	AspectBins       = 2 * AspectEnd * 2
)

// Shapes counts matched objects by their size and aspect, and how anchors serve them.
type Shapes struct {
	Cells Cells
	Sizes [ledger.NumSizes][3]int64 // with anchors of their own, fallback ones only, none
}

// Cells are AspectBins cells for every bin of sizes; nil where it has no object. There may be a hundred thousand
// sources, most of them with few.
type Cells [SizeBins][]Cell

// at returns a cell to count in.
func (c *Cells) at(size, aspect int) *Cell {
	if c[size] == nil {
		c[size] = make([]Cell, AspectBins)
	}
	return &c[size][aspect]
}

// Cell is the objects of one size and aspect.
type Cell struct {
	N   int64
	Why []int64 // of those without an anchor of their own, by reason; nil if there are none
}

// add adds the counts of other objects.
func (s *Shapes) add(o *Shapes) {
	for i := range o.Cells {
		for k := range o.Cells[i] {
			to, from := s.Cells.at(i, k), &o.Cells[i][k]
			to.N += from.N
			if from.Why != nil && to.Why == nil {
				to.Why = make([]int64, iou.Whys())
			}
			for w, n := range from.Why {
				to.Why[w] += n
			}
		}
	}
	for i := range s.Sizes {
		for k := range s.Sizes[i] {
			s.Sizes[i][k] += o.Sizes[i][k]
		}
	}
}

// bin returns the bin of x among n of equal width between from and to; what is outside belongs to the first or the
// last.
func bin(x, from, to float64, n int) int {
	if math.IsNaN(x) {
		return 0
	}
	return int(max(0, min(float64(n-1), math.Floor((x-from)/(to-from)*float64(n)))))
}

// digest makes the digests of the sources that no part has. They are kept to be merged with those of others, or not.
func (r *Result) digest(ctx context.Context, has []bool, kept bool) error {
	var all []int
	for s := range r.Data.Sources {
		if !has[s] {
			all = append(all, s)
		}
	}
	look, err := distribution.Of(ctx, r.Data, r.Config.Workers, all)
	if err != nil {
		return err
	}
	return par.Do(ctx, r.Config.Workers, len(all), func(i int) error {
		s := all[i]
		d := &r.Digests[s]
		d.Digested, d.Look = r.digested(s), look[i]
		d.Unfit = r.unfitOf(s)
		d.Apart = between.PartsOf(r.Data, s, !kept && len(has) == 1)
		d.Found = r.foundIn(s)
		return nil
	})
}

// foundIn returns the findings that take all records of a source, and no other source.
func (r *Result) foundIn(s int) (found []findings.Finding) {
	conventions := convention.InspectSource(r.Data, s)
	all := allBoxes(conventions, len(r.Data.Source(s).Objects))
	for i := range r.Data.Sources[s].Flaws {
		w := &r.Data.Sources[s].Flaws[i]
		if w.Object >= 0 && !(all && w.Code == dataset.BoxOffOutline) {
			found = append(found, r.flaw(s, w))
		}
	}
	found = append(found, conventions...)
	k := keyFinder{r, s, nil}
	k.find(conventions)
	found = append(found, k.found...)
	if f, ok := r.manyCrowds(s); ok {
		found = append(found, f)
	}
	if f, ok := r.divided(s); ok {
		found = append(found, f)
	}
	if f, ok := r.noPictures(s); ok {
		found = append(found, f)
	}
	if f, ok := r.shiftedIDs(s); ok {
		found = append(found, f)
	}
	return found
}

// allBoxes tells whether one finding says that all boxes of a source, of which there are n, are written otherwise:
// that each is off its outline is then no news.
func allBoxes(conventions []findings.Finding, n int) bool {
	return slices.ContainsFunc(conventions, func(f findings.Finding) bool {
		return f.Code == "box-convention" && f.Severity() == findings.Error && f.Cases == int64(n)
	})
}

// digested counts the records of a source.
func (r *Result) digested(s int) Digested {
	d := newDigested()
	src, images, objects := r.Data.Source(s), r.ImageSlots(s), r.ObjectSlots(s)
	byImage := map[pass.LeftOut]int64{}
	for i := range images {
		im := &images[i]
		byImage[im.LeftOut]++
		if im.Objects > 0 {
			d.PerImage[int32(im.Objects)]++
			if im.Positives == 0 {
				d.ImagesWithoutPositive++
			}
		}
	}
	for why, n := range byImage {
		d.Images[why.String()] += n
	}
	type left struct {
		class int32
		why   pass.LeftOut
	}
	byObject := map[left]int64{}
	var positives [1 << 10]int64 // most objects have fewer
	var used []int64             // by class, plus 1; nil if the source can have few of the classes only
	if len(r.Data.Classes) <= 4*len(objects) {
		used = make([]int64, len(r.Data.Classes)+1)
	}
	for k := range objects {
		o, of := &objects[k], &src.Objects[k]
		if !o.Matched() {
			byObject[left{of.Class, o.LeftOut}]++
			continue
		}
		if used != nil {
			used[of.Class+1]++
		} else {
			d.Annotations[leftOut{of.Class, ""}]++
		}
		switch n := o.Positives; {
		case n > 0 && int(n) < len(positives):
			positives[n]++
		case n > 0:
			d.Positives[n]++
		}
		if o.Why == iou.FewPoints {
			d.FewPoints++
		}
		if o.Rescued == o.Positives {
			d.weak(o, of, images, src)
		}
		if of.Image >= 0 {
			d.Shapes.object(o, of, images[of.Image].Resized.W, images[of.Image].Resized.H, &src.Images[of.Image])
		}
	}
	for n, k := range positives {
		if k > 0 {
			d.Positives[int32(n)] = k
		}
	}
	for c, n := range used {
		if n > 0 {
			d.Annotations[leftOut{int32(c - 1), ""}] = n
		}
	}
	for of, n := range byObject {
		d.Annotations[leftOut{of.class, of.why.String()}] += n
	}
	return d
}

func newDigested() Digested {
	d := Digested{
		Images: map[string]int64{}, Annotations: map[leftOut]int64{}, PerImage: map[int32]int64{},
		Positives: map[int32]int64{}, Weak: make([]Whys, iou.Whys()),
	}
	for i := range d.Weak {
		d.Weak[i].Least = math.Inf(1)
	}
	return d
}

// weak counts an object that has no anchor on its own merit.
func (d *Digested) weak(o *pass.Object, of *dataset.Object, images []pass.Image, src *dataset.Source) {
	w := &d.Weak[o.Why]
	if o.Positives > 0 {
		w.Rescued++
	} else {
		w.Without++
	}
	to, from := images[of.Image].Resized, src.Images[of.Image].Size
	side := math.Sqrt(math.Abs(of.Box.W) * float64(to.W) / float64(from.W) *
		math.Abs(of.Box.H) * float64(to.H) / float64(from.H))
	w.Least, w.Most = min(w.Least, side), max(w.Most, side)
}

// object counts a matched object of an image that is resized to so many px.
func (s *Shapes) object(o *pass.Object, of *dataset.Object, toW, toH int, im *dataset.Image) {
	w := math.Abs(of.Box.W) * float64(toW) / float64(im.Size.W)
	h := math.Abs(of.Box.H) * float64(toH) / float64(im.Size.H)
	c := s.Cells.at(bin(math.Log2(math.Sqrt(w*h)), SizeFrom, SizeTo, SizeBins),
		bin(math.Log2(h/w), -AspectEnd, AspectEnd, AspectBins))
	c.N++
	size := &s.Sizes[ledger.SizeOf(of.Box)]
	switch {
	case o.Positives > o.Rescued:
		size[0]++
		return
	case o.Positives > 0:
		size[1]++
	default:
		size[2]++
	}
	if c.Why == nil {
		c.Why = make([]int64, iou.Whys())
	}
	c.Why[o.Why]++
}

// fold takes out of the digest of a source what is asked of all sources together only: with some thousand sources it
// would take most of the memory.
func (r *Result) fold(d *Digest) {
	if r.folded.Positives == nil {
		r.folded, r.unfits = newDigested(), map[unfitKey]*Unfit{}
	}
	addTo(r.folded.Positives, d.Positives)
	r.folded.Shapes.add(&d.Shapes)
	for i := range d.Unfit {
		collect(r.unfits, &d.Unfit[i])
	}
	d.Positives, d.Shapes, d.Unfit = nil, Shapes{}, nil
}

// Digested adds up the numbers of all sources.
func (r *Result) Digested() Digested {
	all := newDigested()
	addTo(all.Positives, r.folded.Positives)
	all.Shapes.add(&r.folded.Shapes)
	for s := range r.Digests {
		d := &r.Digests[s].Digested
		addTo(all.Images, d.Images)
		addTo(all.Annotations, d.Annotations)
		addTo(all.PerImage, d.PerImage)
		addTo(all.Positives, d.Positives)
		all.ImagesWithoutPositive += d.ImagesWithoutPositive
		all.FewPoints += d.FewPoints
		for i := range d.Weak {
			to, from := &all.Weak[i], &d.Weak[i]
			to.Without, to.Rescued = to.Without+from.Without, to.Rescued+from.Rescued
			to.Least, to.Most = min(to.Least, from.Least), max(to.Most, from.Most)
		}
		all.Shapes.add(&d.Shapes)
	}
	return all
}

func addTo[K comparable](to, from map[K]int64) {
	for k, n := range from {
		to[k] += n
	}
}

// ClassCount counts what a source has of a class, -1 for the annotations without one.
type ClassCount struct {
	Class                int32
	Annotations, Objects int64 // all; those that take part
}

// ByClass counts the annotations by class, in the order of the classes; a class without any is not there.
func (d *Digested) ByClass() (out []ClassCount) {
	at := map[int32]int{}
	for of, n := range d.Annotations {
		i, known := at[of.class]
		if !known {
			i = len(out)
			at[of.class] = i
			out = append(out, ClassCount{Class: of.class})
		}
		out[i].Annotations += n
		if of.why == "" {
			out[i].Objects += n
		}
	}
	slices.SortFunc(out, func(a, b ClassCount) int { return cmp.Compare(a.Class, b.Class) })
	return out
}

// ByReason counts the annotations by the reason for which they are left out, "" for those that take part: of a class,
// or of all.
func (d *Digested) ByReason(class int32, all bool) map[string]int64 {
	out := map[string]int64{}
	for of, n := range d.Annotations {
		if all || of.class == class {
			out[of.why] += n
		}
	}
	return out
}
