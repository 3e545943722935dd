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
			if !r.measured(s, k) {
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

// strange is the finding about an object with an unusual quantity.
func (r *Result) strange(q *quantity, at *strange, median float64) findings.Finding {
	f := pass.AboutObject(&at.object, q.code, at.source, at.number)
	f.Size = math.Abs(at.z)
	f.Message = fmt.Sprintf("%s: %s of %.3g%s, where %q has a median of %.3g%s: %.1f median absolute deviations from it",
		dataset.Label("annotation", at.object.ID), q.what, math.Exp2(q.of(&at.object)), q.unit,
		r.Data.ClassName(at.object.Class), math.Exp2(median), q.unit, math.Abs(at.z))
	return f
}

// findCrowded notes images with far more or fewer objects than the others have
// that hold any.
func (r *Result) findCrowded() {
	type image struct {
		source, number int32
		objects        int32
	}
	var images []image
	var counts []float64
	for s := range r.Data.Sources {
		for i, im := range r.ImageSlots(s) {
			if im.Objects > 0 {
				images = append(images, image{int32(s), int32(i), int32(im.Objects)})
				counts = append(counts, math.Log2(float64(im.Objects)))
			}
		}
	}
	u := findings.Measure(counts)
	var found []findings.Finding
	for _, im := range images {
		z, far := u.Score(math.Log2(float64(im.objects)))
		if !far {
			continue
		}
		f := pass.AboutImage(r.Data, "object-count-outlier", int(im.source), int(im.number))
		f.Size = math.Abs(z)
		f.Message = fmt.Sprintf("%s: %d objects, where images with objects have a median of %.3g: %.1f median absolute "+
			"deviations from it",
			dataset.Label("image", r.Data.Source(int(im.source)).Images[im.number].ID), im.objects, math.Exp2(u.Median),
			math.Abs(z))
		found = append(found, f)
	}
	if u.Rare(len(found)) {
		r.Findings = append(r.Findings, found...)
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
			if o := &objects[k]; r.measured(s, k) {
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
func (r *Result) measured(s, k int) bool {
	o := &r.Data.Source(s).Objects[k]
	return r.ObjectSlots(s)[k].Matched() && o.Class >= 0 && o.Box.W > 0 && o.Box.H > 0
}

func logSize(o *dataset.Object) float64   { return math.Log2(o.Box.W*o.Box.H) / 2 }
func logAspect(o *dataset.Object) float64 { return math.Log2(o.Box.H / o.Box.W) }
