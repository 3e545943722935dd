package analysis

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/pass"
)

// findOutliers compares every matched object with its class, by the logarithm
// of its size and of its aspect in the annotated image, and every image with the
// others by that of its number of objects.
func (r *Result) findOutliers() {
	r.findStrange()
	r.findCrowded()
}

// quantity is what of an object is compared with its class: of returns its logarithm.
type quantity struct {
	code       string
	of         func(*dataset.Object) float64
	what, unit string
}

// quantities are all of them.
var quantities = [...]quantity{
	{"size-outlier", logSize, "a size (√area)", " px"},
	{"aspect-outlier", logAspect, "an aspect (height/width)", ""},
}

// side is a class and whether a quantity is above what is usual for it.
type side struct {
	class int32
	above bool
}

// strange is an object with an unusual quantity, so many spreads from the median.
type strange struct {
	object         dataset.Object
	source, number int
	z              float64
}

// findStrange notes objects with an unusual quantity. Where many of a class have
// it on one side, it is usual too: they are left in peace.
func (r *Result) findStrange() {
	if r.parts != nil && len(r.parts.Of) > 0 {
		r.findStrangeSorted()
		return
	}
	usual := r.usual()
	var far [len(quantities)]map[side]int
	var found [len(quantities)][]strange
	for q := range far {
		far[q] = map[side]int{}
	}
	for s := range r.Data.Sources {
		objects := r.Data.Source(s).Objects
		for k := range objects {
			o := &objects[k]
			if !measured(r.Pass, s, k) {
				continue
			}
			for q := range quantities {
				if z, outlier := usual[q][o.Class].Score(quantities[q].of(o)); outlier {
					far[q][side{o.Class, z > 0}]++
					found[q] = append(found[q], strange{*o, s, k, z})
				}
			}
		}
	}
	for q := range quantities {
		for i := range found[q] {
			if at := &found[q][i]; usual[q][at.object.Class].Rare(far[q][side{at.object.Class, at.z > 0}]) {
				r.Findings = append(r.Findings, r.strange(&quantities[q], at, usual[q][at.object.Class].Median))
			}
		}
	}
}

// findStrangeSorted is findStrange of parts, whose sorted values tell where to look.
func (r *Result) findStrangeSorted() {
	type spot struct {
		source, object int32
		q              int8
		z, median      float64
	}
	var spots []spot
	values := r.parts.values(r)
	for class := range r.Classes {
		for q := range quantities {
			lists := values(class, q)
			usual := findings.MeasureSorted(lists)
			below, above := 0, 0
			for _, l := range lists {
				first, last := usual.Outliers(l)
				below, above = below+first, above+l.Len()-last
			}
			note := func(l Values, from, to int) {
				for i := from; i < to; i++ {
					z, _ := usual.Score(l.At(i))
					s, k := l.Object(i)
					spots = append(spots, spot{int32(s), int32(k), int8(q), z, usual.Median})
				}
			}
			for _, l := range lists {
				first, last := usual.Outliers(l)
				if usual.Rare(below) {
					note(l, 0, first)
				}
				if usual.Rare(above) {
					note(l, last, l.Len())
				}
			}
		}
	}
	slices.SortFunc(spots, func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.object, b.object), cmp.Compare(a.q, b.q))
	})
	for _, at := range spots {
		s, k := int(at.source), int(at.object)
		of := strange{*r.Data.Object(s, k), s, k, at.z}
		r.Findings = append(r.Findings, r.strange(&quantities[at.q], &of, at.median))
	}
}

// strange is the finding about an object with an unusual quantity.
func (r *Result) strange(q *quantity, at *strange, median float64) findings.Finding {
	f := pass.AboutObject(&at.object, q.code, at.source, at.number)
	f.Size = math.Abs(at.z)
	f.Message = fmt.Sprintf("%s: %s of %s%s, where %q has a median of %s%s: %.1f median absolute deviations from it",
		dataset.Label("annotation", at.object.ID), q.what, exponential(q.of(&at.object)), q.unit,
		r.Data.ClassName(at.object.Class), exponential(median), q.unit, math.Abs(at.z))
	return f
}

// findCrowded notes images with far more or fewer objects than the others have
// that hold any.
func (r *Result) findCrowded() {
	counts := r.Digested().PerImage
	of := func(objects int32) float64 { return math.Log2(float64(objects)) }
	u := findings.MeasureCounts(counts, of)
	far := map[int32]float64{} // by the number of objects
	all := int64(0)
	for objects, n := range counts {
		if z, outlier := u.Score(of(objects)); outlier {
			far[objects] = z
			all += n
		}
	}
	if len(far) == 0 || !u.Rare(int(all)) {
		return
	}
	for s := range r.Data.Sources {
		has := false
		for objects := range r.Digests[s].PerImage {
			_, is := far[objects]
			has = has || is
		}
		if !has {
			continue
		}
		for i, im := range r.Images(s) {
			z, is := far[int32(im.Slot.Objects)]
			if !is {
				continue
			}
			f := pass.AboutImage(r.Data, "object-count-outlier", s, i)
			f.Size = math.Abs(z)
			f.Message = fmt.Sprintf("%s: %d objects, where images with objects have a median of %.3g: %.1f median absolute "+
				"deviations from it",
				dataset.Label("image", im.ID), im.Slot.Objects, math.Exp2(u.Median), math.Abs(z))
			r.Findings = append(r.Findings, f)
		}
	}
}

// usual measures each quantity of every class.
func (r *Result) usual() (us [len(quantities)][]findings.Usual) {
	next := make([]int, len(r.Classes)+1)
	for i := range r.Classes {
		next[i+1] = next[i] + int(r.Classes[i].Objects)
	}
	first := append([]int(nil), next...)
	var xs [len(quantities)][]float64
	for q := range xs {
		xs[q] = make([]float64, next[len(next)-1])
	}
	for s := range r.Data.Sources {
		objects := r.Data.Source(s).Objects
		for k := range objects {
			if o := &objects[k]; measured(r.Pass, s, k) {
				for q := range xs {
					xs[q][next[o.Class]] = quantities[q].of(o)
				}
				next[o.Class]++
			}
		}
	}
	for q := range us {
		us[q] = make([]findings.Usual, len(r.Classes))
		for i := range us[q] {
			us[q][i] = findings.Measure(xs[q][first[i]:next[i]])
		}
	}
	return us
}

// measured reports whether an object's box tells something about its class.
func measured(p *pass.Pass, s, k int) bool {
	o := &p.Data.Source(s).Objects[k]
	return p.ObjectSlots(s)[k].Matched() && o.Class >= 0 && o.Box.W > 0 && o.Box.H > 0
}

// logSize is the logarithm of √(w·h), of the sides each where their product is out of range.
func logSize(o *dataset.Object) float64 {
	if area := o.Box.W * o.Box.H; area > 0 && area <= math.MaxFloat64 {
		return math.Log2(area) / 2
	}
	return (math.Log2(o.Box.W) + math.Log2(o.Box.H)) / 2
}

// logAspect is the logarithm of h/w, of the sides each where their quotient is out of range.
func logAspect(o *dataset.Object) float64 {
	if aspect := o.Box.H / o.Box.W; aspect > 0 && aspect <= math.MaxFloat64 {
		return math.Log2(aspect)
	}
	return math.Log2(o.Box.H) - math.Log2(o.Box.W)
}

// exponential writes 2^x with three significant digits, and says so where that is out of range.
func exponential(x float64) string {
	switch v := math.Exp2(x); {
	case v > math.MaxFloat64:
		return "more than 1e+308"
	case v == 0:
		return "less than 1e-323"
	default:
		return fmt.Sprintf("%.3g", v)
	}
}
