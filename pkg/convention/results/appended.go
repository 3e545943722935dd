package results

import (
	"cmp"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
)

// Appended says that the records go through the images again, and find there what they found before, as where each
// epoch writes its results behind those of the last.
type Appended struct {
	From  int // number of the record with which that begins, from 1 on; 0 if there is none
	Twins int // sure detections behind it that are in their image and class already
	Of    int // sure detections behind it whose image and class came before
}

// Found reports whether there are such records.
func (a *Appended) Found() bool { return a.From > 0 }

// Thresholds of results that were appended. Half of 50 sure detections of images that come again overlap one of their
// class from before by an IoU above 0.7 (sure). Boxes that belong to something else overlap 11 % of the objects so at
// most (overlap), and half of 50 by a chance of exp(-50·KL(0.5, 0.11)), below 1e-10. Within one round a quarter as many
// do at most, or nothing was suppressed.
const (
	leastAgain  = 50
	againSure   = 0.3
	againWithin = 4
	againPart   = 8    // one in so many records stands before the second round, and one in 20 behind it
	againGap    = 40   // one in so many stands between two of an image, or a few threads wrote in turns
	againRecs   = 6000 // records that are looked at, about
)

// again is a detection of the sample, in the order of the file.
type again struct {
	row       int32
	at, k     int32 // in the sample, in the image
	unit, run int32
}

// appended looks for rounds. A unit is an image and a class: records may stand image by image or class by class. It
// comes again if many other records stand between. Records in an order of scores come again everywhere, so that hardly
// any more stand before the first that does.
func (v *Verdict) appended() (a Appended) {
	all, units := v.units()
	if all == nil {
		return a
	}
	slices.SortFunc(all, func(x, y again) int { return cmp.Compare(x.row, y.row) })
	last, runs := make([]int, units), make([]int32, units)
	first, later := -1, 0
	for i := range all {
		r := &all[i]
		if runs[r.unit] == 0 || againGap*(i-last[r.unit]) > len(all) {
			runs[r.unit]++
		}
		last[r.unit], r.run = i, runs[r.unit]
		if r.run > 1 && first < 0 {
			first = i
		}
		later += sample.One(r.run > 1)
	}
	behind := len(all) - first
	if first < 0 || againPart*first < len(all) || 20*behind < len(all) || 5*later < 4*behind {
		return a
	}
	a.count(v, all)
	if a.Of < leastAgain || 2*a.Twins < a.Of {
		return Appended{}
	}
	a.From = int(all[first].row) + 1
	return a
}

// units returns the detections that are compared, and the number of units. It returns nothing if the records of fewer
// than 20 units stand apart in the file.
func (v *Verdict) units() (all []again, n int) {
	type span struct{ low, high, n int32 }
	apart := 0
	spans := map[int32]span{}
	ids := map[int32]int32{}
	total := 0
	for i := range v.sample {
		total += min(len(v.sample[i].detections), maxTraced)
	}
	for i := 0; i < len(v.sample); i += total/againRecs + 1 {
		clear(spans)
		clear(ids)
		of := v.sample[i].detections
		for k := range of[:min(len(of), maxTraced)] {
			x := &of[k]
			s, known := spans[x.Class]
			if !known {
				s = span{x.Row, x.Row, 0}
				ids[x.Class] = int32(n)
				n++
			}
			spans[x.Class] = span{min(s.low, x.Row), max(s.high, x.Row), s.n + 1}
			all = append(all, again{row: x.Row, at: int32(i), k: int32(k), unit: ids[x.Class]})
		}
		for _, s := range spans {
			apart += sample.One(s.n > 1 && s.high-s.low >= 4*s.n)
		}
	}
	if apart < 20 {
		return nil, 0
	}
	return all, n
}

// count compares sure detections of later rounds with those of their unit in earlier ones.
func (a *Appended) count(v *Verdict, all []again) {
	within := 0
	units := map[int32][]again{}
	for _, r := range all {
		units[r.unit] = append(units[r.unit], r)
	}
	for i := range all {
		r := &all[i]
		x := &v.sample[r.at].detections[r.k]
		if r.run < 2 || x.Score < againSure {
			continue
		}
		a.Of++
		twin, own := false, false
		for _, o := range units[r.unit] {
			if o.k == r.k || o.run > r.run || o.run < r.run && twin || o.run == r.run && own {
				continue
			}
			if iou.Of(x.Box.Box(), v.sample[o.at].detections[o.k].Box.Box()) > sure {
				twin, own = twin || o.run < r.run, own || o.run == r.run
			}
		}
		a.Twins += sample.One(twin)
		within += sample.One(own)
	}
	if againWithin*within > a.Twins {
		a.Twins = 0
	}
}

// tell says where the records begin again.
func (a *Appended) tell(about teller, r *dataset.Results) {
	about("detections-repeated", 0, a.Twins, "from record number %s of %s on, images come again that came before, and "+
		"%s of %s with a score of %.1f or more that were looked at there overlap one of their image and class from before "+
		"by an IoU above %.1f. The results of several epochs or models seem to be written one behind the other: keep those "+
		"of one, and open the file for writing and not for appending", say.Group(a.From), say.Group(len(r.Detections)),
		say.Group(a.Twins), say.Plural(a.Of, "detection"), againSure, sure)
}
