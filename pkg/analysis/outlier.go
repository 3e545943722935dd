package analysis

import (
	"fmt"
	"math"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// rareClass is the number of objects below which a class is called rare: too
// few for a held-out part to hold any.
const rareClass = 10

// find puts all findings together and ranks them.
func (r *Result) find(found [][]findings.Finding) {
	n := 0
	for s := range r.Data.Sources {
		n += len(r.Data.Sources[s].Flaws)
	}
	for _, fs := range found {
		n += len(fs)
	}
	r.Findings = make([]findings.Finding, 0, n+n/4) // with room for what the whole data set tells
	for s := range r.Data.Sources {
		for i := range r.Data.Sources[s].Flaws {
			r.Findings = append(r.Findings, r.flaw(s, &r.Data.Sources[s].Flaws[i]))
		}
	}
	for _, fs := range found {
		r.Findings = append(r.Findings, fs...)
	}
	r.findRare()
	r.findOutliers()
	r.findResults()
	r.findSuspects()
	r.Findings = findings.Rank(r.Findings)
	for i := range r.Findings {
		if c := r.Findings[i].Class; c >= 0 {
			r.Classes[c].Findings++
		}
	}
}

// findResults tells what is wrong with the files of detections, each kind of
// flaw once.
func (r *Result) findResults() {
	about := func(code, message string, size float64) {
		r.Findings = append(r.Findings, findings.Finding{Code: code, Source: -1, Image: -1, Object: -1, Other: -1, Class: -1, Offset: -1,
			IoU: math.NaN(), Size: size, Message: message})
	}
	for i, a := range r.Accounts {
		if a == nil {
			continue
		}
		if a.Missing > 0 {
			about("logits-missing", fmt.Sprintf("scores %s: %d of %d images in use have no logits", r.Config.Scores[i].Name, a.Missing, r.Total.Images), float64(a.Missing))
		}
		of := r.Config.Results[i]
		if of == nil {
			continue
		}
		for _, f := range of.LeftOut {
			about(f.Code, fmt.Sprintf("%s: %d of %d records are left out; the first, at byte %d, line %d: %s", of.Name, f.N, of.Read, f.Offset, f.Line, f.Message), float64(f.N))
		}
		if a.Outside > 0 {
			about("detection-outside", fmt.Sprintf("%s: of %d detections on images in use, %d have nothing in common with their image", of.Name, a.Placed, a.Outside), float64(a.Outside))
		}
		if shift, ok := a.agreement.shifted(); ok {
			about("detection-class-shifted", fmt.Sprintf("%s: of %d detections that lie on an object, weighed by score, %.0f %% have its class, and %.0f %% would with category ids %s",
				of.Name, a.agreement.pairs, a.agreement.percent(0), a.agreement.percent(shift), map[int]string{1: "one higher", -1: "one lower"}[shift]), float64(a.agreement.pairs))
		}
	}
}

// flaw turns what reading met into a finding.
func (r *Result) flaw(s int, w *dataset.Flaw) findings.Finding {
	f := findings.Finding{Code: w.Code, Message: w.Message, Source: int32(s), Image: w.Image, Object: w.Object, Other: -1, Class: -1,
		Line: w.Line, Offset: w.Offset, IoU: math.NaN()}
	if w.Object >= 0 {
		o := &r.Data.Sources[s].Objects[w.Object]
		f.Class, f.Box, f.HasBox = o.Class, o.Box, o.LeftOut != dataset.NoBox
		if f.Image < 0 {
			f.Image = o.Image
		}
	}
	return f
}

func (r *Result) findRare() {
	for i := range r.Classes {
		if n := r.Classes[i].Objects; n < rareClass {
			r.Findings = append(r.Findings, findings.Finding{
				Code: "class-rare", Source: -1, Image: -1, Object: -1, Other: -1, Class: int32(i), Offset: -1, IoU: math.NaN(), Size: float64(rareClass - n),
				Message: fmt.Sprintf("class %q: objects in use: %d", r.Data.Classes[i].Name, n),
			})
		}
	}
}

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
		for s := range r.Objects {
			for k := range r.Objects[s] {
				if !r.measured(s, k) {
					continue
				}
				o := &r.Data.Sources[s].Objects[k]
				if z, outlier := usual[o.Class].Score(of(o)); outlier {
					yield(s, k, o, z)
				}
			}
		}
	}
	each(func(_, _ int, o *dataset.Object, z float64) { far[side{o.Class, z > 0}]++ })
	w := worker{r: r}
	each(func(source, object int, o *dataset.Object, z float64) {
		u := usual[o.Class]
		if !u.Rare(far[side{o.Class, z > 0}]) {
			return
		}
		f := w.about(code, source, int(o.Image), object)
		f.Size = math.Abs(z)
		f.Message = fmt.Sprintf("%s: %s of %.3g%s, where %q has a median of %.3g%s: %.1f spreads away",
			dataset.Label("annotation", o.ID), what, math.Exp2(of(o)), unit, r.className(o.Class), math.Exp2(u.Median), unit, math.Abs(z))
		w.note(f)
	})
	r.Findings = append(r.Findings, w.found...)
}

// findCrowded notes images with far more or fewer objects than the others have
// that hold any.
func (r *Result) findCrowded() {
	var counts []float64
	for s := range r.Images {
		for i := range r.Images[s] {
			if n := r.Images[s][i].Objects; n > 0 {
				counts = append(counts, math.Log2(float64(n)))
			}
		}
	}
	u := findings.Measure(counts)
	var found []findings.Finding
	for s := range r.Images {
		for i := range r.Images[s] {
			n := r.Images[s][i].Objects
			if n == 0 {
				continue
			}
			z, far := u.Score(math.Log2(float64(n)))
			if !far {
				continue
			}
			im := &r.Data.Sources[s].Images[i]
			found = append(found, findings.Finding{Code: "object-count-outlier", Source: int32(s), Image: int32(i), Object: -1, Other: -1, Class: -1,
				Offset: im.Offset, Line: im.Line, IoU: math.NaN(), Size: math.Abs(z),
				Message: fmt.Sprintf("%s: %d objects, where images with objects have a median of %.3g: %.1f spreads away", dataset.Label("image", im.ID), n, math.Exp2(u.Median), math.Abs(z))})
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
	for s := range r.Objects {
		for k := range r.Objects[s] {
			if o := &r.Data.Sources[s].Objects[k]; r.measured(s, k) {
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
	o := &r.Data.Sources[s].Objects[k]
	return r.Objects[s][k].Matched() && o.Class >= 0 && o.Box.W > 0 && o.Box.H > 0
}

func logSize(o *dataset.Object) float64   { return math.Log2(o.Box.W*o.Box.H) / 2 }
func logAspect(o *dataset.Object) float64 { return math.Log2(o.Box.H / o.Box.W) }
