package analysis

import (
	"fmt"
	"math"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/pass"
)

// findOutliers compares every matched object with its class, by the logarithm
// of its size and of its aspect in the annotated image, and every image with the
// others by that of its number of objects.
func (r *Result) findOutliers() {
	r.findStrange("size-outlier", logSize, "a size (√area)", " px")
	r.findStrange("aspect-outlier", logAspect, "an aspect (height/width)", "")
	r.findCrowded()
}

// side is a class and whether a quantity is above what is usual for it.
type side struct {
	class int32
	above bool
}

// findStrange notes objects with an unusual quantity. Where many of a class have
// it on one side, it is usual too: they are left in peace.
func (r *Result) findStrange(code string, of func(*dataset.Object) float64, what, unit string) {
	usual := r.usual(of)
	far := map[side]int{}
	each := func(yield func(source, object int, o *dataset.Object, z float64)) {
		for s := range r.Data.Sources {
			for k := range r.ObjectSlots(s) {
				if !r.measured(s, k) {
					continue
				}
				o := &r.Data.Source(s).Objects[k]
				if z, outlier := usual[o.Class].Score(of(o)); outlier {
					yield(s, k, o, z)
				}
			}
		}
	}
	each(func(_, _ int, o *dataset.Object, z float64) { far[side{o.Class, z > 0}]++ })
	each(func(source, object int, o *dataset.Object, z float64) {
		u := usual[o.Class]
		if !u.Rare(far[side{o.Class, z > 0}]) {
			return
		}
		f := pass.About(r.Data, code, source, object)
		f.Size = math.Abs(z)
		f.Message = fmt.Sprintf("%s: %s of %.3g%s, where %q has a median of %.3g%s: %.1f median absolute deviations from it",
			dataset.Label("annotation", o.ID), what, math.Exp2(of(o)), unit, r.Data.ClassName(o.Class), math.Exp2(u.Median),
			unit, math.Abs(z))
		r.Findings = append(r.Findings, f)
	})
}

// findCrowded notes images with far more or fewer objects than the others have
// that hold any.
func (r *Result) findCrowded() {
	var counts []float64
	for s := range r.Data.Sources {
		for i := range r.ImageSlots(s) {
			if n := r.ImageSlots(s)[i].Objects; n > 0 {
				counts = append(counts, math.Log2(float64(n)))
			}
		}
	}
	u := findings.Measure(counts)
	var found []findings.Finding
	for s := range r.Data.Sources {
		for i := range r.ImageSlots(s) {
			n := r.ImageSlots(s)[i].Objects
			if n == 0 {
				continue
			}
			z, far := u.Score(math.Log2(float64(n)))
			if !far {
				continue
			}
			f := pass.AboutImage(r.Data, "object-count-outlier", s, i)
			f.Size = math.Abs(z)
			f.Message = fmt.Sprintf("%s: %d objects, where images with objects have a median of %.3g: %.1f median absolute "+
				"deviations from it",
				dataset.Label("image", r.Data.Source(s).Images[i].ID), n, math.Exp2(u.Median), math.Abs(z))
			found = append(found, f)
		}
	}
	if u.Rare(len(found)) {
		r.Findings = append(r.Findings, found...)
	}
}

// usual measures a quantity of every class.
func (r *Result) usual(of func(*dataset.Object) float64) []findings.Usual {
	next := make([]int, len(r.Classes)+1)
	for i := range r.Classes {
		next[i+1] = next[i] + int(r.Classes[i].Objects)
	}
	first := append([]int(nil), next...)
	xs := make([]float64, next[len(next)-1])
	for s := range r.Data.Sources {
		for k := range r.ObjectSlots(s) {
			if o := &r.Data.Source(s).Objects[k]; r.measured(s, k) {
				xs[next[o.Class]] = of(o)
				next[o.Class]++
			}
		}
	}
	us := make([]findings.Usual, len(r.Classes))
	for i := range us {
		us[i] = findings.Measure(xs[first[i]:next[i]])
	}
	return us
}

// measured reports whether an object's box tells something about its class.
func (r *Result) measured(s, k int) bool {
	o := &r.Data.Source(s).Objects[k]
	return r.ObjectSlots(s)[k].Matched() && o.Class >= 0 && o.Box.W > 0 && o.Box.H > 0
}

func logSize(o *dataset.Object) float64   { return math.Log2(o.Box.W*o.Box.H) / 2 }
func logAspect(o *dataset.Object) float64 { return math.Log2(o.Box.H / o.Box.W) }
